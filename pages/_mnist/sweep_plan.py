"""What a sweep is to try: the values, read from what the learner typed, and how long it takes."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from core.digits import Digits
from core.init import as_generator
from core.recipes import RECIPES, Learner, Recipe
from core.sweep import Trial, field_value, make_trials, put_aside, with_value
from core.threads import one_core
from core.training import Data, StepEnd, predict
from pages._mnist.settings import Settings, recipe_of
from ui.i18n import t
from ui.state import plain, shorten

FIELDS = ("lr", "epochs", "hidden")
SWEEPS = (*FIELDS, "rules")  # what can be chosen: a field, or the two rules side by side
RANGES = {"lr": (1e-6, 1000.0), "epochs": (1, 30), "hidden": (1, 2048)}
MOST_VALUES, MOST_SEEDS = 12, 10
FEWEST = 12  # training images: with fewer there is nothing to put aside
JUDGED = 5_000  # images that the networks are judged by, at most
OVERHEAD = 40_000  # what every network needs per image, as if it were so many parameters more
LOOK = 0.1  # seconds that are spent on finding out how fast a network learns

# Few small digits: here the two rules differ most, and ten networks each take seconds.
RULES = replace(
    RECIPES["classic"], layers="32", lr=0.2, epochs=2, preparation="small", train_size=1_617
)
RULES_SEEDS = 10


class Plan(NamedTuple):
    """A sweep that can be started."""

    field: str
    trials: list[Trial]
    base: Recipe
    recipe: str  # the name of the recipe that it began with

    @property
    def values(self) -> list[Any]:
        """The values that are tried, in order."""
        return list(dict.fromkeys(field_value(trial.recipe, self.field) for trial in self.trials))

    @property
    def work(self) -> list[float]:
        """About how much work each trial is, in units of our own: to judge how long it takes."""
        return [
            _work_per_image(t.recipe) * t.recipe.train_size * t.recipe.epochs for t in self.trials
        ]


class ValuesError(ValueError):
    """What was typed is no list of values; the message is a sentence for the learner."""


def default_values(field: str, recipe: Recipe) -> str:
    """Return values worth trying around what the recipe has."""
    if field == "lr":
        return ", ".join(f"{recipe.lr * factor:.2g}" for factor in (0.1, 0.3, 1, 3, 10))
    return {"epochs": "1, 2, 3, 5, 8", "hidden": "10, 30, 100, 300"}[field]


def read_values(text: str, field: str) -> list[float]:
    """Read the values of a field, in ascending order.

    Raises
    ------
    ValuesError
        If one of them is none, or there are too few or too many.
    """
    low, high = RANGES[field]
    found: set[float] = set()
    for part in filter(None, re.split(r"[,;\s\uff0c\u3001\uff1b]+", text)):
        try:
            value = float(part) if field == "lr" else int(part)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            kind = "number" if field == "lr" else "whole"
            got = plain(shorten(part, 20))
            raise ValuesError(t(f"mnist_sweep.bad_{kind}", got=got, low=f"{low:g}", high=high))
        found.add(value)
    if not 1 <= len(found) <= MOST_VALUES:
        raise ValuesError(t("mnist_sweep.bad_count", n=len(found), most=MOST_VALUES))
    return sorted(found)


def plan_of(field: str, values: Sequence[Any], seeds: int, images: int, settings: Settings) -> Plan:
    """Put a sweep over one field of the present settings together."""
    base = replace(recipe_of(settings), train_size=images)
    return Plan(
        field, make_trials(base, field, values, _seeds(settings, seeds)), base, settings.recipe
    )


def plan_of_rules(settings: Settings, images: int) -> Plan:
    """Put the comparison of the two rules together, on up to so many images."""
    base = replace(RULES, train_size=min(RULES.train_size, images))
    trials = make_trials(base, "method", ("notes", "gradient"), _seeds(settings, RULES_SEEDS))
    return Plan("method", trials, base, "classic")


def split(train: Digits) -> tuple[Data, Data]:
    """Return what the networks learn from, and what they are judged by."""
    rest, (images, labels) = put_aside((train.images, train.labels))
    return rest, (images[:JUDGED], labels[:JUDGED])


def estimate(plan: Plan, train: Digits) -> float:
    """Return about how many seconds a sweep takes, from a tenth of a second of its work."""
    rest, judge = split(train)
    middle = plan.trials[len(plan.trials) // 2]
    learner = Learner(middle.recipe, middle.seed)
    with one_core():
        speed = _learning_speed(learner, rest)
        some = judge[0][:500]
        for _ in range(2):  # the first time makes room in memory
            start = time.perf_counter()
            predict(learner.model, some, prepare=learner.prepare)
        judging = (time.perf_counter() - start) / len(some) * len(judge[0])
    learning = sum(plan.work) / _work_per_image(middle.recipe) / speed
    return learning + judging * len(plan.trials)


def axis_place(field: str, value: Any) -> float:
    """Return where a value stands on its axis: those that are tried by factors, by logarithm."""
    if field == "method":
        return float(("notes", "gradient").index(value))
    return float(value) if field == "epochs" else math.log10(value)


def with_best(recipe: Recipe, field: str, value: Any, train_size: int) -> Recipe:
    """Return a sweep's recipe with its best value, for as many images as the page has set."""
    return replace(with_value(recipe, field, value), train_size=train_size)


@lru_cache(maxsize=256)
def _work_per_image(recipe: Recipe) -> float:
    model = Learner(recipe, 0).model
    return float(OVERHEAD + sum(array.size for array in model.params.values()))


def _learning_speed(learner: Learner, data: Data) -> float:
    """Return images a second; the first step is not counted, it makes room in memory."""
    rows = as_generator(0).permutation(len(data[0]))[:2_000]
    pool = data[0][rows], np.asarray(data[1])[rows]
    start, before, seen, epoch_size = 0.0, 0, 0, min(len(rows), learner.recipe.train_size)
    for event in learner.fit(pool, epochs=1_000):
        if not isinstance(event, StepEnd):
            continue
        seen = (event.epoch - 1) * epoch_size + event.seen
        now = time.perf_counter()
        if not start:
            start, before = now, seen
        elif now - start > LOOK:
            return (seen - before) / (now - start)
    return float(max(seen, 1)) / LOOK  # it diverged at once: any number will do


def _seeds(settings: Settings, count: int) -> range:
    return range(settings.seed, settings.seed + count)
