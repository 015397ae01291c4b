"""The digits before anybody learns from them: one, all of them, and the learner's own."""

from __future__ import annotations

import streamlit as st

from pages._mnist.data_all import show_all
from pages._mnist.data_digit import show_digit
from pages._mnist.data_inputs import show_inputs
from pages._mnist.data_look import NAME, PARTS, chosen_digit, look, names_of
from pages._mnist.data_own import show_own
from pages._mnist.run import DigitsRun
from pages._mnist.settings import Settings
from ui.i18n import t
from ui.state import bound


def show(settings: Settings, run: DigitsRun) -> None:
    """Draw the view."""
    seen = look()
    chosen = chosen_digit(settings)
    show_digit(chosen)
    st.segmented_control(
        t("mnist_data.part"),
        PARTS,
        format_func=names_of("part", PARTS).get,
        label_visibility="collapsed",
        **bound(NAME, "part"),
    )
    with st.container(key="data-part"):
        if seen.part == "inputs":
            show_inputs(settings, chosen)
        elif seen.part == "all":
            show_all(chosen)
        else:
            show_own(run)
