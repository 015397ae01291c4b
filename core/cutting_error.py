"""What can be wrong with ink that is to be cut, for a program and for a person."""

from __future__ import annotations

LONGEST_SIDE = 2048  # pixels: the tables of longer pictures would take too much memory

CUTTING_SENTENCES = {
    "ink": "expected ink as bools of shape (H, W), got {got}",
    "large": f"expected at most {LONGEST_SIDE} rows and columns, got {{got}}",
    "empty": "expected some ink to cut, got none",
    "count": "expected at least one character, got {got}",
    "narrow": "expected at most one character for each column of ink, {expected}, got {got}",
}


class CuttingError(ValueError):
    """Ink that cannot be cut: what was expected and what came.

    Attributes
    ----------
    code : str
        What is wrong: a key of ``CUTTING_SENTENCES``, for sentences in other languages.
    got, expected : str
        What came, and what could have come, as numbers.
    """

    def __init__(self, code: str, got: object = "", expected: object = "") -> None:
        super().__init__(code, got, expected)
        self.code, self.got, self.expected = code, str(got)[:40], str(expected)

    def __str__(self) -> str:
        return CUTTING_SENTENCES[self.code].format_map(vars(self))
