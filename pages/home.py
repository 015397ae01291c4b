"""The home page: the lessons, each with a small picture that has just been trained."""

from __future__ import annotations

import time

import numpy as np
import streamlit as st

from core import SGD, CrossEntropyLoss, Linear, ReLU, Sequential, StepEnd, evaluate, fit, softmax
from core.datasets import four_points
from core.init import standard_normal
from ui.charts import regions
from ui.i18n import t
from ui.lessons import LESSONS, enter
from ui.plane import plane_grid
from ui.state import write_url
from ui.walk import go

HIDDEN, STEPS, SIZE, EXTENT = 50, 600, 120, 3.0


def picture(seed: int) -> tuple[np.ndarray, dict[str, str]]:
    """Train the quadrant network anew and paint its regions.

    Returns
    -------
    picture : ndarray
        The regions, as RGBA.
    facts : dict of str to str
        Seconds, steps, points, and how many are right.
    """
    start = time.perf_counter()
    rng = np.random.RandomState(seed)
    layers = [Linear(2, HIDDEN, rng=rng, init=standard_normal), ReLU()]
    model = Sequential(*layers, Linear(HIDDEN, 4, rng=rng, init=standard_normal))
    x, y = four_points()
    data = x.astype(np.float32), y
    loss, optimizer = CrossEntropyLoss(), SGD(model, lr=0.01)
    for event in fit(model, loss, optimizer, data, epochs=STEPS, batch_size=4):
        if isinstance(event, StepEnd) and event.step == STEPS:
            break
    _, accuracy = evaluate(model, loss, data)
    facts = {
        "seconds": f"{time.perf_counter() - start:.2f}",
        "steps": str(STEPS),
        "accuracy": str(round(4 * (accuracy or 0))),
        "points": "4",
    }
    return regions(softmax(model(plane_grid(SIZE, EXTENT)))), facts


def show() -> None:
    """Draw the page."""
    st.title(t("home.title"))
    st.markdown(t("home.lead"))
    seed = st.session_state.setdefault("home.seed", 1)
    if st.session_state.get("home.picture", (None,))[0] != seed:
        st.session_state["home.picture"] = (seed, *picture(seed))
    _, image, facts = st.session_state["home.picture"]
    for lesson in LESSONS:
        with st.container(border=True, key=f"lesson-{lesson.id}"):
            left, right = st.columns([1, 2], gap="large", vertical_alignment="center")
            left.image(image, width="stretch", caption=t("home.live", **facts))
            with right:
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
        st.button(t("home.again"), type="tertiary", key="home.again", on_click=_another)


def _another() -> None:
    st.session_state["home.seed"] += 1


enter()
show()
