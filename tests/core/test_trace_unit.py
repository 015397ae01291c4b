"""One traced number: it is the layer's own, and the sum beside it comes to the same."""

import numpy as np
import pytest

from core.activations import ReLU, Sigmoid, Tanh
from core.conv import Conv2d
from core.layers import Dropout, Linear
from core.losses import softmax
from core.pool import AvgPool2d, MaxPool2d
from core.trace import format_number
from core.trace_unit import SHORT_SUM, trace_softmax, trace_unit
from tests.core.trace_checks import all_cells


def shown(trace, cell):
    """Return a number as it is written, and as it is written when computed again from its terms."""
    return format_number(trace.value(cell)), format_number(trace.recompute(cell))


@pytest.mark.slow
@pytest.mark.parametrize("activation", [ReLU(), Sigmoid(), Tanh()])
def test_a_neuron_with_many_inputs(activation):
    rng = np.random.default_rng(3)
    layer = Linear(784, 20, rng=rng)
    x = rng.random(784, dtype=np.float32)
    z = layer.forward(x[None])[0]
    a = activation.forward(z)
    for unit in range(20):
        trace, places = (
            (found := trace_unit(layer, x, z, (unit,), activation, a)).trace,
            found.places,
        )
        assert trace.value("z.0.0") == z[unit]
        assert trace.value("a.0.0") == a[unit]
        for cell in all_cells(trace):
            assert shown(trace, cell)[0] == shown(trace, cell)[1]
        products = x.astype(float) * layer.params["weight"][unit]
        assert places.shape == (8, 1)
        assert np.array_equal(np.abs(products[places[:, 0]]), np.sort(np.abs(products))[:-9:-1])
        assert trace["x_rest"].values.size == 784 - 8


def test_a_short_sum_is_written_out_and_a_bias_that_is_not_there_is_not_shown():
    layer = Linear(SHORT_SUM, 2, bias=False, rng=1)
    x = np.linspace(-1, 1, SHORT_SUM, dtype=np.float32)
    trace = trace_unit(layer, x, layer.forward(x[None])[0], (1,)).trace
    assert [grid.id for grid in trace] == ["x", "w", "z"]
    assert len(trace.node("z.0.0").terms) == SHORT_SUM
    assert trace.recompute("z.0.0") == pytest.approx(trace.value("z.0.0"), rel=1e-5)


def test_where_all_terms_are_among_the_largest_there_is_no_rest():
    layer, x = Linear(40, 1, rng=1), np.linspace(-1, 1, 40, dtype=np.float32)
    found = trace_unit(layer, x, layer.forward(x[None])[0], (0,), largest=40)
    assert [grid.id for grid in found.trace] == ["x", "w", "b", "z"]
    assert len(found.places) == 40


@pytest.mark.parametrize(
    ("layer", "channels"),
    [
        (Conv2d(1, 3, 3, rng=0), 1),
        (Conv2d(1, 3, 5, padding=2, stride=2, rng=0), 1),
        (Conv2d(6, 3, (3, 2), padding=1, rng=0), 6),
        (MaxPool2d(2), 3),
        (MaxPool2d(3, stride=2, padding=1), 3),
        (AvgPool2d(2), 3),
        (AvgPool2d(3, stride=2, padding=1), 3),
        (AvgPool2d(3, stride=2, padding=1, count_include_pad=False), 3),
    ],
)
def test_every_place_of_an_image(layer, channels):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(channels, 9, 9)).astype(np.float32)
    z = layer.forward(x[None])[0]
    for place in np.ndindex(z.shape):
        found = trace_unit(layer, x, z, place)
        assert found.trace.value("z.0.0") == z[place]
        assert found.trace.recompute("z.0.0") == pytest.approx(z[place], rel=1e-4, abs=1e-6)
        values = found.trace["x"].values.ravel()
        assert len(found.places) == len(values)
        for (c, row, column), value in zip(found.places, values, strict=True):
            inside = 0 <= row < 9 and 0 <= column < 9
            assert value == (x[c, row, column] if inside else 0)


def test_numbers_that_are_none_do_not_stop_it():
    layer = Linear(40, 3, rng=0)
    x = np.zeros(40, np.float32)
    x[7], x[9] = np.nan, np.inf
    with np.errstate(all="ignore"):
        z = layer.forward(x[None])[0]
    found = trace_unit(layer, x, z, (0,))
    assert np.isnan(found.trace.value("z.0.0"))
    assert set(found.places[:2, 0]) == {7, 9}
    nothing = trace_softmax(np.full(10, np.nan, np.float32))
    assert np.isnan(nothing["p"].values).all()


def test_softmax_term_by_term():
    logits = np.random.default_rng(2).normal(0, 5, 10).astype(np.float32)
    trace = trace_softmax(logits)
    assert [grid.id for grid in trace] == ["z", "max", "shifted", "exp", "sum", "p"]
    assert np.array_equal(trace["p"].values[0], softmax(logits[None])[0])
    for cell in all_cells(trace):
        assert shown(trace, cell)[0] == shown(trace, cell)[1]


def test_what_cannot_be_traced_is_said():
    layer = Linear(4, 2, rng=0)
    with pytest.raises(TypeError, match="got Dropout"):
        trace_unit(Dropout(), np.zeros(4), np.zeros(4), (0,))
    with pytest.raises(TypeError, match="Step as the activation, but got Dropout"):
        trace_unit(layer, np.zeros(4), np.zeros(2), (0,), Dropout(), np.zeros(2))
    with pytest.raises(ValueError, match=r"output of \(2,\), but got \(2,\)"):
        trace_unit(layer, np.zeros(4), np.zeros(2), (2,))
    with pytest.raises(ValueError, match="but got"):
        trace_unit(layer, np.zeros(4), np.zeros(2), (0, 0))
