"""Cleaning ink: thicker or thinner strokes, no dust, upright characters.

Thickening and thinning are mathematical morphology: they ask of every pixel what lies in a small
square around it.
"""

from __future__ import annotations

import numpy as np

from core.binary import check_ink, components

STEEPEST_SLANT = 1.0  # columns a row: 45°


def dilate(ink: np.ndarray, size: int) -> np.ndarray:
    """Thicken ink: every pixel that has ink in the square around it becomes ink.

    X ⊕ B = {p : (B + p) ∩ X ≠ ∅}: it closes gaps and joins broken strokes.  The square B is the
    OR of its shifted pixels, along the rows first and then along the columns.  Beyond the picture
    there is no ink.  Source: Serra, "Image Analysis and Mathematical Morphology", 1982, chapter 2.

    Parameters
    ----------
    ink : ndarray of bool, (H, W)
    size : int
        The square's side in pixels, from 1, which changes nothing.  An even one reaches one pixel
        further up and to the left.

    Raises
    ------
    ValueError
        If the ink or the size does not fit.
    """
    ink = check_ink(ink, "dilate")
    _check_size(size, "dilate", 1)
    return _spread(_spread(ink, size // 2, (size - 1) // 2, 0), size // 2, (size - 1) // 2, 1)


def erode(ink: np.ndarray, size: int) -> np.ndarray:
    """Thin ink: only pixels with nothing but ink in the square around them stay ink.

    X ⊖ B = {p : B + p ⊆ X}: it removes thin strokes and parts what touches.  It is dilation with
    ink and paper in each other's place; beyond the picture counts as ink, so that nothing is eaten
    from the edge.  ``dilate(erode(ink, n), n)`` never adds ink (an opening), and
    ``erode(dilate(ink, n), n)`` never takes any (a closing).  Source: as for ``dilate``.

    Parameters
    ----------
    ink : ndarray of bool, (H, W)
    size : int
        The square's side in pixels, from 1, which changes nothing; an even one as for ``dilate``.

    Raises
    ------
    ValueError
        If the ink or the size does not fit.
    """
    ink = check_ink(ink, "erode")
    _check_size(size, "erode", 1)
    before, after = (size - 1) // 2, size // 2
    return ~_spread(_spread(~ink, before, after, 0), before, after, 1)


def despeckle(ink: np.ndarray, smallest: int) -> np.ndarray:
    """Drop the components of fewer than ``smallest`` pixels: dust, dots, grain.

    Parameters
    ----------
    ink : ndarray of bool, (H, W)
    smallest : int
        From 0; up to 1 nothing is dropped.

    Raises
    ------
    ValueError
        If the ink or the number does not fit.
    """
    _check_size(smallest, "despeckle", 0)
    labels, _ = components(ink)
    large = np.bincount(labels.ravel()) >= smallest
    large[0] = False  # paper
    return large[labels]


def deskew(ink: np.ndarray) -> tuple[np.ndarray, float]:
    """Set slanted characters upright by shearing: every row moves sideways, x' = x − s·(y − y₀).

    The slant s is how fast the middle of the ink moves from row to row (least squares), from
    second moments: s = Σ (x − x̄)(y − ȳ) / Σ (y − ȳ)².  Each component is taken about its own
    middle, and all sums are added up: in a line of text only characters are slanted, not where
    they stand.  Source: LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to
    Document Recognition", 1998, section III.A, who deslant digits by moments.

    Parameters
    ----------
    ink : ndarray of bool, (H, W)

    Returns
    -------
    ndarray of bool, (H, W + 2·k)
        All of the ink; k columns are added on both sides for what moves out.
    float
        The angle in degrees that was taken away, positive where the ink leant to the right; never
        beyond ±45°.

    Raises
    ------
    ValueError
        If the ink does not fit.
    """
    ink = check_ink(ink, "deskew")
    height, width = ink.shape
    slope = _slant(ink)
    moves = np.rint(slope * (np.arange(height) - (height - 1) / 2)).astype(np.intp)
    room = int(np.abs(moves).max(initial=0))
    upright = np.zeros((height, width + 2 * room), bool)
    rows, columns = np.nonzero(ink)
    upright[rows, columns + room - moves[rows]] = True
    # Rows count downwards: what leans to the right moves to the left from row to row.
    return upright, float(np.degrees(np.arctan(-slope)))


def _check_size(size: int, where: str, least: int) -> None:
    if size < least:
        raise ValueError(f"{where} expected a number of pixels from {least}, but got {size}")


def _spread(ink: np.ndarray, before: int, after: int, axis: int) -> np.ndarray:
    """Return where ink is within so many pixels along an axis: the OR of shifted copies."""
    ink = ink.swapaxes(0, axis)
    spread = ink.copy()
    for step in range(1, min(before, len(ink) - 1) + 1):
        spread[:-step] |= ink[step:]
    for step in range(1, min(after, len(ink) - 1) + 1):
        spread[step:] |= ink[:-step]
    return spread.swapaxes(0, axis)


def _slant(ink: np.ndarray) -> float:
    """Return how many columns the ink moves to the right from one row to the next."""
    labels, count = components(ink)
    rows, columns = np.nonzero(ink)
    places = labels[rows, columns] - 1
    sizes = np.bincount(places, minlength=count)
    y = rows - (np.bincount(places, rows, count) / sizes)[places]
    x = columns - (np.bincount(places, columns, count) / sizes)[places]
    spread = float((y * y).sum())
    if spread == 0:
        return 0.0
    return float(np.clip((x * y).sum() / spread, -STEEPEST_SLANT, STEEPEST_SLANT))
