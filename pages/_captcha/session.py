"""The lesson's life in a session: fonts, digits, networks, and what the learner has done."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from core.captcha import (
    HELD_OUT_FONTS,
    TRAINING_FONTS,
    CaptchaError,
    CaptchaFont,
    draw_captcha,
    random_text,
)
from core.captcha_repair import train_story
from core.captcha_story import STORY_CUTS, Examples, handwritten_examples
from core.captcha_style import CaptchaStyle, difficulty
from core.checkpoint import load
from core.classic import ThreeLayerNetwork
from core.digits8 import load_digits8, split_digits8
from core.line_reader import ALPHABETS, LineReader, Reading, make_reader
from pages._captcha.parts import read_parts
from pages._captcha.settings import LESSON, Settings
from ui import walk
from ui.assets import at_hand
from ui.fonts import fonts
from ui.i18n import ASSETS, t
from ui.state import plain, update

REPAIRED = f"{LESSON}.repaired"  # (seed, epochs) of the network, and its repaired forms
TUNED = f"{LESSON}.tuned"  # the reader that was trained on
did = partial(walk.did, LESSON)


def change(**values: Any) -> None:
    """Change settings from a callback."""
    update(LESSON, **values)


def dark() -> bool:
    """Whether the page is dark."""
    return bool(st.context.theme.type == "dark")


def captcha_sentence(error: CaptchaError) -> str:
    """Say in the learner's language why a captcha cannot be drawn."""
    return t(f"captcha_error.{error.code}", got=plain(error.got), expected=error.expected)


def cut_of(settings: Settings) -> str:
    """Return how the story cuts, as ``core.captcha_story`` calls it."""
    return STORY_CUTS[settings.trim]


def story_font(settings: Settings) -> CaptchaFont:
    """Return the font of the story."""
    (font,) = fonts((f"{settings.font}.ttf",))
    return font


@st.cache_resource(show_spinner=False)
def handwritten() -> tuple[Examples, Examples]:
    """Return the small handwritten digits: 1,617 to learn from, 180 to be tested with."""
    content = at_hand(ASSETS / "digits8" / "optdigits.tes.gz").read_bytes()
    train, test = split_digits8(load_digits8(content))
    return handwritten_examples(train), handwritten_examples(test)


@st.cache_resource(show_spinner=False, max_entries=100)
def trained(seed: int, epochs: int) -> ThreeLayerNetwork:
    """Return the notes' network, trained just now; all visitors share it: nobody trains it on."""
    return train_story(handwritten()[0], seed, epochs=epochs)


def repairs(settings: Settings) -> list[ThreeLayerNetwork]:
    """Return the repaired forms of this network that were accepted, oldest first."""
    of, kept = st.session_state.get(REPAIRED, (None, []))
    return list(kept) if of == (settings.seed, settings.epochs) else []


def story_network(settings: Settings) -> ThreeLayerNetwork:
    """Return the network of the story, as it is after all repairs."""
    kept = repairs(settings)
    return kept[-1] if kept else trained(settings.seed, settings.epochs)


def accept(settings: Settings, network: ThreeLayerNetwork) -> None:
    """Go on with a repaired network."""
    kept = [*repairs(settings), network]
    st.session_state[REPAIRED] = (settings.seed, settings.epochs), kept
    did("repaired")


def take_back(settings: Settings) -> None:
    """Go back to the network before the last repair."""
    st.session_state[REPAIRED] = (settings.seed, settings.epochs), repairs(settings)[:-1]


def seeds(*parts: int) -> np.random.Generator:
    """Return a stream of random numbers that belongs to these numbers alone."""
    return np.random.default_rng(list(parts))


class Drawn(NamedTuple):
    """A captcha and what it says."""

    text: str
    picture: np.ndarray


def style_of(settings: Settings) -> CaptchaStyle:
    """Return how hard captchas are: the slider's style, with what was set by hand."""
    return replace(difficulty(settings.level), **read_parts(settings.parts))


def draw(settings: Settings, seed: tuple[int, ...], size: tuple[int, int] | None = None) -> Drawn:
    """Draw a captcha of these settings; the same seed draws the same one."""
    rng = seeds(*seed)
    text = random_text(rng, settings.length, ALPHABETS[settings.alphabet])
    names = TRAINING_FONTS if settings.fonts == "known" else HELD_OUT_FONTS
    return Drawn(text, draw_captcha(text, style_of(settings), fonts(names), rng, size))


@st.cache_resource(show_spinner=False)
def line_reader() -> LineReader:
    """Return the reader that came trained with the app; all visitors share it."""
    state, _ = load(at_hand(ASSETS / "weights" / "reader.npz"))
    return make_reader(state)


def reader() -> LineReader:
    """Return the reader: the one that came with the app, or what it became here."""
    tuned: LineReader | None = st.session_state.get(TUNED)
    return line_reader() if tuned is None else tuned


def read(picture: np.ndarray, settings: Settings) -> Reading:
    """Read a picture without cutting it."""
    return reader().read(picture, settings.alphabet)
