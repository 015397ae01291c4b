"""The lesson's life in a session: its settings, its digits, its run, what the learner has done."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from core.architecture import ArchitectureError
from core.digits import Digits
from core.recipes import RECIPES
from pages._mnist.run import Change, DigitsRun
from pages._mnist.settings import (
    LESSON,
    RECIPE_FIELDS,
    Settings,
    base_of,
    changed_fields,
    settings_of_recipe,
)
from ui import walk
from ui.digits import mnist
from ui.i18n import t
from ui.lost import note_loss
from ui.state import open_settings, plain, say, shorten, to_params, update
from ui.training import runs

did = partial(walk.did, LESSON)
PENDING = f"{LESSON}.pending"  # set while settings wait for a run that they do not fit
PREVIOUS = f"{LESSON}.previous"  # in ``runs``: the run before this one
OWN = f"{LESSON}.own"  # the learner's digits: {"train": Digits, "test": Digits}, either or both
LOOK = (
    "view",
    "digit",
    "results",
    "shown",
    "done",
    "changes",
)  # settings that say nothing about the run


def open_lesson() -> tuple[Settings, DigitsRun]:
    """Return the settings and the run, made the first time; say what a link asked in vain."""
    settings = open_settings(LESSON, Settings, base_of)
    run: DigitsRun | None = runs().get(LESSON)
    if run is None:
        run, settings = _start_from_link(settings)
    elif not needs_another_run(settings, run):
        st.session_state.pop(PENDING, None)
    elif run.playing:
        st.session_state[PENDING] = True  # it goes on until the learner says so, also when paused
    elif PENDING not in st.session_state:
        try:
            run = start(settings)
        except ArchitectureError as error:  # such as a CNN's layers for the notes' network
            say("error", architecture_sentence(error))
            look = {field: getattr(settings, field) for field in LOOK}
            settings = replace(run.settings, lr=run.rate, **look)
            st.session_state[f"{LESSON}.settings"] = settings
    return settings, run


def digits() -> tuple[Digits, Digits]:
    """Return the digits to learn from and to be tested with: MNIST's, or the learner's own."""
    train, test = mnist()
    own = st.session_state.get(OWN, {})
    return own.get("train", train), own.get("test", test)


def needs_another_run(settings: Settings, run: DigitsRun) -> bool:
    """Whether the settings ask for something else than what the run was built from."""
    train, test = digits()
    if run.train is not train or run.test is not test:
        return True
    ignored = {"epochs"} if settings.schedule == "constant" else set()
    if run.step:
        ignored.add("lr")  # it can be changed in the middle
    names = ({*RECIPE_FIELDS, "seed"}) - ignored
    return any(getattr(settings, name) != getattr(run.settings, name) for name in names)


def start(settings: Settings) -> DigitsRun:
    """Build a run from the settings; the one before goes into the drawer, if it has learned.

    Raises
    ------
    ArchitectureError
        If the layers are no network; nothing is changed then.
    """
    run = DigitsRun(settings, *digits())
    put(run)
    return run


def start_again() -> None:
    """Begin anew with the settings as they are now, if they are a network."""
    try:
        start(st.session_state[f"{LESSON}.settings"])
    except ArchitectureError as error:
        say("error", architecture_sentence(error))


def take_recipe(name: str) -> None:
    """Set everything as a recipe has it; what is looked at stays."""
    kept = st.session_state[f"{LESSON}.settings"]
    look = {field: getattr(kept, field) for field in (*LOOK, "seed")}
    st.session_state[f"{LESSON}.settings"] = replace(settings_of_recipe(name), **look)


def bring_back() -> None:
    """Take the run before this one out of its drawer."""
    take_run(runs().pop(PREVIOUS), keep=False)


def take_run(run: DigitsRun, *, keep: bool = True) -> None:
    """Put a run in the place of the one before, and its settings with it.

    The one before goes into the drawer, if it has learned and ``keep`` says so.
    """
    put(run, keep=keep)
    kept = st.session_state[f"{LESSON}.settings"]
    look = {field: getattr(kept, field) for field in LOOK}
    st.session_state[f"{LESSON}.settings"] = replace(run.settings, lr=run.rate, **look)


def try_layers(text: str) -> bool:
    """Set the layers, if they are a network; say what is wrong if not."""
    settings = replace(st.session_state[f"{LESSON}.settings"], layers=text)
    try:
        DigitsRun(settings, *digits())
    except ArchitectureError as error:
        say("error", architecture_sentence(error))
        return False
    update(LESSON, layers=text)
    return True


def architecture_sentence(error: ArchitectureError) -> str:
    """Say in the learner's language what is wrong with a network's layers."""
    return t(f"layers.{error.code}", part=plain(error.part), got=plain(error.got))


def link_params(settings: Settings, run: DigitsRun) -> dict[str, str]:
    """Return the whole state as parameters: the run's beginning, and how far it has come."""
    built = settings if run.step == 0 else run.settings
    shown = replace(
        built,
        epochs=settings.epochs,
        done=max(run.step, run.stop_at),
        changes=write_changes([*run.changes, *run.planned]),
        view=settings.view,
        digit=settings.digit,
        results=settings.results,
        shown=settings.shown,
    )
    return to_params(shown, replace(settings_of_recipe(shown.recipe), recipe=Settings().recipe))


