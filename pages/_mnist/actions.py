"""What the walk's "show me" can do: each action does what a learner would do on the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import streamlit as st

from pages._mnist import session
from pages._mnist.facts import is_own
from pages._mnist.inside_weights import KEY as INSIDE
from pages._mnist.results_answers import THRESHOLD, answers_of, choose_cell
from pages._mnist.run import DigitsRun
from pages._mnist.settings import LESSON, Settings, settings_of_recipe
from ui.state import update
from ui.training import runs


def _look() -> None:
    update(LESSON, view="data", digit=(_kept().digit + 7) % len(_run().train))
    session.did("chose_digit")


def _train() -> None:
    """Train as it is set; if it has broken down, from the beginning with the recipe's numbers."""
    if _run().diverged is not None:
        session.take_recipe(_kept().recipe)
        session.start_again()
    _run().play()


def _finish() -> None:
    """Train a network that will do well to its end: the first recipe, if this one would not."""
    run = _run()
    if run.diverged is not None or (run.finished and run.epochs[-1].test_accuracy < 0.97):
        session.take_recipe("mlp")
        session.start_again()
    _run().play()


def _weights() -> None:
    update(LESSON, view="inside")
    st.session_state[f"{INSIDE}.unit"] = 0
    session.did("chose_weights")


def _cell() -> None:
    """Open the field with the most mistakes."""
    update(LESSON, view="results", results="mixed")
    _rest()
    counts = answers_of(_run()).counts * ~np.eye(10, dtype=bool)
    choose_cell(int(counts.argmax()))


def _image() -> None:
    """Open the wrong answer that the network was surest of."""
    update(LESSON, view="results", results="worst")
    _rest()
    found = answers_of(_run())
    wrong = found.surest(found.wrong)
    update(LESSON, shown=int(wrong[0]) if len(wrong) else 0)
    session.did("chose_image")


def _threshold() -> None:
    update(LESSON, view="results", results="doubt")
    _rest()
    st.session_state[THRESHOLD] = 99
    session.did("set_threshold")


def _change() -> None:
    """Take a second layer, and Adam: a network of one's own."""
    recipe = settings_of_recipe("mlp")
    own = replace(recipe, layers="256-64", optimizer="adam", lr=0.001, momentum=0.0, epochs=3)
    _take(replace(own, view="network"))


def _train_own() -> None:
    _change()
    _run().play()


def _results() -> None:
    """Show the worst mistakes of a network of one's own; train it first, if there is none."""
    run = _run()
    good = bool(run.epochs) and run.epochs[-1].test_accuracy >= 0.97
    if not good or not is_own(run.settings):
        _train_own()
    update(LESSON, view="results", results="worst")


def _take(settings: Settings) -> None:
    """Start a run with these settings."""
    st.session_state[f"{LESSON}.settings"] = replace(settings, seed=_kept().seed)
    session.start_again()


def _rest() -> None:
    """Hold the run, and train a little if nothing has been learned yet."""
    run = _run()
    run.playing = False
    if run.untrained and run.diverged is None:
        run.train_to(300)


def _run() -> DigitsRun:
    run: DigitsRun = runs()[LESSON]
    return run


def _kept() -> Settings:
    settings: Settings = st.session_state[f"{LESSON}.settings"]
    return settings


ACTIONS: dict[str, Callable[[], None]] = {
    "look": _look,
    "train": _train,
    "finish": _finish,
    "weights": _weights,
    "cell": _cell,
    "image": _image,
    "threshold": _threshold,
    "change": _change,
    "train_own": _train_own,
    "results": _results,
}
