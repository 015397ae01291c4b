"""The page's state as plain facts, for the walk's steps and the tasks."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.metrics import accuracy_when_sure
from pages._mnist.results_answers import THRESHOLD, answers_of
from pages._mnist.run import DigitsRun
from pages._mnist.settings import LESSON, Settings, changed_fields
from ui.digits import mnist_test
from ui.walk import deeds

DEEDS = (
    "chose_digit",
    "chose_weights",
    "chose_cell",
    "chose_image",
    "set_threshold",
)
# What of a recipe makes another network or another way to learn; more epochs alone do not.
OWN = {"layers", "activation", "dropout", "init", "optimizer", "momentum", "batch_size", "schedule"}


def facts_of(settings: Settings, run: DigitsRun) -> dict[str, Any]:
    """Return what a condition may ask for; numbers describe the run, not the controls."""
    done = deeds(LESSON)
    last = run.epochs[-1] if run.epochs else None
    answered, answered_right = _when_sure(settings, run)
    return {
        "view": settings.view,
        "results": settings.results,
        "epochs": len(run.epochs),
        "accuracy": last.test_accuracy if last else 0.0,
        "changed": is_own(run.settings),
        "parameters": sum(array.size for array in run.learner.model.params.values()),
        "train_size": run.size,
        "complete_test": run.test is mnist_test(),
        "answered": answered,
        "answered_right": answered_right,
        **{name: name in done for name in DEEDS},
    }


def is_own(settings: Settings) -> bool:
    """Whether it is another network than its recipe's, or learns in another way."""
    return bool(OWN & set(changed_fields(settings)))


def _when_sure(settings: Settings, run: DigitsRun) -> tuple[float, float]:
    """Return which share is answered at the chosen threshold, and how many of these are right.

    Both are 0 where the learner does not look at them, or nothing has been trained and tested.
    """
    looked_at = settings.view == "results" and settings.results == "doubt"
    if not looked_at or run.playing or not run.epochs or THRESHOLD not in st.session_state:
        return 0.0, 0.0
    found = answers_of(run)
    threshold = np.array([st.session_state[THRESHOLD] / 100])
    answered, right = accuracy_when_sure(found.right, found.sure, threshold)
    return float(answered[0]), float(np.nan_to_num(right[0]))
