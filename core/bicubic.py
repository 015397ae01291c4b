"""Shrink pictures as Pillow's ``resize`` does when nobody tells it how: with bicubic weights.

Each pixel of the result is a weighted mean of the pixels around the place that it comes from.  The
weights follow Keys' cubic in the distance, t = distance / s with s = old length / new length:

    k(t) = (a + 2)|t|³ − (a + 3)|t|² + 1          |t| < 1
    k(t) = a|t|³ − 5a|t|² + 8a|t| − 4a        1 ≤ |t| < 2        with a = −½
    k(t) = 0                                  2 ≤ |t|

So a pixel of the result looks at up to 4s pixels of the old one.  Some weights are negative: edges
become steeper, and values that leave 0 to 255 are cut off.  A mean over the pixels below, as
``core.images.shrink`` takes it, is softer and loses no ink.

R. Keys, "Cubic Convolution Interpolation for Digital Image Processing", 1981, equation 15.
"""

from __future__ import annotations

import math

import numpy as np

from core.images import check_images

KEYS_A = -0.5
_WEIGHT_BITS = 22  # weights are whole numbers of 2⁻²², as in Pillow: sums are then exact


def bicubic_weights(length: int, size: int) -> np.ndarray:
    """Return how much each of ``length`` pixels counts for each of ``size`` new ones.

    The rows sum to 1; at the borders, the weights that are left share out what is missing.

    Parameters
    ----------
    length, size : int
        From 1.  Where ``size`` is the larger one, s is 1.

    Returns
    -------
    ndarray of float64, (size, length)

    Raises
    ------
    ValueError
        If a number is below 1.
    """
    if min(length, size) < 1:
        raise ValueError(
            f"bicubic_weights expected lengths of at least 1, but got {length} and {size}"
        )
    step = length / size
    stretch = max(step, 1.0)
    weights = np.zeros((size, length))
    for i, row in enumerate(weights):
        centre = (i + 0.5) * step
        first = max(int(centre - 2 * stretch + 0.5), 0)
        last = min(int(centre + 2 * stretch + 0.5), length)
        near = [_keys((j - centre + 0.5) / stretch) for j in range(first, last)]
        # One by one, as Pillow adds: NumPy's sum rounds otherwise, which a whole weight can show.
        total = 0.0
        for weight in near:
            total += weight
        row[first:last] = [weight / total for weight in near]
    return weights


def shrink_bicubic(images: np.ndarray, size: int = 8) -> np.ndarray:
    """Shrink grey pictures to size × size: rows first, then columns, rounded after each.

    Equal, byte by byte, to Pillow's ``image.resize((size, size))`` in mode "L" for H up to
    2W − size; columns of taller pictures some versions of Pillow shrink first, which rounds and
    cuts off otherwise.

    Parameters
    ----------
    images : ndarray of uint8, (N, H, W)
        Smaller ones than ``size`` grow.
    size : int
        Rows and columns of the result, from 1.

    Returns
    -------
    ndarray of uint8, (N, size, size)

    Raises
    ------
    ValueError
        If the shape, the type or the size does not fit.
    """
    check_images(images, "shrink_bicubic")
    if images.dtype != np.uint8:
        raise ValueError(f"shrink_bicubic expected images of uint8, but got {images.dtype}")
    rows, columns = (_whole_weights(length, size) for length in images.shape[1:])
    narrow = _round_bytes(images @ columns.T)
    return _round_bytes(rows @ narrow).astype(np.uint8)


def _keys(t: float) -> float:
    """Return k(t), in the order of operations that Pillow uses."""
    t, a = abs(t), KEYS_A
    if t < 1.0:
        return ((a + 2.0) * t - (a + 3.0)) * t * t + 1.0
    return (((t - 5.0) * t + 8.0) * t - 4.0) * a if t < 2.0 else 0.0


def _whole_weights(length: int, size: int) -> np.ndarray:
    """Return the weights in units of 2⁻²², as whole numbers in float64, which BLAS multiplies.

    Sums of products with bytes stay far below 2⁵³: nothing is rounded.
    """
    weights = bicubic_weights(length, size) * math.ldexp(1.0, _WEIGHT_BITS)
    return np.trunc(weights + np.copysign(0.5, weights))


def _round_bytes(sums: np.ndarray) -> np.ndarray:
    """Return sums in units of 2⁻²² as whole numbers from 0 to 255."""
    return np.floor(sums * math.ldexp(1.0, -_WEIGHT_BITS) + 0.5).clip(0, 255)
