"""Ink and paper: from a picture to a yes or no for every pixel, and which ink hangs together."""

from __future__ import annotations

import numpy as np

from core.otsu import otsu
from core.threads import one_core

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
    begins, ends, above = _runs(ink)
    root = _joined(*above)
    is_first = root == np.arange(len(root))
    labels = np.zeros(ink.shape, np.intp)
    labels[ink] = np.repeat(np.cumsum(is_first)[root], ends - begins)
    return labels, int(np.count_nonzero(is_first))


def is_one_piece(ink: np.ndarray) -> bool:
    """Return whether all ink surely hangs together, without naming the pieces if that is easy.

    It is if only one run, or none, has no other one above: from all the others one can climb to it.

    Parameters
    ----------
    ink : ndarray of bool, (H, W)
    """
    above = _runs(check_ink(ink, "is_one_piece"))[2]
    if np.count_nonzero(above[1] == 0) <= 1:
        return True
    return not _joined(*above).any()


def component_extents(labels: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the box around each component, (count, 4), and how many pixels it has, (count,).

    A box is left, top, right, bottom; right and bottom are the first column and row beyond.

    Parameters
    ----------
    labels, count
        As ``components`` returns them; every label from 1 to ``count`` occurs.
    """
    width = labels.shape[1] + 2
    padded = np.zeros((len(labels), width), labels.dtype)
    padded[:, 1:-1] = labels
    changes = _changes(padded)
    values = padded.ravel()[changes]
    # Runs: each change to a label is where one begins, and the next change is where it ends.
    begins, ends = changes[values > 0], changes[1:][values[:-1] > 0]
    places, rows = values[values > 0] - 1, begins // width
    boxes = np.empty((count, 4), np.intp)
    boxes[:, :2], boxes[:, 2:] = max(labels.shape), 0
    np.minimum.at(boxes[:, 0], places, begins % width - 1)
    np.minimum.at(boxes[:, 1], places, rows)
    np.maximum.at(boxes[:, 2], places, ends - rows * width - 1)
    np.maximum.at(boxes[:, 3], places, rows + 1)
    sizes = np.zeros(count, np.intp)
    np.add.at(sizes, places, ends - begins)
    return boxes, sizes


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


def _changes(padded: np.ndarray) -> np.ndarray:
    """Return the places, row by row, whose value differs from the one before."""
    values = padded.ravel()
    return np.flatnonzero(values[1:] != values[:-1]) + 1


def _runs(ink: np.ndarray) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Return where the runs of ink begin and end, and which of them touch each from above.

    Places are counted row by row, with an empty one at both ends of a row, so that rows stay apart.
    The runs above a run follow each other: the number of the first, and how many there are.
    """
    height, width = ink.shape
    padded = np.zeros((height + 1, width + 2), bool)
    padded[1:, 1:-1] = ink  # an empty row above, so that the first one is no special case
    changes = _changes(padded)
    begins, ends = changes[::2], changes[1::2]
    # Runs above: none that ends before this one begins, none that begins after it ends.
    first = ends.searchsorted(begins - (width + 2))
    return begins, ends, (first, begins.searchsorted(ends - (width + 2), side="right") - first)


def _joined(first: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return for each run the first one that it hangs together with, directly or by others."""
    # Nearly all hang together by the first run above each; only the others need to be compared.
    root = _shortened(np.where(counts > 0, first, np.arange(len(first))))
    others = np.maximum(counts - 1, 0)
    below = others.nonzero()[0].repeat(others[others > 0])
    above = np.arange(len(below)) + np.repeat(first + 1 - np.cumsum(others) + others, others)
    while ((one := root[above]) != (other := root[below])).any():
        np.minimum.at(root, np.maximum(one, other), np.minimum(one, other))
        root = _shortened(root)
    return root


def _shortened(root: np.ndarray) -> np.ndarray:
    """Let each run that points to one before it point to the end of that chain."""
    for _ in range(len(root).bit_length()):  # every round follows twice as many pointers at once
        root = root[root]
    return root
