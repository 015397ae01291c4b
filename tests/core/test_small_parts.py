"""How weights begin, how answers are counted, and how many cores compute."""

import numpy as np
import pytest

from core.init import INITIALIZERS, as_generator
from core.layers import Linear
from core.metrics import accuracy_score, confusion_matrix

VARIANCES = {
    "fan_in_uniform": 1 / (3 * 300),
    "kaiming_normal": 2 / 300,
    "xavier_uniform": 2 / (300 + 200),
    "fan_in_normal": 1 / 300,
    "standard_normal": 1.0,
    "zeros": 0.0,
}


@pytest.mark.parametrize("name", INITIALIZERS)
def test_weights_begin_with_the_right_spread(name):
    weight, bias = INITIALIZERS[name]((200, 300), np.random.default_rng(0))
    assert (weight.shape, bias.shape) == ((200, 300), (200,))
    assert weight.dtype == bias.dtype == np.float64
    assert weight.var() == pytest.approx(VARIANCES[name], rel=0.03)
    assert abs(weight.mean()) <= 0.02 * np.sqrt(VARIANCES[name])
    if name != "fan_in_uniform":
        assert not bias.any()


@pytest.mark.parametrize("name", INITIALIZERS)
def test_images_and_seeds(name):
    draw = INITIALIZERS[name]
    weight, bias = draw((64, 3, 5, 5), np.random.default_rng(1))
    assert (weight.shape, bias.shape) == ((64, 3, 5, 5), (64,))
    again, _ = draw((64, 3, 5, 5), np.random.default_rng(1))
    assert np.array_equal(weight, again)
    expected = {"kaiming_normal": 2 / 75, "fan_in_normal": 1 / 75, "xavier_uniform": 2 / 1675}
    if name in expected:
        assert weight.var() == pytest.approx(expected[name], rel=0.1)


def test_standard_normal_draws_as_the_notes_do():
    layer = Linear(2, 50, rng=np.random.RandomState(1), init=INITIALIZERS["standard_normal"])
    rows = np.random.RandomState(1).randn(2, 50)
    assert np.array_equal(layer.params["weight"], rows.T.astype(np.float32))


def test_as_generator():
    rng = np.random.default_rng(3)
    assert as_generator(rng) is rng
    assert as_generator(3).random() == np.random.default_rng(3).random()
    assert as_generator(None).random() != as_generator(None).random()


def test_accuracy_and_confusion():
    true, predicted = np.array([0, 1, 2, 2]), np.array([0, 2, 2, 2])
    assert accuracy_score(true, predicted) == 0.75
    assert confusion_matrix(true, predicted).tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 2]]
    assert confusion_matrix(true, predicted, 4).shape == (4, 4)
    assert confusion_matrix(true, predicted).trace() / len(true) == 0.75


@pytest.mark.parametrize(("true", "predicted"), [([], []), ([1], [1, 2]), ([[1]], [[1]])])
def test_metrics_want_two_equal_lists(true, predicted):
    with pytest.raises(ValueError, match="same length"):
        accuracy_score(true, predicted)


def test_confusion_wants_known_classes():
    with pytest.raises(ValueError, match="from 0 to 1"):
        confusion_matrix([0, 2], [0, 1], 2)
    with pytest.raises(ValueError, match="from 0 to"):
        confusion_matrix([0, -1], [0, 1])
