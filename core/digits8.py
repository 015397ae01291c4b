"""The 8×8 digits that the course notes learn from: 1,797 of them, handwritten by 13 people.

E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", 1998: each digit was a
bitmap of 32×32 that it filled from top to bottom, and each number counts the ink in 4×4 of its
pixels, 0 to 16.  scikit-learn's ``load_digits`` gives the same numbers in the same order.
"""

from __future__ import annotations

import gzip
import io
import zlib
from typing import NamedTuple

import numpy as np

from core.images import Preparation

DIGITS8_SIDE = 8
DIGITS8_INK = 16  # the largest count
DIGITS8_TEST = 180  # a tenth, rounded up
_LARGEST = 10 << 20  # bytes of text: forty times what is expected

# 0.01 to 1.00, as ``NOTES_PIXELS`` makes of bytes.
DIGITS8_PIXELS = Preparation(scale=0.99 / DIGITS8_INK, offset=0.01)


class Digits8(NamedTuple):
    """Small digits and what they are.

    Attributes
    ----------
    images : ndarray of uint8, (N, 8, 8)
        0 is paper, 16 is ink.
    labels : ndarray of int64, (N,)
        0 to 9.
    """

    images: np.ndarray
    labels: np.ndarray


def load_digits8(content: bytes) -> Digits8:
    """Read digits as they were published: a line each, 64 counts and the label, commas between.

    Parameters
    ----------
    content : bytes
        Of the file, packed with gzip.

    Raises
    ------
    ValueError
        If it is no whole gzip file, or not all its lines are 64 numbers from 0 to 16 and a label.
    """
    try:
        text = gzip.GzipFile(fileobj=io.BytesIO(content)).read(_LARGEST)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError("load_digits8 expected a whole gzip file, got something else") from error
    lines = text.splitlines()
    columns = DIGITS8_SIDE**2 + 1
    cells = b",".join(lines).split(b",")
    even = all(line.count(b",") == columns - 1 for line in lines)
    if not even or not all(cell.isdigit() and len(cell) <= 2 for cell in cells):
        raise ValueError(
            f"load_digits8 expected lines of {columns} whole numbers with commas between, but got "
            "something else"
        )
    table = np.array(cells, dtype="S2").astype(np.uint8).reshape(-1, columns)
    pixels, labels = table[:, :-1], table[:, -1].astype(np.int64)
    if pixels.max() > DIGITS8_INK or labels.max() > 9:
        raise ValueError(
            f"load_digits8 expected counts up to {DIGITS8_INK} and labels up to 9, got "
            f"{pixels.max()} and {labels.max()}"
        )
    return Digits8(pixels.reshape(-1, DIGITS8_SIDE, DIGITS8_SIDE).copy(), labels)


def split_digits8(
    digits: Digits8, test: int = DIGITS8_TEST, seed: int = 0
) -> tuple[Digits8, Digits8]:
    """Return digits to learn from, and others to test with, as the notes part them.

    An order of all digits is drawn; its first ``test`` are the test.  So does scikit-learn's
    ``train_test_split(..., test_size=0.1, random_state=0)``, to which the defaults are equal,
    digit by digit and in the same order: NumPy promises that ``RandomState`` never changes.

    Parameters
    ----------
    digits : Digits8
    test : int
        How many are kept for the test, 1 to N − 1.
    seed : int
        Of the order.

    Returns
    -------
    train, test : Digits8

    Raises
    ------
    ValueError
        If one part would be empty.
    """
    count = len(digits.labels)
    if not 0 < test < count:
        raise ValueError(f"split_digits8 expected 1 to {count - 1} digits to test, got {test}")
    order = np.random.RandomState(seed).permutation(count)
    held, rest = order[:test], order[test:]
    return (
        Digits8(digits.images[rest], digits.labels[rest]),
        Digits8(digits.images[held], digits.labels[held]),
    )
