"""Digits as text, for spreadsheets and for the eye.

A table (CSV) has a line per digit: the label, then the 784 pixels, row by row.  The text form has
29 lines per digit, which show its shape: 28 lines of 28 pixels parted by tabs, then the label.

All of MNIST as text is 110 MB, so lines are read in blocks, and each block all at once: in a block
as programs write it, the 785 numbers of every digit end in the same characters, and a digit's
position before such an end says what it is worth (1, 10 or 100).  Where that does not hold, lines
are read one by one, which takes longer, forgives spaces and empty lines, and finds the mistake.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import IO, NamedTuple

import numpy as np

from core.digits import Digits, DigitsFile, as_stream, check_digits
from core.digits_error import DIGIT_SIDE, MAX_DIGITS, DigitsError

_TABLE_WIDTH = 1 + DIGIT_SIDE * DIGIT_SIDE
_BLOCK = 1 << 18  # bytes; what is made of a block still fits into a processor's cache
_LONGEST_LINE = 1 << 16  # bytes; a table's line as programs write it has at most 3,140
_DIGITS_AT_ONCE = 100  # that many are written at once

_BYTE_WORDS = np.array([b"%d" % value for value in range(256)])  # shorter ones end in zeros
_WORDS = _BYTE_WORDS.view(np.uint8).reshape(256, 3)
# With leading zeros too, as some programs write them.
_VALUE_OF_WORD = {b"%0*d" % (n, value): value for value in range(256) for n in (1, 2, 3)}
_NO_VALUE = 256


class _TextForm(NamedTuple):
    """How 785 numbers are laid out in lines."""

    separator: bytes
    widths: tuple[int, ...]  # how many numbers each line of a digit has
    label: int  # where the label stands among the 785 numbers

    @property
    def ends(self) -> np.ndarray:
        """What follows each of the 785 numbers: the separator, or the end of the line."""
        text = b"".join(self.separator * (width - 1) + b"\n" for width in self.widths)
        return np.frombuffer(text, np.uint8)


_LINES_FORM = _TextForm(b"\t", (DIGIT_SIDE,) * DIGIT_SIDE + (1,), label=_TABLE_WIDTH - 1)


def read_digits_csv(file: DigitsFile) -> Digits:
    """Read digits from a table: per line a label and 784 pixels.

    Numbers are parted by commas, semicolons or tabs; a first line without any number is a heading.

    Parameters
    ----------
    file : bytes or binary file
        At most 70,000 digits; a file must be able to ``seek``.

    Raises
    ------
    DigitsError
        At the first thing that does not fit; nothing is half-read.
    """
    stream = as_stream(file)
    row, line = _find_numbers(stream, heading=True)
    separator = max((b",", b";", b"\t"), key=line.count)
    return _read_form(_table_form(separator), stream, row)


def read_digits_text(file: DigitsFile) -> Digits:
    """Read digits one after another: 28 lines of 28 pixels parted by tabs, then the label.

    Raises
    ------
    DigitsError
        At the first thing that does not fit; nothing is half-read.
    """
    stream = as_stream(file)
    row, _ = _find_numbers(stream, heading=False)
    return _read_form(_LINES_FORM, stream, row)


def write_digits_csv(digits: Digits) -> bytes:
    """Return digits as a table, parted by commas, without a heading; about 1.8 kB a digit."""
    return _write_form(_table_form(b","), digits)


def write_digits_text(digits: Digits) -> bytes:
    """Return digits in the text form, one after another."""
    return _write_form(_LINES_FORM, digits)


def shows_shape(content: bytes) -> bool:
    """Whether a text is the text form rather than a table, be it with a mistake or two."""
    _, line = _find_numbers(as_stream(content), heading=True)
    return 0 < line.count(b"\t") < 2 * DIGIT_SIDE


def _table_form(separator: bytes) -> _TextForm:
    return _TextForm(separator, (_TABLE_WIDTH,), label=0)


def _find_numbers(stream: IO[bytes], *, heading: bool) -> tuple[int, bytes]:
    """Go to the first line of numbers; return which line it is, from 1, and the line."""
    start = stream.read(_LONGEST_LINE)
    if b"\0" in start:
        raise DigitsError("form")
    mark = 3 if start.startswith(b"\xef\xbb\xbf") else 0  # some programs put it before UTF-8
    stream.seek(mark - len(start), io.SEEK_CUR)
    row = 0
    while line := stream.readline(_LONGEST_LINE):
        row += 1
        if not line.strip():
            continue
        if not heading or any(cell.strip().isdigit() for cell in re.split(rb"[,;\t]", line)):
            stream.seek(-len(line), io.SEEK_CUR)
            return row, line
        heading = False
    raise DigitsError("empty")


def _read_form(form: _TextForm, stream: IO[bytes], row: int) -> Digits:
    pixels, labels = bytearray(), bytearray()  # they grow in place
    for first_row, table in _tables(form, stream, row):
        if len(labels) + len(table) > MAX_DIGITS:
            surplus = first_row + (MAX_DIGITS - len(labels)) * len(form.widths)
            raise DigitsError("too_many_rows", surplus)
        labels += table[:, form.label].tobytes()
        pixels += np.delete(table, form.label, axis=1).tobytes()
    if not labels:
        raise DigitsError("empty")
    images = np.frombuffer(pixels, np.uint8).reshape(-1, DIGIT_SIDE, DIGIT_SIDE)
    return Digits(images, np.frombuffer(labels, np.uint8).astype(np.int64))


def _tables(form: _TextForm, stream: IO[bytes], row: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yield some digits, (n, 785) uint8, and in which line they begin, until all are read."""
    while block := _next_block(stream, len(form.widths)):
        table = _read_at_once(block, form)
        if table is None:
            yield from _read_one_by_one(form, _numbered_lines(block, stream, row))
            return
        yield row, table
        row += block.count(b"\n")


