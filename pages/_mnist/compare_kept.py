"""Runs that are kept to be compared: what was set, how it went, and nothing of the digits."""

from __future__ import annotations

import zlib
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from core.digits import Digits
from pages._mnist.run import Change, DigitsRun, Epoch
from pages._mnist.settings import LESSON, RECIPE_FIELDS, Settings
from ui.curves import smoothed

KEPT = f"{LESSON}.kept"  # the kept runs by letter
LETTERS = ("A", "B", "C")
COMPARED = (*RECIPE_FIELDS, "seed")


class Kept(NamedTuple):
    """A run as it was: a few hundred numbers, and one bit for each test image."""

    settings: Settings
    changes: tuple[Change, ...]  # of the learning rate, on the way
    step: int
    place: float  # epochs that lie behind
    loss_at: np.ndarray  # a smoothed curve: places
    loss: np.ndarray  # and losses
    epochs: tuple[Epoch, ...]
    seconds: float  # of training
    parameters: int
    right: np.ndarray | None  # which test images it gets right; None while that is not known
    data: tuple[int, int, int, int]  # sizes and sums of the labels: the same digits, or others
    diverged: bool

    @property
    def accuracy(self) -> float | None:
        """The share of test images that it gets right."""
        return None if self.right is None else float(self.right.mean())

    def same_as(self, other: Kept) -> bool:
        """Whether both are one run at one moment: then all their numbers are the same."""
        mine = [getattr(self.settings, name) for name in COMPARED]
        theirs = [getattr(other.settings, name) for name in COMPARED]
        here, there = (self.step, self.changes), (other.step, other.changes)
        same = mine == theirs and here == there and self.data == other.data
        return same and np.array_equal(self.loss, other.loss)


def snapshot(run: DigitsRun) -> Kept:
    """Return what a comparison needs of a run; of one that is on its way, without its answers."""
    line, _ = smoothed(*run.loss_curve(), "", "")
    return Kept(
        run.settings,
        tuple(run.changes),
        run.step,
        run.place,
        np.array(line.x),
        np.array(line.y),
        tuple(run.epochs),
        run.seconds,
        sum(array.size for array in run.learner.model.params.values()),
        None if run.playing or not run.step else _right(run),
        _fingerprint(run),
        run.diverged is not None,
    )


def kept_runs() -> dict[str, Kept]:
    """Return the kept runs by letter, in the order of the letters."""
    found: dict[str, Kept] = st.session_state.setdefault(KEPT, {})
    return dict(sorted(found.items()))


def keep(run: DigitsRun) -> None:
    """Keep a run under the first letter that is free, if one is."""
    kept = st.session_state.setdefault(KEPT, {})
    free = [letter for letter in LETTERS if letter not in kept]
    if free and run.step and not run.playing:
        kept[free[0]] = snapshot(run)


def drop(letter: str) -> None:
    """Delete a kept run."""
    st.session_state[KEPT].pop(letter, None)


def differing(runs: list[Kept]) -> list[str]:
    """Return the names of the settings in which some of the runs differ."""
    return [name for name in COMPARED if len({getattr(r.settings, name) for r in runs}) > 1]


def written(value: Any) -> str:
    """Write a setting's value shortly."""
    if isinstance(value, float):
        return f"{value:g}"
    return f"{value:,}" if isinstance(value, int) else str(value) or "–"


def _right(run: DigitsRun) -> np.ndarray:
    return run.outputs().argmax(axis=1) == run.test.labels


def _fingerprint(run: DigitsRun) -> tuple[int, int, int, int]:
    def of(digits: Digits) -> tuple[int, int]:
        return len(digits), zlib.crc32(np.ascontiguousarray(digits.labels).tobytes())

    return *of(run.train), *of(run.test)
