"""A small set of digits as one picture: ten rows, one for each digit, so that labels need no file.

Row k of the sheet, 28 pixels high, holds the images of label k from left to right; what is left of
a row is paper.  Anybody can look at it, and a program that draws pixels can change it.
"""

from __future__ import annotations

import numpy as np

from core.digits import Digits, check_digits
from core.digits_error import DIGIT_SIDE, DigitsError

SHEET_ROWS = 10
MOST_COLUMNS = 200


def write_sheet(digits: Digits) -> np.ndarray:
    """Return digits as a sheet, uint8 of shape (280, 28·n): n is what the fullest row holds.

    Raises
    ------
    ValueError
        If these are no digits, or there is none.
    """
    check_digits(digits)
    counts = np.bincount(digits.labels, minlength=SHEET_ROWS)
    tiles = np.zeros((SHEET_ROWS, int(counts.max()), DIGIT_SIDE, DIGIT_SIDE), np.uint8)
    for label, count in enumerate(counts):
        tiles[label, :count] = digits.images[digits.labels == label]
    sheet: np.ndarray = tiles.transpose(0, 2, 1, 3).reshape(SHEET_ROWS * DIGIT_SIDE, -1)
    return sheet


def read_sheet(sheet: np.ndarray) -> Digits:
    """Read digits from a sheet, row by row; fields that are all paper are none.

    Parameters
    ----------
    sheet : ndarray of uint8, (280, 28·n)
        0 is paper, 255 is ink; n from 1 to 200.

    Raises
    ------
    DigitsError
        If it has another size, or nothing is on it.
    """
    height, width = sheet.shape
    fits = height == SHEET_ROWS * DIGIT_SIDE and width % DIGIT_SIDE == 0
    if not fits or not 1 <= width // DIGIT_SIDE <= MOST_COLUMNS:
        raise DigitsError("sheet", got=f"{width} × {height}")
    tiles = sheet.reshape(SHEET_ROWS, DIGIT_SIDE, -1, DIGIT_SIDE).transpose(0, 2, 1, 3)
    drawn = tiles.any(axis=(2, 3))
    if not drawn.any():
        raise DigitsError("empty")
    return Digits(np.ascontiguousarray(tiles[drawn]), np.nonzero(drawn)[0].astype(np.int64))
