"""One number of a feature map, channel by channel: all its products, where they are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.activations import ReLU, Sigmoid, Tanh
from core.conv import Conv2d
from core.layers import Dropout, Linear
from core.maps import partial_sums
from core.trace_channels import trace_channels
from tests.core.random_layers import convolutions, generators, pairs
from tests.core.trace_checks import assert_honest, numbers


@st.composite
def examples(draw):
    """A convolution and an image for it."""
    channels, size = draw(st.integers(1, 3)), draw(pairs(1, 5))
    conv = draw(convolutions(channels, size))
    return conv, draw(generators()).normal(size=(channels, *size))


@pytest.mark.slow
@given(examples(), st.sampled_from([np.float32, np.float64]))
@settings(deadline=None, max_examples=30)
def test_every_number_of_a_map(example, dtype):
    conv, x = example
    conv, x = conv.to(dtype), x.astype(dtype)
    (top, left), (down, right), (tall, wide) = conv.padding, conv.stride, conv.kernel_size
    bordered = np.pad(x, ((0, 0), (top, top), (left, left)))
    z = conv(x[None])[0]
    for o, h, w in np.ndindex(z.shape):
        trace = trace_channels(conv, x, z, (o, h, w))
        assert_honest(trace, 1e-5 if dtype is np.float32 else 1e-13)
        assert trace.value("z.0.0") == z[o, h, w]
        under = bordered[:, h * down : h * down + tall, w * right : w * right + wide]
        assert np.array_equal(numbers(trace, "x"), under)
        assert np.array_equal(numbers(trace, "w"), conv.params["weight"][o])
        sums = partial_sums(conv, x, o)[:, h, w]
        np.testing.assert_allclose(trace["s"].values, [sums], rtol=1e-4, atol=1e-6)
        cells = [f"{i}.{j}" for i, j in np.ndindex(conv.kernel_size)]
        for c in range(len(x)):
            products = tuple((f"x_{c}.{cell}", f"w_{c}.{cell}") for cell in cells)
            assert trace.node(f"s.0.{c}").terms == products
        bias = (("b.0.0",),) if "bias" in conv.params else ()
        assert trace.node("z.0.0").terms == (*((f"s.0.{c}",) for c in range(len(x))), *bias)


def test_sums_are_in_the_layers_precision():
    conv = Conv2d(3, 1, 4, rng=0)
    x = np.random.default_rng(1).normal(size=(3, 4, 4)).astype(np.float32)
    sums = trace_channels(conv, x, conv(x[None])[0], (0, 0, 0))["s"].values
    assert np.array_equal(sums, sums.astype(np.float32))


@pytest.mark.parametrize("activation", [ReLU(), Sigmoid(), Tanh()])
def test_with_an_activation(activation):
    conv, x = Conv2d(2, 3, 2, padding=1, rng=0), np.ones((2, 2, 2), np.float32)
    z = conv(x[None])[0]
    a = activation(z)
    for place in np.ndindex(z.shape):
        trace = trace_channels(conv, x, z, place, activation, a)
        assert trace.value("a.0.0") == a[place]
        assert trace.node("a.0.0").terms == (("z.0.0",),)
        assert_honest(trace, 1e-6)


def test_z_is_what_the_layer_said_and_nothing_else():
    conv = Conv2d(1, 1, 1, bias=False, rng=0)
    trace = trace_channels(conv, np.ones((1, 1, 1)), np.full((1, 1, 1), 7.0), (0, 0, 0))
    assert [grid.id for grid in trace] == ["x_0", "w_0", "s", "z"]
    assert trace.value("z.0.0") == 7
    assert trace.recompute("z.0.0") == conv.params["weight"].item()


def test_numbers_that_are_none_do_not_stop_it():
    conv, x = Conv2d(2, 1, 2, rng=0), np.ones((2, 2, 2), np.float32)
    x[1, 0] = np.inf, -np.inf
    with np.errstate(all="ignore"):
        z = conv(x[None])[0]
    trace = trace_channels(conv, x, z, (0, 0, 0))
    assert np.isfinite(trace.value("s.0.0"))
    assert not np.isfinite(trace.value("s.0.1"))


def test_what_cannot_be_traced_is_said():
    conv, x, z = Conv2d(1, 2, 3, rng=0), np.zeros((1, 4, 4)), np.zeros((2, 2, 2))
    with pytest.raises(TypeError, match="trace_channels expected Conv2d, but got Linear"):
        trace_channels(Linear(4, 2), x, z, (0, 0, 0))
    with pytest.raises(TypeError, match="as the activation, but got Dropout"):
        trace_channels(conv, x, z, (0, 0, 0), Dropout(), z)
    for place in [(2, 0, 0), (0, -1, 0), (0, 0)]:
        with pytest.raises(ValueError, match=r"in an output of \(2, 2, 2\), but got \("):
            trace_channels(conv, x, z, place)
