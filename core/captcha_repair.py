"""The notes' network meets printed digits: what a repair gains, and what it costs.

A network that has learned handwriting fails on printed digits.  One can show it more of those that
it fails on; but each step moves weights that all other answers hang on, too, and nothing reminds
it of them: it forgets.  McCloskey and Cohen, "Catastrophic Interference in Connectionist Networks",
1989.  The remedy is old as well: mix in what was learned before.  Robins, "Catastrophic Forgetting,
Rehearsal and Pseudorehearsal", 1995.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np

from core.captcha import CaptchaFont
from core.captcha_story import (
    STORY_CUTS,
    Examples,
    printed_examples,
    printed_slices,
    read_slices,
)
from core.classic import ThreeLayerNetwork, one_hot
from core.init import RandomSource, as_generator
from core.metrics import accuracy_score, recall_score

STORY_RATE, STORY_HIDDEN, STORY_EPOCHS = 0.2, 32, 2  # the notes'
MORE_EPOCHS = 20
MOST_MIXED = 0.98  # 49 old examples for each new one
_ANSWER_CAPTCHAS, _ANSWER_WOBBLE = 100, 1  # to learn from: 500 digits


class Ledger(NamedTuple):
    """What a change of a network gained and lost, in shares of right answers, 0 to 1.

    Attributes
    ----------
    handwritten_before, handwritten_after : ndarray, (10,)
        Of each digit's handwritten examples; NaN where there is none.
    printed_before, printed_after : ndarray, (10,)
        The same for printed ones.
    handwritten, printed : (float, float)
        Of all examples, before and after.
    """

    handwritten_before: np.ndarray
    handwritten_after: np.ndarray
    printed_before: np.ndarray
    printed_after: np.ndarray
    handwritten: tuple[float, float]
    printed: tuple[float, float]


class AnswerScore(NamedTuple):
    """What one combination of the three answers to the notes' question reaches.

    Attributes
    ----------
    cut : str
        "equal" or, for better cutting, "trimmed".
    epochs : int
        2 or, for more training, 20.
    printed : bool
        Whether printed digits were among those that were learned.
    handwritten : float
        Share of handwritten test digits that are right, 0 to 1.
    characters, whole : float
        Share of right digits of captchas, and of captchas without a mistake.
    """

    cut: str
    epochs: int
    printed: bool
    handwritten: float
    characters: float
    whole: float


def story_training(
    train: Examples,
    seed: int,
    *,
    epochs: int = STORY_EPOCHS,
    lr: float = STORY_RATE,
    hidden: int = STORY_HIDDEN,
    extra: Examples | None = None,
) -> Iterator[ThreeLayerNetwork]:
    """Train the notes' network one example after another, and yield it after each epoch.

    It is the same object each time.  As in the notes, every epoch goes through the examples in
    the order in which they come; extra ones stand between them, at places that each epoch draws.

    Parameters
    ----------
    train : Examples
        Such as the 1,617 handwritten digits of ``split_digits8``.
    seed : int
        Of the first weights, and of the extra examples' places.
    epochs : int
        How often all examples are seen, from 0.
    lr : float
        The learning rate.
    hidden : int
        Neurons between the 64 inputs and the 10 outputs.
    extra : Examples, optional
        Such as printed digits.

    Raises
    ------
    ValueError
        If shapes or labels do not fit.
    """
    weights, places = np.random.default_rng(seed).spawn(2)
    network = ThreeLayerNetwork(train.inputs.shape[1], hidden, 10, lr, rng=weights)
    for _ in range(epochs):
        shown = train if extra is None else _scatter(extra, train, places)
        network.train(shown.inputs, one_hot(shown.labels))
        yield network


def train_story(
    train: Examples,
    seed: int,
    *,
    epochs: int = STORY_EPOCHS,
    lr: float = STORY_RATE,
    hidden: int = STORY_HIDDEN,
    extra: Examples | None = None,
) -> ThreeLayerNetwork:
    """Return the notes' network after its last epoch, from 1: see ``story_training``."""
    if epochs < 1:
        raise ValueError(f"train_story expected at least one epoch, but got {epochs}")
    *_, network = story_training(train, seed, epochs=epochs, lr=lr, hidden=hidden, extra=extra)
    return network


