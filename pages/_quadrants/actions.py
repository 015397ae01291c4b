"""What the walk's "show me" can do: each action does what a learner would do on the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from core.layers import Linear
from pages._quadrants.session import did, start
from pages._quadrants.settings import LESSON, Settings
from pages._quadrants.view_neurons import set_weight
from pages._quadrants.view_numbers import check_gradient, take_far_point
from pages._quadrants.view_player import train
from ui.state import update
from ui.training import runs


def _probe() -> None:
    update(LESSON, px=-2.0, py=2.0)
    did("moved_probe")


def _train_notes() -> None:
    if runs()[LESSON].settings.data != "four_points" or runs()[LESSON].diverged:
        _take(Settings())
    train()


def _scrub() -> None:
    """Go back to a step near the beginning, after some training if there was none."""
    run = runs()[LESSON]
    if run.step < 100:
        run.playing = False
        run.advance(2000, seconds=1.0)
    run.playing = False
    run.settle()
    early = [snapshot.step for snapshot in run.snapshots if 0 < snapshot.step <= run.step // 20]
    st.session_state[f"{LESSON}.cursor"] = early[-1] if early else 0
    did("scrubbed")


def _choose_sum() -> None:
    update(LESSON, view="numbers")
    st.session_state[f"{LESSON}.point"] = 0
    st.session_state[f"{LESSON}.chosen"] = "z1.0.0"
    did("chose_z")


def _check() -> None:
    update(LESSON, view="numbers")
    st.session_state[f"{LESSON}.without_maximum"] = False
    st.session_state[f"{LESSON}.point"] = 0
    st.session_state[f"{LESSON}.chosen"] = "dw1.0.0"
    run = runs()[LESSON]
    x, y = run.data
    check_gradient(run.model, x, y, st.session_state[f"{LESSON}.settings"].l2, "dw1.0.0")


def _neuron() -> None:
    update(LESSON, view="neurons")
    st.session_state[f"{LESSON}.neuron"] = 0
    did("chose_neuron")


def _edit() -> None:
    """Raise the bias of the chosen neuron by one."""
    run = runs()[LESSON]
    run.playing = False
    update(LESSON, view="neurons")
    st.session_state.pop(f"{LESSON}.cursor", None)
    first = next(place for place, layer in enumerate(run.model) if isinstance(layer, Linear))
    bias = run.model.params[f"{first}.bias"]
    neuron = min(st.session_state.get(f"{LESSON}.neuron", 0), len(bias) - 1)
    set_weight(run, f"{first}.bias", (neuron,), float(bias[neuron]) + 1.0)


def _linear() -> None:
    _take(replace(_kept(), activation="none", hidden=_kept().hidden or (50,), view="playground"))
    train()


def _circles() -> None:
    settings = replace(
        _kept(),
        data="circles",
        activation="relu",
        hidden=(16,),
        init="kaiming_normal",
        optimizer="adam",
        lr=0.02,
        steps=1000,
        view="playground",
    )
    _take(settings)
    train()


def _kept() -> Settings:
    settings: Settings = st.session_state[f"{LESSON}.settings"]
    return settings


def _take(settings: Settings) -> None:
    """Start a run with these settings."""
    st.session_state[f"{LESSON}.settings"] = settings
    start(settings)


ACTIONS: dict[str, Callable[[], None]] = {
    "probe": _probe,
    "train": _train_notes,
    "scrub": _scrub,
    "choose_z": _choose_sum,
    "overflow": take_far_point,
    "check": _check,
    "neuron": _neuron,
    "edit": _edit,
    "linear": _linear,
    "circles": _circles,
}
