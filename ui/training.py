"""Training inside a page: the only place where ``core.training`` meets Streamlit.

A page's script is run anew at every click, so a training run must not live in it.  A ``Run`` lies
in the session and is driven in short slices: by the page's own live picture while that page is
open (``drive``), and by the monitor in the sidebar wherever else the learner is.  Between two
slices Streamlit is free to answer clicks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from core.layers import Sequential
from core.losses import Loss
from core.optim import Optimizer
from core.training import Data, Diverged, Event, StepEnd, evaluate, fit
from ui.assets import IN_BROWSER
from ui.driven import Driven, nothing
from ui.i18n import t
from ui.leaving import WATCH, Shelf, new_shelf
from ui.state import redraw

# Seconds of computing between two pictures; more makes clicks wait.  In a browser drawing takes as
# long, on the same one thread.
SLICE = 0.06 if IN_BROWSER else 0.15
# Seconds between two requests for a slice.  Whatever is asked for during a slice comes right after
# it, so less than a slice is soon enough, and more often only keeps the server busy.
PICTURE = 0.05 if IN_BROWSER else 0.12
PATIENCE = 0.7  # seconds after which the sidebar takes over from a page that no longer drives
GROWTH = 0.7  # share of the steps so far that the next picture takes, if no speed is set
FRAME_RATIO = 1.2  # frames are kept at steps that grow by this factor: early ones lie closer


class Snapshot(NamedTuple):
    """The network as it was after ``step`` steps."""

    step: int
    loss: float
    accuracy: float
    params: np.ndarray


class Change(NamedTuple):
    """Something that the learner did to a run in its middle, after ``step`` steps."""

    step: int
    what: str  # "lr", or a parameter's name
    place: tuple[int, ...]  # of the number within the parameter; empty for "lr"
    value: float


class Run(Driven):
    """One training run: the network, where it stands, and all that happened so far.

    Parameters
    ----------
    model, loss, optimizer, data, validation, batch_size, rng
        As ``core.training.fit`` takes them.
    until : int
        After how many steps it pauses by itself.
    settings : object
        What the page built it from.
    """

    def __init__(
        self,
        model: Sequential,
        loss: Loss,
        optimizer: Optimizer,
        data: Data,
        *,
        validation: Data | None,
        batch_size: int,
        rng: np.random.Generator,
        until: int,
        settings: Any = None,
    ) -> None:
        super().__init__()
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self.data, self.validation, self.until = data, validation, until
        self.settings = settings
        self.replay_to = 0  # a step that a link names: until there the pictures hardly matter
        self.losses: list[float] = []
        self.validation_losses: list[tuple[int, float]] = []
        self.changes: list[Change] = []
        self.planned: list[Change] = []  # to be made when their step has come, as a link says
        self.diverged: Diverged | None = None
        self.seconds = 0.0  # of computing
        self.speed = 0  # steps per picture; 0 begins slowly and takes more and more
        self.rested_at = 0  # the step at which it last stood still
        self._events: Iterator[Event] = fit(
            model, loss, optimizer, data, epochs=10**9, batch_size=batch_size, rng=rng
        )
        self.snapshots: list[Snapshot] = []
        self.keep_snapshot()

    def go_on(self) -> None:
        """Compute until the next picture."""
        self.advance(self.speed or max(4, int(GROWTH * self.step)))

    def advance(self, steps: int, seconds: float = SLICE) -> bool:
        """Train for up to ``steps`` steps or ``seconds``; say whether anything was done."""
        with self.turn() as mine:
            if mine:
                self._train(steps, seconds)
        return mine

    def change(self, what: str, value: float, index: tuple[int, ...] = ()) -> None:
        """Set the learning rate or one parameter, and remember it."""
        with self.lock:
            self._change(what, value, index)

    def make_planned_changes(self) -> None:
        """Make the changes whose step has come."""
        while self.planned and self.planned[0].step <= self.step:
            change = self.planned.pop(0)
            self._change(change.what, change.value, change.place)

    def keep_snapshot(self) -> None:
        """Keep the network as it is now, for the timeline."""
        loss, accuracy = evaluate(self.model, self.loss, self.data)
        flat = self.model.flat()
        params = np.zeros(0) if flat is None else flat[0].copy()
        self.snapshots.append(Snapshot(self.step, loss, accuracy or 0.0, params))

    def settle(self) -> None:
        """Keep the network as it is at rest, if that has not been done."""
        self.rested_at = self.step
        if self.snapshots[-1].step != self.step:
            self.keep_snapshot()

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.diverged is not None or self.step >= self.until

    def _change(self, what: str, value: float, index: tuple[int, ...]) -> None:
        if what == "lr":
            self.optimizer.lr = value
        else:
            self.model.params[what][index] = value
        self.changes = [
            c for c in self.changes if (c.step, c.what, c.place) != (self.step, what, index)
        ]
        self.changes.append(Change(self.step, what, index, value))
        if what != "lr":
            self.snapshots = [s for s in self.snapshots if s.step != self.step]
            self.keep_snapshot()

    def _train(self, steps: int, seconds: float) -> None:
        start = time.perf_counter()
        stop_at = min(self.step + steps, self.until)
        while self.step < stop_at and self.diverged is None:
            self.make_planned_changes()
            event = next(self._events)
            if isinstance(event, StepEnd):
                self.step = event.step
                self.losses.append(event.loss)
                if self.step >= self._next_frame():
                    self.keep_snapshot()
                if time.perf_counter() - start > seconds:
                    break
            elif isinstance(event, Diverged):
                self.diverged = event
        self.seconds += time.perf_counter() - start
        if self.validation is not None:
            loss, _ = evaluate(self.model, self.loss, self.validation)
            self.validation_losses.append((self.step, loss))
        if self.finished:
            self.make_planned_changes()
            self.playing = False
            self.settle()

    def _next_frame(self) -> int:
        last = self.snapshots[-1].step
        return max(last + 1, int(last * FRAME_RATIO))


def runs() -> Shelf:
    """Return this visitor's runs, by the id of their lesson."""
    if "runs" not in st.session_state:
        st.session_state["runs"] = new_shelf()
    kept: Shelf = st.session_state["runs"]
    return kept


