"""MNIST, read once for all visitors, and what to say of digits that cannot be read."""

from __future__ import annotations

import streamlit as st

from core.digits import Digits, load_mnist
from core.digits_error import DigitsError
from ui.i18n import ASSETS, t
from ui.state import plain


@st.cache_resource(show_spinner=False)
def mnist() -> tuple[Digits, Digits]:
    """Return MNIST's training and test digits; all visitors share them, so nobody may write.

    Raises
    ------
    DigitsError
        If a file in assets/mnist is missing or damaged.
    """
    train, test = load_mnist(ASSETS / "mnist")
    for array in (*train, *test):
        array.flags.writeable = False
    return train, test


def digits_sentence(error: DigitsError) -> str:
    """Say in the learner's language what was wrong with a file of digits."""
    values = {"got": plain(error.got), "expected": plain(error.expected)}
    sentence = t(f"digits.{error.code}", row=error.row, column=error.column, **values)
    return (
        t("digits.in_file", file=plain(error.file), sentence=sentence) if error.file else sentence
    )
