import numpy as np
import pytest

from core.digits import Digits
from core.digits_summary import summarize_digits


def digits(count, seed=0, labels=None):
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
    return Digits(images, rng.integers(0, 10, count) if labels is None else np.array(labels))


@pytest.mark.parametrize("count", [1, 7, 4096, 4097])
def test_it_is_what_numpy_says_of_all_at_once(count):
    some = digits(count)
    summary = summarize_digits(some)
    assert summary.counts.tolist() == [int((some.labels == k).sum()) for k in range(10)]
    for label in np.unique(some.labels):
        expected = some.images[some.labels == label].mean(axis=0)
        np.testing.assert_allclose(summary.means[label], expected, rtol=1e-6)
    assert summary.mean == pytest.approx(some.images.mean(), rel=1e-6)
    assert summary.deviation == pytest.approx(some.images.std(), rel=1e-5)


def test_a_label_without_images_has_an_empty_mean():
    summary = summarize_digits(digits(3, labels=[4, 4, 9]))
    assert summary.counts.tolist() == [0, 0, 0, 0, 2, 0, 0, 0, 0, 1]
    assert not summary.means[0].any()
    assert summary.means[4].any()


def test_equal_pixels_deviate_by_nothing():
    summary = summarize_digits(Digits(np.full((5, 28, 28), 77, np.uint8), np.arange(5)))
    assert (summary.mean, summary.deviation) == (77.0, 0.0)


def test_the_digits_stay_as_they_are():
    some = digits(5)
    images, labels = some.images.copy(), some.labels.copy()
    summarize_digits(some)
    np.testing.assert_array_equal(some.images, images)
    np.testing.assert_array_equal(some.labels, labels)


def test_no_digit_at_all_is_refused():
    with pytest.raises(ValueError, match="at least one digit"):
        summarize_digits(Digits(np.empty((0, 28, 28), np.uint8), np.empty(0, np.int64)))
