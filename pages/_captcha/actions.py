"""What the walk's "show me" can do: each action does what a learner would do on the page."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from core.captcha_story import read_story
from pages._captcha import view_repair
from pages._captcha.session import change, cut_of, did, story_network
from pages._captcha.settings import LESSON, Settings
from pages._captcha.view_story import choose_slice, drawn


def _settings() -> Settings:
    settings: Settings = st.session_state[f"{LESSON}.settings"]
    return settings


def _slice() -> None:
    """Choose the first slice that is read wrongly, or the first."""
    change(view="story")
    settings = _settings()
    picture = drawn(settings)
    if isinstance(picture, str):
        change(word="01234", size=23, spaces=1)
        settings = _settings()
        picture = drawn(settings)
    assert isinstance(picture, np.ndarray)
    found = read_story(story_network(settings), picture, len(settings.word), cut_of(settings))
    wrong = [str(a) != b for a, b in zip(found.digits, settings.word, strict=True)]
    choose_slice(wrong.index(True) if True in wrong else 0)


def _network() -> None:
    change(view="story", seed=(_settings().seed + 1) % 1000)
    did("other_network")


def _switch() -> None:
    change(view="answers", printed=1)
    did("switched")


def _try() -> None:
    change(view="repair", mix=0)
    view_repair.try_repair()


def _mix() -> None:
    change(view="repair", mix=90, samples=20)
    view_repair.try_repair()


def _accept() -> None:
    change(view="repair")
    if view_repair.TRIED not in st.session_state:
        _mix()
    view_repair.accept_tried()


def _draw() -> None:
    change(view="reader", level=0.9, picture=(_settings().picture + 1) % 1_000_000)
    did("drew")


ACTIONS: dict[str, Callable[[], None]] = {
    "slice": _slice,
    "network": _network,
    "switch": _switch,
    "draw": _draw,
    "try": _try,
    "mix": _mix,
    "accept": _accept,
}
