"""The lesson's life in a session: its settings, its run, and what the learner has done."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from core.datasets import PointsError
from pages._quadrants.experiment import build_run, read_changes, write_changes
from pages._quadrants.pictures import Pictures
from pages._quadrants.settings import LESSON, Settings, same_experiment
from ui import walk
from ui.i18n import t
from ui.lost import note_loss
from ui.state import open_settings, plain, say, shorten, to_params, update
from ui.training import Run, runs

MOST_POINTS_IN_LINK = 12_000  # characters
did = partial(walk.did, LESSON)
PENDING = f"{LESSON}.pending"  # set while settings wait for a run that they do not fit


def open_lesson() -> tuple[Settings, Run]:
    """Return the settings and the run, made the first time; say what a link asked in vain."""
    settings = open_settings(LESSON, Settings)
    run = runs().get(LESSON)
    if run is None:
        run, settings = _start_from_link(settings)
    elif not needs_another_run(settings, run):
        st.session_state.pop(PENDING, None)
    elif run.playing:
        st.session_state[PENDING] = True  # it goes on until the learner says so, also when paused
    elif PENDING not in st.session_state:
        run = start(settings)
    return settings, run


def needs_another_run(settings: Settings, run: Run) -> bool:
    """Whether the settings ask for something else than what the run was built from."""
    fresh = run.step == 0 and not run.changes
    return not same_experiment(settings, run.settings) or (fresh and settings.lr != run.settings.lr)


def start(settings: Settings) -> Run:
    """Build a run from the settings; the one before goes into the drawer, if it has learned."""
    run = build_run(settings)
    before = runs().get(LESSON)
    if before is not None and (before.step or before.changes):
        st.session_state[f"{LESSON}.previous"] = before
    _put(run)
    return run


def start_again() -> None:
    """Begin anew with the settings as they are now."""
    start(st.session_state[f"{LESSON}.settings"])


def bring_back() -> None:
    """Take the run before this one out of its drawer, and its settings with it."""
    run: Run = st.session_state.pop(f"{LESSON}.previous")
    _put(run)
    settings = st.session_state[f"{LESSON}.settings"]
    kept = {name: getattr(settings, name) for name in ("px", "py", "view", "speed")}
    st.session_state[f"{LESSON}.settings"] = replace(run.settings, lr=run.optimizer.lr, **kept)


def _put(run: Run) -> None:
    """Put a run, at rest, in the place of the one before; what belonged to that one goes."""
    for other in (runs().get(LESSON), run):
        if other is not None:
            other.playing = False
    runs()[LESSON] = run
    for name in (f"{LESSON}.cursor", f"{LESSON}.undo", f"{LESSON}.check", PENDING):
        st.session_state.pop(name, None)


def pictures(run: Run, extent: float) -> Pictures:
    """Return the run's pictures, kept as long as the run."""
    key = f"{LESSON}.pictures"
    kept: Pictures | None = st.session_state.get(key)
    if kept is None or kept.run is not run or kept.extent != extent:
        kept = st.session_state[key] = Pictures(run, extent)
    return kept


def link_params(settings: Settings, run: Run) -> dict[str, str]:
    """Return the whole state as parameters: the run's beginning, and how far it has come."""
    shown = replace(
        settings if run.step == 0 else run.settings,
        lr=run.settings.lr,
        steps=settings.steps,
        speed=settings.speed,
        px=settings.px,
        py=settings.py,
        view=settings.view,
        step=run.step + (run.diverged is not None),
        changes=write_changes(run.changes),
    )
    if len(shown.points) > MOST_POINTS_IN_LINK:
        shown = replace(shown, data="four_points", points="")
    return to_params(shown)


def _start_from_link(settings: Settings) -> tuple[Run, Settings]:
    """Build the run that a link describes; what does not fit is said and left out."""
    try:
        run = start(settings)
    except PointsError as error:
        say("error", points_sentence(error))
        settings = replace(settings, data="four_points", points="")
        run = start(settings)
    note_loss(run)
    try:
        run.planned = read_changes(settings.changes, run.model)
    except (ValueError, KeyError, IndexError, TypeError):
        say("warning", t("quadrants.bad_changes", got=plain(shorten(settings.changes))))
    run.make_planned_changes()
    if settings.step:
        run.until, run.speed, run.playing = settings.step, 1000, True
        run.replay_to = settings.step
    update(LESSON, data=settings.data, points=settings.points, step=0, changes="")
    return run, st.session_state[f"{LESSON}.settings"]


def points_sentence(error: PointsError) -> str:
    """Say in the learner's language what was wrong with a table of points."""
    expected = t(f"points.{error.code}")
    if error.row is None:
        return t("points.whole", expected=expected, got=error.got)
    if error.column is None:
        return t("points.row", row=error.row, expected=expected, got=error.got)
    values = {"row": error.row, "column": error.column, "got": plain(error.got)}
    return t("points.cell", expected=expected, **values)
