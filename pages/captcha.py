"""The captcha lesson: from the notes' five digits to a reader that works."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages._captcha import view_answers, view_race, view_reader, view_repair, view_story
from pages._captcha.actions import ACTIONS
from pages._captcha.facts import facts_of
from pages._captcha.settings import LESSON, VIEWS, Settings
from ui import walk
from ui.controls import choose_view, show_guide, show_intro
from ui.i18n import t
from ui.lessons import enter
from ui.state import open_settings, show_said, to_params, write_url

SHOW: dict[str, Callable[[Settings], None]] = {
    "story": view_story.show,
    "repair": view_repair.show,
    "answers": view_answers.show,
    "reader": view_reader.show,
    "race": view_race.show,
}


def page() -> None:
    """Draw the lesson."""
    walk.read_link(LESSON)
    settings = walk.arrive(LESSON, open_settings(LESSON, Settings))
    show_intro(LESSON)
    st.caption(t("captcha.own_only"))
    show_said()
    walk.start_button(LESSON)
    choose_view(LESSON, VIEWS, "captcha_view")
    with st.container(key="view"):
        SHOW[settings.view](settings)
    show_guide(LESSON)
    walk.show_walk(LESSON, facts_of(), ACTIONS)
    write_url({**to_params(settings), **walk.params(LESSON)})


enter()
page()
