"""A whole epoch of the three-layer network: order, copies, events, and what is refused."""

import numpy as np
import pytest

from core.classic import fit_classic, one_hot
from core.classic_blocks import TOGETHER
from core.training import Diverged, EpochEnd, StepEnd
from tests.core.three_layers import make, weights


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def prepare(images):
    return images[:, None].astype(np.float64) / 255


@pytest.fixture
def digits(rng):
    return rng.integers(0, 256, (150, 2, 3)).astype(np.uint8), rng.integers(0, 3, 150)


def test_fit_is_train_in_a_drawn_order(digits):
    images, labels = digits
    network, alone = make(), make()
    events = list(fit_classic(network, digits, prepare=prepare, epochs=2, rng=5))
    orders = np.random.default_rng(5)
    learned = []
    for _ in range(2):
        order = orders.permutation(150)
        learned.append(alone.train(prepare(images[order]), one_hot(labels[order], 3)))
    assert np.allclose(network.hidden_weight, alone.hidden_weight, rtol=0, atol=1e-13)
    assert [type(event) for event in events] == 2 * [*3 * [StepEnd], EpochEnd]
    steps = [event for event in events if isinstance(event, StepEnd)]
    assert [event.step for event in steps] == [1, 2, 3, 4, 5, 6]
    assert [event.epoch for event in steps] == [1, 1, 1, 2, 2, 2]
    assert [event.seen for event in steps[:3]] == [TOGETHER, 2 * TOGETHER, 150]
    for end, seen in zip([events[3], events[7]], learned, strict=True):
        assert end.train_loss == pytest.approx(seen.loss)
        assert end.train_accuracy == pytest.approx(seen.right / 150)
        assert end[2:4] == (None, None)


def test_copies_are_learned_right_after_their_original(digits):
    images, labels = digits

    def copies(batch):
        return [batch[:, ::-1], 255.0 - batch]

    network, plain = make(), make()
    events = list(fit_classic(network, digits, prepare=prepare, rng=5, copies=copies))
    right = 0
    for number in np.random.default_rng(5).permutation(150):
        image = images[number : number + 1]
        for version in (image, image[:, ::-1], 255.0 - image):
            x, t = prepare(version).reshape(1, -1), one_hot(labels[number : number + 1], 3)
            right += plain.train(x, t).right
    assert np.allclose(network.hidden_weight, plain.hidden_weight, rtol=0, atol=1e-12)
    assert np.allclose(network.output_weight, plain.output_weight, rtol=0, atol=1e-12)
    assert events[-1].train_accuracy == pytest.approx(right / 450)
    assert [event.seen for event in events[:-1]] == [TOGETHER, 2 * TOGETHER, 150]


def test_validation_is_measured_after_the_epoch(digits, rng):
    images, labels = rng.integers(0, 256, (40, 2, 3)).astype(np.uint8), rng.integers(0, 3, 40)
    network = make()
    *_, end = fit_classic(network, digits, prepare=prepare, validation=(images, labels), rng=5)
    outputs = network.query(prepare(images))
    assert end.validation_loss == pytest.approx(np.mean((outputs - one_hot(labels, 3)) ** 2))
    assert end.validation_accuracy == pytest.approx(np.mean(outputs.argmax(axis=1) == labels))


def test_fit_says_when_weights_stop_being_numbers(digits):
    network = make(lr=1e38, dtype=np.float32)
    events = list(fit_classic(network, digits, prepare=prepare, epochs=50, rng=5))
    assert isinstance(events[-1], Diverged)
    assert np.isnan(events[-1].loss)
    assert all(np.isfinite(array).all() for array in weights(network))


def test_fit_does_as_its_learning_rate_is_told(digits):
    network = make()
    events = fit_classic(network, digits, prepare=prepare, rng=5)
    next(events)
    before, network.lr = weights(network), 0.0
    list(events)
    assert np.array_equal(network.hidden_weight, before[0])


def test_no_epoch_is_no_event(digits):
    assert list(fit_classic(make(), digits, prepare=prepare, epochs=0)) == []


@pytest.mark.parametrize(
    ("count", "labels", "epochs"), [(3, [0, 1], 1), (0, [], 1), (2, [0, 1], -1)]
)
def test_fit_refuses_what_makes_no_sense(count, labels, epochs):
    data = np.zeros((count, 2, 3), np.uint8), np.array(labels, int)
    with pytest.raises(ValueError, match="fit_classic expected as many images as labels"):
        next(fit_classic(make(), data, prepare=prepare, epochs=epochs))


def test_fit_refuses_labels_and_images_that_do_not_fit(digits):
    images, _ = digits
    with pytest.raises(ValueError, match="one_hot expected whole numbers from 0 to 2"):
        next(fit_classic(make(), (images, np.full(150, 3)), prepare=prepare))
    with pytest.raises(ValueError, match=r"expected inputs of shape \(N, 7\)"):
        next(fit_classic(make((7, 5, 3)), digits, prepare=prepare))


def test_it_learns_to_tell_pictures_apart(rng):
    patterns = np.array([[[9, 9, 9], [0, 0, 0]], [[0, 0, 0], [9, 9, 9]], [[9, 0, 9], [0, 9, 0]]])
    labels = rng.integers(0, 3, 600)
    images = np.clip(25 * patterns[labels] + rng.integers(0, 30, (600, 2, 3)), 0, 255)
    network = make()
    *_, end = fit_classic(network, (images, labels), prepare=prepare, epochs=5, rng=1)
    assert end.train_accuracy == 1.0
