"""Which digits that somebody else wrote are most like this one?  The nearest, pixel by pixel.

Two images of P pixels are two points in a space of P dimensions, and how unlike they are is how far
these points lie apart: d(a, b) = √Σ_i (a_i − b_i)².  Whoever answers with the label of the nearest
needs no training at all.  Cover and Hart, "Nearest Neighbor Pattern Classification", 1967.

A matrix product does most of the work, and fast, if the square is multiplied out:

    d² = |a|² + |b|² − 2·a·b

The three terms are large and their difference may be small, so each of them has to be exact.  In
single precision whole numbers are, up to 2²⁴.  Bytes from 0 to 255 go beyond: 784·255² is three
times that.  But distances do not change when both points move alike, and bytes from −128 to 127
stay below, in whatever order they are summed: 784·128² < 2²⁴.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.threads import one_core

MIDDLE = 128  # taken from every pixel
MOST_EXACT_PIXELS = (1 << 24) // MIDDLE**2  # 1,024: of one image, for sums to be exact
_ROWS_AT_ONCE = 256  # as floats they take 0.8 MB: they stay in the cache


class Neighbours(NamedTuple):
    """The images nearest to one, the nearest first.

    Attributes
    ----------
    distances : ndarray of float64, (k,)
        In grey levels; √784·255 = 7,140 is as far as two images of 28×28 pixels can be apart.
    indices : ndarray of int64, (k,)
        Which images these are.
    """

    distances: np.ndarray
    indices: np.ndarray


def kneighbors(images: np.ndarray, image: np.ndarray, k: int) -> Neighbours:
    """Find the k images whose pixels differ least; as scikit-learn's method of that name.

    Distances are exact but for the square root; of images equally far the earlier one comes first.

    Parameters
    ----------
    images : ndarray of uint8, (N, H, W)
        Of at most 1,024 pixels each.  They stay as they are, and are never copied as a whole.
    image : ndarray of uint8, (H, W)
    k : int
        From 1 to N.

    Raises
    ------
    ValueError
        If shapes, types or k do not fit.
    """
    fits = images.ndim == 3 and images.shape[1:] == image.shape and image.size <= MOST_EXACT_PIXELS
    if not fits or images.dtype != np.uint8 or image.dtype != np.uint8:
        raise ValueError(
            "kneighbors expected images (N, H, W) and one (H, W) of uint8, with at most "
            f"{MOST_EXACT_PIXELS:,} pixels each, but got {images.shape} of {images.dtype} and "
            f"{image.shape} of {image.dtype}"
        )
    if not 1 <= k <= len(images):
        raise ValueError(f"kneighbors expected k from 1 to {len(images):,} images, but got {k}")
    squares = _squared_distances(images, image)
    # Only a few are sorted: all that are no farther than the k-th.
    close = np.flatnonzero(squares <= np.partition(squares, k - 1)[k - 1])
    nearest = close[np.argsort(squares[close], kind="stable")[:k]]
    return Neighbours(np.sqrt(squares[nearest]), nearest)


def _squared_distances(images: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Return d² for each of the images, whole numbers of shape (N,)."""
    point = image.ravel().astype(np.float32) - MIDDLE
    squares: np.ndarray = np.empty(len(images), np.int64)
    block = np.empty((min(_ROWS_AT_ONCE, len(images)), image.size), np.float32)
    with one_core():
        for start in range(0, len(images), _ROWS_AT_ONCE):
            some = images[start : start + _ROWS_AT_ONCE]
            points = block[: len(some)]
            np.copyto(points, some.reshape(points.shape))
            points -= MIDDLE
            # The sum of the three may pass 2²⁴, and is therefore left to whole numbers.
            lengths = np.einsum("ij,ij->i", points, points).astype(np.int64)
            lengths -= 2 * (points @ point).astype(np.int64)
            squares[start : start + _ROWS_AT_ONCE] = lengths
    return squares + int(point @ point)
