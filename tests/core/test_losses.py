"""Losses and softmax: extreme numbers and wrong arguments (torch's numbers are in test_golden)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.gradcheck import numerical_gradient, relative_error
from core.losses import CrossEntropyLoss, MSELoss, softmax

logits = arrays(np.float64, (3, 4), elements=st.floats(-1000, 1000))


@given(logits)
@settings(deadline=None, max_examples=50)
def test_softmax_is_a_distribution_and_ignores_a_shift(z):
    p = softmax(z)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert (p >= 0).all()
    np.testing.assert_allclose(softmax(z + 100), p, rtol=1e-9, atol=1e-12)


@given(logits, arrays(np.int64, 3, elements=st.integers(0, 3)))
@settings(deadline=None, max_examples=50)
def test_cross_entropy_is_finite_and_its_slope_sums_to_zero(z, t):
    loss, before = CrossEntropyLoss(), z.copy()
    value = loss.forward(z, t)
    d = loss.backward()
    assert np.isfinite(value)
    assert value >= 0
    assert np.isfinite(d).all()
    np.testing.assert_allclose(d.sum(axis=1), 0, atol=1e-12)
    assert np.array_equal(z, before)


@pytest.mark.parametrize("loss", [CrossEntropyLoss(), MSELoss()])
def test_gradients(loss):
    rng = np.random.default_rng(0)
    z = rng.standard_normal((4, 3))
    t = rng.integers(0, 3, 4) if isinstance(loss, CrossEntropyLoss) else z[::-1].copy()
    loss.forward(z, t)
    d = loss.backward()
    assert relative_error(d, numerical_gradient(lambda: loss.forward(z, t), z)) < 1e-8


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision_is_kept(dtype):
    z = np.eye(3, dtype=dtype)
    for loss, target in ((CrossEntropyLoss(), np.arange(3)), (MSELoss(), 2 * z)):
        assert isinstance(loss(z, target), float)
        assert loss.backward().dtype == dtype


def test_a_hopeless_answer_still_has_a_loss():
    z = np.array([[1000.0, -1000.0]])
    assert CrossEntropyLoss()(z, np.array([1])) == 2000
    assert CrossEntropyLoss()(z, np.array([0])) == 0


@pytest.mark.parametrize(
    ("z", "t"),
    [
        (np.zeros((2, 3)), np.array([0, 3])),
        (np.zeros((2, 3)), np.array([-1, 0])),
        (np.zeros((2, 3)), np.array([0.0, 1.0])),
        (np.zeros((2, 3)), np.array([0])),
        (np.zeros(3), np.array([0, 1, 2])),
        (np.zeros((0, 3)), np.array([], int)),
        (np.zeros((2, 3), int), np.array([0, 1])),
    ],
)
def test_cross_entropy_says_what_it_expected(z, t):
    with pytest.raises(ValueError, match="CrossEntropyLoss expected"):
        CrossEntropyLoss()(z, t)


@pytest.mark.parametrize(("z", "t"), [(np.zeros(3), np.zeros((3, 1))), (np.zeros(0), np.zeros(0))])
def test_mse_says_what_it_expected(z, t):
    with pytest.raises(ValueError, match="MSELoss expected"):
        MSELoss()(z, t)


def test_backward_once_for_every_forward():
    loss = CrossEntropyLoss()
    with pytest.raises(RuntimeError, match="call forward once"):
        loss.backward()
    loss(np.zeros((1, 2)), np.array([0]))
    loss.backward()
    with pytest.raises(RuntimeError, match="call forward once"):
        loss.backward()
