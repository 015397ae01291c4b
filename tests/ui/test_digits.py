"""MNIST is read once for all and cannot be written to; every error has words in each language."""

import base64
import re
import zlib
from unittest.mock import patch

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.digits import load_mnist_set
from core.digits_error import DIGITS_SENTENCES, DigitsError
from ui.digits import DigitTextError, digits_sentence, mnist, mnist_set, read_digit, write_digit
from ui.i18n import LANGUAGES, strings


@pytest.fixture(autouse=True)
def fresh():
    mnist_set.clear()
    yield
    mnist_set.clear()


def app():
    import streamlit as st

    from ui.digits import mnist

    st.session_state["train"], st.session_state["test"] = mnist()


def test_all_visitors_share_one_mnist():
    sessions = [AppTest.from_function(app, default_timeout=600).run() for _ in range(2)]
    assert not any(at.exception for at in sessions)
    first, second = (at.session_state["train"] for at in sessions)
    assert first.images is second.images
    assert len(first) == 60_000
    assert len(sessions[0].session_state["test"]) == 10_000


def test_nobody_writes_into_what_all_share():
    for part in mnist():
        for array in part:
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1


def test_it_is_read_once():
    with patch("ui.digits.load_mnist_set", wraps=load_mnist_set) as load:
        assert mnist()[0].images is mnist()[0].images
    assert load.call_count == 2


ERROR = {"row": 3, "column": 4, "got": "a*b", "expected": "1,000"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", DIGITS_SENTENCES)
def test_every_error_has_its_words(code, language):
    with patch.dict(st.session_state, {"lang": language}):
        sentence = digits_sentence(DigitsError(code, **ERROR))
    template = strings(language)[f"digits.{code}"]
    for name, value in {"row": "3", "column": "4", "got": r"a\*b", "expected": "1,000"}.items():
        assert (f"{{{name}}}" in template) == (value in sentence.replace("00 00 08 03", ""))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_words_without_an_error(language):
    words = {key for key in strings(language) if key.startswith("digits.")}
    codes = {f"digits.{code}" for code in DIGITS_SENTENCES}
    assert words == codes | {"digits.in_file"}


def test_a_file_is_named_and_its_name_is_no_markdown():
    error = DigitsError("pixel", 3, 4, "**x**", file="my_[digits](http).csv")
    with patch.dict(st.session_state, {"lang": "en"}):
        sentence = digits_sentence(error)
    assert sentence == (
        r"“my_\[digits\]\(http\).csv”: Line 3, column 4: a pixel is a whole number from 0 to 255, "
        r"but here is “\*\*x\*\*”."
    )


@pytest.mark.parametrize("kind", ["digit", "noise", "blank"])
def test_a_digit_travels_as_a_short_text(kind):
    noise = np.random.default_rng(1).integers(0, 256, (28, 28), dtype=np.uint8)
    image = {"digit": mnist()[1].images[5], "noise": noise, "blank": np.zeros_like(noise)}[kind]
    text = write_digit(image)
    assert len(text) <= 1_100
    assert re.fullmatch(r"[\w-]+", text)
    assert (read_digit(text) == image).all()


def packed(content):
    return base64.urlsafe_b64encode(zlib.compress(content)).decode()


@pytest.mark.parametrize(
    "text", ["", "x", "?", "AAAA", packed(b"0" * 783), packed(b"0" * 785), packed(b"0" * 10**7)]
)
def test_what_is_no_digit_is_refused(text):
    with pytest.raises(DigitTextError):
        read_digit(text)
