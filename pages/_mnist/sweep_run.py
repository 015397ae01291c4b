"""A sweep that is computed in slices, as a training run is: the page stays free for clicks."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import cast

from core.digits import Digits
from core.sweep import Spot, TrialEnd, TrialStep, best_spot, spots_of, sweep
from pages._mnist.settings import LESSON
from pages._mnist.sweep_plan import Plan, split
from ui.driven import Driven

NAME = f"{LESSON}.sweep"  # in ``ui.training.runs``
SLICE = 0.4  # seconds of computing between two pictures


class SweepRun(Driven):
    """A sweep, how far it is, and what has come out so far.

    Parameters
    ----------
    plan : Plan
    train : Digits
        The page's training images; some of them are put aside to judge by.
    """

    def __init__(self, plan: Plan, train: Digits) -> None:
        super().__init__()
        self.plan, self.judged = plan, len(split(train)[1][0])
        self.until = len(plan.trials)
        self.work = plan.work
        self.ends: list[TrialEnd] = []
        self.share = 0.0  # of the network that is being trained
        self.seconds = 0.0  # since Start, without pauses
        self.cancelled = False
        self._worked_at: float | None = None
        # A generator that is asked for one piece at a time, under the lock, never by two at once.
        self._events = cast(
            "Generator[TrialStep | TrialEnd, None, None]", sweep(plan.trials, lambda: split(train))
        )

    @property
    def progress(self) -> float:
        """Which share of the work lies behind: a large network counts for more than a small one."""
        done = len(self.ends)
        now = self.share * self.work[done] if done < self.until else 0.0
        return min(1.0, (sum(self.work[:done]) + now) / sum(self.work))

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.cancelled or len(self.ends) == self.until

    @property
    def seconds_left(self) -> float | None:
        """How long it will go on; None while there is nothing to judge by."""
        done = self.progress
        return self.seconds / done * (1 - done) if done > 0.01 else None

    def go_on(self) -> None:
        """Compute for a slice."""
        start = time.perf_counter()
        with self.turn() as mine:
            while mine and self.playing and time.perf_counter() - start < SLICE:
                self._take(next(self._events, None))
        now = time.perf_counter()
        self.seconds += now - (start if self._worked_at is None else self._worked_at)
        self._worked_at = now

    def play(self) -> None:
        """Let it go on."""
        self._worked_at = None
        self.drawn_at = time.monotonic()
        self.playing = not self.finished

    def finish(self) -> None:
        """Compute all that is left, without pictures."""
        for event in self._events:
            self._take(event)

    def cancel(self) -> None:
        """End it here; what has come out stays."""
        self.playing = False
        with self.lock:
            self._events.close()
        self.cancelled = True

    def leave(self) -> None:
        """End it: the learner has gone."""
        self.cancel()

    def spots(self) -> list[Spot]:
        """Return what has come out so far, value by value."""
        return spots_of(self.ends, self.plan.field)

    def best(self) -> Spot | None:
        """Return the best value so far."""
        return best_spot(self.spots())

    def _take(self, event: TrialStep | TrialEnd | None) -> None:
        self.step += 1
        if isinstance(event, TrialStep):
            self.share = event.share
        elif isinstance(event, TrialEnd):
            self.ends.append(event)
            self.share = 0.0
        if event is None or self.finished:
            self.playing = False
