"""What the walk's "show me" can do: each action does what a learner would do on the page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages._real_cnn import view_learned
from pages._real_cnn.chooser import another
from pages._real_cnn.session import change, did, label_of, sight_of
from pages._real_cnn.settings import LESSON, Settings
from pages._real_cnn.sight import focus_of
from pages._real_cnn.view_answer import choose_neuron
from pages._real_cnn.view_likes import choose_liked
from pages._real_cnn.view_maps import choose_map
from pages._real_cnn.view_why import cover_smaller


def _settings() -> Settings:
    settings: Settings = st.session_state[f"{LESSON}.settings"]
    return settings


def _digit() -> None:
    another(_settings().digit)


def _first_map() -> None:
    change(view="maps")
    choose_map(0, 0)


def _deep_map() -> None:
    change(view="maps")
    choose_map(2, 0)


def _place() -> None:
    """Go to the strongest number of the map, and hold it."""
    change(view="maps")
    settings = _settings()
    focus = focus_of(settings, sight_of(settings))
    change(row=focus.row, column=focus.column)
    did("chose_place")


def _neuron() -> None:
    """Choose the neuron that speaks loudest against the answer."""
    change(view="answer")
    settings = _settings()
    sight = sight_of(settings)
    last = sight.stages[-1]
    pushes = last.layer.params["weight"][label_of(settings, sight)] * last.x
    choose_neuron(int(pushes.argmin()))


def _liked() -> None:
    change(view="likes")
    choose_liked(2, 3)


def _target() -> None:
    """Name a wrong digit as the right one: then there is blame to see."""
    settings = _settings()
    change(view="maps", target=(sight_of(settings).said + 5) % 10)


def _watch() -> None:
    change(view="learned")
    st.session_state[view_learned.PLAYING] = False
    view_learned.toggle()


ACTIONS: dict[str, Callable[[], None]] = {
    "digit": _digit,
    "first_map": _first_map,
    "deep_map": _deep_map,
    "place": _place,
    "neuron": _neuron,
    "target": _target,
    "cover": cover_smaller,
    "liked": _liked,
    "watch": _watch,
}
