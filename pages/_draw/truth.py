"""What a drawing should have been: only the one who drew it knows."""

from __future__ import annotations

import streamlit as st

from pages._draw.session import change
from pages._draw.settings import AUTO, LESSON, Settings
from ui.i18n import t

KEY = f"{LESSON}.truth_choice"


def choose_truth(settings: Settings) -> None:
    """Let the learner say what the drawing is."""
    st.session_state[KEY] = None if settings.truth == AUTO else settings.truth
    st.segmented_control(
        t("draw.truth"), range(10), format_func=str, key=KEY, on_change=_take_truth
    )


def _take_truth() -> None:
    chosen = st.session_state[KEY]
    change(truth=AUTO if chosen is None else chosen)
