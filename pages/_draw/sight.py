"""From what was drawn to what the networks get: all steps, or why there is no digit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.digit_picture import DigitPictureError, PreparedDigit, prepare_digit
from core.digit_shape import not_a_digit, split_digits
from pages._draw.settings import Settings


@dataclass(frozen=True)
class Sight:
    """What was drawn or brought, and what became of it.

    Attributes
    ----------
    picture : ndarray of uint8, (H, W, 3 or 4), or None
        None if nothing was drawn.
    prepared : PreparedDigit or None
        All steps, if there is any ink.
    image : ndarray of uint8, (28, 28), or None
        What the networks get; None if there is no digit.
    digits : list of PreparedDigit
        If there are several digits, each by itself, from left to right.
    trouble : DigitPictureError or None
        Why there is no digit on a picture.
    """

    picture: np.ndarray | None
    prepared: PreparedDigit | None = None
    image: np.ndarray | None = None
    digits: tuple[PreparedDigit, ...] = ()
    trouble: DigitPictureError | None = None


def look(picture: np.ndarray | None, settings: Settings) -> Sight:
    """Prepare a picture as the settings say."""
    if picture is None:
        return Sight(None)
    try:
        whole = prepare_digit(picture)
    except DigitPictureError as error:
        return Sight(picture, trouble=error)
    digits = tuple(split_digits(whole))
    strange = [not_a_digit(digit) for digit in digits]
    if all(strange):
        return Sight(picture, whole, trouble=DigitPictureError(strange[0]))
    prepared = prepare_skipping(picture, settings)
    image = moved(prepared.image, settings.down, settings.right)
    return Sight(picture, prepared, image, digits if len(digits) > 1 else (), None)


def prepare_skipping(picture: np.ndarray, settings: Settings) -> PreparedDigit:
    """Prepare a picture without the steps that are switched off."""
    steps = {name: bool(getattr(settings, name)) for name in ("crop", "scale", "centre")}
    return prepare_digit(picture, **steps)


def moved(image: np.ndarray, down: int, right: int) -> np.ndarray:
    """Move an image by whole pixels; paper comes in, and what goes out is lost."""
    result = np.zeros_like(image)
    rows, columns = (slice(max(0, n), min(0, n) or None) for n in (down, right))
    from_rows, from_columns = (slice(max(0, -n), min(0, -n) or None) for n in (down, right))
    result[rows, columns] = image[from_rows, from_columns]
    return result
