"""Convolution and pooling: against plain sums, in pieces, and with several cores."""

import numpy as np
import pytest

from core import (
    AvgPool2d,
    Conv2d,
    MaxPool2d,
    Sequential,
)


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def plain_conv2d(x, weight, bias, stride, padding):
    """The formula, number by number."""
    (up, left), (down, right) = padding, stride
    x = np.pad(x, ((0, 0), (0, 0), (up, up), (left, left)))
    kernel_h, kernel_w = weight.shape[2:]
    height, width = (x.shape[2] - kernel_h) // down + 1, (x.shape[3] - kernel_w) // right + 1
    y = np.empty((len(x), len(weight), height, width))
    for n, o, h, w in np.ndindex(*y.shape):
        under = x[n, :, h * down : h * down + kernel_h, w * right : w * right + kernel_w]
        y[n, o, h, w] = bias[o] + (under * weight[o]).sum()
    return y


@pytest.mark.parametrize("channels", [(1, 1), (1, 3), (3, 2)])
@pytest.mark.parametrize("kernel", [(1, 1), (3, 3), (2, 3), (5, 1)])
@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (1, 1), (2, 1), ((3, 1), (0, 4))])
def test_the_trick_computes_the_formula(channels, kernel, stride, padding, rng):
    layer = Conv2d(*channels, kernel, stride, padding, rng=rng, dtype=np.float64)
    x = rng.standard_normal((2, channels[0], 6, 7))
    expected = plain_conv2d(x, *layer.params.values(), layer.stride, layer.padding)
    assert layer(x) == pytest.approx(expected, abs=1e-12)


def test_no_memory_order_of_x_or_dy_matters(rng):
    x, dy = rng.standard_normal((3, 2, 6, 5)), rng.standard_normal((3, 4, 4, 3))
    layer = Conv2d(2, 4, 3, rng=rng, dtype=np.float64)
    y, dx = layer(x), layer.backward(dy)
    for order in ("F", "K"):
        y2 = layer(x[::-1].copy(order)[::-1])
        assert np.array_equal(y, y2)
        assert np.array_equal(dx, layer.backward(dy[:, ::-1].copy(order)[:, ::-1]))


def test_first_weights_are_drawn_as_torch_draws_them(rng):
    layer = Conv2d(4, 200, 5, rng=rng)
    for array in layer.params.values():
        assert abs(array).max() == pytest.approx(1 / np.sqrt(4 * 5 * 5), rel=0.02)
    assert layer.params["weight"].shape == (200, 4, 5, 5)


def test_whole_numbers_go_in(rng):
    x = rng.integers(0, 255, (2, 1, 4, 4), dtype=np.uint8)
    layer = Conv2d(1, 2, 3, rng=rng)
    assert layer(x).dtype == np.float32
    assert np.array_equal(layer(x), layer(x.astype(np.float32)))
    assert MaxPool2d(3, padding=1)(x).dtype == np.float32


def test_a_batch_may_be_empty(rng):
    model = Sequential(Conv2d(1, 2, 3, rng=rng), MaxPool2d(2), AvgPool2d(2))
    y = model(np.empty((0, 1, 10, 10), np.float32))
    assert y.shape == (0, 2, 2, 2)
    assert model.backward(y).shape == (0, 1, 10, 10)


def test_among_equals_the_first_gets_the_blame():
    layer = MaxPool2d(2)
    layer(np.array([[[[1.0, 2, 3, 3], [2, 2, 3, 3]]]]))
    dx = layer.backward(np.array([[[[5.0, 7]]]]))
    assert dx.tolist() == [[[[0, 5, 7, 0], [0, 0, 0, 0]]]]


def test_padding_never_wins_and_half_a_window_counts_half():
    below_zero = -np.ones((1, 1, 2, 2))
    assert np.array_equal(MaxPool2d(2, padding=1)(below_zero), below_zero)
    ones = -below_zero
    assert np.array_equal(AvgPool2d(2, padding=1)(ones), ones / 4)
    assert np.array_equal(AvgPool2d(2, padding=1, count_include_pad=False)(ones), ones)


def test_a_last_window_must_begin_inside():
    x = np.zeros((1, 1, 5, 6))
    assert MaxPool2d(2)(x).shape == (1, 1, 2, 3)
    assert MaxPool2d(2, ceil_mode=True)(x).shape == (1, 1, 3, 3)
    assert MaxPool2d(2, 4, ceil_mode=True)(x).shape == (1, 1, 2, 2)
    assert MaxPool2d(1, 4, ceil_mode=True)(x).shape == (1, 1, 2, 2)
    assert MaxPool2d(2, 4, 1, ceil_mode=True)(x).shape == (1, 1, 2, 2)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Conv2d(0, 1, 3), "at least one channel in and one out, got 0 and 1"),
        (lambda: Conv2d(1, 1, 0), "kernel_size must be a whole number from 1 .* got 0"),
        (lambda: Conv2d(1, 1, (3, 3, 3)), r"or a pair of them, got \(3, 3, 3\)"),
        (lambda: Conv2d(1, 1, 3, stride=(1, 0)), r"stride must be .* from 1 .* got \(1, 0\)"),
        (lambda: Conv2d(1, 1, 3, padding=-1), "padding must be .* from 0 .* got -1"),
        (lambda: Conv2d(1, 1, 3, padding="same"), "padding must be .* got 'same'"),
        (lambda: MaxPool2d(2.5), "MaxPool2d's kernel_size must be .* got 2.5"),
        (lambda: AvgPool2d(2, padding=2), r"at most half the kernel size \(2, 2\), .* \(2, 2\)"),
        (
            lambda: Conv2d(3, 1, 3)(np.zeros((1, 2, 9, 9))),
            r"\(N, 3, H, W\), but got \(1, 2, 9",
        ),
        (lambda: Conv2d(1, 1, 3)(np.zeros((9, 9))), r"\(N, 1, H, W\), but got \(9, 9\)"),
        (lambda: MaxPool2d(2)(np.zeros((9, 9, 2))), r"\(N, C, H, W\), but got \(9, 9, 2\)"),
        (lambda: Conv2d(1, 1, 5)(np.zeros((1, 1, 9, 4))), "at least 5 × 5 .* but got 9 × 4"),
        (lambda: Conv2d(1, 1, 9, padding=1)(np.zeros((1, 1, 9, 4))), "but got 11 × 6, padding"),
        (lambda: AvgPool2d(3)(np.zeros((1, 1, 2, 9))), "at least 3 pixels, .* but got 2"),
    ],
)
def test_wrong_use_is_explained(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()