def answer_clicks() -> None:
    """Let Streamlit see whether somebody has clicked: whoever touches the session's state does."""
    st.session_state.get("lang")


def drive(run: Driven) -> None:
    """Take the next slice, if the run is playing; end with a full redraw when it stops."""
    if not run.playing:
        return
    run.on_wait = answer_clicks
    run.go_on()
    if not run.playing:
        redraw()


def live(
    draw: Callable[[], None], run: Driven, *, draw_first: bool = False, every: float = PICTURE
) -> None:
    """Call ``draw`` once, and again with every slice while the run is playing.

    With short slices the picture comes after the slice.  With ``draw_first`` it comes before, so
    that a run whose slices are long can move parts of it while it computes.  ``every`` is the time
    between two requests for a slice, in seconds.
    """

    def slice_and_draw() -> None:
        run.drawn_at = time.monotonic()
        if draw_first:
            draw()
        try:
            drive(run)
        finally:
            run.on_tick = nothing  # whoever drives it next cannot reach what was drawn here
        if not draw_first:
            draw()
        _say_how_many(run)
        run.drawn_at = time.monotonic()

    st.fragment(slice_and_draw, run_every=every if run.playing else None)()


def _say_how_many(run: Driven) -> None:
    """Say why it is slow, where others train on the same server."""
    others = WATCH.at_work() - 1 if run.playing else 0
    if others > 0:
        st.caption(t("training.turns", n=others + 1))


def monitor(current: str) -> None:
    """Show the run that is playing, wherever the learner is, and keep it going.

    ``current`` is the id of the lesson that is open: it shows and drives its own run, unless its
    picture has stopped asking for more.  Further runs of a lesson, called ``lesson.what``, are left
    to it only while it draws them.
    """
    playing = {name: run for name, run in runs().items() if run.playing}
    if current in playing:
        playing[current].drawn_at = time.monotonic()  # the page is about to draw and drive it
    interval = (1.0 if current in playing else 0.3) if playing else None

    def watch() -> None:
        for name, run in playing.items():
            here = name.partition(".")[0] == current
            if here and time.monotonic() - run.drawn_at < PATIENCE:
                continue
            run.on_tick = answer_clicks  # its slices can be long, and nothing is drawn meanwhile
            drive(run)
            if name == current:
                continue
            st.progress(
                run.progress,
                text=t("training.monitor", lesson=t(f"lesson.{name}"), step=f"{run.step:,}"),
            )
            st.button(
                t("training.pause"),
                key=f"monitor.pause.{name}",
                on_click=lambda run=run: setattr(run, "playing", False),
            )

    st.fragment(watch, run_every=interval)()
