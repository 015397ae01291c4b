"""The training loop, as a generator of facts.

``fit`` computes; whoever iterates decides what to do with what it yields: print it, draw it,
store it, or stop by leaving the loop.  A script, a page and a test use the same loop.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from core.init import RandomSource, as_generator
from core.layer import Layer
from core.losses import CrossEntropyLoss, Loss
from core.metrics import accuracy_score
from core.optimizer import Optimizer
from core.threads import blas_threads

Data = tuple[np.ndarray, np.ndarray]


class StepEnd(NamedTuple):
    """One batch was learned from."""

    step: int  # counted from 1, through all epochs
    epoch: int  # counted from 1
    loss: float  # of this batch, before the step


class EpochEnd(NamedTuple):
    """All examples were seen once more."""

    epoch: int
    train_loss: float  # mean over the epoch's examples, each taken before its step
    validation_loss: float | None
    validation_accuracy: float | None  # 0 to 1; None for losses without classes


class Diverged(NamedTuple):
    """The loss is no number any more; the parameters are as they were before this step."""

    step: int
    epoch: int
    loss: float


Event = StepEnd | EpochEnd | Diverged


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
    rng = as_generator(rng)
    batches = _Batches(x, y, batch_size)
    work = batches.size * max((p.size for p in model.params.values()), default=0)
    one_core = blas_threads(work)
    step = 0
    for epoch in range(1, epochs + 1):
        total = 0.0
        for batch_x, batch_y in batches.shuffled(rng):
            step += 1
            with one_core, np.errstate(all="ignore"):
                value = loss.forward(model.forward(batch_x, training=True), batch_y)
                if math.isfinite(value):
                    model.backward(loss.backward(), need_dx=False)
                    optimizer.step()
            if not math.isfinite(value):
                yield Diverged(step, epoch, value)
                return
            total += value * len(batch_x)
            yield StepEnd(step, epoch, value)
        checked = evaluate(model, loss, validation) if validation else (None, None)
        yield EpochEnd(epoch, total / len(x), *checked)


def predict(model: Layer, x: np.ndarray, batch_size: int = 1000) -> np.ndarray:
    """Return the model's outputs for all of x, computed in batches to keep memory small."""
    parts = [model.forward(x[i : i + batch_size]) for i in range(0, len(x), batch_size)]
    return np.concatenate(parts)


def evaluate(model: Layer, loss: Loss, data: Data) -> tuple[float, float | None]:
    """Return (mean loss, accuracy) on ``data``; accuracy is None for losses without classes."""
    x, y = data
    with np.errstate(all="ignore"):
        outputs = predict(model, x)
        value = loss.forward(outputs, y)
    if not isinstance(loss, CrossEntropyLoss):
        return value, None
    return value, accuracy_score(y, outputs.argmax(axis=1))


class _Batches:
    """Cuts data into batches, into memory that is allocated once."""

    def __init__(self, x: np.ndarray, y: np.ndarray, batch_size: int) -> None:
        self.x, self.y, self.size = x, y, min(batch_size, len(x))
        self._x = np.empty((self.size, *x.shape[1:]), x.dtype)

    def shuffled(self, rng: np.random.Generator) -> Iterator[Data]:
        """Yield all examples in a new order, batch by batch."""
        if self.size == len(self.x):
            yield self.x, self.y
            return
        order = rng.permutation(len(self.x))
        for start in range(0, len(order), self.size):
            rows = order[start : start + self.size]
            # mode="clip" because the default copies once more when it writes into given memory.
            batch = np.take(self.x, rows, axis=0, out=self._x[: len(rows)], mode="clip")
            yield batch, self.y[rows]


def _check(x: np.ndarray, y: np.ndarray, epochs: int, batch_size: int) -> None:
    if len(x) != len(y) or not len(x):
        raise ValueError(
            f"fit expected as many inputs as targets, at least one, but got {len(x)} and {len(y)}"
        )
    if epochs < 0 or batch_size < 1:
        raise ValueError(
            f"fit expected epochs from 0 and a batch size from 1, but got {epochs} and {batch_size}"
        )