def write_changes(changes: list[Change]) -> str:
    """Write the changes of the learning rate as a text for a link: 120:0.005,900:0.001."""
    return ",".join(f"{change.step}:{change.lr!r}" for change in changes)


def read_changes(text: str) -> list[Change]:
    """Read what ``write_changes`` wrote; raises ValueError if it is something else."""
    found = []
    for part in filter(None, text.split(",")):
        match = re.fullmatch(r"(\d{1,8}):([0-9.e+-]{1,24})", part)
        if not match or not 0.0 < float(match[2]) <= 1000.0:
            raise ValueError(f"expected step:rate, got {part!r}")
        found.append(Change(int(match[1]), float(match[2])))
    return sorted(found)


def remembered(name: str, run: DigitsRun, compute: Callable[[], Any]) -> Any:
    """Return what ``compute`` returns, computed once for a run as far as it has come.

    ``name`` says what it is, with everything in it that it depends on besides the network.
    """
    key = f"{LESSON}.of_run.{name.partition(':')[0]}"
    kept = st.session_state.get(key)
    if kept is None or kept[0] != (name, run.step):
        kept = st.session_state[key] = ((name, run.step), compute())
    return kept[1]


def changed_words(settings: Settings) -> str:
    """Say in a few words what differs from the chosen recipe; empty if nothing does."""
    recipe = RECIPES[settings.recipe]
    return ", ".join(
        f"{t(f'mnist.field_{name}')} {getattr(recipe, name)} → {getattr(settings, name)}"
        for name in changed_fields(settings)
    )


def put(run: DigitsRun, *, keep: bool = True) -> None:
    """Put a run, at rest, in the place of the one before; what belonged to that one goes.

    The one before goes into the drawer, if it is not as it was drawn by chance.
    """
    before: DigitsRun | None = runs().get(LESSON)
    if keep and before is not None and not before.untrained:
        runs()[PREVIOUS] = before
    for other in (before, run):
        if other is not None:
            other.playing = False
    runs()[LESSON] = run
    st.session_state.pop(PENDING, None)
    for key in [k for k in st.session_state if str(k).startswith(f"{LESSON}.of_run.")]:
        del st.session_state[key]


def _start_from_link(settings: Settings) -> tuple[DigitsRun, Settings]:
    """Build the run that a link describes; what does not fit is said and left out."""
    try:
        run = start(settings)
    except ArchitectureError as error:
        say("error", architecture_sentence(error))
        settings = settings_of_recipe(settings.recipe)
        run = start(settings)
    note_loss(run)
    try:
        run.planned = read_changes(settings.changes)
    except ValueError:
        say("warning", t("mnist.bad_changes", got=plain(shorten(settings.changes))))
    if settings.done and not run.after_loss:  # who lost a run that went on wants it to go on
        run.stop_at = settings.done
        say("info", t("mnist.from_link", step=f"{settings.done:,}"))
    kept = replace(settings, done=0, changes="")
    st.session_state[f"{LESSON}.settings"] = kept
    return run, kept
