"""The plane's data: what is sent to the browser, and what comes back from it."""

import base64
import json
import re
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import ui.plane as plane_module
from ui.plane import (
    CLASS_COLOURS,
    WORDS,
    Curve,
    Edit,
    Frame,
    PlaneValue,
    encode_region,
    plane_grid,
    thin_curve,
)
from ui.plane.message import REST_CURVE, payload

WORDS_GIVEN = {name: " ".join(f"{{{f}}}" for f in fields) or name for name, fields in WORDS.items()}
FOLDER = Path(plane_module.__file__).parent


def decode(region: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(region), np.uint8).reshape(-1, 2)


def scene_and_film(**changes):
    region = encode_region(np.tile([0.5, 0.5], (4, 1)))
    settings = {
        "frames": [Frame(0, 0.7, 0.5, region), Frame(10, 0.3, 1.0, region)],
        "points": [[0.5, 1, 0, 0], [-1, 2, 1, 1]],
        "extent": 2.5,
        "classes": ["left", "right"],
        "curve": Curve([0, 5, 10], [0.7, 0.4, 0.3]),
        "words": WORDS_GIVEN,
    }
    return payload(**{**settings, **changes})


def test_grid_runs_from_the_top_left_pixel_row_by_row():
    grid = plane_grid(4, 2.0)
    assert grid.shape == (16, 2)
    assert grid.dtype == np.float32
    np.testing.assert_allclose(grid[0], [-1.5, 1.5])
    np.testing.assert_allclose(grid[1], [-0.5, 1.5])
    np.testing.assert_allclose(grid[3], [1.5, 1.5])
    np.testing.assert_allclose(grid[4], [-1.5, 0.5])
    np.testing.assert_allclose(grid[-1], [1.5, -1.5])


def test_grid_is_centred_and_keeps_the_dtype():
    grid = plane_grid(7, 2.5, np.float64)
    assert grid.dtype == np.float64
    np.testing.assert_allclose(grid.mean(axis=0), 0, atol=1e-12)
    assert np.abs(grid).max() < 2.5


@pytest.mark.parametrize(("size", "extent"), [(0, 1.0), (3, 0.0), (3, -1.0), (3, float("nan"))])
def test_grid_refuses_nonsense(size, extent):
    with pytest.raises(ValueError, match="size"):
        plane_grid(size, extent)


def test_region_shows_the_class_where_the_grid_says():
    grid = plane_grid(8, 2.0)
    right_and_up = (grid[:, 0] > 0) & (grid[:, 1] > 0)
    pixels = decode(encode_region(np.column_stack([~right_and_up, right_and_up])))
    picture = pixels[:, 0].reshape(8, 8)
    assert picture[0, -1] == 1
    assert picture[0, 0] == picture[-1, 0] == picture[-1, -1] == 0
    assert picture.sum() == 16


def test_region_strength_runs_from_a_guess_to_certainty():
    probabilities = np.array([[1 / 3, 1 / 3, 1 / 3], [0, 1, 0], [0.2, 0.2, 0.6], [0.5, 0.5, 0]])
    pixels = decode(encode_region(probabilities))
    assert pixels[:, 0].tolist() == [0, 1, 2, 0]
    assert pixels[:, 1].tolist() == [0, 255, round(0.4 * 255), round(0.25 * 255)]


def test_region_has_no_strength_where_a_probability_is_no_number():
    probabilities = np.array([[np.nan, 0.9], [np.inf, 0], [0.1, np.nan], [0, 1]])
    pixels = decode(encode_region(probabilities.astype(np.float32)))
    assert pixels[:, 1].tolist() == [0, 0, 0, 255]


def test_region_leaves_its_input_alone():
    probabilities = np.array([[np.nan, 0.9]])
    encode_region(probabilities)
    assert np.isnan(probabilities[0, 0])


@pytest.mark.parametrize("shape", [(5, 2), (4, 1), (4,), (0, 2), (4, 257)])
def test_region_refuses_other_shapes(shape):
    with pytest.raises(ValueError, match="expected probabilities"):
        encode_region(np.zeros(shape))


def test_payload_is_strict_json_even_when_training_went_wrong():
    region = encode_region(np.full((4, 2), np.nan))
    nan, infinite = float("nan"), float("inf")
    frame = Frame(
        np.int64(3),
        np.float32(nan),
        None,
        region,
        lines=[(nan, 1, 0), (0, 0, 1), (1, 2, np.float32(0.5))],
        probe=np.array([nan, 1], np.float32),
    )
    curve = Curve(np.arange(3), np.array([1, nan, infinite]), [1, 2, -infinite])
    scene, film = scene_and_film(frames=[frame], curve=curve, probe=np.zeros(2), live=np.True_)
    text = json.dumps([scene, film], allow_nan=False)
    assert json.loads(text) == [scene, film]
    sent = {"step": 3, "loss": None, "accuracy": None, "probe": [None, 1]}
    assert scene["frames"] == [sent]
    assert film["lines"] == [[[1, 2, 0.5]]]
    assert film["curve"] == {"steps": [0, 1, 2], "loss": [1, None, None], "test": [1, 2, None]}


