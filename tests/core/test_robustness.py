"""What makes digits harder to read, and how accuracy is counted under it."""

import numpy as np
import pytest

from core.metrics import accuracy_when_sure, recall_score
from core.robustness import HARDSHIPS, Hardship, robustness, shift_around


@pytest.fixture
def images():
    drawn = np.zeros((8, 28, 28), np.uint8)
    drawn[:, 8:20, 12:16] = 250
    return drawn


@pytest.mark.parametrize("name", HARDSHIPS)
def test_every_hardship_begins_at_nothing_and_grows(images, name):
    hardship = HARDSHIPS[name]
    assert list(hardship.strengths) == sorted(set(hardship.strengths))
    assert 0 in hardship.strengths
    assert np.array_equal(hardship.apply(images, 0), images)
    changed = {s: np.abs(hardship.apply(images, s) - images).mean() for s in hardship.strengths}
    for end in (hardship.strengths[0], hardship.strengths[-1]):
        way = sorted((s for s in hardship.strengths if s * end > 0), key=abs)
        assert [changed[s] for s in way] == sorted(changed[s] for s in way)
        assert all(changed[s] > 0 for s in way)
    for strength in hardship.strengths:
        result = hardship.apply(images, strength)
        assert (result.shape, result.dtype) == (images.shape, np.float32)
        assert 0 <= result.min() <= result.max() <= 255
        assert np.array_equal(result, hardship.apply(images, strength))


def test_shifts_go_around(images):
    moved = shift_around(images, 3)
    for image, (down, right) in zip(moved, [(0, 3), (3, 0), (0, -3), (-3, 0)] * 2, strict=True):
        assert np.array_equal(image, np.roll(images[0], (down, right), (0, 1)))


def test_accuracy_is_measured_at_each_strength_and_may_be_stopped(images):
    asked = []

    def answer(batch):
        asked.append(batch)
        return np.eye(10)[[3] * 6 + [4] * 2]

    labels = np.array([3] * 4 + [4] * 4)
    course = robustness(answer, images, labels, Hardship((0.0, 5.0), lambda x, s: x + s))
    assert next(course) == (0.0, 0.75)
    assert len(asked) == 1
    assert next(course) == (5.0, 0.75)
    assert np.array_equal(asked[1], images + 5.0)
    assert next(course, None) is None
    with pytest.raises(ValueError, match="same length"):
        next(robustness(lambda x: np.zeros((0, 10)), images[:0], labels[:0], HARDSHIPS["noise"]))


def test_recall_counts_each_class_for_itself():
    true, predicted = np.array([0, 0, 0, 2, 2]), np.array([0, 1, 0, 2, 0])
    expected = [2 / 3, np.nan, 1 / 2, np.nan]
    assert np.array_equal(recall_score(true, predicted, 4), expected, equal_nan=True)
    with pytest.raises(ValueError, match="from 0 to 1"):
        recall_score(true, predicted, 2)


def test_fewer_answers_when_it_must_be_sure():
    right = np.array([True, False, True, True, False])
    sureness = np.array([0.9, 0.9, 0.5, 0.99, np.nan])
    answered, accuracy = accuracy_when_sure(right, sureness, np.array([0.0, 0.6, 0.9, 0.95, 1.0]))
    assert np.array_equal(answered, [0.8, 0.6, 0.6, 0.2, 0.0])
    assert np.allclose(accuracy, [3 / 4, 2 / 3, 2 / 3, 1, np.nan], equal_nan=True)
    # Against the plain count, on many answers.
    rng = np.random.default_rng(0)
    right, sureness, thresholds = rng.random(500) < 0.8, rng.random(500), rng.random(20)
    answered, accuracy = accuracy_when_sure(right, sureness, thresholds)
    for k, threshold in enumerate(thresholds):
        kept = sureness >= threshold
        assert (answered[k], accuracy[k]) == (kept.mean(), pytest.approx(right[kept].mean()))
    with pytest.raises(ValueError, match="same length"):
        accuracy_when_sure(right, sureness[:3], thresholds)
