"""Where ink begins: the threshold that parts a picture's brightnesses into two kinds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

GREYS = 256
LEVELS = np.arange(GREYS)
SQUARES = LEVELS**2


def otsu(grey: np.ndarray) -> int:
    """Return the threshold t that parts a picture into dark, x ≤ t, and bright, x > t, best.

    With ω the share of pixels up to t, μ the part of the mean that they make up, Σ_{x≤t} x·p(x),
    and μ_T the mean of all, the variance between the two classes is

        σ²_B(t) = (μ_T·ω − μ)² / (ω·(1 − ω)),

    and the t with the largest one also has the smallest variance within the classes, as both add
    up to the variance of all.  Where several t are equally good, because no pixel lies between
    them, it is the middle one.  Source: Otsu, "A Threshold Selection Method from Gray-Level
    Histograms", 1979, equation 18.

    Parameters
    ----------
    grey : ndarray of numbers from 0 to 255
        Of any shape; fractions are rounded.

    Returns
    -------
    int
        0 to 255; where all pixels are alike, their value: none is brighter.

    Raises
    ------
    ValueError
        If there are no pixels, or one is outside 0 to 255.
    """
    values = np.rint(np.asarray(grey, np.float64)).ravel()
    if not values.size or not ((values >= 0) & (values < GREYS)).all():
        raise ValueError(f"otsu expected pixels from 0 to 255, but got shape {np.shape(grey)}")
    return _otsu_of_counts(np.bincount(values.astype(np.intp), minlength=GREYS))[0]


class Levels(NamedTuple):
    """What a histogram says of paper, up to Otsu's threshold, and of the ink above it."""

    threshold: int
    paper: float  # its middle
    noise: float  # its standard deviation
    reach: float  # how much stronger the mean of the ink is; 0 if there is none
    explained: float  # the part of the variance that lies between the two: η = σ²_B / σ²_T


def levels_of_counts(counts: np.ndarray) -> Levels:
    """Tell paper from ink in a histogram, (256,): how many pixels have c = 0, 1, ..., 255."""
    threshold, explained = _otsu_of_counts(counts)
    paper, ink = counts[: threshold + 1], counts[threshold + 1 :]
    inked = int(ink.sum())
    mean = float(LEVELS[threshold + 1 :] @ ink) / inked if inked else 0.0
    if not inked or 2 * int(paper[0]) > int(paper.sum()):  # as in most drawings
        return Levels(threshold, 0.0, 0.0, mean, explained)
    middle = _median(paper)
    # 1.4826 times the median distance from the median is the deviation of normal noise.
    noise = 1.4826 * _median(np.bincount(np.abs(LEVELS[: threshold + 1] - middle), paper))
    return Levels(threshold, middle, noise, mean - middle, explained)


def _median(counts: np.ndarray) -> int:
    """Return the median of whole numbers of which each occurs so many times."""
    total = np.cumsum(counts)
    return int(np.searchsorted(total, total[-1] / 2))


def _otsu_of_counts(counts: np.ndarray) -> tuple[int, float]:
    """Return Otsu's threshold of a histogram, and which part of the variance it explains."""
    # Whole numbers until the division, so that what is equally good is exactly so.
    below, weight = np.cumsum(counts), np.cumsum(counts * LEVELS)
    total, mass = int(below[-1]), int(weight[-1])
    both = np.maximum(below * (total - below), 1)  # where that is 0, so is what it divides
    apart = (mass * below - total * weight).astype(np.float64)
    between = apart * apart / both
    most = float(between.max())
    if most == 0.0:
        return int(counts.argmax()), 0.0
    best = np.flatnonzero(between == most)
    variance = total * float(counts @ SQUARES) - float(mass) ** 2
    return int(best[(len(best) - 1) // 2]), most / variance
