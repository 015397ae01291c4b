"""The number grids' payload: plain data from which every number and every sum can be read back."""

from __future__ import annotations

import base64
import json
import math
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from core.layers import Linear, ReLU, Sequential
from core.trace import OPS, Grid, Trace
from core.trace_network import trace_network
from ui import grid as grids

WORDS = {key: f"<{key}>" for key in (*grids.WORD_KEYS, *grids.TILE_WORD_KEYS)}
SOURCE = Path(grids.__file__).parent


@pytest.fixture
def trace():
    rng = np.random.default_rng(0)
    layers = Linear(2, 5, rng=rng, dtype=np.float64), ReLU(), Linear(5, 3, rng=rng)
    model = Sequential(*layers).to(np.float64)
    return trace_network(model, rng.normal(size=(4, 2)), np.arange(4) % 3, weight_decay=0.01)


BANDS = [
    grids.side("x", "t"),
    grids.stack("w1", "b1", "z1", "a1", "w2.T", heads=list("abcde")),
    grids.side("z2", "p", "loss"),
    grids.stack("dw2.T", "da1", "dz1", "dw1", direction="backward"),
]


def as_browser(data):
    """Read a payload as the browser does: numbers, and terms as lists of cells."""
    data = json.loads(json.dumps(data, allow_nan=False))
    names, values, terms = [], [], []
    for grid in data["grids"]:
        assert grid["start"] == len(names)
        flat, at = grid["terms"], 0
        for i, value in enumerate(grid["values"]):
            row, column = divmod(i, grid["columns"])
            names.append(f"{grid['id']}.{row}.{column}")
            values.append(float(value))
            cell_terms = []
            if flat:
                count, at = flat[at], at + 1
                for _ in range(count):
                    size = flat[at]
                    cell_terms.append(flat[at + 1 : at + 1 + size])
                    at += 1 + size
            terms.append(cell_terms)
        assert at == len(flat)
    return names, values, terms


def test_numbers_and_terms_can_be_read_back(trace):
    names, values, terms = as_browser(grids.payload(trace, BANDS, words=WORDS))
    for name, value, cell_terms in zip(names, values, terms, strict=True):
        node = trace.node(name)
        assert value == node.value
        assert tuple(tuple(names[part] for part in term) for term in cell_terms) == node.terms


def test_infinities_survive():
    trace = Trace([Grid("x", "given", [[math.inf, -math.inf, math.nan, 1e300]])])
    data = grids.payload(trace, [grids.side("x")], words=WORDS)
    assert data["grids"][0]["values"][:3] == ["Infinity", "-Infinity", "NaN"]
    _, values, _ = as_browser(data)
    np.testing.assert_array_equal(values, [math.inf, -math.inf, math.nan, 1e300])


def test_big_grids_are_sparse():
    trace = Trace(
        [Grid("big", "weight", np.ones((30, 31))), Grid("small", "weight", np.ones((30, 30)))]
    )
    data = grids.payload(trace, [grids.side("big", "small")], words=WORDS)
    assert [shown["sparse"] for shown in data["bands"][0]["grids"]] == [True, False]


def test_bands_say_how_grids_are_shown(trace):
    captions = {"w1": ("W₁", "weights"), "z1": "Z₁"}
    labels = {"x": ["a", "b", "c", "d"], "w2": ["I", "II", "III"]}
    data = grids.payload(
        trace,
        BANDS,
        words=WORDS,
        captions=captions,
        labels=labels,
        heads={"x": ["x₁", "x₂"]},
        checkable={"dw1"},
        code={"z1": "x @ w"},
        chosen="z2.1.2",
        emphasis=1,
        large=True,
    )
    by_id = {grid["id"]: grid for grid in data["grids"]}
    turned = data["bands"][1]["grids"][4]
    assert data["grids"][turned["grid"]]["id"] == "w2"
    assert (turned["turned"], turned["rows"], turned["columns"]) == (True, 3, 5)
    assert turned["labels"] == ["I", "II", "III"]
    assert data["bands"][1]["heads"] == list("abcde")
    assert (by_id["w1"]["symbol"], by_id["w1"]["note"]) == ("W₁", "weights")
    assert (by_id["z1"]["symbol"], by_id["b1"]["symbol"]) == ("Z₁", "b1")
    assert [grid["id"] for grid in data["grids"] if grid["checkable"]] == ["dw1"]
    assert by_id["z1"]["batch"] and not by_id["w1"]["batch"]
    assert by_id["z1"]["code"] == "x @ w"
    assert {shown["direction"] for shown in data["bands"][3]["grids"]} == {"backward"}
    assert {shown["direction"] for shown in data["bands"][1]["grids"]} == {"forward"}
    assert (data["chosen"], data["emphasis"], data["large"]) == ("z2.1.2", 1, True)


