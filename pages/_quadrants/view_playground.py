"""The playground: other data, own points, other networks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from core.datasets import DATASETS, PointsError, format_points, parse_points
from core.init import INITIALIZERS
from core.optim import OPTIMIZERS
from pages._quadrants.session import did, points_sentence, start, say
from pages._quadrants.settings import ACTIVATIONS, LESSON, Settings
from ui.i18n import labels, t
from ui.plane import plane_value
from ui.state import bound, update
from ui.training import Run, runs

TOOLS = ("probe", "add", "move", "remove")
MOST_CLASSES = 6


def show_playground(settings: Settings, run: Run) -> None:
    """Draw the view: data on the left, the network in the middle, learning on the right."""
    st.markdown(t("playground.lead"))
    data, network, learning = st.columns(3, gap="large")
    with data:
        _data_controls(settings)
    with network:
        _network_controls(settings)
    with learning:
        _learning_controls(settings)
    _own_points(settings, run)


def _data_controls(settings: Settings) -> None:
    st.markdown(f"**{t('playground.data')}**")
    st.selectbox(
        t("setting.data"),
        [*DATASETS, "own"],
        format_func=labels("data", [*DATASETS, "own"]).get,
        **bound(LESSON, "data"),
    )
    takes = () if settings.data == "own" else DATASETS[settings.data].arguments
    if "n_samples" in takes:
        st.slider(t("setting.n"), 20, 2000, step=20, **bound(LESSON, "n"))
        st.slider(t("setting.noise"), 0.0, 1.0, step=0.01, **bound(LESSON, "noise"))
    if set(takes) & {"centers", "arms"}:
        st.slider(t("setting.classes"), 2, MOST_CLASSES, **bound(LESSON, "classes"))
    st.slider(t("setting.test"), 0.0, 0.5, step=0.05, **bound(LESSON, "test"))
    st.number_input(t("setting.seed"), 0, 9999, step=1, **bound(LESSON, "seed"))


def _network_controls(settings: Settings) -> None:
    st.markdown(f"**{t('playground.network')}**")
    key = f"{LESSON}.layers"
    st.session_state[key] = len(settings.hidden)
    st.slider(t("setting.layers"), 0, 4, key=key, on_change=_set_layers)
    for place, width in enumerate(settings.hidden):
        key = f"{LESSON}.width.{place}"
        st.session_state[key] = width
        st.slider(
            t("setting.width", k=place + 1), 1, 64, key=key, on_change=_set_width, args=(place,)
        )
    st.selectbox(
        t("setting.activation"),
        ACTIVATIONS,
        format_func=labels("activation", ACTIVATIONS).get,
        **bound(LESSON, "activation"),
    )
    st.selectbox(
        t("setting.init"),
        list(INITIALIZERS),
        format_func=labels("init", INITIALIZERS).get,
        help=t("setting.init_help"),
        **bound(LESSON, "init"),
    )


def _learning_controls(settings: Settings) -> None:
    st.markdown(f"**{t('playground.learning')}**")
    st.selectbox(
        t("setting.optimizer"),
        list(OPTIMIZERS),
        format_func=labels("optimizer", OPTIMIZERS).get,
        **bound(LESSON, "optimizer"),
    )
    st.number_input(
        t("setting.batch"), 0, 2000, step=1, help=t("setting.batch_help"), **bound(LESSON, "batch")
    )
    st.number_input(
        t("setting.l2"), 0.0, 1.0, step=0.001, format="%.4f", help=t("setting.l2_help"),
        **bound(LESSON, "l2"),
    )
    st.number_input(t("setting.steps"), 1, 100_000, step=1000, **bound(LESSON, "steps"))
    st.button(t("playground.notes"), key=f"{LESSON}.notes", on_click=take_notes_network)


def _own_points(settings: Settings, run: Run) -> None:
    """Let the learner edit the points on the plane, or paste a table."""
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
                list(range(MOST_CLASSES)),
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
                format_points(*_all_points(run)),
                file_name="points.csv",
                mime="text/csv",
                key=f"{LESSON}.download_points",
                on_click="ignore",
            )


def class_name(number: int) -> str:
    """Return a class's name: a Roman numeral, as quadrants have."""
    return ("I", "II", "III", "IV", "V", "VI")[number]


def take_notes_network() -> None:
    """Go back to the notes' experiment."""
    kept = st.session_state[f"{LESSON}.settings"]
    st.session_state[f"{LESSON}.settings"] = replace(
        Settings(), view=kept.view, speed=kept.speed, px=kept.px, py=kept.py
    )


def _set_layers() -> None:
    count = st.session_state[f"{LESSON}.layers"]
    hidden = st.session_state[f"{LESSON}.settings"].hidden
    update(LESSON, hidden=(*hidden, *(hidden[-1:] or (8,)) * 4)[:count])


def _set_width(place: int) -> None:
    hidden = list(st.session_state[f"{LESSON}.settings"].hidden)
    hidden[place] = st.session_state[f"{LESSON}.width.{place}"]
    update(LESSON, hidden=tuple(hidden))


def _take_table() -> None:
    """Read the pasted table; if it cannot be read, say where, and change nothing."""
    try:
        x, y = parse_points(st.session_state[f"{LESSON}.table"])
    except PointsError as error:
        say("error", points_sentence(error))
        return
    _use(x, y)


def apply_edit() -> None:
    """Do to the points what the learner did on the plane."""
    edit = plane_value(f"{LESSON}.plane").edit
    if edit is None:
        return
    run = runs()[LESSON]
    x, y = _all_points(run)
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
    _use(x, y)


def _use(x: np.ndarray, y: np.ndarray) -> None:
    """Take these points as the data, with a new run: the old one has seen others."""
    update(LESSON, data="own", points=format_points(x, y), test=0.0)
    run = runs()[LESSON]
    st.session_state[f"{LESSON}.previous"] = run
    start(st.session_state[f"{LESSON}.settings"])


def _all_points(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Return the training points, then the test points: the order in which the plane has them."""
    if run.validation is None:
        return run.data
    (x, y), (x_test, y_test) = run.data, run.validation
    return np.vstack([x, x_test]), np.concatenate([y, y_test])
