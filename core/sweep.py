"""Sweeps: one recipe trained again and again, with another value each time and several seeds.

Which learning rate is best?  One run does not say: with other first weights and another order of
the examples the answer moves.  So every value is tried with several seeds, and the spread shows
how much a difference is worth.

``sweep`` computes right here, in small pieces, or hands its trials to any
``concurrent.futures.Executor``: threads, processes, or a Dask cluster's ``client.get_executor()``.
A trial is a few bytes.  The images never travel with it: each process asks ``load`` for them.

Whoever chooses by the test images has learned from them.  ``put_aside`` keeps some of the training
images out of the training instead: choose by those, and the test stays a test.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, as_completed
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from core.architecture import Part, format_layers, parse_layers
from core.digits import load_mnist
from core.metrics import accuracy_score
from core.recipes import Learner, Recipe
from core.threads import one_core
from core.training import Data, Diverged, StepEnd, predictions

LoadSplit = Callable[[], tuple[Data, Data]]  # returns what to learn from, and what to judge by
ASIDE = 1 / 6  # of MNIST's 60,000 training images these are 10,000
JUDGED_TOGETHER = 500  # images: a few hundredths of a second at most


class Trial(NamedTuple):
    """One network to be trained."""

    recipe: Recipe
    seed: int


class Score(NamedTuple):
    """How well a trained network does on the images that it is judged by."""

    accuracy: float  # 0 to 1
    loss: float
    seconds: float  # of training
    diverged: bool  # then the weights are those from before the step that broke them


class TrialStep(NamedTuple):
    """A trial has come a little further; only a sweep that computes right here says so."""

    place: int  # of the trial, from 0
    share: float  # of its training, 0 to 1


class TrialEnd(NamedTuple):
    """A trial is over: with a score, or with the error that stopped it."""

    place: int  # of the trial, from 0
    trial: Trial
    score: Score | None
    error: str = ""


class Spot(NamedTuple):
    """What came out for one value: the accuracies in the order of the seeds."""

    value: Any
    accuracies: tuple[float, ...]
    failed: int = 0  # trials that ended with an error

    @property
    def mean(self) -> float:
        """The mean accuracy; NaN where every trial failed."""
        return float(np.mean(self.accuracies)) if self.accuracies else float("nan")


def field_value(recipe: Recipe, field: str) -> Any:
    """Return a field's value; "hidden" is the width of the last fully connected hidden layer."""
    if field != "hidden":
        return getattr(recipe, field)
    parts = parse_layers(recipe.layers)
    return parts[-1].units if parts and parts[-1].kind == "n" else 0


def with_value(recipe: Recipe, field: str, value: Any) -> Recipe:
    """Return the recipe with one field changed.

    Parameters
    ----------
    field : str
        A field of ``Recipe``, or "hidden": the neurons of the last fully connected hidden layer,
        which is added where there is none.

    Raises
    ------
    TypeError
        If a recipe has no such field.
    """
    if field != "hidden":
        return replace(recipe, **{field: value})
    parts = list(parse_layers(recipe.layers))
    if parts and parts[-1].kind == "n":
        parts.pop()
    return replace(recipe, layers=format_layers((*parts, Part("n", value))))


def make_trials(
    recipe: Recipe, field: str, values: Iterable[Any], seeds: Iterable[int]
) -> list[Trial]:
    """Return a trial for each value with each seed: first all seeds of the first value."""
    seeds = list(seeds)
    return [Trial(with_value(recipe, field, value), seed) for value in values for seed in seeds]


def put_aside(data: Data, share: float = ASIDE) -> tuple[Data, Data]:
    """Cut off the last examples, at least one, and leave at least one.

    Returns
    -------
    rest, aside : (x, y)
        Views of the data, nothing is copied.

    Raises
    ------
    ValueError
        If there are fewer than two examples.
    """
    x, y = data
    if len(x) < 2:
        raise ValueError(f"put_aside expected at least 2 examples, but got {len(x)}")
    cut = min(max(round(len(x) * (1 - share)), 1), len(x) - 1)
    return (x[:cut], y[:cut]), (x[cut:], y[cut:])


@cache
def load_mnist_split(folder: str | os.PathLike[str]) -> tuple[Data, Data]:
    """Return 50,000 of MNIST's training images and the other 10,000; read once a process.

    ``functools.partial(load_mnist_split, folder)`` is a loader that any process can call.

    Raises
    ------
    DigitsError
        If a file is missing or damaged.
    """
    train, _ = load_mnist(folder)
    return put_aside((train.images, train.labels))


