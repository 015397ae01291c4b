"""The CNN lesson: a convolutional network small enough that every number of it can be seen."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages._cnn import session, view_compare, view_controls, view_loops, view_numbers
from pages._cnn.actions import ACTIONS
from pages._cnn.example import Example
from pages._cnn.facts import facts_of
from pages._cnn.settings import LESSON, VIEWS, Settings
from ui import walk
from ui.controls import choose_view, show_guide, show_intro
from ui.lessons import enter
from ui.state import open_settings, show_said, to_params, write_url

SHOW: dict[str, Callable[[Settings, Example], None]] = {
    "numbers": view_numbers.show,
    "compare": view_compare.show,
    "loops": view_loops.show,
}


def page() -> None:
    """Draw the lesson."""
    walk.read_link(LESSON)
    settings = walk.arrive(LESSON, open_settings(LESSON, Settings))
    show_intro(LESSON)
    example, impossible = session.read_example(settings)
    settings = st.session_state[f"{LESSON}.settings"]  # a link's spoilt tables are mended by now
    show_said()
    view_controls.show_controls(settings, example)
    if impossible is not None:
        view_controls.show_impossible(impossible)
    if example is not None:
        choose_view(LESSON, VIEWS, "cnn_view")
        with st.container(key="view"):
            SHOW[settings.view](settings, example)
    show_guide(LESSON)
    walk.show_walk(LESSON, facts_of(settings), ACTIONS)
    write_url({**to_params(settings), **walk.params(LESSON)})


enter()
page()
