"""The page's state as plain facts, for the walk's steps and the tasks."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.metrics import accuracy_score
from core.training import predict
from pages._quadrants.diagnosis import count_units
from pages._quadrants.settings import LESSON, Settings
from ui.training import Run
from ui.walk import deeds


def facts_of(settings: Settings, run: Run) -> dict[str, Any]:
    """Return what a condition may ask for; numbers describe the run, not the controls."""
    ran: Settings = run.settings
    done = deeds(LESSON)
    dead, _, units = count_units(run.model, run.data[0])
    return {
        "view": settings.view,
        "step": run.step,
        "loss": run.losses[-1] if run.losses else float("inf"),
        "accuracy": _accuracy(run),
        "data": ran.data,
        "classes": int(run.data[1].max()) + 1,
        "noise": ran.noise,
        "activation": ran.activation,
        "neurons": sum(ran.hidden),
        "layers": len(ran.hidden),
        "dead_share": dead / units if units else 0.0,
        "diverged": run.diverged is not None,
        "cursor": st.session_state.get(f"{LESSON}.cursor") is not None,
        **{name: name in done for name in DEEDS},
    }


DEEDS = (
    "stepped",
    "scrubbed",
    "moved_probe",
    "chose_z",
    "chose_a",
    "chose_p",
    "chose_dw",
    "checked",
    "overflow",
    "chose_neuron",
    "edited",
    "edited_points",
)


def _accuracy(run: Run) -> float:
    x, y = run.data
    with np.errstate(all="ignore"):
        return accuracy_score(y, predict(run.model, x).argmax(axis=1))