def test_every_formula_and_its_sentence_go_along(trace):
    data = grids.payload(trace, BANDS, words=WORDS)
    assert data["ops"] == {
        name: {"template": op.template, "gate": op.gate} for name, op in OPS.items()
    }
    assert {f"op_{name}" for name in OPS} <= set(data["words"])


def test_an_answer_goes_along_as_plain_numbers(trace):
    answer = {"id": "dw1.0.0", "analytic": np.float32(0.5), "numeric": math.nan}
    data = grids.payload(trace, BANDS, words=WORDS, check=answer)
    assert data["check"] == {"id": "dw1.0.0", "analytic": 0.5, "numeric": "NaN"}
    json.dumps(data, allow_nan=False)


def test_one_outlier_does_not_pale_the_rest():
    values = np.array([[1.0, -1.1, 0.9, 1.2, 1000.0, math.nan]])
    trace = Trace([Grid("x", "given", values), Grid("o", "given", np.zeros((1, 3)))])
    data = grids.payload(trace, [grids.side("x", "o")], words=WORDS)
    assert data["grids"][0]["scale"] < 10
    assert data["grids"][1]["scale"] == 1.0


def test_tiles_hold_their_pictures():
    images = np.zeros((2, 2, 3))
    images[0, 0] = [-2.0, 0.0, 2.0]
    images[1, 1, 2] = math.nan
    data = grids.tiles_payload(images, ["one", "two"], words=WORDS, chosen=1)
    json.dumps(data, allow_nan=False)
    pixels = np.frombuffer(base64.b64decode(data["tiles"][0]["pixels"]), np.uint8).reshape(2, 3)
    assert pixels.tolist() == [[1, 128, 255], [128, 128, 128]]
    assert (data["height"], data["width"], data["chosen"]) == (2, 3, "1")
    assert (data["low"], data["high"]) == (-2, 2)
    one_way = grids.tiles_payload(images + 2, ["a", "b"], words=WORDS, scale="sequential")
    pixels = np.frombuffer(base64.b64decode(one_way["tiles"][0]["pixels"]), np.uint8)
    assert pixels.tolist() == [0, 128, 255, 128, 128, 128]
    with pytest.raises(ValueError, match="captions"):
        grids.tiles_payload(images, ["one"], words=WORDS)


def tile_pixels(data):
    """Return all tiles' bytes, (n, h, w)."""
    shape = len(data["tiles"]), data["height"], data["width"]
    pixels = b"".join(base64.b64decode(tile["pixels"]) for tile in data["tiles"])
    return np.frombuffer(pixels, np.uint8).reshape(shape).astype(float)


@pytest.mark.parametrize("scale", ["diverging", "sequential"])
def test_each_tile_on_its_own_scale_is_as_if_it_were_alone(scale):
    images = (
        np.random.default_rng(0).normal(size=(5, 3, 4)) * 10.0 ** np.arange(-2, 3)[:, None, None]
    )
    images[3], images[4, 0, 0] = 0.0, math.nan
    names = list("abcde")
    data = grids.tiles_payload(images, names, words=WORDS, scale=scale, each=True)
    json.dumps(data, allow_nan=False)
    assert (data["low"], data["high"]) == (None, None)
    assert tile_pixels(data)[4, 0, 0] == (128 if scale == "diverging" else 0)
    for i, pixels in enumerate(tile_pixels(data)):
        alone = grids.tiles_payload(images[i : i + 1], names[:1], words=WORDS, scale=scale)
        np.testing.assert_array_equal(pixels, tile_pixels(alone)[0])
    together = grids.tiles_payload(images, names, words=WORDS, scale=scale)
    assert (tile_pixels(together) != tile_pixels(data)).any()
    assert [tile["caption"] for tile in data["tiles"]] == names


