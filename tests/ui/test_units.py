"""One number's sum, and softmax, as they are drawn: whatever the layer, every part has a name."""

from types import SimpleNamespace

import numpy as np
import pytest

from core.activations import ReLU
from core.conv import Conv2d
from core.layers import Linear
from core.pool import AvgPool2d, MaxPool2d
from core.trace_unit import trace_unit
from ui import i18n, units

RNG = np.random.default_rng(3)
LAYERS = {
    "short": (Linear(6, 4, rng=RNG), (6,), (2,)),
    "bare": (Linear(6, 4, bias=False, rng=RNG), (6,), (1,)),
    "long": (Linear(60, 4, rng=RNG), (60,), (3,)),
    "kernel": (Conv2d(1, 2, 3, rng=RNG), (1, 6, 6), (1, 2, 3)),
    "many kernels": (Conv2d(4, 2, 3, rng=RNG), (4, 6, 6), (0, 1, 1)),
    "largest": (MaxPool2d(2), (3, 6, 6), (2, 1, 0)),
    "mean": (AvgPool2d(2), (3, 6, 6), (0, 2, 2)),
}


@pytest.fixture(params=i18n.LANGUAGES)
def drawn(request, monkeypatch):
    """Collect what is drawn, in each language."""
    found = SimpleNamespace(data=None, key=None, texts=[], words=i18n.strings(request.param))

    def number_grids(data, *, key):
        found.data, found.key = data, key

    monkeypatch.setattr(i18n, "language", lambda: request.param)
    monkeypatch.setattr(units, "number_grids", number_grids)
    monkeypatch.setattr(units, "presenting", lambda: False)
    write = SimpleNamespace(markdown=found.texts.append, caption=found.texts.append)
    monkeypatch.setattr(units, "st", write)
    return found


def values(drawn):
    return {grid["id"]: grid["values"] for grid in drawn.data["grids"]}


@pytest.mark.parametrize("activation", [None, ReLU()])
@pytest.mark.parametrize("name", LAYERS)
def test_every_part_of_a_sum_is_shown_with_its_name(drawn, name, activation):
    layer, shape, at = LAYERS[name]
    x = RNG.normal(size=shape).astype(np.float32)
    z = layer(x[None])[0]
    a = None if activation is None else activation(z[None])[0]
    traced = trace_unit(layer, x, z, at, activation, a)
    names = [units.place_name(place, shape) for place in traced.places]
    units.show_unit(traced, names, key="k")
    assert drawn.key == "k"
    assert drawn.data["chosen"] == "z.0.0"
    assert values(drawn)["z"] == [float(z[at])]
    grids, bands = drawn.data["grids"], drawn.data["bands"]
    shown = {grids[one["grid"]]["id"] for band in bands for one in band["grids"]}
    assert shown == {grid.id for grid in traced.trace} - {"x_rest", "w_rest"}
    for grid in grids:
        assert grid["symbol"] == drawn.words[f"units.sym_{grid['id']}"]
        kept = grid["id"] == "z" and "w" not in traced.trace
        assert (
            grid["note"] == drawn.words["units.note_z_pool" if kept else f"units.note_{grid['id']}"]
        )
    assert all(
        grid["sentence"] for grid in grids if grid["id"] in ("x", "w", "b", "p", "rest", "z")
    )
    heads = bands[0]["heads"]
    if "p" in traced.trace:
        others = layer.params["weight"][0].size - len(names)
        assert list(heads) == names
        long = drawn.words["units.long_sum"].format(n=len(names), others=f"{others:,}")
        assert drawn.texts == [long]
    else:
        assert drawn.texts == []


def test_softmax_opens_the_answer_or_the_class_that_is_asked_for(drawn):
    outputs = np.array([0.5, -2.0, 7.0, 1.0, np.nan], np.float32)
    units.show_softmax(outputs[:4], key="k")
    assert drawn.data["chosen"] == "p.0.2"
    assert sum(values(drawn)["p"]) == pytest.approx(1)
    assert list(drawn.data["bands"][0]["heads"]) == ["0", "1", "2", "3"]
    assert "4" in drawn.texts[0]
    assert drawn.texts[1].count("+") == 3
    units.show_softmax(outputs[:4], key="k", chosen=1)
    assert drawn.data["chosen"] == "p.0.1"
    units.show_softmax(outputs, key="k")
    assert drawn.data["chosen"] == "p.0.2"


@pytest.mark.parametrize(
    ("place", "shape", "name"),
    [
        ([30], (40,), "31"),
        ([30], (1, 28, 28), "1, 2"),
        ([29], (2, 3, 5), "2: 2, 4"),
        ([0, 4, 5], (1, 28, 28), "4, 5"),
        ([2, 4, 5], (3, 28, 28), "3: 4, 5"),
    ],
)
def test_an_input_is_called_by_its_place(place, shape, name):
    assert units.place_name(np.array(place), shape) == name
