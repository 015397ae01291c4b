"""The lesson's life in a session: its settings, what was typed, and what the learner has done."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from pages._cnn.example import Example, ExampleError, example_of
from pages._cnn.settings import LESSON, Settings
from pages._cnn.tables import TableError, read_table, show_table, write_table
from ui import walk
from ui.i18n import t
from ui.state import plain, say, update

did = partial(walk.did, LESSON)
UNDO = f"{LESSON}.undo"


def read_example(settings: Settings) -> tuple[Example | None, ExampleError | None]:
    """Return the example, or why there is none; a table that a link spoils becomes the notes'."""
    try:
        return example_of(settings), None
    except ExampleError as error:
        return None, error
    except TableError as error:
        standard = Settings()
        say("warning", t("cnn.bad_link", why=table_sentence(error)))
        names = ("image", "kernel", "weights", "biases", "other")
        update(LESSON, **{name: getattr(standard, name) for name in names})
        return example_of(standard), None


def table_sentence(error: TableError) -> str:
    """Return one sentence for what is wrong with a table."""
    fields = {name: plain(value) for name, value in error.fields.items()}
    return t(f"cnn.table_{error.code}", **fields)


def example_sentence(error: ExampleError) -> str:
    """Return one sentence for what does not fit."""
    return t(f"cnn.impossible_{error.code}", **error.fields)


def take_table(name: str, most: tuple[int, int]) -> None:
    """Read what was typed into a field; what is no table stays there, with a sentence."""
    text = st.session_state[f"{LESSON}.{name}.typed"]
    errors = st.session_state.setdefault(f"{LESSON}.errors", {})
    drafts = st.session_state.setdefault(f"{LESSON}.drafts", {})
    try:
        values = read_table(text, most)
    except TableError as error:
        drafts[name], errors[name] = text, table_sentence(error)
        return
    forget_draft(name)
    keep_undo()
    update(LESSON, **{name: write_table(values)})


def forget_draft(name: str) -> None:
    """Forget what was typed and could not be read."""
    for kind in ("errors", "drafts"):
        st.session_state.get(f"{LESSON}.{kind}", {}).pop(name, None)


def typed(name: str, values: np.ndarray) -> str:
    """Return what stands in a field: what was typed last if it could not be read."""
    drafts: dict[str, str] = st.session_state.get(f"{LESSON}.drafts", {})
    return drafts.get(name) or show_table(values)


def typing_error(name: str) -> str:
    """Return the sentence about what was typed last, or nothing."""
    errors: dict[str, str] = st.session_state.get(f"{LESSON}.errors", {})
    return errors.get(name, "")


def keep_undo() -> None:
    """Remember the settings as they are, to be brought back."""
    st.session_state[UNDO] = st.session_state[f"{LESSON}.settings"]


def undo() -> None:
    """Bring the settings of before the last change back."""
    st.session_state[f"{LESSON}.settings"] = st.session_state.pop(UNDO)


def change(**values: Any) -> None:
    """Change settings so that it can be undone."""
    keep_undo()
    update(LESSON, **values)
