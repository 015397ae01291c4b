"""The way back, number by number: each is the layer's own, and the sum beside it comes to it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.activations import ReLU, Sigmoid, Step, Tanh
from core.conv import Conv2d
from core.layers import Dropout, Flatten, Linear
from core.pool import AvgPool2d, MaxPool2d
from core.trace_blame import trace_blame, trace_weight
from core.trace_unit import SHORT_SUM
from tests.core.random_layers import convolutions, generators, pairs, pools
from tests.core.trace_checks import assert_honest, numbers

RTOL = 1e-13  # of the sum of absolute products, in float64


def there_and_back(layer, x, rng):
    """Return y, dy and dx for one example, with some of dy 0 as behind a ReLU."""
    y = layer(x[None])
    dy = rng.normal(size=y.shape) * (rng.random(y.shape) < 0.8)
    return y[0], dy[0], layer.backward(dy)[0]


def standing_at(dy, places):
    """Return the numbers of dy at some places, 0 where a place has a −1."""
    there = (places >= 0).all(axis=1)
    return np.where(there, dy[tuple(np.where(there[:, None], places, 0).T)], 0.0)


@st.composite
def images(draw, layers):
    """A layer, an image for it, and where random numbers come from."""
    channels, size, rng = draw(st.integers(1, 3)), draw(pairs(1, 6)), draw(generators())
    return draw(layers(channels, size)), rng.normal(size=(channels, *size)), rng


# ------------------------------------------------------------------------------------ convolutions


@given(images(convolutions))
@settings(deadline=None, max_examples=40)
def test_what_a_convolution_passes_back(example):
    conv, x, rng = example
    y, dy, dx = there_and_back(conv, x, rng)
    for place in np.ndindex(x.shape):
        trace, places = (found := trace_blame(conv, x, y, dy, dx, place)).trace, found.places
        assert_honest(trace, RTOL)
        assert trace.value("dx.0.0") == dx[place]
        turned = conv.params["weight"][:, place[0], ::-1, ::-1]
        assert np.array_equal(numbers(trace, "w"), turned)
        assert np.array_equal(numbers(trace, "d").ravel(), standing_at(dy, places))
        assert np.array_equal(places[:, 0], np.repeat(np.arange(len(y)), turned[0].size))
        assert len(trace.node("dx.0.0").terms) == len(y)
        for o, channel in enumerate(places.reshape(len(y), *turned.shape[1:], 3)):
            terms = dict(trace.node(f"s.0.{o}").terms)
            there = [f"{i}.{j}" for i, j in np.argwhere((channel >= 0).all(axis=2))]
            assert terms == {f"d_{o}.{cell}": f"w_{o}.{cell}" for cell in there}


@given(images(convolutions))
@settings(deadline=None, max_examples=25)
def test_gradients_of_kernels_and_biases(example):
    conv, x, rng = example
    _, dy, _ = there_and_back(conv, x, rng)
    edges = [(0, 0), *((p, p) for p in conv.padding)]
    bordered = np.pad(x, edges)
    for key, grad in conv.grads.items():
        for place in np.ndindex(grad.shape):
            trace, places = (found := trace_weight(conv, x, dy, grad, place)).trace, found.places
            assert_honest(trace, RTOL)
            result = f"d{key[0]}.0.0"
            assert trace.value(result) == grad[place]
            assert len(trace.node(result).terms) == dy[0].size
            assert np.array_equal(trace["d"].values, dy[place[0]])
            if key == "bias":
                assert np.array_equal(dy[tuple(places.T)], dy[place[0]].ravel())
                continue
            seen = bordered[tuple((places + [before for before, _ in edges]).T)]
            assert np.array_equal(trace["x"].values.ravel(), seen)
            assert (places[:, 0] == place[1]).all()


def test_a_pixel_that_nobody_saw_gets_nothing():
    conv = Conv2d(1, 2, 1, stride=3, rng=0)
    x = np.ones((1, 4, 4))
    y, dy, dx = there_and_back(conv, x, np.random.default_rng(0))
    trace, places = (found := trace_blame(conv, x, y, dy, dx, (0, 1, 2))).trace, found.places
    assert trace["s"].values.tolist() == [[0, 0]]
    assert trace.node("s.0.0").terms == ()
    assert places.tolist() == [[0, -1, -1], [1, -1, -1]]


# ----------------------------------------------------------------------------------------- pooling


@pytest.mark.slow
@given(images(lambda channels, size: pools(size)), st.booleans())
@settings(deadline=None, max_examples=80)
def test_what_a_pooling_passes_back(example, ties):
    pool, x, rng = example
    if ties:
        x = np.round(x)
    y, dy, dx = there_and_back(pool, x, rng)
    windows = np.zeros(y.shape)
    for place in np.ndindex(x.shape):
        trace, places = (found := trace_blame(pool, x, y, dy, dx, place)).trace, found.places
        assert_honest(trace, RTOL)
        assert trace.value("dx.0.0") == dx[place]
        terms = trace.node("dx.0.0").terms
        assert len(terms) == len(places)
        np.add.at(windows, tuple(places.T), 1)
        if not len(places):
            assert [grid.id for grid in trace] == ["dx"]
            continue
        assert np.array_equal(trace["d"].values[0], dy[tuple(places.T)])
        if isinstance(pool, MaxPool2d):
            assert (y[tuple(places.T)] == x[place]).all()
            assert "share" not in trace
    if isinstance(pool, MaxPool2d):
        assert (windows == 1).all()  # one winner each, also among equals
    else:
        assert windows.max() <= np.prod(pool.kernel_size)


def test_a_share_is_one_over_how_many():
    pool, x = AvgPool2d(3, 2, 1, count_include_pad=False), np.ones((1, 5, 5))
    y, dy, dx = there_and_back(pool, x, np.random.default_rng(0))
    found = trace_blame(pool, x, y, dy, dx, (0, 1, 3))
    assert found.places.tolist() == [[0, 0, 1], [0, 0, 2], [0, 1, 1], [0, 1, 2]]
    np.testing.assert_allclose(found.trace["share"].values, [[1 / 6, 1 / 4, 1 / 9, 1 / 6]])


# --------------------------------------------------------------------------- neurons, activations


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("outputs", [1, SHORT_SUM, SHORT_SUM + 1, 70])
def test_what_a_linear_layer_passes_back(outputs, bias):
    rng = np.random.default_rng(outputs)
    layer, x = Linear(6, outputs, bias, rng=rng, dtype=np.float64), rng.normal(size=6)
    y, dy, dx = there_and_back(layer, x, rng)
    for i in range(6):
        trace, places = (found := trace_blame(layer, x, y, dy, dx, (i,))).trace, found.places
        assert_honest(trace, RTOL)
        assert trace.value("dx.0.0") == dx[i]
        weights = layer.params["weight"][:, i]
        assert np.array_equal(trace["d"].values[0], dy[places[:, 0]])
        assert np.array_equal(trace["w"].values[0], weights[places[:, 0]])
        if outputs <= SHORT_SUM:
            assert len(trace.node("dx.0.0").terms) == len(places) == outputs
            continue
        assert len(places) == 8
        assert trace["d_rest"].values.size == outputs - 8
        assert np.array_equal(
            np.abs(trace["p"].values[0]), np.sort(np.abs(dy * weights))[: -8 - 1 : -1]
        )


@pytest.mark.parametrize("bias", [True, False])
def test_gradients_of_a_linear_layer(bias):
    rng = np.random.default_rng(4)
    layer, x = Linear(5, 4, bias, rng=rng, dtype=np.float64), rng.normal(size=5)
    _, dy, _ = there_and_back(layer, x, rng)
    for key, grad in layer.grads.items():
        for place in np.ndindex(grad.shape):
            found = trace_weight(layer, x, dy, grad, place)
            assert_honest(found.trace, RTOL)
            assert found.trace.value(f"d{key[0]}.0.0") == grad[place]
            assert found.trace.value("d.0.0") == dy[place[0]]
            assert found.places.tolist() == [[place[-1]]]
            if key == "weight":
                assert found.trace.value("x.0.0") == x[place[1]]
                assert found.trace.node("dw.0.0").terms == (("x.0.0", "d.0.0"),)


@pytest.mark.parametrize("kind", [ReLU, Sigmoid, Tanh, Step])
@pytest.mark.parametrize("shape", [(6,), (2, 3, 3)])
def test_what_an_activation_lets_pass(kind, shape):
    rng, layer = np.random.default_rng(2), kind()
    x = rng.normal(size=shape)
    x.flat[0] = 0.0
    y, dy, dx = there_and_back(layer, x, rng)
    for place in np.ndindex(shape):
        found = trace_blame(layer, x, y, dy, dx, place)
        assert_honest(found.trace, RTOL)
        assert [grid.id for grid in found.trace] == ["x", "y", "d", "dx"]
        written = [found.trace.value(f"{name}.0.0") for name in ("x", "y", "d", "dx")]
        assert written == [x[place], y[place], dy[place], dx[place]]
        assert ("d.0.0",) in found.trace.node("dx.0.0").terms
        assert found.places.tolist() == [list(place)]


# -------------------------------------------------------------------------------------- the rest


@pytest.mark.parametrize(
    "layer", [Conv2d(2, 2, 3, padding=1, rng=0), MaxPool2d(3, 2, 1), AvgPool2d(2), Tanh()]
)
def test_numbers_that_are_none_do_not_stop_it(layer):
    x = np.ones((2, 4, 4))
    x[0, 1, 1], x[1, 2, 2] = np.nan, np.inf
    with np.errstate(all="ignore"):
        y, dy, dx = there_and_back(layer, x, np.random.default_rng(0))
        dy[1] = np.inf
    for place in np.ndindex(x.shape):
        trace = trace_blame(layer, x, y, dy, dx, place).trace
        np.testing.assert_equal(trace.value("dx.0.0"), dx[place])


def test_nothing_is_changed():
    layer, x = MaxPool2d(2, 1), np.arange(9.0).reshape(1, 3, 3)
    y, dy, dx = there_and_back(layer, x, np.random.default_rng(0))
    layer(x[None])
    before = [array.copy() for array in (x, y, dy, dx)]
    trace_blame(layer, x, y, dy, dx, (0, 2, 2))
    assert all(map(np.array_equal, before, (x, y, dy, dx)))
    assert np.array_equal(layer.backward(dy[None])[0], dx)  # it remembers its own pass


def test_what_cannot_be_traced_is_said():
    one, row = np.zeros((1, 4, 4)), np.zeros(4)
    for layer in (Flatten(), Dropout()):
        with pytest.raises(TypeError, match=f"Tanh, Step, but got {type(layer).__name__}"):
            trace_blame(layer, row, row, row, row, (0,))
    with pytest.raises(TypeError, match="trace_weight expected Linear or Conv2d, but got ReLU"):
        trace_weight(ReLU(), row, row, row, (0,))
    for place in [(1, 0, 0), (0, 0, -1), (0,)]:
        with pytest.raises(ValueError, match=r"trace_blame .* gradient of \(1, 4, 4\), but got"):
            trace_blame(MaxPool2d(2), one, one[:, :2, :2], one[:, :2, :2], one, place)
    with pytest.raises(ValueError, match=r"trace_weight .* of \(3, 4\), but got \(3, 0\)"):
        trace_weight(Linear(4, 3), row, row[:3], np.zeros((3, 4)), (3, 0))
