"""What the network answered to the test images, and what of it the learner has chosen to see."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import streamlit as st

from core.metrics import confusion_matrix
from pages._mnist.run import DigitsRun
from pages._mnist.session import did
from pages._mnist.settings import LESSON, Settings
from ui.state import update

DIGITS = [str(digit) for digit in range(10)]
THRESHOLD = f"{LESSON}.results.threshold"  # how sure it must be to answer, in per cent
CELL = f"{LESSON}.results.cell"  # (truth, answer): the field of the table that is open


class Answers(NamedTuple):
    """One answer for each test image."""

    truth: np.ndarray  # (N,)
    said: np.ndarray  # (N,): 0 to 9, or -1 where the outputs are no numbers
    sure: np.ndarray  # (N,): how sure it was of that, 0 to 1; NaN where there is no answer
    shares: np.ndarray  # (N, 10): how sure of each digit

    @property
    def wrong(self) -> np.ndarray:
        """Which answers are wrong; no answer is none."""
        return (self.said >= 0) & (self.said != self.truth)

    @property
    def right(self) -> np.ndarray:
        """Which answers are right."""
        return self.said == self.truth

    @property
    def counts(self) -> np.ndarray:
        """How often digit i (row) was taken for digit j (column), (10, 10)."""
        answered = self.said >= 0
        if not answered.any():
            return np.zeros((10, 10), int)
        return confusion_matrix(self.truth[answered], self.said[answered], 10)

    def surest(self, rows: np.ndarray) -> np.ndarray:
        """Return the numbers of the images where ``rows`` is true, the surest answers first."""
        found = np.flatnonzero(rows)
        return found[np.argsort(-self.sure[found], kind="stable")]


def answers_of(run: DigitsRun) -> Answers:
    """Ask the network about all test images; while it is learning, take its last test."""
    outputs = run.outputs()
    with np.errstate(all="ignore"):
        shares = run.learner.confidences(outputs)
    known = np.isfinite(shares).all(axis=1)
    said = np.where(known, shares.argmax(axis=1), -1)
    sure = np.where(known, shares.max(axis=1), np.nan)
    return Answers(run.test.labels, said, sure, shares)


def open_cell(settings: Settings, found: Answers) -> tuple[int, int]:
    """Return (truth, answer) of the open field: chosen, else the image's, else the worst one."""
    if CELL in st.session_state:
        cell: tuple[int, int] = st.session_state[CELL]
        return cell
    if 0 <= settings.shown < len(found.truth) and found.said[settings.shown] >= 0:
        return int(found.truth[settings.shown]), int(found.said[settings.shown])
    counts = found.counts
    mixed = counts * ~np.eye(10, dtype=bool)
    truth, said = divmod(int((mixed if mixed.any() else counts).argmax()), 10)
    return truth, said


def choose_cell(number: int) -> None:
    """Open a field of the table; the image that was open belongs to another."""
    did("chose_cell")
    st.session_state[CELL] = divmod(number, 10)
    update(LESSON, shown=-1)


def percent(share: float) -> str:
    """Write a share so that 99.99% is not rounded to certainty; one that is none is a dash."""
    if not np.isfinite(share):
        return "\u2013"
    if 0.9995 <= share < 1:
        return f"{np.floor(share * 1e4) / 100:.2f}%"
    return f"{100 * share:.1f}%"
