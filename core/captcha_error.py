"""What can be wrong with a captcha that is to be drawn, for a program and for a person."""

from __future__ import annotations

MAX_CAPTCHA = 8  # characters
CAPTCHA_WIDTHS = (16, 1000)  # pixels: of a picture whose size is given
CAPTCHA_HEIGHTS = (16, 200)

CAPTCHA_SENTENCES = {
    "empty": "expected at least one character, got none",
    "too_long": f"expected at most {MAX_CAPTCHA} characters, got {{got}}",
    "letter": "expected characters that the font has, got {got}",
    "alphabet": "expected an alphabet of single characters, at least one, got {got}",
    "length": f"expected a length of 1 to {MAX_CAPTCHA} characters, got {{got}}",
    "fonts": "expected at least one font, got none",
    "font": "expected a font file that Pillow reads, got {got}",
    "size": "expected a picture with a side of {expected} pixels, got {got}",
    "font_size": "expected a font size of {expected} pixels, got {got}",
    "spaces": "expected {expected} spaces between the characters, got {got}",
    "level": "expected a difficulty from 0 to 1, got {got}",
}


class CaptchaError(ValueError):
    """A captcha that cannot be drawn: what was expected and what came.

    Attributes
    ----------
    code : str
        What is wrong: a key of ``CAPTCHA_SENTENCES``, for sentences in other languages.
    got, expected : str
        What came, in at most 40 characters, and what could have come.
    """

    def __init__(self, code: str, got: object = "", expected: str = "") -> None:
        super().__init__(code, got, expected)
        self.code, self.got, self.expected = code, str(got)[:40], expected

    def __str__(self) -> str:
        return CAPTCHA_SENTENCES[self.code].format_map(vars(self))