def trial_steps(trial: Trial, load: LoadSplit) -> Generator[float, None, Score]:
    """Train and judge one network in small pieces; yields the share of the training done so far.

    The same trial gives the same score, bit for bit, wherever it runs on the same kind of machine.
    """
    train, (images, labels) = load()
    learner = Learner(trial.recipe, trial.seed)
    size = min(trial.recipe.train_size, len(train[0]))
    seconds, diverged = 0.0, False
    events = learner.fit(train)
    while True:
        start = time.perf_counter()
        event = next(events, None)
        seconds += time.perf_counter() - start
        if event is None:
            break
        if isinstance(event, StepEnd):
            yield (event.epoch - 1 + event.seen / size) / trial.recipe.epochs
        diverged = diverged or isinstance(event, Diverged)
    parts = []
    for part in predictions(learner.model, images, JUDGED_TOGETHER, learner.prepare):
        parts.append(part)
        yield 1.0
    outputs = np.concatenate(parts)
    right = accuracy_score(labels, outputs.argmax(axis=1))
    with np.errstate(all="ignore"):  # a network that diverged may answer with huge numbers
        loss = learner.test_loss(outputs, labels)
    return Score(right, loss, seconds, diverged)


def run_trial(trial: Trial, load: LoadSplit) -> Score:
    """Train and judge one network on one core: what an executor is asked to do."""
    steps = trial_steps(trial, load)
    with one_core():  # the other cores have trials of their own
        while True:
            try:
                next(steps)
            except StopIteration as end:
                score: Score = end.value
                return score


def sweep(
    trials: Sequence[Trial], load: LoadSplit, executor: Executor | None = None
) -> Iterator[TrialStep | TrialEnd]:
    """Train and judge all trials, and say so as each of them ends, in whatever order that is.

    Closing the iterator cancels all that has not begun.  A trial that raises an error is reported
    and the others go on.

    Parameters
    ----------
    trials : sequence of Trial
        From ``make_trials``, for example.
    load : callable
        Returns (train, judge), each as (images, labels).  It is sent along with every trial, so
        where the executor has other processes it must be a function that they can import, such as
        ``functools.partial(load_mnist_split, folder)``.
    executor : concurrent.futures.Executor, optional
        Who computes.  It is not shut down.  Without one the trials are computed one after the
        other while the iterator is asked for more, and ``TrialStep`` comes after every small piece
        of work: so a page can do other things in between, also where there are no threads.

    Yields
    ------
    TrialStep, TrialEnd
        Sorted by ``place``, the ends are in the order of the trials.
    """
    return _sweep_here(trials, load) if executor is None else _sweep_with(executor, trials, load)


def spots_of(ends: Iterable[TrialEnd], field: str) -> list[Spot]:
    """Put together what came out for each value, in the order of the trials."""
    found: dict[Any, Spot] = {}
    for end in sorted(ends, key=lambda end: end.place):
        value = field_value(end.trial.recipe, field)
        spot = found.get(value, Spot(value, ()))
        if end.score is None:
            found[value] = spot._replace(failed=spot.failed + 1)
        else:
            found[value] = spot._replace(accuracies=(*spot.accuracies, end.score.accuracy))
    return list(found.values())


def best_spot(spots: Iterable[Spot]) -> Spot | None:
    """Return the spot with the highest mean, the first of equals; None if nothing succeeded."""
    return max((spot for spot in spots if spot.accuracies), key=lambda s: s.mean, default=None)


def _sweep_here(trials: Sequence[Trial], load: LoadSplit) -> Iterator[TrialStep | TrialEnd]:
    for place, trial in enumerate(trials):
        score, error = None, ""
        try:
            score = yield from _placed(place, trial_steps(trial, load))
        except Exception as problem:
            error = _described(problem)
        yield TrialEnd(place, trial, score, error)


def _placed(
    place: int, steps: Generator[float, None, Score]
) -> Generator[TrialStep | TrialEnd, None, Score]:
    while True:
        try:
            share = next(steps)
        except StopIteration as end:
            return end.value
        yield TrialStep(place, share)


def _sweep_with(
    executor: Executor, trials: Sequence[Trial], load: LoadSplit
) -> Iterator[TrialStep | TrialEnd]:
    places: dict[Future[Score], int] = {}
    try:
        for place, trial in enumerate(trials):
            places[executor.submit(run_trial, trial, load)] = place
        for future in as_completed(places):
            place, score, error = places[future], None, ""
            try:
                score = future.result()
            except Exception as problem:
                error = _described(problem)
            yield TrialEnd(place, trials[place], score, error)
    finally:
        for future in places:
            future.cancel()


def _described(problem: Exception) -> str:
    return f"{type(problem).__name__}: {problem}"
