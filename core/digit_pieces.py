"""Which pieces of ink are a digit: not specks, not the edge of the table, and maybe two digits."""

from __future__ import annotations

import numpy as np

from core.binary import component_extents, components
from core.surroundings import outermost

Box = tuple[int, int, int, int]  # left, top, right, bottom: the first column and row beyond
NOWHERE: Box = (0, 0, 0, 0)

SMALLEST_PIECE = 0.03  # of the largest piece's pixels: smaller ones are specks
FAR_PIECE = 0.15  # and this is enough however far away a piece is
SMALLEST_PER_GAP = 0.6  # more of them per gap, in sides of the largest piece
INNER_PIECE = 0.1  # of the largest piece: enough to be the digit when that one is at the border
FRAME_SIDE, FRAME_FILL = 0.8, 0.2  # the least of a picture's sides, the most of its own box
SHEET_SIDE, SHEET_EDGE = 0.4, 0.9  # the least of a picture's shorter side, of its own outline
SHEET_MARGINS = (0.04, 0.08, 0.12)  # of its shorter side
SAME_DIGIT = 0.25  # pieces that share this part of the narrower one's columns belong together
TALL = 0.4  # of the tallest: what is less tall is a part of a digit, not one


def main_pieces(
    weak: np.ndarray,
    strong: np.ndarray,
    *,
    framed: bool = False,
    picture: tuple[int, ...] | None = None,
) -> np.ndarray:
    """Return the ink that belongs to what was drawn, without specks.

    A piece counts by its strong pixels; one without any is none.  It is a speck if it has less than
    3 % of the largest piece's; the farther away from it, the more it needs, up to 15 %.  A thin
    rectangle around nearly all of the picture is a frame, if there is ink elsewhere.

    Parameters
    ----------
    weak, strong : ndarray of bool, (H, W)
        All that may be ink, and what certainly is, at least one pixel.
    framed : bool
        In a photo what reaches the border is a table or a shadow, if there is ink elsewhere.
    picture : (height, width), optional
        Of the picture that this is a part of, if it is only a part.

    Returns
    -------
    ndarray of bool, (H, W)
    """
    labels, count = components(weak)
    if count == 1:
        return weak
    boxes, _ = component_extents(labels, count)
    sizes = np.bincount(labels[strong], minlength=count + 1)[1:].astype(np.float64)
    strange = _frames(boxes, sizes, picture or weak.shape)
    if framed:
        height, width = weak.shape
        strange |= (boxes[:, :2] == 0).any(axis=1) | (boxes[:, 2:] == (width, height)).any(axis=1)
    if sizes[~strange].max(initial=0) >= INNER_PIECE * sizes.max():
        sizes[strange] = 0
    largest = boxes[sizes.argmax()]
    gaps = np.maximum(boxes[:, :2] - largest[2:], largest[:2] - boxes[:, 2:]).max(axis=1)
    far = np.maximum(gaps, 0) / (largest[2:] - largest[:2]).max()
    least = np.minimum(SMALLEST_PIECE + SMALLEST_PER_GAP * far, FAR_PIECE)
    return np.concatenate([[False], sizes >= least * sizes.max()])[labels]


def _frames(boxes: np.ndarray, sizes: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return which pieces go around nearly all of the picture and are hollow."""
    sides = boxes[:, 2:] - boxes[:, :2]
    wide = (sides >= FRAME_SIDE * np.array(shape[::-1])).all(axis=1)
    return wide & (sizes < FRAME_FILL * sides.prod(axis=1))


def box_around(ink: np.ndarray) -> Box:
    """Return the smallest box that holds all of some ink, (H, W) of bool: 0, 0, 0, 0 if none."""
    rows = np.flatnonzero(ink.any(axis=1))
    if not len(rows):
        return NOWHERE
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(ink[top:bottom].any(axis=0))
    return int(columns[0]), top, int(columns[-1]) + 1, bottom


def places_in(box: Box) -> tuple[slice, slice]:
    """Return the rows and the columns of a box."""
    left, top, right, bottom = box
    return slice(top, bottom), slice(left, right)


def sheet_in(is_ink: np.ndarray, picture: tuple[int, ...]) -> Box | None:
    """Return where a sheet of paper lies that would be taken for light ink, or None.

    On a photo of a sheet on a table, the table is all around, and the sheet is what is drawn on it:
    broad, large and filled up to its edges, as no digit is.  What is returned is the largest of a
    few boxes inside whose outline is on the sheet, which may be turned a little.
    """
    shortest = SHEET_SIDE * min(picture)
    if min(is_ink.shape) < shortest:
        return None
    left, top, right, bottom = box_around(is_ink)
    shorter = min(right - left, bottom - top)
    if shorter < shortest:
        return None
    for part in SHEET_MARGINS:
        margin = round(part * shorter)
        inside = left + margin, top + margin, right - margin, bottom - margin
        outline = outermost(is_ink[places_in(inside)])
        if np.count_nonzero(outline) >= SHEET_EDGE * len(outline):
            return inside
    return None


def pieces(ink: np.ndarray) -> list[Box]:
    """Return the boxes of the digits that seem to stand side by side, from left to right.

    Ink that hangs together is one piece.  Pieces above each other, such as the bar of a 5 and its
    bow, are one digit: they share at least a quarter of the narrower one's columns.  What is less
    than 0.4 times as tall as the tallest digit is no digit.

    Parameters
    ----------
    ink : ndarray of float, (H, W)
        0 to 1, such as ``PreparedDigit.ink``; ink is what is above a half.

    Returns
    -------
    list of (left, top, right, bottom)
        Empty if there is no ink.
    """
    labels, count = components(ink > 0.5)
    boxes, sizes = component_extents(labels, count)
    digits: list[Box] = []
    large = sizes >= SMALLEST_PIECE * sizes.max(initial=0)
    for left, top, right, bottom in sorted(boxes[large].tolist()):
        if digits and _together(digits[-1], left, right):
            first = digits.pop()
            left, right = first[0], max(first[2], right)
            top, bottom = min(first[1], top), max(first[3], bottom)
        digits.append((left, top, right, bottom))
    tallest = max((bottom - top for _, top, _, bottom in digits), default=0)
    return [box for box in digits if box[3] - box[1] >= TALL * tallest]


def _together(box: Box, left: int, right: int) -> bool:
    """Whether a piece with such columns belongs to the digit in the box."""
    shared = min(box[2], right) - left
    return shared >= SAME_DIGIT * min(box[2] - box[0], right - left)
