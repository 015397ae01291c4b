"""Controls that several lessons have."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import streamlit as st

from ui.i18n import labels, t
from ui.i18n import lesson as words_of
from ui.state import bound
from ui.training import runs

DOUBLE_CLICK = 0.5  # seconds in which a second click means the same as the first


def choose_view(lesson: str, views: Sequence[str], words: str) -> None:
    """Let the learner choose what to look into; ``words`` is what the views' keys begin with."""
    st.segmented_control(
        t("view.choose"),
        views,
        format_func=_shown(words, views),
        label_visibility="collapsed",
        **bound(lesson, "view"),
    )


def show_intro(lesson: str) -> None:
    """Say what a lesson is about."""
    title = words_of(lesson)["title"]
    with st.container(key="intro"):
        st.title(title.title, anchor=False)
        st.markdown(title.body)


def show_guide(lesson: str, *, expanded: bool = False) -> None:
    """Say, when it is unfolded, what there is to see, to change, to notice."""
    with st.container(key="guide"), st.expander(t("view.guide"), expanded=expanded):
        show_parts(lesson)


def show_parts(lesson: str) -> None:
    """Say what there is to see, to change, to notice, beside each other."""
    words = words_of(lesson)
    for column, part in zip(st.columns(3), ("see", "change", "notice"), strict=True):
        column.markdown(f"**{words[part].title}**  \n{words[part].body}")


def choose(lesson: str, name: str, options: Iterable[str], help: str | None = None) -> None:
    """Draw a choice whose options have names that all lessons share."""
    options = list(options)
    st.selectbox(
        t(f"setting.{name}"),
        options,
        format_func=_shown(name, options),
        help=help,
        **bound(lesson, name),
    )


def weight_decay(lesson: str, name: str, step: float) -> None:
    """Draw the field for the L2 penalty, by whatever name the lesson has it."""
    st.number_input(
        t("setting.l2"),
        0.0,
        1.0,
        None,
        step=step,
        format="%.4f",
        help=t("setting.l2_help"),
        **bound(lesson, name),
    )


def play_button(
    lesson: str, word: str, icon: str, action: Callable[[], Any], *, width: int, disabled: bool
) -> None:
    """Draw a lesson's main button, which is always the same one whatever it is called.

    A button of another key would stand beside the old one for a moment and push the rest of the row
    away from under the pointer: a click that begins on one button then ends on another, and is
    lost.

    Parameters
    ----------
    lesson : str
        The button's key is ``<lesson>.play``.
    word, icon : str
        Its text's key, and its icon.
    action : callable
        What it does.  Its name tells what the button is at the moment: the frame around it has the
        key ``<lesson>.<name>``.
    width : int
        In pixels: room for the longest of its words, so that nothing beside it moves.
    disabled : bool
        Whether it cannot be pressed.
    """
    with st.container(key=f"{lesson}.{action.__name__}", width=width):
        st.button(
            t(word),
            icon=f":material/{icon}:",
            key=f"{lesson}.play",
            type="primary",
            width="stretch",
            on_click=_once,
            args=(lesson, action),
            disabled=disabled,
        )


def _once(lesson: str, action: Callable[[], Any]) -> None:
    """Do it, unless this is the second half of a double click: it would undo the first."""
    now, key = time.monotonic(), f"{lesson}.pressed_at"
    before = st.session_state.get(key, -DOUBLE_CLICK)
    st.session_state[key] = now
    if now - before >= DOUBLE_CLICK:
        runs()[lesson].after_loss = False
        action()


def _shown(words: str, ids: Iterable[str]) -> Callable[[Any], Any]:
    return labels(words, ids).get
