"""What of the digits is looked at: which digit, which pixel, which class, which part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import streamlit as st

from core.digits import Digits
from core.digits_summary import DigitsSummary, summarize_digits
from pages._mnist import session
from pages._mnist.settings import LESSON, Settings
from ui.digits import mnist
from ui.i18n import t
from ui.state import choice, update, whole

NAME = f"{LESSON}.data"  # what the keys of this view begin with
PARTS = ("inputs", "all", "own")
ROLES = ("train", "test")
FORMS = ("csv", "text", "idx")
ANY = -1  # no class, no pixel has been asked for


@dataclass(frozen=True)
class Look:
    """What the learner has chosen to look at; it is no part of the link, but for the digit."""

    part: str = choice("inputs", PARTS)
    only: int = whole(ANY, ANY, 9)  # the class of which examples are wanted
    row: int = whole(ANY, ANY, 27)  # of the pixel that is looked at
    column: int = whole(ANY, ANY, 27)
    skips: int = whole(0, 0, 10**9)  # how often another digit was asked for
    draws: int = whole(0, 0, 10**9)  # how often other examples were
    own_role: str = choice("train", ROLES)  # what an upload is for
    take_role: str = choice("test", ROLES)  # which set a download is from
    form: str = choice("csv", FORMS)  # of a download
    take: int = whole(100, 1, 10_000)  # how many digits a download has


class Chosen(NamedTuple):
    """The digit that is looked at, and where it lies."""

    role: str  # "train" or "test"
    place: int  # in its set
    digits: Digits  # the set

    @property
    def image(self) -> np.ndarray:
        """Its pixels: (28, 28) uint8."""
        image: np.ndarray = self.digits.images[self.place]
        return image

    @property
    def label(self) -> int:
        """What it shows."""
        return int(self.digits.labels[self.place])


def look() -> Look:
    """Return what the learner has chosen to look at."""
    kept: Look = st.session_state.setdefault(f"{NAME}.settings", Look())
    return kept


def chosen_digit(settings: Settings) -> Chosen:
    """Return the digit that the settings name: training digits are counted first, then the test's.

    A number beyond the last means the last: own digits can be fewer than a link expects.
    """
    train, test = session.digits()
    place = min(settings.digit, len(train) + len(test) - 1)
    if place < len(train):
        return Chosen("train", place, train)
    return Chosen("test", place - len(train), test)


def choose_digit(role: str, place: int) -> None:
    """Look at another digit."""
    update(LESSON, digit=place + (len(session.digits()[0]) if role == "test" else 0))
    session.did("chose_digit")


def choose_pixel(row: int, column: int) -> None:
    """Look at another pixel."""
    update(NAME, row=row, column=column)
    session.did("chose_pixel")


def chosen_pixel(chosen: Chosen) -> tuple[int, int]:
    """Return row and column of the pixel that is looked at: without a choice, the darkest one."""
    seen = look()
    if seen.row != ANY and seen.column != ANY:
        return seen.row, seen.column
    row, column = np.unravel_index(int(chosen.image.argmax()), chosen.image.shape)
    return int(row), int(column)


def some_of(digits: Digits, only: int, count: int, seed: tuple[int, ...]) -> np.ndarray:
    """Return the places of up to ``count`` digits, of one class or of any, drawn at random."""
    places = np.arange(len(digits)) if only == ANY else np.flatnonzero(digits.labels == only)
    rng = np.random.default_rng(seed)
    return rng.permutation(rng.choice(places, min(count, len(places)), replace=False))


def another_one(role: str) -> None:
    """Look at some other digit of a set, of the class that is asked for, if one is."""
    seen = look()
    train, test = session.digits()
    update(NAME, skips=seen.skips + 1)
    found = some_of(train if role == "train" else test, seen.only, 1, (1, seen.skips))
    if len(found):
        choose_digit(role, int(found[0]))


def summary(role: str) -> DigitsSummary:
    """Return counts and means of a set; MNIST's are computed once for all visitors."""
    place = ROLES.index(role)
    digits = session.digits()[place]
    if digits is mnist()[place]:
        return _mnist_summary(place)
    key = f"{NAME}.summary.{role}"
    kept = st.session_state.get(key)
    if kept is None or kept[0] is not digits:
        kept = st.session_state[key] = digits, summarize_digits(digits)
    found: DigitsSummary = kept[1]
    return found


@st.cache_resource(show_spinner=False)
def _mnist_summary(place: int) -> DigitsSummary:
    return summarize_digits(mnist()[place])


def names_of(what: str, ids: tuple[str, ...]) -> dict[str, str]:
    """Return the texts ``mnist_data.what_id`` by id, for a choice."""
    return {name: t(f"mnist_data.{what}_{name}") for name in ids}


def dark() -> bool:
    """Whether the page is dark."""
    return bool(st.context.theme.type == "dark")
