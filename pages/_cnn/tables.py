"""Small tables of numbers that somebody types or pastes, and how a link writes them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

LARGEST = 1000.0  # of a number: more fits no cell and teaches nothing
LONGEST = 20  # characters of what was typed that an error repeats

_ROWS = re.compile(r"[\n/;\uff1b]+")
_NUMBERS = re.compile(r"[,\s\uff0c\u3001\[\]()]+")


class TableError(ValueError):
    """What was typed is no table.

    Attributes
    ----------
    code : str
        What is wrong: "empty", "number", "range", "ragged" or "size".
    fields : dict of str to str
        The numbers and texts that a sentence about it needs.
    """

    def __init__(self, code: str, **fields: object) -> None:
        super().__init__(code)
        self.code, self.fields = code, {name: str(value) for name, value in fields.items()}


def read_table(text: str, most: tuple[int, int]) -> np.ndarray:
    """Read rows of numbers: a row per line (or parted by / or ;), numbers parted by commas or gaps.

    Brackets are ignored, so that a matrix can be pasted as it is printed.

    Parameters
    ----------
    text : str
    most : (int, int)
        How many rows and columns there may be.

    Returns
    -------
    ndarray of float64, (rows, columns)

    Raises
    ------
    TableError
        If there is no number, something is no number or too large, rows differ in length, or there
        are too many.
    """
    rows = [[part for part in _NUMBERS.split(line) if part] for line in _ROWS.split(text)]
    rows = [row for row in rows if row]
    if not rows:
        raise TableError("empty")
    width = len(rows[0])
    for number, row in enumerate(rows, start=1):
        if len(row) != width:
            raise TableError("ragged", row=number, n=len(row), first=width)
    if len(rows) > most[0] or width > most[1]:
        raise TableError("size", rows=len(rows), columns=width, most=f"{most[0]} × {most[1]}")
    values = [
        [_number(part, (r, c)) for c, part in enumerate(row, start=1)]
        for r, row in enumerate(rows, start=1)
    ]
    return np.array(values)


def _number(part: str, place: tuple[int, int]) -> float:
    try:
        value = float(part.replace("\u2212", "-"))
    except ValueError:
        value = math.nan
    where = {"row": place[0], "column": place[1], "got": part[:LONGEST]}
    if not math.isfinite(value):
        raise TableError("number", **where)
    if abs(value) > LARGEST:
        raise TableError("range", **where, most=f"{LARGEST:g}")
    return value


def write_table(values: np.ndarray | Sequence[Sequence[float]]) -> str:
    """Write a table for a link: ``"0,1/1,0"``, from which the same bits are read again."""
    return "/".join(",".join(_written(value) for value in row) for row in np.asarray(values))


def show_table(values: np.ndarray) -> str:
    """Write a table for a reader: a line per row, numbers in columns."""
    written = [[_written(value) for value in row] for row in values]
    width = max(len(text) for row in written for text in row)
    return "\n".join(" ".join(text.rjust(width) for text in row) for row in written)


def _written(value: float) -> str:
    number = float(value)
    return str(int(number)) if number == int(number) else repr(number)
