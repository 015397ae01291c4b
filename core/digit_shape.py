"""One digit, several or none: what the shape of the ink says before a network is asked.

A network that knows ten digits answers with one of them whatever it is shown.  So a dot, a scribble
and a whole number have to be told from a digit beforehand.  The longer side of the box around the
ink is the measure of all, since digits come in every size.
"""

from __future__ import annotations

import numpy as np

from core.binary import component_extents, components
from core.digit_ink import BOX_INK
from core.digit_picture import BOX_SIDE, PreparedDigit, prepare_ink
from core.digit_pieces import box_around, pieces, places_in
from core.surroundings import outermost

# Of 3,000 of MNIST's digits, placed on canvases with strokes up to 40 % wider, none passes any.
SOLID = 0.7  # of the square around the ink: a digit has paper between its strokes
BLOB_STROKE, BLOB_ASPECT = 8.5, 0.6  # a disk has a stroke of 10 in a box of 20, and is as wide
LONGEST_LINE = 4.2  # sides of the square; an 8 has 3
MOST_HOLES, SMALLEST_HOLE = 4, 0.001  # an 8 has two; the smallest as a share of the square
ALONG_BORDER = 0.3  # of the picture's outline
DOT = 0.3  # of the picture's shorter side: a blob that is larger has been filled in


def not_a_digit(prepared: PreparedDigit) -> str:
    """Return why some ink cannot be one digit: "dot" or "scribble"; "" if it can.

    With A pixels of ink in a box whose longer side is s, and strokes w wide on average
    (``core.surroundings.stroke_width``), the pen has gone about A / w; the square is filled to
    A / s².  What is filled, or has no stroke, is a dot if it is small; what has a line as long as
    no digit has, or many holes, is a scribble.  So is what lies along the picture's border: there
    the paper that a scribble has left is taken for ink.
    """
    border = outermost(prepared.ink > 0.5)
    if np.count_nonzero(border) > ALONG_BORDER * len(border):
        return "scribble"
    is_ink = prepared.cropped > 0.5
    side, area = max(is_ink.shape), np.count_nonzero(is_ink)
    aspect = min(is_ink.shape) / side
    blob = prepared.stroke >= BLOB_STROKE and aspect >= BLOB_ASPECT
    if blob or area > SOLID * side * side:
        return "dot" if side < DOT * min(prepared.ink.shape) else "scribble"
    line = area / max(prepared.stroke * side / BOX_SIDE, 1.0)
    if line > LONGEST_LINE * side or _holes(is_ink) > MOST_HOLES:
        return "scribble"
    return ""


def split_digits(prepared: PreparedDigit) -> list[PreparedDigit]:
    """Return the digits that stand side by side, from left to right, each prepared by itself.

    Parameters
    ----------
    prepared : PreparedDigit
        Of a picture, with all steps.

    Returns
    -------
    list of PreparedDigit
        One for each of ``core.digit_pieces.pieces``; ``prepared`` itself if there is but one.
    """
    boxes = pieces(prepared.ink)
    if len(boxes) < 2:
        return [prepared]
    found = []
    for left, top, right, bottom in boxes:
        around = max(left - 1, 0), max(top - 1, 0), right + 1, bottom + 1  # with its soft edges
        ink = np.zeros_like(prepared.ink)
        ink[places_in(around)] = prepared.ink[places_in(around)]
        box = box_around(ink > BOX_INK)
        found.append(prepare_ink(prepared.grey, ink, box, prepared.inverted))
    return found


def _holes(is_ink: np.ndarray) -> int:
    """Return how many pieces of paper the ink encloses; specks of paper do not count."""
    labels, count = components(np.pad(~is_ink, 1, constant_values=True))
    _, sizes = component_extents(labels, count)
    # All that lies around the ink is one piece, to which the corner belongs.
    inside = np.delete(sizes, labels[0, 0] - 1)
    return int(np.count_nonzero(inside > SMALLEST_HOLE * max(is_ink.shape) ** 2))
