"""The MNIST lesson: a network learns to read handwritten digits, all 60,000 of them."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages._mnist import (
    session,
    view_backquery,
    view_code,
    view_compare,
    view_data,
    view_inside,
    view_network,
    view_results,
    view_sweep,
    view_train,
)
from pages._mnist.actions import ACTIONS
from pages._mnist.diagnosis import show_findings
from pages._mnist.facts import facts_of
from pages._mnist.run import SHORTEST, DigitsRun
from pages._mnist.settings import LESSON, VIEWS, Settings
from ui import walk
from ui.announce import announce
from ui.controls import choose_view, show_guide, show_intro
from ui.lessons import enter
from ui.lost import mark_going, show_loss, under_way
from ui.state import show_said, write_url
from ui.tasks import show_tasks, solved
from ui.training import live

SHOW: dict[str, Callable[[Settings, DigitsRun], None]] = {
    "network": view_network.show,
    "inside": view_inside.show,
    "backquery": view_backquery.show,
    "sweep": view_sweep.show,
    "compare": view_compare.show,
    "results": view_results.show,
    "data": view_data.show,
    "code": view_code.show,
}


def draw_training(run: DigitsRun) -> None:
    """Draw bars, figures and curves."""
    left, right = st.columns([1, 1], gap="large", vertical_alignment="center")
    with left:
        view_train.draw_bars(run)
    with right:
        view_train.draw_figures(run)
    view_train.show_progress(run)
    announce(view_train.in_words(run), key=f"{LESSON}.spoken", live=run.playing)


def view(settings: Settings, run: DigitsRun, done: set[str]) -> None:
    """Let the learner choose what to look into, and draw it."""
    choose_view(LESSON, VIEWS, "mnist_view")
    with st.container(key="view"):
        if settings.view == "tasks":
            show_tasks(LESSON, done)
        else:
            SHOW[settings.view](settings, run)


def page() -> None:
    """Draw the lesson."""
    walk.read_link(LESSON)
    settings, run = session.open_lesson()
    settings = walk.arrive(LESSON, settings)
    show_intro(LESSON)
    show_said()
    show_loss(run)
    mark_going(run)
    view_train.show_controls(settings, run)
    if run.diverged is not None:
        show_findings(run)  # the curves say little then: what happened has to be read first
    with st.container(key="player"):
        live(lambda: draw_training(run), run, draw_first=True, every=SHORTEST)
    if run.diverged is None:
        show_findings(run)
    # It makes room once there is something to see.
    show_guide(LESSON, expanded=not run.playing and run.untrained)
    facts = facts_of(settings, run)
    done = solved(LESSON, facts)
    view(settings, run, done)
    walk.show_walk(LESSON, facts, ACTIONS)
    kept = {"solved": ",".join(sorted(done))} if done else {}
    write_url(
        {**session.link_params(settings, run), **under_way(run), **walk.params(LESSON), **kept}
    )


enter()
page()
