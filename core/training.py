"""The training loop, as a generator of facts.

``fit`` computes; whoever iterates decides what to do with what it yields: print it, draw it,
store it, or stop by leaving the loop.  A script, a page and a test use the same loop.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from core.init import RandomSource, as_generator
from core.layer import Layer
from core.losses import CrossEntropyLoss, Loss
from core.metrics import accuracy_score
from core.optimizer import Optimizer
from core.schedule import Schedule
from core.threads import blas_threads

Data = tuple[np.ndarray, np.ndarray]
Augment = Callable[[np.ndarray], np.ndarray]
Prepare = Callable[..., np.ndarray]  # prepare(x) or, into memory that is there, prepare(x, out=y)


class StepEnd(NamedTuple):
    """One batch was learned from."""

    step: int  # counted from 1, through all epochs
    epoch: int  # counted from 1
    loss: float  # of this batch, before the step
    seen: int = 0  # examples of this epoch that were learned from so far


class EpochEnd(NamedTuple):
    """All examples were seen once more."""

    epoch: int
    train_loss: float  # mean over the epoch's examples, each taken before its step
    validation_loss: float | None
    validation_accuracy: float | None  # 0 to 1; None for losses without classes
    train_accuracy: float | None = None  # as train_loss: each example before its step


class Diverged(NamedTuple):
    """The loss is no number any more; the parameters are as they were before this step."""

    step: int
    epoch: int
    loss: float


Event = StepEnd | EpochEnd | Diverged


@dataclass
class Progress:
    """Where training stands: ``fit`` goes on from here, and writes down here how far it has come.

    Together with the parameters, the optimizer's memory and the state of the random generators it
    is all that is needed to go on to the same bits another day.

    Attributes
    ----------
    step : int
        Steps done, through all epochs.
    epoch : int
        The epoch under way, from 1.
    seen : int
        Examples of it that were learned from.
    order : ndarray of int, (N,), or None
        The order of its examples; None between two epochs, or if it needs none.
    counted, total, right : int, float, int
        Examples that the epoch's figures are about (copies count, too), the sum of their losses,
        and how many were answered right.
    full_lr, last_lr : float or None
        The learning rate that a schedule takes shares of, and its last share; None before the
        first step.
    """

    step: int = 0
    epoch: int = 1
    seen: int = 0
    order: np.ndarray | None = None
    counted: int = 0
    total: float = 0.0
    right: int = 0
    full_lr: float | None = None
    last_lr: float | None = None

    def take_step(self, seen: int, counted: int, loss: float, right: int) -> StepEnd:
        """Write down one step, whose mean loss was over so many examples, and tell of it."""
        self.step += 1
        self.seen += seen
        self.counted += counted
        self.total += loss * counted
        self.right += int(right)
        return StepEnd(self.step, self.epoch, loss, self.seen)

    def end_epoch(self) -> None:
        """Begin the next epoch."""
        self.epoch += 1
        self.seen = self.counted = self.right = 0
        self.total, self.order = 0.0, None


def fit(
    model: Layer,
    loss: Loss,
    optimizer: Optimizer,
    data: Data,
    *,
    validation: Data | None = None,
    epochs: int = 1,
    batch_size: int = 32,
    rng: RandomSource = None,
    augment: Augment | None = None,
    prepare: Prepare | None = None,
    schedule: Schedule | None = None,
    progress: Progress | None = None,
) -> Iterator[Event]:
    """Train ``model`` on ``data``, yielding a fact after every step and every epoch.

    Each epoch draws a new order of the examples (``rng.permutation``), cuts it into batches, the
    last of which may be short, and takes one step per batch.  A batch size that covers all
    examples needs no order and draws none.

    Parameters
    ----------
    data, validation : (x, y)
        Inputs of shape (N, ...) and targets of shape (N, ...).
    epochs : int
        How often all examples are seen.
    batch_size : int
        How many examples share a step.
    rng : Generator, RandomState, int or None
        Where the orders come from.
    augment : callable, optional
        Turns a training batch into another one of the same examples: turned, shifted, ...
    prepare : callable, optional
        Turns any batch into what the model takes, such as pixels into numbers around zero: so the
        data may lie in memory as small as they come.
    schedule : callable, optional
        The share of the learning rate that step 1, 2, ... takes; see ``core.schedule``.  Whoever
        sets ``optimizer.lr`` in between sets the rate that the shares are taken of.
    progress : Progress, optional
        Where to go on, and where to write down how far it is.

    Yields
    ------
    StepEnd, EpochEnd or Diverged
        After ``Diverged`` nothing follows.

    Raises
    ------
    ValueError
        If inputs and targets differ in length or are empty, or a number is out of range.
    """
    x, y = data
    _check(x, y, epochs, batch_size)
    rng, at = as_generator(rng), progress or Progress()
    batches = _Batches(x, y, batch_size, augment, prepare)
    work = batches.size * max((p.size for p in model.params.values()), default=0)
    one_core = blas_threads(work)
    rate = _Rate(optimizer, schedule, at)
    while at.epoch <= epochs:
        if at.seen == 0:
            at.order = batches.draw_order(rng)
        for batch_x, batch_y in batches.cut(at.order, at.seen):
            rate.set_for(at.step + 1)
            right = 0
            with one_core, np.errstate(all="ignore"):
                value = loss.forward(model.forward(batch_x, training=True), batch_y)
                if math.isfinite(value):
                    right = loss.correct
                    model.backward(loss.backward(), need_dx=False)
                    optimizer.step()
            if not math.isfinite(value):
                yield Diverged(at.step + 1, at.epoch, value)
                return
            yield at.take_step(len(batch_x), len(batch_x), value, right)
        checked = evaluate(model, loss, validation, prepare) if validation else (None, None)
        counted = at.right / len(x) if isinstance(loss, CrossEntropyLoss) else None
        ended = EpochEnd(at.epoch, at.total / len(x), *checked)._replace(train_accuracy=counted)
        at.end_epoch()
        yield ended


def predict(
    model: Layer, x: np.ndarray, batch_size: int = 1000, prepare: Prepare | None = None
) -> np.ndarray:
    """Return the model's outputs for all of x, computed in batches to keep memory small."""
    return np.concatenate(list(predictions(model, x, batch_size, prepare)))


