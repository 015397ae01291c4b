"""The lesson's life in a session: which digit, which network, what has been done."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from core.recipes import Learner
from pages._real_cnn.settings import AUTO, LESSON, Settings
from pages._real_cnn.sight import Sight, look
from ui import walk
from ui.digits import DigitTextError, mnist_test, read_digit
from ui.i18n import t
from ui.networks import course, shipped
from ui.state import say, update

BEST, COURSE = "cnn-best", "cnn-small"
did = partial(walk.did, LESSON)


def change(**values: Any) -> None:
    """Change settings from a callback."""
    update(LESSON, **values)


def moment_of(settings: Settings) -> int:
    """Return which moment of the course is chosen, from 0."""
    return min(settings.moment, len(course(COURSE)) - 1)


def learner_of(settings: Settings) -> Learner:
    """Return the network that is looked into."""
    if settings.network == "best":
        return shipped(BEST).learner
    return course(COURSE)[moment_of(settings)].learner


def digit_of(settings: Settings) -> tuple[np.ndarray, int | None]:
    """Return the digit, (28, 28), and what it is; a brought one is known to nobody."""
    if settings.own:
        try:
            return read_digit(settings.own), None
        except DigitTextError:
            say("warning", t("real_cnn.bad_link"))
            change(own="")
    test = mnist_test()
    return test.images[settings.digit], int(test.labels[settings.digit])


def sight_of(settings: Settings) -> Sight:
    """Return what the network makes of the digit."""
    image, truth = digit_of(settings)
    return look(learner_of(settings), image, truth, settings.target)


def label_of(settings: Settings, sight: Sight) -> int:
    """Return the digit that is asked about."""
    return sight.said if settings.label == AUTO else settings.label


def dark() -> bool:
    """Whether the page is dark."""
    return bool(st.context.theme.type == "dark")
