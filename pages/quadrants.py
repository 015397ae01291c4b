"""The quadrant lesson: a small network learns to tell regions of the plane apart."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages._quadrants import session, view_player
from pages._quadrants.actions import ACTIONS
from pages._quadrants.diagnosis import collapsed, diagnose
from pages._quadrants.facts import facts_of
from pages._quadrants.settings import LESSON, VIEWS, Settings
from pages._quadrants.view_code import show_code
from pages._quadrants.view_neurons import show_neurons
from pages._quadrants.view_numbers import show_numbers
from pages._quadrants.view_playground import show_playground
from pages._quadrants.view_points import class_name
from ui import walk
from ui.controls import choose_view, show_intro, show_parts
from ui.i18n import t
from ui.lessons import enter
from ui.lost import mark_going, show_loss, under_way
from ui.state import show_said, update, write_url
from ui.tasks import show_tasks, solved
from ui.training import Run, live


def findings(settings: Settings, run: Run) -> None:
    """Say what goes wrong, with the numbers that show it and a button that mends it."""
    for found in diagnose(settings, run):
        with st.container(border=True, key=f"finding-{found.id}"):
            st.warning(t(f"finding.{found.id}", **found.values), icon=":material/troubleshoot:")
            if found.id == "collapsed":
                w, b = collapsed(run.model)
                with np.printoptions(precision=4, suppress=True):
                    st.code(f"W = \n{w}\nb = {b}", language=None)
            values = ", ".join(f"{t(f'setting.{k}')}: {_shown(k, v)}" for k, v in found.fix.items())
            st.button(
                t("finding.fix", what=values),
                key=f"{LESSON}.fix.{found.id}",
                on_click=_mend,
                args=(found.fix,),
            )


def _shown(name: str, value: object) -> str:
    tables = {"activation": "activation", "init": "init"}
    return t(f"{tables[name]}.{value}") if name in tables else f"{value:g}"


def _mend(fix: dict[str, object]) -> None:
    update(LESSON, **fix)
    session.start_again()


def view(settings: Settings, run: Run, extent: float, classes: list[str], done: set[str]) -> None:
    """Let the learner choose what to look into, and draw it."""
    choose_view(LESSON, VIEWS, "view")
    with st.container(key="view"):
        if settings.view == "numbers":
            show_numbers(settings, run, classes)
        elif settings.view == "neurons":
            show_neurons(settings, run, extent, classes)
        elif settings.view == "playground":
            show_playground(settings, run)
        elif settings.view == "tasks":
            show_tasks(LESSON, done)
        else:
            show_code(settings, run, len(classes))


def page() -> None:
    """Draw the lesson."""
    walk.read_link(LESSON)
    settings, run = session.open_lesson()
    settings = walk.arrive(LESSON, settings)
    x = run.data[0]
    extent = max(3.0, 1.15 * float(np.abs(x).max()))
    labels = run.data[1] if run.validation is None else np.append(run.data[1], run.validation[1])
    classes = [class_name(number) for number in range(max(2, int(labels.max()) + 1))]
    facts = facts_of(settings, run)
    done = solved(LESSON, facts)
    show_intro(LESSON)
    show_said()
    show_loss(run)
    mark_going(run)
    view_player.show_controls(settings, run)
    if run.diverged is not None:
        findings(settings, run)  # the plane is empty then: what happened has to be read first
    with st.container(key="player"):
        live(lambda: view_player.show_player(run, extent, classes), run)
        resting = run.step and not run.playing and run.diverged is None
        if run.settings.data == "four_points" and resting:
            view_player.show_verification(run, classes)
    if run.diverged is None:
        findings(settings, run)
    with st.container(key="guide"):
        show_parts(LESSON)
    view(settings, run, extent, classes, done)
    walk.show_walk(LESSON, facts, ACTIONS)
    kept = {"solved": ",".join(sorted(done))} if done else {}
    write_url(
        {**session.link_params(settings, run), **under_way(run), **walk.params(LESSON), **kept}
    )


enter()
page()
