"""Spreads: the same points as a picture and as a figure, also before anything has come in."""

import base64
import re

import pytest

from ui.spread import Axes, Cloud, spread_figure, spread_picture

AXES = Axes("Right", "rate")
CLOUDS = [
    Cloud("0.1", -1.0, (0.5, 0.7)),
    Cloud("1", 0.0, (0.8, 0.9, 0.85), best=True),
    Cloud("10", 1.0, ()),
]


def drawn(clouds, axes=AXES, dark=False):
    """Return the SVG in the picture."""
    page = spread_picture(clouds, axes, dark=dark, label="a < b")
    assert 'alt="a &lt; b"' in page
    return base64.b64decode(re.search(r"base64,([^\"]+)", page)[1]).decode()


def test_every_try_is_a_circle_and_every_value_has_its_name():
    svg = drawn(CLOUDS)
    assert svg.count("<circle") == 5
    assert all(f">{label}</text>" in svg for label in ("0.1", "1", "10", "Right", "rate"))
    assert svg.count("<polyline") == 1
    assert drawn(CLOUDS, Axes("Right", "rule", joined=False)).count("<polyline") == 0


def test_places_keep_their_distances():
    at = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', drawn(CLOUDS))]
    assert len(set(at)) == 2
    labels = dict(re.findall(r'<text x="([\d.]+)"[^>]*>([\d.]+)</text>', drawn(CLOUDS)))
    places = {name: float(x) for x, name in labels.items() if name in ("0.1", "1", "10")}
    assert places["10"] - places["1"] == pytest.approx(places["1"] - places["0.1"], abs=0.2)


@pytest.mark.parametrize("clouds", [[], [Cloud("5", 5.0, ())], [Cloud("5", 5.0, (1.0,))]])
@pytest.mark.parametrize("dark", [False, True])
def test_little_or_nothing_can_be_drawn(clouds, dark):
    assert "nan" not in drawn(clouds, dark=dark)
    spread_figure(clouds, AXES, dark=dark, point="one", mean="mean").to_json()


def test_the_figure_holds_the_same_numbers():
    figure = spread_figure(CLOUDS, AXES, dark=False, point="one", mean="mean")
    points = next(trace for trace in figure.data if trace.name == "one")
    assert list(points.y) == [0.5, 0.7, 0.8, 0.9, 0.85]
    mean = next(trace for trace in figure.data if trace.name == "mean")
    assert list(mean.y) == pytest.approx([0.6, 0.85])
    assert list(figure.layout.xaxis.ticktext) == ["0.1", "1", "10"]
    low, high = figure.layout.yaxis.range
    assert low < 0.5
    assert 0.9 < high <= 1.0