def test_without_pictures_there_is_an_empty_wall():
    for each in (False, True):
        data = grids.tiles_payload(np.zeros((0, 2, 3)), [], words=WORDS, each=each)
        assert data["tiles"] == []


def test_a_wall_says_how_it_is_laid_out():
    images = np.zeros((4, 2, 2))
    plain = grids.tiles_payload(images, list("abcd"), words=WORDS)
    assert (plain["compact"], plain["legend"], plain["columns"]) == (False, True, None)
    data = grids.tiles_payload(
        images,
        list("abcd"),
        words=WORDS,
        compact=True,
        legend=False,
        columns=2,
        labels=list("efgh"),
    )
    assert (data["compact"], data["legend"], data["columns"]) == (True, False, 2)
    assert [tile["label"] for tile in data["tiles"]] == list("efgh")
    assert {name for name, value in data.items() if value != plain[name]} == {
        *("compact", "legend", "columns", "tiles")
    }


@pytest.mark.parametrize(
    ("change", "says"),
    [({"columns": 0}, "at least 1 column"), ({"each": True, "limit": 2.0}, "leave out limit or")],
)
def test_an_impossible_wall_is_named(change, says):
    with pytest.raises(ValueError, match=says):
        grids.tiles_payload(np.zeros((1, 2, 2)), ["a"], words=WORDS, **change)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"words": {}}, "words that are missing"),
        ({"bands": [grids.stack("x", "w1")]}, "share their columns"),
        ({"bands": [grids.stack("w1", heads=["a"])]}, "heads"),
        ({"bands": [grids.side("w1.H")]}, r"w2\.T"),
        ({"labels": {"x": ["a"]}}, "names for them"),
    ],
)
def test_mistakes_are_named(trace, change, says):
    with pytest.raises(ValueError, match=says):
        grids.payload(trace, **{"bands": BANDS, "words": WORDS} | change)


@pytest.mark.parametrize("change", [{"chosen": "z9.0.0"}, {"bands": [grids.side("z9")]}])
def test_unknown_grids_are_named(trace, change):
    with pytest.raises(KeyError, match="z9"):
        grids.payload(trace, **{"bands": BANDS, "words": WORDS} | change)


def test_the_browser_asks_for_no_other_words():
    source = (SOURCE / "grid.js").read_text(encoding="utf-8")
    asked = set(re.findall(r"words\.(\w+)", source)) - {"json"}
    assert asked <= set(WORDS)
    for kind in ("html", "css", "js"):
        assert "\n" in (SOURCE / f"grid.{kind}").read_text(encoding="utf-8")


def test_it_mounts_and_answers():
    from streamlit.testing.v1 import AppTest

    def page():
        import numpy as np

        from core.trace import Grid, Trace
        from ui import grid as grids

        words = {key: key for key in grids.WORD_KEYS}
        trace = Trace([Grid("x", "given", np.ones((2, 2)))])
        data = grids.payload(trace, [grids.side("x")], words=words, chosen="x.0.1")
        grids.number_grids(data, key="net", on_choose=print, on_check=print)

    app = AppTest.from_function(page, default_timeout=600).run()
    assert not app.exception
    assert app.get("bidi_component")


@pytest.mark.parametrize(("said", "checked"), [("dw1.0.2 17", ["dw1.0.2"]), (None, []), ("", [])])
def test_a_gradient_is_checked_as_often_as_it_is_asked_for(monkeypatch, said, checked):
    given, got = {}, []
    monkeypatch.setattr(grids, "component", lambda *_, **__: given.update)
    state = {"k": {"chosen": "x.0.0", "check": said}}
    monkeypatch.setattr(grids, "st", SimpleNamespace(session_state=state))
    grids.number_grids({}, key="k", on_choose=got.append, on_check=got.append)
    given["on_check_change"]()
    assert got == checked
    given["on_chosen_change"]()
    assert got == [*checked, "x.0.0"]