def test_payload_names_the_film_by_its_content_only():
    _, first = scene_and_film()
    scene, moved = scene_and_film(probe=(1, 1), points=[], tool="add", cursor=0)
    _, other = scene_and_film(curve=Curve([0], [0.7]))
    assert first["token"] == moved["token"] == scene["token"]
    assert first["token"] != other["token"]


def test_payload_counts_to_the_last_frame_or_the_given_total():
    assert scene_and_film()[0]["total"] == 10
    assert scene_and_film(total=500)[0]["total"] == 500


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"frames": []}, "frames"),
        ({"classes": ["one"]}, "classes"),
        ({"classes": list("abcdefg")}, "classes"),
        ({"tool": "paint"}, "tool"),
        ({"points": [[1, 2, 3]]}, "points"),
        ({"words": {"play": "play"}}, "probe"),
        ({"curve": Curve([0, 1], [1.0])}, "equally long"),
    ],
)
def test_payload_says_what_is_wrong(changes, said):
    with pytest.raises(ValueError, match=said):
        scene_and_film(**changes)


def test_thin_curve_keeps_ends_spikes_and_gaps():
    steps = np.arange(50_000) * 2
    loss = np.exp(-steps / 20_000)
    test = loss + 0.1
    loss[12_345], loss[23_456], test[34_567] = 9, np.nan, -9
    thin = thin_curve(Curve(steps, loss, test), REST_CURVE)
    assert len(thin.steps) == len(thin.loss) == len(thin.test) <= REST_CURVE
    assert (np.diff(thin.steps) > 0).all()
    assert {0, 2 * 12_345, 2 * 23_456, 2 * 34_567, 2 * 49_999} <= set(thin.steps.tolist())


@pytest.mark.parametrize("length", [0, 1, 20])
def test_thin_curve_leaves_short_ones_alone(length):
    thin = thin_curve(Curve(range(length), [0.5] * length), 20)
    assert thin.steps.tolist() == list(range(length))
    assert thin.loss.tolist() == [0.5] * length
    assert thin.test is None


def test_values_from_the_browser_are_read():
    value = plane_module._read(
        {
            "probe": {"x": 1, "y": -0.5},
            "cursor": 120,
            "edit": {"op": "move", "index": 3, "x": 0, "y": 1, "cls": 2},
        }
    )
    assert value == PlaneValue((1.0, -0.5), 120, Edit("move", 3, 0.0, 1.0, 2))
    assert plane_module._read(None) == PlaneValue()


@pytest.mark.parametrize(
    "nonsense", [7, "x", [], {}, {"x": "a", "y": 0}, {"op": "add", "index": 0}]
)
def test_nonsense_from_the_browser_is_dropped(nonsense):
    wild = {"probe": nonsense, "cursor": "12", "edit": nonsense}
    assert plane_module._read(wild) == PlaneValue()
    not_numbers = {"x": float("nan"), "y": 0, "op": "paint", "index": 0, "cls": 0}
    wild = {"probe": not_numbers, "cursor": float("inf"), "edit": {**not_numbers, "x": 0}}
    assert plane_module._read(wild) == PlaneValue()


def test_script_uses_exactly_the_words_that_are_asked_for():
    script = (FOLDER / "plane.js").read_text(encoding="utf-8")
    assert set(re.findall(r"\bwords\.(\w+)", script)) == set(WORDS)


def test_inline_code_is_taken_for_code_and_not_for_a_file_name():
    for code in ((FOLDER / "plane.js").read_text(encoding="utf-8"), plane_module.FEED):
        assert "\n" in code
        assert "innerHTML" not in code


def test_colours_are_distinct_hexadecimals():
    assert len(set(CLASS_COLOURS)) == 6
    assert all(re.fullmatch("#[0-9A-F]{6}", colour) for colour in CLASS_COLOURS)


@pytest.mark.slow
def test_plane_runs_in_an_app():
    def app():
        import numpy as np
        import streamlit as st

        from ui.plane import WORDS, Curve, Frame, encode_region, plane, plane_grid, plane_value

        grid = plane_grid(8, 2.5, float)
        right = 1 / (1 + 2.0 ** -grid[:, 0])
        region = encode_region(np.column_stack([1 - right, right]))
        before = plane_value("plane")
        value = plane(
            key="plane",
            frames=[Frame(0, 0.7, 0.5, region), Frame(1, 0.6, 0.5, region)],
            points=[[1, 1, 1, 0]],
            extent=2.5,
            classes=["left", "right"],
            curve=Curve([0, 1], [0.7, 0.6]),
            words=dict.fromkeys(WORDS, "word"),
            probe=(0, 0),
        )
        st.text(f"{before == value} {value}")

    ran = AppTest.from_function(app, default_timeout=600).run()
    assert not ran.exception
    assert ran.text[0].value == "True PlaneValue(probe=None, cursor=None, edit=None)"
    assert not ran.run().exception
    # A second app has its own registry of components.
    assert not AppTest.from_function(app, default_timeout=600).run().exception
