"""Teaching in slices: a copy learns the drawings, then the copy and the network are measured."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator

import numpy as np

from core.digit_tuning import Tally, count_right, digits_shown, learner_copy, tune_digits
from core.digits import Digits
from core.recipes import Learner
from core.training import Diverged, StepEnd
from pages._draw.settings import LESSON
from ui.driven import Driven

NAME = f"{LESSON}.teach"  # in ``ui.training.runs``
SLICE = 0.15  # seconds of computing between two pictures
# MNIST's test digits that it is measured on: in the browser there is no BLAS.
MEASURED = 1_000 if sys.platform == "emscripten" else 10_000
SETS, TIMES = ("own", "mnist"), ("before", "after")


class Teaching(Driven):
    """Drawings that are taught to a copy of a network; the network stays as it is.

    Parameters
    ----------
    learner : Learner
        The network.
    drawings : Digits
        At least one.
    train, test : Digits
        MNIST's: old digits to mix in, and others to measure what was forgotten.
    mix, rounds
        As ``core.digit_tuning.tune_digits`` takes them.
    known : Tally, optional
        How the network does on the test digits, if that was measured before.

    Attributes
    ----------
    taught : Learner or None
        The copy, once it has learned.
    tallies : dict
        By set ("own", "mnist") and time ("before", "after"); complete once it is finished.
    diverged : bool
        Whether the loss stopped being a number; nothing follows then.
    """

    def __init__(
        self,
        learner: Learner,
        drawings: Digits,
        train: Digits,
        test: Digits,
        *,
        mix: float,
        rounds: int,
        known: Tally | None = None,
    ) -> None:
        super().__init__()
        self.learner, self.drawings, self.mix, self.rounds = learner, drawings, mix, rounds
        self.taught: Learner | None = None
        self.tallies: dict[tuple[str, str], Tally] = {}
        self.diverged = False
        self.finished = False
        self.shown = digits_shown(len(drawings), mix, rounds)
        # From all over the set: MNIST's halves were written by different people.
        some = Digits(*(part[:: max(1, len(test) // MEASURED)] for part in test))
        sets = {"own": drawings, "mnist": some}
        if known is not None:
            self.tallies["mnist", "before"] = known
        self._to_measure = [
            (name, when) for name in SETS for when in TIMES if (name, when) not in self.tallies
        ]
        self.until = self.shown + sum(len(sets[name]) for name, _ in self._to_measure)
        self._course = self._work(train, sets)

    @property
    def measuring(self) -> bool:
        """Whether it has learned, and is being measured."""
        return self.step >= self.shown

    def go_on(self) -> None:
        """Compute for a slice."""
        start = time.perf_counter()
        with self.turn() as mine:
            while mine and self.playing and time.perf_counter() - start < SLICE:
                self.playing = next(self._course, False)

    def leave(self) -> None:
        """End it: the learner has gone, or has stopped it."""
        self.playing = False
        with self.lock:
            self._course.close()

    def _work(self, train: Digits, sets: dict[str, Digits]) -> Generator[bool, None, None]:
        """Learn, then measure; yield True while there is more to do."""
        learned = learner_copy(self.learner)
        seen = 0
        rng = np.random.default_rng()
        for event in tune_digits(
            learned, self.drawings, train, mix=self.mix, rounds=self.rounds, rng=rng
        ):
            if isinstance(event, Diverged):
                self.diverged = self.finished = True
                yield False
                return
            if isinstance(event, StepEnd):
                seen = self.step = event.seen
                yield True
        # A copy of the copy: what it needed for learning is much larger than itself.
        self.taught = learner_copy(learned)
        for name, when in self._to_measure:
            learner = self.learner if when == "before" else self.taught
            for tally in count_right(learner, sets[name]):
                self.tallies[name, when] = tally
                self.step = seen + int(tally.asked.sum())
                yield True
            seen = self.step
        self.finished = True
        yield False
