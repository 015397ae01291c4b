"""The loops of a textbook answer what the layers answer, there and back."""

import numpy as np
import pytest

from core.conv import Conv2d
from core.plain import conv2d_plainly, conv2d_plainly_backward, max_pool2d_plainly
from core.pool import MaxPool2d


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.mark.parametrize("kernel", [1, 3, (2, 3), (5, 1)])
@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (1, 1), (2, 1), ((3, 1), (0, 4))])
@pytest.mark.parametrize("bias", [True, False])
def test_a_convolution_there_and_back(kernel, stride, padding, bias, rng):
    layer = Conv2d(2, 3, kernel, stride, padding, bias, rng=rng, dtype=np.float64)
    x, weight = rng.standard_normal((2, 2, 6, 7)), layer.params["weight"]
    y = conv2d_plainly(x, weight, layer.params.get("bias"), stride, padding)
    np.testing.assert_allclose(y, layer(x), atol=1e-12)
    dy = rng.standard_normal(y.shape)
    dx, dweight, dbias = conv2d_plainly_backward(dy, x, weight, stride, padding)
    np.testing.assert_allclose(dx, layer.backward(dy), atol=1e-12)
    np.testing.assert_allclose(dweight, layer.grads["weight"], atol=1e-12)
    np.testing.assert_allclose(dbias, dy.sum(axis=(0, 2, 3)), atol=1e-12)
    assert bias is False or np.allclose(dbias, layer.grads["bias"])


@pytest.mark.parametrize("size", [(6, 7), (5, 8), (1, 4), (9, 3)])
@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize(
    ("kernel", "stride", "padding"),
    [(2, None, 0), (2, 1, 1), ((3, 2), (2, 3), 1), (1, 4, 0), (4, 3, 2), (2, 4, 1)],
)
def test_pooling(size, ceil_mode, kernel, stride, padding, rng):
    layer = MaxPool2d(kernel, stride, padding, ceil_mode)
    x = rng.standard_normal((2, 3, *size)) - 5  # below the zeros that no padding may bring in
    try:
        expected = layer(x)
    except ValueError:
        with pytest.raises(ValueError, match="kernel needs"):
            max_pool2d_plainly(x, kernel, stride, padding, ceil_mode)
    else:
        y = max_pool2d_plainly(x, kernel, stride, padding, ceil_mode)
        np.testing.assert_array_equal(y, expected)


def test_precision_is_kept(rng):
    x = rng.standard_normal((1, 1, 4, 4), np.float32)
    weight = rng.standard_normal((1, 1, 2, 2), np.float32)
    y = conv2d_plainly(x, weight, np.ones(1, np.float32))
    answers = [y, max_pool2d_plainly(x, 2), *conv2d_plainly_backward(y, x, weight)]
    assert {answer.dtype for answer in answers} == {np.dtype(np.float32)}


X, W = np.zeros((1, 2, 4, 4)), np.zeros((1, 2, 3, 3))


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: conv2d_plainly(X[0], W), r"\(N, 2, H, W\), but got \(2, 4, 4\)"),
        (lambda: conv2d_plainly(X[:, :1], W), r"\(N, 2, H, W\), but got \(1, 1, 4, 4\)"),
        (lambda: conv2d_plainly(X[..., :1], W), "needs 3 pixels, but the image has 1"),
        (lambda: conv2d_plainly(X, W, stride=0), "stride must be .* from 1"),
        (lambda: conv2d_plainly(X, W, padding=-1), "padding must be .* from 0"),
        (lambda: conv2d_plainly_backward(X, X, W), r"dy of shape \(1, 1, 2, 2\), .* \(1, 2, 4, 4"),
        (lambda: conv2d_plainly_backward(X, X[0], W), r"\(N, 2, H, W\), but got"),
        (lambda: max_pool2d_plainly(X[0], 2), r"\(N, C, H, W\), but got"),
        (lambda: max_pool2d_plainly(X, 2, padding=2), r"at most half .* but got \(2, 2\)"),
        (lambda: max_pool2d_plainly(X, 0), "kernel_size must be .* from 1"),
    ],
)
def test_wrong_use_is_explained(ask, says):
    with pytest.raises(ValueError, match=says):
        ask()
