"""The home page: the lessons, each with a picture of a network that has just been trained."""

from __future__ import annotations

import streamlit as st

from pages._home.beforehand import FIRST, HIDDEN, Picture, made_beforehand, show_beforehand
from ui.described import show_picture
from ui.i18n import t
from ui.lessons import LESSONS, enter
from ui.state import write_url
from ui.walk import go


def show() -> None:
    """Draw the page."""
    st.title(t("home.title"), anchor=False)
    st.markdown(t("home.lead"))
    for lesson in LESSONS:
        with st.container(border=True, key=f"lesson-{lesson.id}"):
            left, right = st.columns([1, 2], gap="large", vertical_alignment="center")
            with left:
                _picture(lesson.id)
            with right:
                if lesson is LESSONS[0]:
                    st.badge(t("home.start"), color="green")
                st.header(t(f"lesson.{lesson.id}"))
                st.markdown(t(f"home.{lesson.id}", neurons=HIDDEN))
                _doors(lesson.id)
    st.markdown(f"**{t('home.how')}**  \n{t('home.how_body')}")
    write_url({})


def _picture(name: str) -> None:
    """Draw a lesson's picture: made just now, or, in a browser, beforehand until one asks."""
    seed = _seeds().get(name, FIRST)
    if made_beforehand(name, seed):
        show_beforehand(name)
        st.caption(t("home.beforehand"))
        return
    image, facts = _made(name, seed)
    show_picture(image, t(f"home.live_{name}", **facts), printed=True)


def _made(name: str, seed: int) -> Picture:
    """Return a picture, made once for each seed."""
    made: dict[str, tuple[int, Picture]] = st.session_state.setdefault("home.pictures", {})
    if name not in made or made[name][0] != seed:
        from pages._home.pictures import PICTURES  # they need much of core and ui, and MNIST

        made[name] = seed, PICTURES[name](seed)
    return made[name][1]


def _seeds() -> dict[str, int]:
    seeds: dict[str, int] = st.session_state.setdefault("home.seeds", {})
    return seeds


def _doors(name: str) -> None:
    with st.container(horizontal=True):
        if st.button(t("home.open"), type="primary", key=f"home.open.{name}"):
            st.switch_page(st.session_state["pages"][name])
        if st.button(t("home.walk"), key=f"home.walk.{name}"):
            go(name, 0)
            st.switch_page(st.session_state["pages"][name])
        st.button(
            t(f"home.again_{name}"),
            type="tertiary",
            key=f"home.again.{name}",
            on_click=_another,
            args=(name,),
        )


def _another(name: str) -> None:
    _seeds()[name] = _seeds().get(name, FIRST) + 1


enter()
show()