def predictions(
    model: Layer, x: np.ndarray, batch_size: int = 1000, prepare: Prepare | None = None
) -> Iterator[np.ndarray]:
    """Yield the model's outputs batch by batch: for whoever has other things to do in between."""
    for start in range(0, len(x), batch_size):
        batch = x[start : start + batch_size]
        with np.errstate(all="ignore"):
            outputs = model.forward(batch if prepare is None else prepare(batch))
        yield outputs


def evaluate(
    model: Layer, loss: Loss, data: Data, prepare: Prepare | None = None
) -> tuple[float, float | None]:
    """Return (mean loss, accuracy) on ``data``; accuracy is None for losses without classes."""
    x, y = data
    with np.errstate(all="ignore"):
        outputs = predict(model, x, prepare=prepare)
        value = loss.forward(outputs, y)
    if not isinstance(loss, CrossEntropyLoss):
        return value, None
    return value, accuracy_score(y, outputs.argmax(axis=1))


class _Rate:
    """Sets an optimizer's learning rate step by step, and notices when somebody else does."""

    def __init__(self, optimizer: Optimizer, schedule: Schedule | None, at: Progress) -> None:
        self.optimizer, self.schedule, self.at = optimizer, schedule, at

    def set_for(self, step: int) -> None:
        """Set the rate of a step, from 1."""
        if self.schedule is None:
            return
        at = self.at
        if at.full_lr is None or self.optimizer.lr != at.last_lr:
            at.full_lr = self.optimizer.lr
        self.optimizer.lr = at.last_lr = at.full_lr * self.schedule(step)


class _Batches:
    """Cuts data into batches, into memory that is allocated once."""

    def __init__(
        self,
        x: np.ndarray,
        y: np.ndarray,
        batch_size: int,
        augment: Augment | None,
        prepare: Prepare | None,
    ) -> None:
        self.x, self.y, self.size = x, y, min(batch_size, len(x))
        self.augment, self.prepare = augment, prepare
        self._taken = np.empty((self.size, *x.shape[1:]), x.dtype)
        self._prepared = np.empty(0)
        if prepare is not None:
            one = prepare(x[:1])
            self._prepared = np.empty((self.size, *one.shape[1:]), one.dtype)

    def draw_order(self, rng: np.random.Generator) -> np.ndarray | None:
        """Draw a new order of the examples, or none if one batch holds them all."""
        return None if self.size == len(self.x) else rng.permutation(len(self.x))

    def cut(self, order: np.ndarray | None, start: int) -> Iterator[Data]:
        """Yield the examples in this order, batch by batch, leaving out the first so many."""
        if order is None:
            if start == 0:
                yield self._made_ready(self.x), self.y
            return
        for begin in range(start, len(order), self.size):
            rows = order[begin : begin + self.size]
            # mode="clip" because the default copies once more when it writes into given memory.
            batch = np.take(self.x, rows, axis=0, out=self._taken[: len(rows)], mode="clip")
            yield self._made_ready(batch), self.y[rows]

    def _made_ready(self, batch: np.ndarray) -> np.ndarray:
        if self.augment is not None:
            batch = self.augment(batch)
        if self.prepare is None:
            return batch
        prepared: np.ndarray = self.prepare(batch, out=self._prepared[: len(batch)])
        return prepared


def _check(x: np.ndarray, y: np.ndarray, epochs: int, batch_size: int) -> None:
    if len(x) != len(y) or not len(x):
        raise ValueError(
            f"fit expected as many inputs as targets, at least one, but got {len(x)} and {len(y)}"
        )
    if epochs < 0 or batch_size < 1:
        raise ValueError(
            f"fit expected epochs from 0 and a batch size from 1, but got {epochs} and {batch_size}"
        )