def repair_network(
    network: ThreeLayerNetwork,
    new: Examples,
    old: Examples,
    *,
    mix: float = 0.0,
    rounds: int = 1,
    lr: float = STORY_RATE,
    rng: RandomSource = None,
) -> ThreeLayerNetwork:
    """Return a copy of a network that has learned new examples, and some old ones between them.

    Every new example is seen ``rounds`` times.  For N of them in all, mix · N / (1 − mix) old ones
    are drawn, none twice before all were drawn once, and stand at places that are drawn, too.

    Parameters
    ----------
    network : ThreeLayerNetwork
        Stays as it is.
    new, old : Examples
        What it fails on, and what it has learned before.
    mix : float
        Share of old examples among all that are shown, 0 to 0.98.
    rounds : int
        From 1.  The notes take one, with the slices of "3 3 3 3 3" and no old example.
    lr : float
        The learning rate.
    rng : Generator, RandomState, int or None
        What draws the old examples and their places.

    Raises
    ------
    ValueError
        If a number or a shape does not fit.
    """
    if not 0 <= mix <= MOST_MIXED or rounds < 1:
        raise ValueError(
            f"repair_network expected a mix of 0 to {MOST_MIXED} and at least one round, but got "
            f"{mix} and {rounds}"
        )
    rng = as_generator(rng)
    repeated = Examples(np.tile(new.inputs, (rounds, 1)), np.tile(new.labels, rounds))
    count = round(len(repeated.labels) * mix / (1 - mix))
    passes = -(-count // max(1, len(old.labels)))
    drawn = [rng.permutation(len(old.labels)) for _ in range(passes)]
    rows = np.concatenate([np.empty(0, np.int64), *drawn])[:count]
    shown = _scatter(repeated, Examples(old.inputs[rows], old.labels[rows]), rng)
    repaired = copy.deepcopy(network)
    repaired.lr = lr
    repaired.train(shown.inputs, one_hot(shown.labels))
    repaired.lr = network.lr
    return repaired


def repair_ledger(
    before: ThreeLayerNetwork, after: ThreeLayerNetwork, handwritten: Examples, printed: Examples
) -> Ledger:
    """Count what a repair gained and lost, on examples that neither network has learned from.

    Parameters
    ----------
    before, after : ThreeLayerNetwork
    handwritten, printed : Examples
        At least one each.
    """
    answers = [
        (examples.labels, read_slices(network, examples.inputs).argmax(axis=1))
        for examples in (handwritten, printed)
        for network in (before, after)
    ]
    shares = [recall_score(*pair, num_classes=10) for pair in answers]
    totals = [accuracy_score(*pair) for pair in answers]
    return Ledger(
        shares[0], shares[1], shares[2], shares[3], (totals[0], totals[1]), (totals[2], totals[3])
    )


def whole_captchas(
    network: ThreeLayerNetwork, printed: Examples, length: int = 5
) -> tuple[float, float]:
    """Return the share of right digits and of captchas in which all ``length`` are right.

    Raises
    ------
    ValueError
        If the examples are not a whole number of captchas, at least one.
    """
    count = len(printed.labels)
    if not count or count % length:
        raise ValueError(
            f"whole_captchas expected examples of captchas of {length} digits, but got {count}"
        )
    right = read_slices(network, printed.inputs).argmax(axis=1) == printed.labels
    return float(right.mean()), float(right.reshape(-1, length).all(axis=1).mean())


def compare_answers(
    train: Examples,
    test: Examples,
    fonts: Sequence[CaptchaFont],
    seed: int,
    *,
    captchas: int = 2000,
) -> Iterator[AnswerScore]:
    """Yield what the three answers to the notes' question reach, alone and together: eight scores.

    Better cutting trims every slice to its ink; more epochs are 20 instead of 2; and the printed
    digits are 500, a pixel larger, smaller or aside, among the handwritten ones of every epoch.
    All eight begin with the same weights and read the same captchas.

    Parameters
    ----------
    train, test : Examples
        Handwritten digits to learn and to test.
    fonts : sequence of CaptchaFont
        Of the captchas, and of the printed digits that are learned.
    seed : int
        Of weights, order, printed digits and captchas.
    captchas : int
        How many are read; five digits each, drawn as in the notes.
    """
    _, _, shown, asked = np.random.default_rng(seed).spawn(4)  # training has the first two
    taught = printed_slices(fonts, _ANSWER_CAPTCHAS, shown, wobble=_ANSWER_WOBBLE)
    fresh = printed_slices(fonts, captchas, asked)
    learned = {cut: printed_examples(*taught, cut) for cut in STORY_CUTS}
    asked_as = {cut: printed_examples(*fresh, cut) for cut in STORY_CUTS}
    courses = {
        extra: enumerate(
            story_training(train, seed, epochs=MORE_EPOCHS, extra=learned.get(extra)), 1
        )
        for extra in ("nothing", *STORY_CUTS)
    }

    @cache  # what has learned for two epochs goes on to twenty, however its captchas are cut
    def after(epochs: int, extra: str) -> ThreeLayerNetwork:
        return copy.deepcopy(next(network for k, network in courses[extra] if k == epochs))

    for cut, epochs, printed in product(STORY_CUTS, (STORY_EPOCHS, MORE_EPOCHS), (False, True)):
        network = after(epochs, cut if printed else "nothing")
        handwritten = accuracy_score(test.labels, network.query(test.inputs).argmax(axis=1))
        yield AnswerScore(
            cut, epochs, printed, handwritten, *whole_captchas(network, asked_as[cut])
        )


def _scatter(some: Examples, others: Examples, rng: np.random.Generator) -> Examples:
    """Put some examples between others, at random places; both keep their own order."""
    count = len(some.labels) + len(others.labels)
    places = np.zeros(count, bool)
    places[rng.permutation(count)[: len(some.labels)]] = True
    inputs = np.empty((count, some.inputs.shape[1]), np.float32)
    labels = np.empty(count, np.int64)
    inputs[places], inputs[~places] = some.inputs, others.inputs
    labels[places], labels[~places] = some.labels, others.labels
    return Examples(inputs, labels)
