"""The nearest images: against the plain sum of squares, exact to the last bit."""

import tracemalloc

import numpy as np
import pytest

from core.neighbours import MOST_EXACT_PIXELS, kneighbors


def plainly(images, image, k):
    """Sum the squares in whole numbers; sort by distance, then by place."""
    squares = ((images.astype(np.int64) - image.astype(np.int64)) ** 2).sum(axis=(1, 2))
    order = sorted(range(len(images)), key=lambda place: (squares[place], place))[:k]
    return np.sqrt(squares[order]), order


def assert_same(images, image, k):
    found, (distances, indices) = kneighbors(images, image, k), plainly(images, image, k)
    assert found.indices.tolist() == indices
    assert np.array_equal(found.distances, distances)


@pytest.mark.parametrize("count", [1, 2, 255, 256, 257, 700])
@pytest.mark.parametrize("shape", [(28, 28), (5, 3), (32, 32)])
def test_they_are_what_the_plain_sum_says(count, shape):
    rng = np.random.default_rng(count)
    images = rng.integers(0, 256, (count, *shape), np.uint8)
    image = rng.integers(0, 256, shape, np.uint8)
    for k in {1, min(7, count), count}:
        assert_same(images, image, k)


@pytest.mark.parametrize("values", [(0, 255), (0, 1), (254, 255), (127, 129)])
def test_the_largest_sums_are_exact_too(values):
    rng = np.random.default_rng(3)
    images = rng.choice(np.array(values, np.uint8), (300, 32, 32), p=(0.02, 0.98))
    for fill in values:
        image = np.full((32, 32), fill, np.uint8)
        image[0, :3] = 200
        assert_same(images, image, 300)


def test_the_farthest_images_there_are():
    images = np.full((2, 28, 28), 255, np.uint8)
    images[1] -= 1
    found = kneighbors(images, np.zeros((28, 28), np.uint8), 2)
    assert found.distances.tolist() == [28 * 254, 28 * 255]
    assert found.indices.tolist() == [1, 0]


def test_of_equals_the_earlier_comes_first():
    images = np.zeros((600, 4, 4), np.uint8)
    images[[5, 300, 599]] = 9
    found = kneighbors(images, np.full((4, 4), 9, np.uint8), 5)
    assert found.indices.tolist() == [5, 300, 599, 0, 1]
    assert found.distances.tolist() == [0, 0, 0, 36, 36]


def test_every_second_image_and_what_nobody_may_write_to():
    images = np.random.default_rng(4).integers(0, 256, (90, 6, 6), np.uint8)
    images.flags.writeable = False
    assert_same(images[::2, ::-1], images[3, ::-1], 45)


def test_memory_does_not_grow_with_the_images():
    images = np.random.default_rng(5).integers(0, 256, (8000, 28, 28), np.uint8)
    kneighbors(images[:10], images[0], 1)
    tracemalloc.start()
    try:
        kneighbors(images, images[0], 5)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < images.size / 4  # bytes; all of them as floats would be 16 times that


@pytest.mark.parametrize("k", [0, -1, 4])
def test_k_is_checked(k):
    with pytest.raises(ValueError, match=f"expected k from 1 to 3 images, but got {k}"):
        kneighbors(np.zeros((3, 2, 2), np.uint8), np.zeros((2, 2), np.uint8), k)


@pytest.mark.parametrize(
    ("images", "image"),
    [
        (np.zeros((3, 4), np.uint8), np.zeros((4,), np.uint8)),
        (np.zeros((3, 4, 4), np.uint8), np.zeros((4, 5), np.uint8)),
        (np.zeros((3, 4, 4), np.uint8), np.zeros((1, 4, 4), np.uint8)),
        (np.zeros((3, 4, 4)), np.zeros((4, 4), np.uint8)),
        (np.zeros((3, 4, 4), np.uint8), np.zeros((4, 4))),
        (
            np.zeros((3, 1, MOST_EXACT_PIXELS + 1), np.uint8),
            np.zeros((1, MOST_EXACT_PIXELS + 1), np.uint8),
        ),
    ],
)
def test_shapes_and_types_are_checked(images, image):
    with pytest.raises(ValueError, match=r"kneighbors expected images \(N, H, W\) and one"):
        kneighbors(images, image, 1)
