"""The lessons there are: the one table that the door, the home page and the tests read."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from ui.i18n import t

PAGES = Path(__file__).parent.parent / "pages"


class Lesson(NamedTuple):
    """One lesson: its id names its file in ``pages`` and its words."""

    id: str
    icon: str


HOME = Lesson("home", ":material/home:")
LESSONS = (
    Lesson("quadrants", ":material/grid_view:"),
    Lesson("mnist", ":material/looks_3:"),
    Lesson("cnn", ":material/filter_center_focus:"),
    Lesson("real_cnn", ":material/visibility:"),
    Lesson("captcha", ":material/text_fields:"),
    Lesson("draw", ":material/draw:"),
)


def navigate() -> tuple[str, Any]:
    """Draw the menu; return the id of the page that is open, and the page, to be run."""
    # The emoji matters: a lesson's own icon as the tab's would be fetched from another server.
    st.set_page_config(page_title="Glassnet", page_icon="🔍", layout="wide")
    pages = {
        lesson.id: st.Page(
            PAGES / f"{lesson.id}.py",
            title=t(f"lesson.{lesson.id}"),
            icon=lesson.icon,
            url_path="" if lesson is HOME else lesson.id,
            default=lesson is HOME,
        )
        for lesson in (HOME, *LESSONS)
    }
    chosen = st.navigation(list(pages.values()))
    st.session_state["pages"] = pages
    name = next(name for name, page in pages.items() if page is chosen)
    if st.session_state.get("page") != name:
        st.session_state["page"] = name
        st.session_state["visits"] = visits() + 1
    return name, chosen


def visits() -> int:
    """Return how often this visitor has gone to another page: what was drawn before is gone."""
    number: int = st.session_state.get("visits", 0)
    return number


def show_way_to(name: str) -> None:
    """Draw a link to another lesson."""
    icon = next(lesson.icon for lesson in LESSONS if lesson.id == name)
    st.page_link(st.session_state["pages"][name], label=t(f"lesson.{name}"), icon=icon)


def enter() -> None:
    """Let every page begin here: it makes sure that ``app.py`` has been passed.

    Until ``st.navigation`` has been called once in a server's life, Streamlit takes a folder named
    ``pages`` for its older kind of app: somebody who comes first, and by a link to a lesson, gets
    the lesson's file alone, without language, menu and layout.  Calling ``st.navigation`` and
    starting over leads them through the door.
    """
    if "pages" not in st.session_state:
        navigate()
        st.rerun()
