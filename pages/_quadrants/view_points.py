"""Own points: edited on the plane, or pasted as a table."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from core.datasets import MAX_CLASSES, PointsError, format_points, parse_points
from pages._quadrants.session import did, points_sentence, start
from pages._quadrants.settings import LESSON
from ui.files import when_asked
from ui.i18n import labels, t
from ui.plane import TOOLS, plane_value
from ui.state import say, update
from ui.training import Run, runs


def show_points(run: Run) -> None:
    """Draw the tools and the table."""
    with st.container(border=True, key="own-points"):
        st.markdown(f"**{t('points.title')}**")
        st.caption(t("points.lead"))
        with st.container(horizontal=True):
            key = f"{LESSON}.tool"
            st.session_state.setdefault(key, "probe")
            st.segmented_control(
                t("points.tool"),
                TOOLS,
                format_func=labels("tool", TOOLS).get,
                key=key,
                persist_state="session",
            )
            key = f"{LESSON}.add_class"
            st.session_state.setdefault(key, 0)
            st.selectbox(
                t("points.new_class"),
                list(range(MAX_CLASSES)),
                format_func=class_name,
                key=key,
                width=160,
                persist_state="session",
            )
        st.text_area(
            t("points.table"),
            key=f"{LESSON}.table",
            height=120,
            placeholder=format_points(*parse_points("2,1,I\n-1,1,II"))[:60],
            persist_state="session",
        )
        with st.container(horizontal=True):
            st.button(t("points.take"), key=f"{LESSON}.take", type="primary", on_click=_take_table)
            st.download_button(
                t("points.download"),
                when_asked(partial(format_points, *all_points(run))),
                file_name="points.csv",
                mime="text/csv",
                key=f"{LESSON}.download_points",
                on_click="ignore",
            )


def class_name(number: int) -> str:
    """Return a class's name: a Roman numeral, as quadrants have."""
    return ("I", "II", "III", "IV", "V", "VI")[number]


def _take_table() -> None:
    """Read the pasted table; if it cannot be read, say where, and change nothing."""
    try:
        x, y = parse_points(st.session_state[f"{LESSON}.table"])
    except PointsError as error:
        say("error", points_sentence(error))
        return
    use_points(x, y)


def apply_edit() -> None:
    """Do to the points what the learner did on the plane."""
    edit = plane_value(f"{LESSON}.plane").edit
    if edit is None:
        return
    run = runs()[LESSON]
    x, y = all_points(run)
    if edit.op == "add":
        x = np.vstack([x, [[round(edit.x, 2), round(edit.y, 2)]]])
        y = np.append(y, edit.cls)
    elif edit.op == "move":
        x = x.copy()
        x[edit.index] = round(edit.x, 2), round(edit.y, 2)
    else:
        x, y = np.delete(x, edit.index, axis=0), np.delete(y, edit.index)
    if not len(x):
        say("warning", t("points.last"))
        return
    did("edited_points")
    use_points(x, y)


def use_points(x: np.ndarray, y: np.ndarray) -> None:
    """Take these points as the data, with a new run: the old one has seen others."""
    update(LESSON, data="own", points=format_points(x, y), test=0.0)
    start(st.session_state[f"{LESSON}.settings"])


def all_points(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Return the training points, then the test points: the order in which the plane has them."""
    if run.validation is None:
        return run.data
    (x, y), (x_test, y_test) = run.data, run.validation
    return np.vstack([x, x_test]), np.concatenate([y, y_test])
