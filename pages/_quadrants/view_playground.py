"""The playground: other data, own points, other networks."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.datasets import DATASETS, MAX_CLASSES
from core.init import INITIALIZERS
from core.optim import OPTIMIZERS
from pages._quadrants.settings import ACTIVATIONS, LESSON, MOST_STEPS, Settings
from pages._quadrants.view_points import all_points, show_points, use_points
from ui.controls import choose, weight_decay
from ui.i18n import labels, t
from ui.state import bound, update
from ui.training import Run


def show_playground(settings: Settings, run: Run) -> None:
    """Draw the view: data on the left, the network in the middle, learning on the right."""
    st.markdown(t("playground.lead"))
    data, network, learning = st.columns(3, gap="large")
    with data:
        _data_controls(settings, run)
    with network:
        _network_controls(settings)
    with learning:
        _learning_controls(run)
    show_points(run)


def _data_controls(settings: Settings, run: Run) -> None:
    st.markdown(f"**{t('playground.data')}**")
    st.selectbox(
        t("setting.data"),
        [*DATASETS, "own"],
        format_func=labels("data", [*DATASETS, "own"]).get,
        **{**bound(LESSON, "data"), "on_change": _choose_data, "args": (run,)},
    )
    takes = () if settings.data == "own" else DATASETS[settings.data].arguments
    if "n_samples" in takes:
        st.slider(t("setting.n"), 20, 2000, step=20, **bound(LESSON, "n"))
        st.slider(t("setting.noise"), 0.0, 1.0, step=0.01, **bound(LESSON, "noise"))
    if set(takes) & {"centers", "arms"}:
        st.slider(t("setting.classes"), 2, MAX_CLASSES, **bound(LESSON, "classes"))
    st.slider(t("setting.test"), 0.0, 0.5, step=0.05, **bound(LESSON, "test"))
    st.number_input(t("setting.seed"), 0, 9999, None, step=1, **bound(LESSON, "seed"))


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
    choose(LESSON, "activation", ACTIVATIONS)
    choose(LESSON, "init", INITIALIZERS, help=t("setting.init_help"))


def _learning_controls(run: Run) -> None:
    st.markdown(f"**{t('playground.learning')}**")
    choose(LESSON, "optimizer", OPTIMIZERS)
    st.number_input(
        t("setting.batch"),
        0,
        2000,
        None,
        step=1,
        help=t("setting.batch_help"),
        **bound(LESSON, "batch"),
    )
    weight_decay(LESSON, "l2", step=0.001)
    binding = {**bound(LESSON, "steps"), "on_change": _set_steps, "args": (run,)}
    st.number_input(t("setting.steps"), 1, MOST_STEPS, None, step=1000, **binding)
    st.button(t("playground.notes"), key=f"{LESSON}.notes", on_click=take_notes_network)


def take_notes_network() -> None:
    """Go back to the notes' experiment."""
    kept = st.session_state[f"{LESSON}.settings"]
    st.session_state[f"{LESSON}.settings"] = replace(
        Settings(), view=kept.view, speed=kept.speed, px=kept.px, py=kept.py
    )


def _choose_data(run: Run) -> None:
    """Take another data set; "my own points" begin with those that are there."""
    chosen = st.session_state[f"{LESSON}.data"]
    if chosen == "own":
        use_points(*all_points(run))
    else:
        update(LESSON, data=chosen)


def _set_steps(run: Run) -> None:
    """Change where the run ends, also if it is on its way."""
    value = st.session_state[f"{LESSON}.steps"]
    if value is not None:
        update(LESSON, steps=value)
        if run.playing:
            run.until = max(value, run.step + 1)


def _set_layers() -> None:
    count = st.session_state[f"{LESSON}.layers"]
    hidden = st.session_state[f"{LESSON}.settings"].hidden
    update(LESSON, hidden=(*hidden, *(hidden[-1:] or (8,)) * 4)[:count])


def _set_width(place: int) -> None:
    hidden = list(st.session_state[f"{LESSON}.settings"].hidden)
    hidden[place] = st.session_state[f"{LESSON}.width.{place}"]
    update(LESSON, hidden=tuple(hidden))
