"""The lesson on a real CNN: what it sees in one digit, down to any single multiplication."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages._real_cnn import view_answer, view_learned, view_likes, view_maps, view_why
from pages._real_cnn.actions import ACTIONS
from pages._real_cnn.chooser import show_chooser
from pages._real_cnn.facts import facts_of
from pages._real_cnn.session import sight_of
from pages._real_cnn.settings import LESSON, VIEWS, Settings
from pages._real_cnn.sight import Sight
from ui import walk
from ui.controls import choose_view, show_guide, show_intro
from ui.lessons import enter
from ui.state import open_settings, show_said, to_params, write_url

SHOW: dict[str, Callable[[Settings, Sight], None]] = {
    "maps": view_maps.show,
    "answer": view_answer.show,
    "why": view_why.show,
    "likes": view_likes.show,
    "learned": view_learned.show,
}


def page() -> None:
    """Draw the lesson."""
    walk.read_link(LESSON)
    settings = walk.arrive(LESSON, open_settings(LESSON, Settings))
    show_intro(LESSON)
    sight = sight_of(settings)
    settings = st.session_state[f"{LESSON}.settings"]  # a spoilt digit of a link has gone by now
    show_said()
    show_chooser(settings, sight)
    choose_view(LESSON, VIEWS, "real_cnn_view")
    with st.container(key="view"):
        SHOW[settings.view](settings, sight)
    show_guide(LESSON)
    walk.show_walk(LESSON, facts_of(settings), ACTIONS)
    write_url({**to_params(settings), **walk.params(LESSON)})


enter()
page()
