"""The lesson's life in a session: what is drawn, what was brought, what the learner has done."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from pages._draw.settings import LESSON, LONGEST_DRAWING, Settings
from pages._draw.sight import Sight, look
from ui import walk
from ui.digits import DigitTextError, read_digit
from ui.i18n import t
from ui.lessons import visits
from ui.state import say, update
from ui.strokes import Stroke, StrokesError, draw_strokes, read_strokes, write_strokes

SHEET = f"{LESSON}.sheet"  # which sheet of paper lies on the canvas, counted from 0
BEGUN = f"{LESSON}.begun"  # what was drawn on it when it was laid there
VISIT = f"{LESSON}.visit_of_sheet"  # when it was laid there
PHOTO = f"{LESSON}.photo"  # the picture that was brought, as long as the visit lasts
PER_PIXEL = 8  # pixels of a picture for each of an image's, where only that is left
did = partial(walk.did, LESSON)


def current() -> Settings:
    """Return the settings as they are at this moment."""
    settings: Settings = st.session_state[f"{LESSON}.settings"]
    return settings


def change(**values: Any) -> None:
    """Change settings from a callback."""
    update(LESSON, **values)


def dark() -> bool:
    """Whether the page is dark."""
    return bool(st.context.theme.type == "dark")


def strokes_now() -> tuple[Stroke, ...]:
    """Return what is drawn on the canvas."""
    try:
        return read_strokes(current().drawing)
    except StrokesError:
        say("warning", t("draw.bad_link"))
        change(drawing="")
        return ()


def open_sheet() -> None:
    """Lay a sheet on the canvas with what is drawn, each time that the page is opened."""
    if st.session_state.get(VISIT) != visits():
        st.session_state[VISIT] = visits()
        new_sheet(strokes_now())


def canvas_key() -> str:
    """Return the key of the canvas with this sheet on it."""
    return f"{LESSON}.canvas.{st.session_state[SHEET]}"


def take_strokes(strokes: Sequence[Stroke]) -> None:
    """Let the drawing be these strokes, as the canvas shows them already."""
    written = write_strokes(strokes)
    if len(written) > LONGEST_DRAWING:
        say("warning", t("draw.too_long"))
        new_sheet(strokes_now())
        return
    st.session_state.pop(PHOTO, None)
    change(drawing=written, own="", down=0, right=0)
    if strokes:
        did("drew")


def new_sheet(strokes: Sequence[Stroke]) -> None:
    """Lay a new sheet on the canvas, with these strokes on it."""
    st.session_state[SHEET] = st.session_state.get(SHEET, 0) + 1
    st.session_state[BEGUN] = tuple(strokes)


def put_strokes(strokes: Sequence[Stroke]) -> None:
    """Draw these strokes in the learner's place."""
    take_strokes(strokes)
    new_sheet(strokes)


def undo() -> None:
    """Take the last stroke away."""
    put_strokes(strokes_now()[:-1])


def clear() -> None:
    """Take everything away, a picture that was brought as well."""
    put_strokes(())


def take_photo(picture: np.ndarray, written: str) -> None:
    """Let a picture that was brought take the drawing's place; ``written`` is its digit."""
    new_sheet(())
    st.session_state[PHOTO] = picture
    change(drawing="", own=written, down=0, right=0)
    did("drew")


def picture_now() -> np.ndarray | None:
    """Return what is to be read: the drawing, the picture that was brought, or its digit."""
    settings = current()
    if settings.drawing:
        strokes = strokes_now()
        return draw_strokes(strokes) if strokes else None
    photo: np.ndarray | None = st.session_state.get(PHOTO)
    if photo is not None or not settings.own:
        return photo
    try:
        image = read_digit(settings.own)
    except DigitTextError:
        say("warning", t("draw.bad_link"))
        change(own="")
        return None
    return np.repeat(np.repeat(255 - image, PER_PIXEL, axis=0), PER_PIXEL, axis=1)


def sight_now() -> Sight:
    """Return what was drawn, and what became of it."""
    picture = picture_now()
    return look(picture, current())