def _next_block(stream: IO[bytes], lines: int) -> bytes:
    """Return about ``_BLOCK`` bytes: whole lines, a multiple of ``lines`` unless the file ends."""
    block = stream.read(_BLOCK) + stream.readline(_LONGEST_LINE)
    missing = -block.count(b"\n") % lines
    block += b"".join(stream.readline(_LONGEST_LINE) for _ in range(missing))
    if block and not block.endswith(b"\n"):
        block += b"\n"
    return block.replace(b"\r\n", b"\n")


def _read_at_once(block: bytes, form: _TextForm) -> np.ndarray | None:
    """Return a block's digits, (n, 785) uint8, or None where a single thing is unusual."""
    text = np.frombuffer(block, np.uint8)
    values = text - np.uint8(ord("0"))  # below "0" it wraps around: what is no digit is above 9
    ends = np.flatnonzero(values > 9)
    if len(ends) % _TABLE_WIDTH or (text[ends].reshape(-1, _TABLE_WIDTH) != form.ends).any():
        return None
    lengths = np.diff(ends, prepend=-1) - 1
    if lengths.min() < 1 or lengths.max() > 3:
        return None
    numbers = values[ends - 1].astype(np.uint16)
    for place, worth in ((2, 10), (3, 100)):
        longer = np.flatnonzero(lengths >= place)
        numbers[longer] += worth * values[ends[longer] - place].astype(np.uint16)
    table = numbers.reshape(-1, _TABLE_WIDTH)
    fits = table.max() <= 255 and table[:, form.label].max() <= 9
    return table.astype(np.uint8) if fits else None


def _numbered_lines(block: bytes, stream: IO[bytes], row: int) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a block and of all that follows, but for empty ones, each with its row."""
    while block:
        for line in block.removesuffix(b"\n").split(b"\n"):
            if len(line) >= _LONGEST_LINE:
                raise DigitsError("line", row, expected=f"{_LONGEST_LINE:,}")
            if line.strip():
                yield row, line
            row += 1
        block = _next_block(stream, 1)


def _read_one_by_one(
    form: _TextForm, lines: Iterator[tuple[int, bytes]]
) -> Iterator[tuple[int, np.ndarray]]:
    """Yield digits one at a time, (1, 785) uint8, or raise where and why that cannot be."""
    numbers: list[int] = []
    first_row = row = place = 0
    for row, line in lines:
        if place == 0:
            first_row = row
        cells = line.strip().split(form.separator)
        _check_width(row, len(cells), place, form)
        numbers += _numbers(row, cells, form.label - len(numbers))
        place = (place + 1) % len(form.widths)
        if place == 0:
            yield first_row, np.array([numbers], np.uint8)
            numbers = []
    if place:
        _check_width(row + 1, 0, place, form)


def _check_width(row: int, got: int, place: int, form: _TextForm) -> None:
    """Raise unless the ``place``-th line of a digit, from 0, has as many numbers as it should."""
    expected = form.widths[place]
    if got == expected:
        return
    if place and expected == 1:
        raise DigitsError("label_row", row, got=str(got))
    if place and got <= 1:
        raise DigitsError("pixel_rows", row, got=str(place))
    raise DigitsError("columns", row, got=str(got), expected=str(expected))


def _numbers(row: int, cells: list[bytes], label: int) -> list[int]:
    """Return what stands in a line's cells, of which the one numbered ``label`` is a label."""
    numbers = [_VALUE_OF_WORD.get(cell.strip(), _NO_VALUE) for cell in cells]
    for column, number in enumerate(numbers):
        if number > (9 if column == label else 255):
            code = "label" if column == label else "pixel"
            got = cells[column].strip().decode(errors="replace")
            raise DigitsError(code, row, column + 1, got)
    return numbers


def _write_form(form: _TextForm, digits: Digits) -> bytes:
    check_digits(digits)
    pixels = digits.images.reshape(len(digits.labels), -1)
    parts = []
    for start in range(0, len(pixels), _DIGITS_AT_ONCE):
        some = slice(start, start + _DIGITS_AT_ONCE)
        table = np.insert(pixels[some], form.label, digits.labels[some], axis=1)
        # Four bytes a number: up to three digits and what follows; bytes that are left over go.
        text = np.empty((*table.shape, 4), np.uint8)
        text[..., :3] = _WORDS[table]
        text[..., 3] = form.ends
        parts.append(text.tobytes().translate(None, b"\0"))
    return b"".join(parts)
