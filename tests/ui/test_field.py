"""A map and the picture it is about: what is sent to the browser, and what comes back from it."""

import base64
import json
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from core.trace import format_number
from ui import field
from ui.field import FIELDS, map_on_picture

FOLDER = Path(field.__file__).parent
SAYS = "row {row}, column {column}: {value}, rows {top} to {bottom}, columns {left} to {right}"


def mounted(monkeypatch, picked=None, **changes):
    """Draw a map of 2 by 3 on a picture of 4 by 6 and return what the component was given."""
    given = {}
    monkeypatch.setattr(field, "component", lambda *_, **__: given.update)
    monkeypatch.setattr(field, "st", SimpleNamespace(session_state={"k": {"picked": picked}}))
    settings = {
        "values": np.arange(6.0).reshape(2, 3) - 2,
        "picture": np.arange(24, dtype=np.uint8).reshape(4, 6),
        "rows": [(0, 2), (2, 4)],
        "columns": [(0, 2), (2, 4), (4, 6)],
        "label": "map 1",
        "titles": ("the digit", "the map"),
        "says": SAYS,
    }
    settings |= changes
    draw = [settings.pop(name) for name in ("values", "picture", "rows", "columns")]
    map_on_picture(*draw, key="k", **settings)
    assert json.loads(json.dumps(given["data"], allow_nan=False)) == given["data"]
    return given


def pixels(data, name="pixels"):
    return np.frombuffer(base64.b64decode(data[name]), np.uint8)


def test_all_numbers_pixels_and_pieces_can_be_read_back(monkeypatch):
    rng = np.random.default_rng(0)
    values = rng.normal(size=(5, 7)) * 10.0 ** rng.integers(-6, 6, size=(5, 7))
    picture = rng.integers(0, 256, size=(9, 11), dtype=np.uint8)
    rows, columns = [(r, r + 5) for r in range(5)], [(c, c + 5) for c in range(7)]
    data = mounted(monkeypatch, values=values, picture=picture, rows=rows, columns=columns)["data"]
    assert (data["height"], data["width"]) == (5, 7)
    assert data["texts"] == [format_number(value) for value in values.ravel()]
    size = (data["picture_height"], data["picture_width"])
    np.testing.assert_array_equal(pixels(data, "picture").reshape(size), picture)
    assert [tuple(span) for span in data["rows"]] == rows
    assert [tuple(span) for span in data["columns"]] == columns
    top = np.abs(values).max()
    np.testing.assert_allclose((pixels(data) - 128.0) / 127, values.ravel() / top, atol=0.5 / 127)
    assert data["ends"] == [format_number(-top), "0", format_number(top)]


def test_colours_end_at_the_limit_and_what_is_no_number_has_none(monkeypatch):
    values = np.array([[np.nan, np.inf, -np.inf], [5.0, -0.5, 0.0]])
    data = mounted(monkeypatch, values=values, limit=1)["data"]
    assert pixels(data).tolist() == [128, 128, 128, 255, 64, 128]
    assert data["texts"][:3] == ["NaN", "∞", "−∞"]
    assert data["ends"] == ["−1", "0", "1"]
    data = mounted(monkeypatch, values=values)["data"]
    assert pixels(data)[3] == 255
    assert data["ends"][2] == "5"


@pytest.mark.parametrize("value", [0.0, np.nan, 5e-324, 1e308])
def test_every_map_has_a_scale(monkeypatch, value):
    data = mounted(monkeypatch, values=np.full((2, 3), value))["data"]
    assert set(pixels(data)) == {255 if value > 0 else 128}


def test_a_limit_far_below_the_numbers_gives_all_of_them_full_colour(monkeypatch):
    data = mounted(monkeypatch, values=np.full((2, 3), -1e308), limit=1e-300)["data"]
    assert set(pixels(data)) == {1}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"values": np.zeros(6)}, r"values of shape \(h, w\), but got \(6,\)"),
        ({"values": np.zeros((0, 3))}, "values"),
        ({"picture": np.zeros((4, 6))}, "uint8"),
        ({"picture": np.zeros(24, np.uint8)}, r"picture of shape \(H, W\)"),
        ({"rows": [(0, 2)]}, "expected 2 rows"),
        ({"columns": [(0, 2)] * 4}, "expected 3 columns"),
        ({"rows": [(0, 2), (2, 5)]}, r"rows between 0 and 4, but got \(2, 5\)"),
        ({"columns": [(-1, 2), (2, 4), (4, 6)]}, "columns between 0 and 6"),
        ({"rows": [(2, 0), (2, 4)]}, "rows between"),
        ({"limit": 0.0}, "above 0"),
        ({"limit": float("nan")}, "above 0"),
        ({"limit": float("inf")}, "above 0"),
        ({"says": "{line}"}, "line"),
        ({"says": "{value:.2f}"}, "plain fields"),
        ({"says_none": "rows {top} to {bottom}"}, "column, row, value"),
    ],
)
def test_what_does_not_fit_is_named(monkeypatch, changes, said):
    with pytest.raises(ValueError, match=said):
        mounted(monkeypatch, **changes)


@pytest.mark.parametrize(
    ("chosen", "sent"),
    [
        (None, None),
        ((0, 0), "0.0"),
        ((1, 2), "1.2"),
        ((np.int64(1), np.int64(0)), "1.0"),
        ((2, 0), None),
        ((0, 3), None),
        ((-1, 0), None),
    ],
)
def test_a_place_that_the_map_does_not_have_is_not_chosen(monkeypatch, chosen, sent):
    assert mounted(monkeypatch, chosen=chosen)["data"]["chosen"] == sent


@pytest.mark.parametrize(
    ("picked", "heard"),
    [
        ("1.2 1700000000000", [(1, 2)]),
        ("0.0 5", [(0, 0)]),
        ("2.0 5", []),  # chosen in a larger map, just before this one came
        ("0.3 5", []),
        ("-1.0 5", []),
        ("1", []),
        ("1.2.0 5", []),
        ("", []),
        (None, []),
        (["1.2"], []),
    ],
)
def test_a_chosen_place_is_told_once_and_only_if_it_is_there(monkeypatch, picked, heard):
    got = []
    given = mounted(monkeypatch, picked=picked, on_choose=lambda r, c: got.append((r, c)))
    given["on_picked_change"]()
    assert got == heard
    mounted(monkeypatch, picked=picked)["on_picked_change"]()  # nobody listens
    assert got == heard


def test_the_browser_fills_in_the_fields_that_python_lets_through():
    script = (FOLDER / "field.js").read_text(encoding="utf-8")
    sentence = re.search(r"function sentence\(.*?\n}\n", script, re.DOTALL)
    assert all(re.search(rf"\b{name}\b", sentence.group()) for name in FIELDS)
    for kind in ("html", "css", "js"):
        text = (FOLDER / f"field.{kind}").read_text(encoding="utf-8")
        assert "\n" in text  # or Streamlit takes it for a file's name
        assert "innerHTML" not in text


def test_it_mounts_in_an_app():
    from streamlit.testing.v1 import AppTest

    def page():
        import numpy as np

        from ui.field import map_on_picture

        map_on_picture(
            np.ones((2, 2)),
            np.zeros((4, 4), np.uint8),
            [(0, 2), (2, 4)],
            [(0, 0), (2, 4)],
            key="map",
            label="map",
            titles=("picture", "map"),
            says="{value}",
            chosen=(0, 1),
            on_choose=lambda row, column: None,
        )

    app = AppTest.from_function(page, default_timeout=600).run()
    assert not app.exception
    assert app.get("bidi_component")
    assert not app.run().exception
