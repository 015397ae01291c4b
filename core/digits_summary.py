"""What a set of digits is like as a whole: how many of each, and what their average looks like."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.digits import Digits

DIGIT_CLASSES = 10
_IMAGES_AT_ONCE = 4096  # as floats they take 13 MB; all of MNIST would take 188


class DigitsSummary(NamedTuple):
    """Counts and means of a set of digits; see ``summarize_digits``.

    Attributes
    ----------
    counts : ndarray of int64, (10,)
        How many images each label has.
    means : ndarray of float64, (10, 28, 28)
        The mean image of each label, 0 to 255; all zero where a label has no image.
    mean, deviation : float
        Mean and standard deviation of all pixels of all images, as stored: 0 to 255.
    """

    counts: np.ndarray
    means: np.ndarray
    mean: float
    deviation: float


def summarize_digits(digits: Digits) -> DigitsSummary:
    """Count the digits of each label and average their pixels.

    The deviation is the root of E[x²] − E[x]².

    Parameters
    ----------
    digits : Digits
        At least one.

    Raises
    ------
    ValueError
        If there is no digit.
    """
    if not len(digits):
        raise ValueError("summarize_digits expected at least one digit, but got none")
    sums = np.zeros((DIGIT_CLASSES, digits.images[0].size))
    squares = 0.0
    for start in range(0, len(digits), _IMAGES_AT_ONCE):
        some = slice(start, start + _IMAGES_AT_ONCE)
        labels = digits.labels[some]
        x = digits.images[some].reshape(len(labels), -1).astype(np.float32)
        # One product of matrices would do it, too, but slowly where NumPy has no BLAS.
        for label in range(DIGIT_CLASSES):
            sums[label] += x[labels == label].sum(axis=0)
        squares += float(np.einsum("ij,ij->i", x, x).sum(dtype=np.float64))
    counts = np.bincount(digits.labels, minlength=DIGIT_CLASSES)
    means = sums / np.maximum(counts, 1)[:, None]
    pixels = digits.images.size
    mean = float(sums.sum()) / pixels
    deviation = max(0.0, squares / pixels - mean**2) ** 0.5
    return DigitsSummary(
        counts, means.reshape(DIGIT_CLASSES, *digits.images.shape[1:]), mean, deviation
    )
