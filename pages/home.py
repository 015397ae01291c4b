"""The home page: the lessons, each with a picture of a network that has just been trained."""

from __future__ import annotations

import streamlit as st

from pages._home.pictures import HIDDEN, PICTURES
from ui.i18n import t
from ui.lessons import LESSONS, enter
from ui.state import write_url
from ui.walk import go


def show() -> None:
    """Draw the page."""
    st.title(t("home.title"))
    st.markdown(t("home.lead"))
    seed = st.session_state.setdefault("home.seed", 1)
    if st.session_state.get("home.pictures", (None,))[0] != seed:
        made = {name: make(seed) for name, make in PICTURES.items()}
        st.session_state["home.pictures"] = (seed, made)
    _, made = st.session_state["home.pictures"]
    for lesson in LESSONS:
        with st.container(border=True, key=f"lesson-{lesson.id}"):
            left, right = st.columns([1, 2], gap="large", vertical_alignment="center")
            image, facts = made[lesson.id]
            left.image(image, width="stretch", caption=t(f"home.live_{lesson.id}", **facts))
            with right:
                if lesson is LESSONS[0]:
                    st.badge(t("home.start"), color="green")
                st.subheader(t(f"lesson.{lesson.id}"))
                st.markdown(t(f"home.{lesson.id}", neurons=HIDDEN))
                _doors(lesson.id)
    st.markdown(f"**{t('home.how')}**  \n{t('home.how_body')}")
    write_url({})


def _doors(name: str) -> None:
    with st.container(horizontal=True):
        if st.button(t("home.open"), type="primary", key=f"home.open.{name}"):
            st.switch_page(st.session_state["pages"][name])
        if st.button(t("home.walk"), key=f"home.walk.{name}"):
            go(name, 0)
            st.switch_page(st.session_state["pages"][name])
        st.button(
            t(f"home.again_{name}"), type="tertiary", key=f"home.again.{name}", on_click=_another
        )


def _another() -> None:
    st.session_state["home.seed"] += 1


enter()
show()
