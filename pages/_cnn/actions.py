"""What the walk's "show me" can do: each action does what a learner would do on the page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages._cnn.example import ExampleError, example_of
from pages._cnn.kernels import KERNELS
from pages._cnn.session import change, did
from pages._cnn.settings import LESSON, NONE, Settings
from pages._cnn.tables import write_table
from pages._cnn.view_numbers import CHECK, check_now, learn_now
from ui.state import update


def _choose(cell: str, deed: str) -> Callable[[], None]:
    def action() -> None:
        update(LESSON, view="numbers", cell=cell)
        did(deed)

    return action


def _take_kernel(name: str) -> Callable[[], None]:
    def action() -> None:
        change(kernel=write_table(KERNELS[name]), view="numbers")

    return action


def _target() -> None:
    update(LESSON, view="numbers", target=1)


def _with_target(cell: str, deed: str) -> Callable[[], None]:
    def action() -> None:
        if _settings().target == NONE:
            _target()
        _choose(cell, deed)()

    return action


def _check() -> None:
    _with_target("dw2.3.0", "chose_dw2")()
    settings = _settings()
    try:
        example = example_of(settings)
    except ExampleError:
        return
    st.session_state.pop(CHECK, None)
    check_now(example, settings.target - 1, "dw2.3.0")


def _learn() -> None:
    if _settings().target == NONE:
        _target()
    settings = _settings()
    try:
        learn_now(example_of(settings), settings.target - 1)
    except ExampleError:
        return


def _settings() -> Settings:
    settings: Settings = st.session_state[f"{LESSON}.settings"]
    return settings


ACTIONS: dict[str, Callable[[], None]] = {
    "window": _choose("z1_0.0.0", "chose_z1"),
    "pool": _choose("p1_0.0.1", "chose_p1"),
    "neuron": _choose("z2.0.0", "chose_z2"),
    "softmax": _choose("p.0.2", "chose_p"),
    "kernel": _take_kernel("vertical"),
    "target": _target,
    "winner": _with_target("da1_0.0.0", "chose_da1"),
    "shared": _with_target("dw1_0_0.0.0", "chose_dw1"),
    "check": _check,
    "learn": _learn,
}
