"""What reaches the network: shrunk exactly, scaled exactly, and recorded so that it can be read."""

import json
from itertools import pairwise

import numpy as np
import pytest

from core.images import NOTES_PIXELS, STANDARD_PIXELS, UNIT_PIXELS, Preparation, shrink

BYTES = np.arange(256, dtype=np.uint8).reshape(4, 8, 8)


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.mark.parametrize(
    ("preparation", "paper", "ink"),
    [
        (UNIT_PIXELS, 0.0, 1.0),
        (NOTES_PIXELS, 0.01, 1.0),
        (STANDARD_PIXELS, (0 - 0.1307) / 0.3081, (1 - 0.1307) / 0.3081),
    ],
)
def test_paper_and_ink_become_what_the_name_says(preparation, paper, ink):
    y = preparation(BYTES)
    assert y.shape == (4, 1, 8, 8)
    assert y.dtype == np.float32
    expected = paper + (ink - paper) * BYTES.astype(np.float64)[:, None] / 255
    assert y == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32, np.float64])
def test_the_type_of_the_pixels_does_not_matter(dtype):
    images = BYTES.astype(dtype)
    assert np.array_equal(NOTES_PIXELS(images), NOTES_PIXELS(BYTES))
    assert np.array_equal(images, BYTES)


def test_out_is_written_and_returned():
    out = np.full((4, 1, 8, 8), np.nan, np.float32)
    assert NOTES_PIXELS(BYTES, out) is out
    assert np.array_equal(out, NOTES_PIXELS(BYTES))
    # Also where the memory belongs to something larger, or lies in another order.
    wide = np.zeros((4, 2, 8, 8), np.float32)
    assert np.array_equal(NOTES_PIXELS(BYTES, wide[:, 1:]), out)
    assert not wide[:, 0].any()


def test_a_size_shrinks_first(rng):
    images = rng.integers(0, 256, (3, 28, 28), dtype=np.uint8)
    small = Preparation(0.5, -1.0, size=8)
    assert small(images).shape == (3, 1, 8, 8)
    assert np.array_equal(small(images)[:, 0], shrink(images, 8) * np.float32(0.5) - 1)
    assert np.array_equal(small(images), small(images, np.empty((3, 1, 8, 8), np.float32)))
    assert np.array_equal(small(BYTES), Preparation(0.5, -1.0)(BYTES))


def test_no_image_is_no_problem():
    none = np.empty((0, 28, 28), np.uint8)
    assert UNIT_PIXELS(none).shape == (0, 1, 28, 28)
    assert Preparation(size=8)(none).shape == (0, 1, 8, 8)


@pytest.mark.parametrize("preparation", [UNIT_PIXELS, NOTES_PIXELS, Preparation(-2, 7, size=8)])
def test_a_preparation_goes_round_through_json(preparation):
    text = json.dumps(preparation.to_dict(), allow_nan=False)
    assert Preparation.from_dict(json.loads(text)) == preparation


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"scale": 1.0}, r"expected the settings \['scale', 'offset', 'size'\], but got"),
        ({"scale": 1.0, "offset": 0.0, "size": None, "mean": 3}, "but got .*mean"),
        ([1.0, 0.0, None], "but got list"),
        ({"scale": "1", "offset": 0.0, "size": None}, "expected a finite scale, not zero, .*'1'"),
        ({"scale": 0.0, "offset": 0.0, "size": None}, "expected a finite scale, not zero"),
        ({"scale": True, "offset": 0.0, "size": None}, "got True"),
        ({"scale": 1.0, "offset": float("nan"), "size": None}, "expected a finite offset"),
        ({"scale": float("inf"), "offset": 0.0, "size": None}, "expected a finite scale"),
        ({"scale": 1.0, "offset": 0.0, "size": 0}, "size of at least 1, but got 0"),
        ({"scale": 1.0, "offset": 0.0, "size": 8.0}, r"size of at least 1, but got 8\.0"),
    ],
)
def test_wrong_settings_are_a_sentence(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        Preparation.from_dict(settings)


def test_wrong_images_and_memory_are_a_sentence():
    with pytest.raises(ValueError, match=r"shape \(N, H, W\), but got \(8, 8\)"):
        UNIT_PIXELS(BYTES[0])
    with pytest.raises(ValueError, match=r"shape \(N, H, W\), but got \(4, 0, 8\)"):
        UNIT_PIXELS(BYTES[:, :0])
    with pytest.raises(ValueError, match="images of numbers, but got <U1"):
        UNIT_PIXELS(np.full((1, 2, 2), "x"))
    with pytest.raises(ValueError, match=r"float32 of shape \(4, 1, 8, 8\), but got float64"):
        UNIT_PIXELS(BYTES, np.empty((4, 1, 8, 8)))
    with pytest.raises(ValueError, match=r"but got float32 of shape \(4, 8, 8\)"):
        UNIT_PIXELS(BYTES, np.empty((4, 8, 8), np.float32))


def cell_by_cell(image, size):
    """Average with a thousandth of a pixel's care: every pixel is cut into equal pieces."""
    fine = np.kron(image.astype(np.float64), np.ones((size, size)))
    height, width = (length // size for length in fine.shape)
    cells = fine.reshape(size, height, size, width)
    return cells.mean(axis=(1, 3))


@pytest.mark.parametrize("shape", [(28, 28), (8, 8), (5, 3), (1, 1), (17, 40), (16, 24)])
def test_shrinking_averages_what_lies_under_each_cell(shape, rng):
    images = rng.integers(0, 256, (3, *shape), dtype=np.uint8)
    before = images.copy()
    small = shrink(images)
    assert small.shape == (3, 8, 8)
    assert small.dtype == np.float32
    assert small == pytest.approx(np.array([cell_by_cell(image, 8) for image in images]), abs=1e-3)
    assert small.mean() == pytest.approx(images.mean(), rel=1e-5)
    assert np.array_equal(images, before)


def test_shrinking_many_is_shrinking_each(rng):
    images = rng.integers(0, 256, (600, 9, 9), dtype=np.uint8)
    alone = np.concatenate([shrink(image[None], 4) for image in images])
    assert shrink(images, 4) == pytest.approx(alone, rel=1e-6)


def test_shrinking_to_the_same_size_changes_nothing():
    assert np.array_equal(shrink(BYTES, 8), BYTES)
    assert all(a < b for a, b in pairwise(shrink(BYTES, 1).ravel()))


def test_shrinking_wrongly_is_a_sentence():
    with pytest.raises(ValueError, match="size of at least 1, but got 0"):
        shrink(BYTES, 0)
    with pytest.raises(ValueError, match=r"shrink expected images of shape \(N, H, W\)"):
        shrink(BYTES[0])
