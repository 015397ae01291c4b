"""Ink and paper: from a picture to a yes or no for every pixel, and which ink hangs together."""

from __future__ import annotations

import numpy as np

from core.threads import one_core

GREYS = 256
FAINT_INK = 12.0  # of 255: a picture with less contrast is blank
BRIGHTEST = 0.999  # the share of pixels below full ink: a few odd ones must not set the scale


def ink_strength(picture: np.ndarray) -> np.ndarray:
    """Return how far every pixel is from the paper, 0 to 255, whatever the colours.

    The paper is the middle colour, where the border counts twice: text is the smaller part of a
    picture and seldom on its border.  With e = x − paper and a the direction in which the e are
    largest (the first eigenvector of Σ e·eᵀ), ink is max(0, e·a).  The sign of a is that of
    Σ (e·a)³: ink is rarer than paper, so it is the long tail.  Red on green comes out as clearly as
    black on white, white on black as black on white; whatever differs from the paper the other way
    is no ink.  Source: Pearson, "On Lines and Planes of Closest Fit to Systems of Points in Space",
    1901, with the paper in place of the mean.

    Parameters
    ----------
    picture : ndarray of numbers from 0 to 255, (H, W) or (H, W, 3)

    Returns
    -------
    ndarray of uint8, (H, W)
        All 0 if the picture has less contrast than 12 of 255.

    Raises
    ------
    ValueError
        If the shape or the type does not fit, or there are no pixels.
    """
    picture = np.asarray(picture)
    fits = picture.ndim == 2 or picture.shape[2:] == (3,)
    if picture.dtype.kind not in "fui" or not fits or not picture.size:
        raise ValueError(
            "ink_strength expected a picture of numbers, (H, W) or (H, W, 3), "
            f"but got {picture.dtype} of shape {picture.shape}"
        )
    planes = np.atleast_3d(picture).astype(np.float32)
    colours = planes.reshape(-1, planes.shape[2])
    apart = colours - np.median(np.concatenate([colours, _border(planes)]), axis=0)
    with one_core():
        axis = np.linalg.eigh(apart.T @ apart)[1][:, -1]
        along = apart @ axis
    if (along.astype(np.float64) ** 3).sum() < 0:
        along = -along
    top = float(np.quantile(along, BRIGHTEST, method="higher"))
    if top < FAINT_INK:
        return np.zeros(planes.shape[:2], np.uint8)
    ink = np.rint(along.clip(0.0, top) * (255.0 / top))
    return ink.astype(np.uint8).reshape(planes.shape[:2])


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
    counts = np.bincount(values.astype(np.intp), minlength=GREYS)
    # Whole numbers until the division, so that what is equally good is exactly so.
    below, weight = np.cumsum(counts), np.cumsum(counts * np.arange(GREYS))
    both = below * (values.size - below)
    if not both.any():
        return int(values[0])
    apart = (weight[-1] * below - weight * values.size).astype(np.float64)
    between = np.where(both > 0, apart**2 / np.maximum(both, 1), -1.0)
    best = np.flatnonzero(between == between.max())
    return int(best[(len(best) - 1) // 2])


def ink_of(picture: np.ndarray) -> np.ndarray:
    """Return which pixels of a picture are ink: those stronger than Otsu's threshold.

    Parameters
    ----------
    picture : ndarray of numbers from 0 to 255, (H, W) or (H, W, 3)

    Returns
    -------
    ndarray of bool, (H, W)
        All False if the picture is blank; see ``ink_strength``.

    Raises
    ------
    ValueError
        As ``ink_strength`` does.
    """
    strength = ink_strength(picture)
    return strength > otsu(strength)


def components(ink: np.ndarray) -> tuple[np.ndarray, int]:
    """Give a number to each piece of ink that hangs together, over edges or corners.

    Every row is a few runs of ink.  Two runs in rows that follow each other touch if neither ends
    more than a corner before the other begins.  All runs are compared at once, and joined by
    letting each point to the first run that it is known to hang together with, until nothing
    changes.  Source: He, Chao, Suzuki, "A Run-Based Two-Scan Labeling Algorithm", 2008; joining
    with shortcuts, Shiloach and Vishkin, "An O(log n) Parallel Connectivity Algorithm", 1982.

    Parameters
    ----------
    ink : ndarray of bool, (H, W)

    Returns
    -------
    labels : ndarray of intp, (H, W)
        0 is paper; 1, 2, ... are the components in the order of their first pixels, row by row.
    count : int

    Raises
    ------
    ValueError
        If the ink does not fit.
    """
    ink = check_ink(ink, "components")
    height, width = ink.shape
    padded = np.zeros((height + 1, width + 2), np.int8)
    padded[1:, 1:-1] = ink  # an empty row above, so that the first one is no special case
    steps = np.diff(padded.ravel())
    begins, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    root = _joined(begins, ends, width + 2)
    names, label = np.unique(root, return_inverse=True)
    labels = np.zeros(ink.shape, np.intp)
    labels[ink] = np.repeat(label.reshape(-1) + 1, ends - begins)
    return labels, len(names)


def component_extents(labels: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the box around each component, (count, 4), and how many pixels it has, (count,).

    A box is left, top, right, bottom; right and bottom are the first column and row beyond.

    Parameters
    ----------
    labels, count
        As ``components`` returns them; every label from 1 to ``count`` occurs.
    """
    rows, columns = np.nonzero(labels)
    places = labels[rows, columns] - 1
    boxes = np.empty((count, 4), np.intp)
    boxes[:, :2], boxes[:, 2:] = max(labels.shape), 0
    np.minimum.at(boxes[:, 0], places, columns)
    np.minimum.at(boxes[:, 1], places, rows)
    np.maximum.at(boxes[:, 2], places, columns + 1)
    np.maximum.at(boxes[:, 3], places, rows + 1)
    return boxes, np.bincount(places, minlength=count)


def check_ink(ink: np.ndarray, where: str) -> np.ndarray:
    """Return the ink; raise unless it is a picture of bools, (H, W), with at least one pixel."""
    ink = np.asarray(ink)
    if ink.dtype != bool or ink.ndim != 2 or not ink.size:
        raise ValueError(
            f"{where} expected ink as bools of shape (H, W), but got {ink.dtype} of shape "
            f"{ink.shape}"
        )
    return ink


def _border(planes: np.ndarray) -> np.ndarray:
    """Return the colours of the outermost pixels, an eighth of the height deep."""
    edge = max(1, len(planes) // 8)
    is_border = np.ones(planes.shape[:2], bool)
    is_border[edge:-edge, edge:-edge] = False
    return planes[is_border]


def _joined(begins: np.ndarray, ends: np.ndarray, stride: int) -> np.ndarray:
    """Return for each run the first one that it hangs together with, directly or by others.

    A run covers the places from its begin to before its end, counted row by row with ``stride``
    places a row; an empty place at both ends of a row keeps the rows apart.
    """
    # Runs above: none that ends before this one begins, none that begins after it ends.
    first = np.searchsorted(ends, begins - stride)
    counts = np.maximum(np.searchsorted(begins, ends - stride, side="right") - first, 0)
    below = np.repeat(np.arange(len(begins)), counts)
    above = np.arange(len(below)) + np.repeat(first - np.cumsum(counts) + counts, counts)
    root = np.arange(len(begins))
    while not np.array_equal(root[above], root[below]):
        one, other = root[above], root[below]
        np.minimum.at(root, np.maximum(one, other), np.minimum(one, other))
        while not np.array_equal(shorter := root[root], root):
            root = shorter
    return root
