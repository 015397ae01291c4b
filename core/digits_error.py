"""What can be wrong with a file of digits, said so that a program and a person can use it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

DIGIT_SIDE = 28  # pixels
MAX_DIGITS = 70_000  # as many as all of MNIST

DIGITS_SENTENCES = {
    "empty": "expected at least one digit, got none",
    "too_many": f"expected at most {MAX_DIGITS:,} digits, got {{got}}",
    "missing": "expected this file of MNIST in the folder {expected}, but it is not there",
    "checksum": "expected the published file, with the MD5 sum {expected}, got {got}",
    "gzip": "expected a whole gzip file, got a damaged or truncated one",
    "magic": "expected an IDX file, which begins with 00 00 08 03 or 00 00 08 01, got {got}",
    "not_images": "expected an IDX file of images, got one of labels",
    "not_labels": "expected an IDX file of labels, got one of images",
    "size": f"expected images of {DIGIT_SIDE}x{DIGIT_SIDE} pixels, got {{got}}",
    "short": "expected {expected} bytes, as the header says, got only {got}",
    "long": "expected {expected} bytes, as the header says, got more",
    "counts": "expected as many labels as images, {expected}, got {got}",
    "idx_label": "label {row}: expected 0 to 9, got {got}",
    "form": "expected digits as IDX, CSV or text, got something else",
    "files": "expected one CSV or text file, or two IDX files (images and labels), got {got} files",
    "labels_missing": "expected the IDX file of labels beside the images, got the images alone",
    "images_missing": "expected the IDX file of images beside the labels, got the labels alone",
    "mixed": "expected IDX, since two files must be images and labels, got text",
    "columns": "row {row}: expected {expected} numbers, got {got}",
    "line": "row {row}: expected at most {expected} characters, got more",
    "pixel": "row {row}, column {column}: expected a whole number from 0 to 255, got '{got}'",
    "label": "row {row}, column {column}: expected a label from 0 to 9, got '{got}'",
    "pixel_rows": f"row {{row}}: expected {DIGIT_SIDE} rows of pixels before a label, got {{got}}",
    "label_row": f"row {{row}}: expected one label after {DIGIT_SIDE} rows of pixels, got {{got}}",
    "sheet": "expected a sheet of ten rows, 280 pixels high and 28 to 5600 wide, got {got}",
    "too_many_rows": f"row {{row}}: expected at most {MAX_DIGITS:,} digits, got more",
}


class DigitsError(ValueError):
    """Digits that cannot be read: where, what was expected and what came.

    Attributes
    ----------
    code : str
        What is wrong: a key of ``DIGITS_SENTENCES``, for sentences in other languages.
    row, column : int or None
        Line of a text and place in it, both from 1; in a file of labels, which of them.
    got : str
        What stood there, or how many there were; shortened to 40 characters.
    expected : str
        What should have been there, where that is not always the same.
    file : str
        Name of the file, if it has one.
    """

    def __init__(
        self,
        code: str,
        row: int | None = None,
        column: int | None = None,
        got: str = "",
        expected: str = "",
        file: str = "",
    ) -> None:
        super().__init__(code, row, column, got, expected, file)
        self.code, self.row, self.column, self.got = code, row, column, got[:40]
        self.expected, self.file = expected, file

    def __str__(self) -> str:
        sentence = DIGITS_SENTENCES[self.code].format_map(vars(self))
        return f"{self.file}: {sentence}" if self.file else sentence


@contextmanager
def errors_in(name: str) -> Iterator[None]:
    """Give every DigitsError that passes the name of the file it is about."""
    try:
        yield
    except DigitsError as error:
        error.file = error.file or name
        raise
