"""What takes a while is computed once, and kept until something of it changes: only the newest."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from typing import TypeVar

import streamlit as st

from core.recipes import Learner
from pages._draw.settings import LESSON

T = TypeVar("T")


def newest(name: str, learner: Learner, about: Hashable, compute: Callable[[], T]) -> T:
    """Return what was computed last under a name, or compute it.

    Parameters
    ----------
    name : str
        What it is.
    learner : Learner
        The network that it is about.  One that goes on learning is another object each time, and
        what is kept here does not keep it alive.
    about : hashable
        All else that it depends on.
    compute : callable
        Returns it; it may be None.
    """
    key = f"{LESSON}.newest.{name}"
    kept = st.session_state.get(key)
    if kept is None or kept[0]() is not learner or kept[1] != about:
        kept = st.session_state[key] = weakref.ref(learner), about, compute()
    found: T = kept[2]
    return found
