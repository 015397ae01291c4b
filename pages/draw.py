"""The lesson on drawn digits: draw one, and look inside what reads it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages._draw import (
    view_inside,
    view_networks,
    view_steps,
    view_tasks,
    view_teach,
    view_wish,
)
from pages._draw.actions import ACTIONS
from pages._draw.desk import show_desk
from pages._draw.facts import facts_of
from pages._draw.session import current, open_sheet, sight_now
from pages._draw.settings import LESSON, VIEWS, Settings
from pages._draw.sight import Sight
from ui import walk
from ui.controls import choose_view, show_guide, show_intro
from ui.lessons import enter
from ui.state import open_settings, show_said, to_params, write_url

SHOW: dict[str, Callable[[Settings, Sight], None]] = {
    "steps": view_steps.show,
    "networks": view_networks.show,
    "inside": view_inside.show,
    "wish": view_wish.show,
    "teach": view_teach.show,
    "tasks": view_tasks.show,
}


def page() -> None:
    """Draw the lesson."""
    walk.read_link(LESSON)
    walk.arrive(LESSON, open_settings(LESSON, Settings))
    open_sheet()
    show_intro(LESSON)
    sight = sight_now()
    settings = current()  # a spoilt drawing of a link has gone by now
    show_said()
    walk.start_button(LESSON)
    show_desk(settings, sight)
    choose_view(LESSON, VIEWS, "draw_view")
    with st.container(key="view"):
        SHOW[settings.view](settings, sight)
    show_guide(LESSON)
    walk.show_walk(LESSON, facts_of(settings, sight), ACTIONS)
    write_url({**to_params(settings), **walk.params(LESSON)})


enter()
page()
