"""Teach a network somebody's own hand, and count what it gains and what it forgets.

A few drawings are little to learn from: each is shown several times, every time turned, moved,
zoomed and slanted a little, as the same hand might have written it.  What has to stay is shown
again between them, as in ``core.captcha_repair``, which says where forgetting and its remedy come
from.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from core.augment import Augmentation
from core.classic import fit_classic
from core.digits import Digits
from core.init import RandomSource, as_generator
from core.losses import CrossEntropyLoss
from core.maps import passage, twins
from core.optim import Adam
from core.recipes import Learner
from core.schedule import cosine
from core.training import Event, fit

MOST_OLD = 0.95  # of what is shown: 19 old digits for each new one
NOTES_RATE, ADAM_RATE = 0.1, 0.001
TUNING_BATCH = 8  # small: few drawings should still make some steps
HAND = Augmentation(degrees=10.0, translate=1.5, scale=0.1, shear=6.0)
COUNTED_AT_ONCE = 250  # digits


def learner_copy(learner: Learner) -> Learner:
    """Return a learner with the same weights, which can be trained without changing the first."""
    copy = Learner(learner.recipe, 0)
    copy.model.load_state_dict(learner.model.state_dict())
    return copy


def digits_shown(new: int, mix: float, rounds: int) -> int:
    """Return how many digits ``tune_digits`` shows a network, old and new, each time counted."""
    return rounds * new + _old_count(new, mix, rounds)


def tune_digits(
    learner: Learner,
    new: Digits,
    old: Digits,
    *,
    mix: float = 0.8,
    rounds: int = 20,
    rng: RandomSource = None,
) -> Iterator[Event]:
    """Train a learner on new digits, and old ones between them.

    Every new digit is shown ``rounds`` times, moved in another way each time.  For N of them in
    all, mix · N / (1 − mix) old ones are drawn, none twice before all were drawn once, and stay as
    they are.  All come in one random order.  The notes' network learns them one at a time, with a
    learning rate of 0.1; others in batches of 8 with Adam, whose rate falls from 0.001 to 0
    along half a wave.

    Parameters
    ----------
    learner : Learner
        It is changed: give a copy (``learner_copy``).
    new, old : Digits
        At least one each, but for old ones if mix is 0.
    mix : float
        Share of old digits among all that are shown, 0 to 0.95.
    rounds : int
        From 1.
    rng : Generator, RandomState, int or None
        What draws the order, the movements and the old digits.

    Yields
    ------
    StepEnd, EpochEnd or Diverged
        As ``core.training.fit`` does; ``seen`` counts up to ``digits_shown``.

    Raises
    ------
    ValueError
        If there is nothing to learn from, or a number is out of range.
    """
    if not 0 <= mix <= MOST_OLD or rounds < 1 or not len(new) or (mix and not len(old)):
        raise ValueError(
            f"tune_digits expected digits to learn from, a mix of 0 to {MOST_OLD} and at least "
            f"one round, but got {len(new)} new and {len(old)} old digits, {mix} and {rounds}"
        )
    rng = as_generator(rng)
    old_rows = _drawn(len(old), _old_count(len(new), mix, rounds), rng)
    labels = np.concatenate([np.tile(new.labels, rounds), old.labels[old_rows]])
    # Rows instead of images, the new digits' first: each is moved when its turn has come.
    rows = np.concatenate([np.tile(np.arange(len(new)), rounds), len(new) + old_rows])

    def show(some: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        return learner.prepare(_images(some, new, old, rng), out)

    common: dict[str, Any] = {"prepare": show, "rng": rng}
    if learner.network is not None:
        learner.network.lr = NOTES_RATE
        return fit_classic(learner.network, (rows, labels), **common)
    return fit(
        learner.model,
        CrossEntropyLoss(),
        Adam(learner.model, ADAM_RATE),
        (rows, labels),
        batch_size=TUNING_BATCH,
        schedule=cosine(-(-len(rows) // TUNING_BATCH)),
        **common,
    )


class Tally(NamedTuple):
    """How many digits of each label there are, and how many are read right: (10,) each."""

    asked: np.ndarray
    right: np.ndarray

    @property
    def shares(self) -> np.ndarray:
        """Which share of each label is right, 0 to 1; NaN where there is none."""
        share: np.ndarray = np.where(self.asked, self.right / np.maximum(self.asked, 1), np.nan)
        return share

    @property
    def share(self) -> float:
        """Which share of all is right, 0 to 1; NaN if there is none."""
        total = int(self.asked.sum())
        return int(self.right.sum()) / total if total else float("nan")


def count_right(learner: Learner, digits: Digits) -> Iterator[Tally]:
    """Let a network read digits, some at a time; yield the tally so far, first the empty one."""
    answer = passage(twins(learner.model))
    asked, right = np.zeros(10, np.int64), np.zeros(10, np.int64)
    yield Tally(asked, right)
    for start in range(0, len(digits), COUNTED_AT_ONCE):
        images, labels = (part[start : start + COUNTED_AT_ONCE] for part in digits)
        hits = answer(learner.prepare(images)).argmax(axis=1) == labels
        asked = asked + np.bincount(labels, minlength=10)
        right = right + np.bincount(labels[hits], minlength=10)
        yield Tally(asked, right)


def _old_count(new: int, mix: float, rounds: int) -> int:
    return round(rounds * new * mix / (1 - mix))


def _drawn(many: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw ``count`` of ``many`` rows, none twice before all were drawn once."""
    passes = -(-count // max(1, many))
    drawn = [rng.permutation(many) for _ in range(passes)]
    return np.concatenate([np.empty(0, np.int64), *drawn])[:count]


def _images(rows: np.ndarray, new: Digits, old: Digits, rng: np.random.Generator) -> np.ndarray:
    """Return images: rows below ``len(new)`` are new digits, moved; the others are old ones."""
    images = np.empty((len(rows), *new.images.shape[1:]), np.float32)
    is_new = rows < len(new)
    if is_new.any():
        images[is_new] = HAND(new.images[rows[is_new]], rng)
    images[~is_new] = old.images[rows[~is_new] - len(new)]
    return images
