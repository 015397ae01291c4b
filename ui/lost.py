"""Runs that are lost: the address says that one goes on, and whoever opens it anew is told.

A server forgets whoever is gone, and everything when it is started again; a browser forgets a page
that is opened anew.
"""

from __future__ import annotations

import streamlit as st

from ui.driven import Driven
from ui.i18n import t


def under_way(run: Driven) -> dict[str, str]:
    """Return what a link says of a run that goes on: whoever opens it anew has lost that run."""
    return {"going": "1"} if run.playing else {}


def mark_going(run: Driven) -> None:
    """Let the address say that a run goes on before its first slice: the line may break in it."""
    if run.playing and "going" not in st.query_params:
        st.query_params["going"] = "1"


def note_loss(run: Driven) -> None:
    """Note that another run stood here: the address is that of one that went on.

    The page was opened anew, or the server has been, or the learner was away for too long.
    """
    run.after_loss = "going" in st.query_params


def show_loss(run: Driven) -> None:
    """Say that another run stood here, until the learner presses the main button.

    A browser that comes back may ask for the page more than once.
    """
    if run.after_loss:
        st.warning(t("training.lost"))
