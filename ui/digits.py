"""MNIST, read once for all visitors; what to say of digits that cannot be read; one in a link."""

from __future__ import annotations

import base64
import zlib

import numpy as np
import streamlit as st

from core.digits import Digits, load_mnist_set
from core.digits_error import DIGIT_SIDE, DigitsError
from ui.assets import at_hand
from ui.i18n import ASSETS, t
from ui.state import plain


def mnist() -> tuple[Digits, Digits]:
    """Return MNIST's training and test digits; all visitors share them, so nobody may write.

    Raises
    ------
    DigitsError
        If a file in assets/mnist is missing or damaged.
    """
    return mnist_set("train"), mnist_set("t10k")


def mnist_test() -> Digits:
    """Return MNIST's test digits alone: in a browser, a sixth of the way."""
    return mnist_set("t10k")


@st.cache_resource(show_spinner=False)
def mnist_set(name: str) -> Digits:
    """Return one of MNIST's two sets, "train" or "t10k"; what is said of ``mnist`` holds.

    Raises
    ------
    DigitsError
        If a file in assets/mnist is missing or damaged.
    """
    for kind in ("images-idx3", "labels-idx1"):
        at_hand(ASSETS / "mnist" / f"{name}-{kind}-ubyte.gz")
    digits = load_mnist_set(ASSETS / "mnist", name)
    for array in digits:
        array.flags.writeable = False
    return digits


def digits_sentence(error: DigitsError) -> str:
    """Say in the learner's language what was wrong with a file of digits."""
    values = {"got": plain(error.got), "expected": plain(error.expected)}
    sentence = t(f"digits.{error.code}", row=error.row, column=error.column, **values)
    return (
        t("digits.in_file", file=plain(error.file), sentence=sentence) if error.file else sentence
    )


class DigitTextError(ValueError):
    """A text that ``write_digit`` has not written."""


def write_digit(image: np.ndarray) -> str:
    """Write a digit, (28, 28) of uint8, for a link: up to 1,100 letters, digits, "-" and "_"."""
    packed = zlib.compress(np.ascontiguousarray(image, np.uint8).tobytes(), 9)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read_digit(text: str) -> np.ndarray:
    """Read what ``write_digit`` wrote.

    Raises
    ------
    DigitTextError
        If it is something else.
    """
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        pixels = zlib.decompressobj().decompress(packed, DIGIT_SIDE * DIGIT_SIDE + 1)
    except (ValueError, zlib.error) as error:
        raise DigitTextError("expected a digit as a text, but got something else") from error
    if len(pixels) != DIGIT_SIDE * DIGIT_SIDE:
        raise DigitTextError(f"expected {DIGIT_SIDE * DIGIT_SIDE} pixels, but got {len(pixels)}")
    return np.frombuffer(pixels, np.uint8).reshape(DIGIT_SIDE, DIGIT_SIDE)
