"""One training run on digits: in slices, with everything that the page shows of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from core.digits import Digits
from core.layer import Layer
from core.metrics import accuracy_score
from core.recipes import Learner
from core.training import Diverged, EpochEnd, StepEnd, predict, predictions
from pages._mnist.settings import Settings, recipe_of
from ui.driven import Driven

TICK = 0.15  # seconds between two looks at whether somebody pressed a button
SHORTEST, LONGEST = 0.3, 1.5  # seconds of computing between two pictures
PATIENCE = 3.0  # seconds between two pictures, however long others have their turns
SHARE = 12.0  # computing takes so many times as long as what lies between two slices
TEST_BATCH = 500  # images that are tested at a time: a few hundredths of a second at most


class Epoch(NamedTuple):
    """What was known at the end of an epoch."""

    number: int  # from 1
    train_loss: float  # each example before its step
    train_accuracy: float
    test_loss: float
    test_accuracy: float
    seconds: float  # of training since the beginning


class Change(NamedTuple):
    """A learning rate that the learner set while the run was under way, after ``step`` steps."""

    step: int
    lr: float


class DigitsRun(Driven):
    """A network, the digits that it learns from, and all that happened so far.

    Parameters
    ----------
    settings : Settings
        What it is built from.
    train, test : Digits
    """

    def __init__(self, settings: Settings, train: Digits, test: Digits) -> None:
        super().__init__()
        self.settings = settings
        self.learner = Learner(recipe_of(settings), settings.seed)
        self.train, self.test = train, test
        self.size = min(settings.train_size, len(train))  # images that are learned from
        self.last_epoch = settings.epochs  # after which it pauses by itself
        self.stop_at = 0  # a step at which it pauses, as a link says; 0 for none
        self.losses: list[float] = []  # of every step
        self.places: list[float] = []  # where the steps ended, in epochs from 0
        self.epochs: list[Epoch] = []
        self.changes: list[Change] = []
        self.planned: list[Change] = []  # to be made when their step has come
        self.diverged: Diverged | None = None
        self.seconds = 0.0  # of training: steps alone, without tests and pictures
        self.wall = 0.0  # of everything, since Train was pressed
        self.stopped = False  # the learner has ended it before its time
        self.testing = 0  # test images that have been answered, while a test is under way
        self.before: np.ndarray | None = None  # all parameters before the slice's first step
        self.after: np.ndarray | None = None  # and after it
        self._watch = True  # whether the next step is to be kept in these two
        self._outputs: tuple[int, np.ndarray] | None = None
        self.untested: EpochEnd | None = None  # the epoch whose test is under way
        self._course = self._learn_and_test()
        self._worked_at: float | None = None  # when the last piece of work ended

    @property
    def untrained(self) -> bool:
        """Whether its numbers are still the first ones, drawn by chance."""
        return self.step == 0

    @property
    def place(self) -> float:
        """How many epochs lie behind, in parts too."""
        return self.places[-1] if self.places else 0.0

    @property
    def progress(self) -> float:
        """Which share of the planned way lies behind."""
        return min(1.0, self.place / self.last_epoch)

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.diverged is not None or self.stopped or len(self.epochs) >= self.last_epoch

    @property
    def rate(self) -> float:
        """The learning rate as it was last set; a schedule takes shares of it."""
        return self.changes[-1].lr if self.changes else self.settings.lr

    @property
    def seconds_left(self) -> float | None:
        """How long it will go on, in seconds; None while there is nothing to judge by."""
        if self.place < 0.01 or not self.wall:
            return None
        return max(0.0, self.wall / self.place * (self.last_epoch - self.place))

    @property
    def images_per_second(self) -> float:
        """How many images were learned from in a second of training."""
        return self.place * self.size / self.seconds if self.seconds else 0.0

    def go_on(self) -> None:
        """Train for a slice, so long that what lies between two slices hardly matters."""
        start = time.perf_counter()
        between = 0.0 if self._worked_at is None else start - self._worked_at
        left = min(max(SHARE * between, SHORTEST), LONGEST)
        self._watch = True
        while self.playing and left > 0.0 and time.perf_counter() - start < PATIENCE:
            with self.turn() as mine:
                if not mine:
                    break
                left -= self._work(TICK)
            self.on_tick()  # outside the turn: what it draws may end this run of the script

    def play(self) -> None:
        """Let it go on: to the end of the plan, or one epoch further if that is reached."""
        if self.stopped or len(self.epochs) >= self.last_epoch:
            self.one_more()
        self._worked_at = None
        self.stop_at = 0 if self.stop_at <= self.step else self.stop_at
        self.playing = self.diverged is None

    def one_more(self) -> None:
        """Plan one epoch more than lies behind."""
        self.stopped = False
        self.last_epoch = int(self.place) + 1

    def stop(self) -> None:
        """End it here."""
        self.playing, self.stopped = False, True

    def leave(self) -> None:
        """Stop for good and let go of what is large: nobody will look any more."""
        super().leave()
        with self.lock:
            self.learner.model.forget()
            self.before = self.after = self._outputs = None

    def train_to(self, step: int) -> None:
        """Train without pictures until ``step`` steps are done, or nothing is left to do."""
        self.playing = True
        while self.playing and self.step < step:
            next(self._course)
        self.playing = False

    def set_rate(self, lr: float) -> None:
        """Change the learning rate from the next step on, and remember it."""
        with self.lock:
            self._set_rate(lr)

    def outputs(self) -> np.ndarray:
        """Return the network's outputs for the test images, (N, 10).

        They are of the network as it is now; while it is learning, of its last test, if any.
        """
        if self._outputs is None or (self._outputs[0] != self.step and not self.playing):
            self._outputs = self.step, self.ask(self.test.images)
        return self._outputs[1]

    def ask(self, images: np.ndarray) -> np.ndarray:
        """Return the network's outputs for images (N, 28, 28) of 0 to 255: (N, 10)."""
        with self.lock:
            return predict(self.learner.model, images, prepare=self.learner.prepare)

    def through(self, images: np.ndarray) -> list[tuple[Layer, np.ndarray]]:
        """Return each layer with what it answers to images (N, 28, 28), first to last."""
        found: list[tuple[Layer, np.ndarray]] = []
        with self.lock, np.errstate(all="ignore"):
            x = self.learner.prepare(images)
            for layer in self.learner.model:
                x = layer.forward(x)
                found.append((layer, x))
        return found

    def loss_curve(self) -> tuple[list[float], list[float]]:
        """Return where every step stood, in epochs, and its loss.

        They are as long as each other, also while the script that was at work before this one is
        adding to them.
        """
        places = self.places[:]  # every loss comes before its place
        return places, self.losses[: len(places)]

    def _work(self, seconds: float) -> float:
        """Work for about so long; return for how long it was."""
        start = now = time.perf_counter()
        while self.playing and now - start < seconds:
            next(self._course)
            now = time.perf_counter()
        self.wall += now - (start if self._worked_at is None else self._worked_at)
        self._worked_at = now
        return now - start

    def _learn_and_test(self) -> Iterator[None]:
        """Train step by step, test after every epoch; hand back after each small piece of work."""
        if self.untested is not None:  # it was kept in the middle of a test
            yield from self._test(self.untested)
            yield
        images, labels = self.train
        events = self.learner.fit((images, labels), epochs=10**9, resume=True)
        while True:
            self._make_planned_changes()
            before = self._parameters() if self._watch else None
            start = time.perf_counter()
            event = next(events)
            self.seconds += time.perf_counter() - start
            if isinstance(event, StepEnd):
                if before is not None:
                    self.before, self.after = before, self._parameters()
                    self._watch = False
                self.step = event.step
                self.losses.append(event.loss)
                self.places.append(event.epoch - 1 + event.seen / self.size)
                if self.step == self.stop_at:
                    self.playing = False
            elif isinstance(event, EpochEnd):
                yield from self._test(event)
            elif isinstance(event, Diverged):
                self.diverged, self.playing = event, False
            yield

    def _parameters(self) -> np.ndarray:
        return np.concatenate([array.ravel() for array in self.learner.model.params.values()])

    def _test(self, event: EpochEnd) -> Iterator[None]:
        self.untested = event
        parts = []
        for part in predictions(
            self.learner.model, self.test.images, TEST_BATCH, self.learner.prepare
        ):
            parts.append(part)
            self.testing += len(part)
            yield
        self.testing, self.untested = 0, None
        outputs = np.concatenate(parts)
        self._outputs = self.step, outputs
        right = accuracy_score(self.test.labels, outputs.argmax(axis=1))
        loss = self.learner.test_loss(outputs, self.test.labels)
        known = event.train_loss, event.train_accuracy or 0.0, loss, right, self.seconds
        self.epochs.append(Epoch(event.epoch, *known))
        if self.finished:
            self.playing = False

    def _make_planned_changes(self) -> None:
        while self.planned and self.planned[0].step <= self.step:
            self._set_rate(self.planned.pop(0).lr)

    def _set_rate(self, lr: float) -> None:
        self.learner.set_rate(lr)
        self.changes = [change for change in self.changes if change.step != self.step]
        self.changes.append(Change(self.step, lr))
