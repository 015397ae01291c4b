"""Try several values of one field of a recipe, each with several seeds, and compare.

`python scripts/sweep.py FIELD VALUES [--recipe NAME] [--seeds N] [--images N] [--workers N]
[--json]`, such as `python scripts/sweep.py lr 0.001,0.01,0.1 --seeds 3 --images 5000 --workers 2`.
FIELD is a field of a recipe, or "hidden" for the neurons of the last hidden layer.  The networks
are judged by 10,000 training images that they do not learn from; the test set is not touched.
Progress goes to the error stream, the result to the output.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # so that it runs from anywhere, without being installed

from core.recipes import RECIPES, Learner, Recipe  # noqa: E402
from core.sweep import (  # noqa: E402
    Trial,
    TrialEnd,
    TrialStep,
    best_spot,
    load_mnist_split,
    make_trials,
    spots_of,
    sweep,
)

KINDS: dict[str, Callable[[str], Any]] = {
    "hidden": int,
    **{field.name: type(field.default) for field in dataclasses.fields(Recipe)},  # type: ignore[dict-item]
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python scripts/sweep.py", description=__doc__)
    parser.add_argument("field", choices=KINDS, metavar="FIELD", help=", ".join(KINDS))
    parser.add_argument("values", metavar="VALUES", help="with commas between them")
    parser.add_argument("--recipe", choices=RECIPES, default="mlp", help="what is changed (mlp)")
    parser.add_argument("--seeds", type=int, default=3, help="networks for each value (3)")
    parser.add_argument("--images", type=int, default=5000, help="images to learn from (5000)")
    parser.add_argument("--workers", type=int, default=1, help="processes side by side (1)")
    parser.add_argument("--json", action="store_true", help="the result as JSON")
    arguments = parser.parse_args()
    if min(arguments.seeds, arguments.images, arguments.workers) < 1:
        parser.error("--seeds, --images and --workers are whole numbers from 1")
    base = dataclasses.replace(RECIPES[arguments.recipe], train_size=arguments.images)
    try:
        values = [KINDS[arguments.field](value) for value in arguments.values.split(",")]
        seeds = range(1, arguments.seeds + 1)
        trials = make_trials(base, arguments.field, values, seeds)
        for trial in trials[:: arguments.seeds]:
            Learner(*trial)  # a value that makes no network is an error now, not in an hour
    except (KeyError, ValueError) as error:
        parser.error(f"{arguments.field} cannot be {arguments.values}: {error}")
    start = time.perf_counter()
    ends = list(run(trials, arguments.workers))
    spots = spots_of(ends, arguments.field)
    if arguments.json:
        facts = {"recipe": arguments.recipe, "field": arguments.field, "images": arguments.images}
        took = round(time.perf_counter() - start, 2)
        rows = [{**spot._asdict(), "mean": spot.mean} for spot in spots]
        print(json.dumps({**facts, "seconds": took, "spots": rows}))
    else:
        print_table(arguments.field, spots)
    for end in ends:
        if end.error:
            print(f"seed {end.trial.seed}, trial {end.place + 1}: {end.error}", file=sys.stderr)
    return 1 if any(end.error for end in ends) else 0


def run(trials: list[Trial], workers: int) -> Iterator[TrialEnd]:
    """Yield the trials' ends in order, and say on the error stream how far it is."""
    load = partial(load_mnist_split, str(ROOT / "assets" / "mnist"))
    if workers == 1:
        events = list(told(sweep(trials, load), len(trials)))
    else:
        context = multiprocessing.get_context("spawn")  # the same on every system
        with ProcessPoolExecutor(min(workers, len(trials)), context) as pool:
            events = list(told(sweep(trials, load, pool), len(trials)))
    yield from sorted(events, key=lambda end: end.place)


def told(events: Iterator[TrialStep | TrialEnd], total: int) -> Iterator[TrialEnd]:
    """Pass on the ends, and count them on the error stream."""
    done, start = 0, time.perf_counter()
    for event in events:
        if isinstance(event, TrialEnd):
            done += 1
            left = (time.perf_counter() - start) / done * (total - done)
            line = f"{done} of {total} networks, about {left:.0f} s left"
            live = sys.stderr.isatty()
            print(f"\r\033[K{line}" if live else line, end="" if live else "\n", file=sys.stderr)
            sys.stderr.flush()
            yield event
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def print_table(field: str, spots: list[Any]) -> None:
    """Print a line for each value: mean, lowest and highest accuracy."""
    best = best_spot(spots)
    width = max(len(field), *(len(str(spot.value)) for spot in spots))
    print(f"{field:>{width}}    mean   lowest  highest")
    for spot in spots:
        if spot.accuracies:
            low, high = min(spot.accuracies), max(spot.accuracies)
            line = f"{spot.value!s:>{width}}  {spot.mean:6.2%}  {low:6.2%}   {high:6.2%}"
            print(line + ("  best" if spot is best else ""))
        else:
            print(f"{spot.value!s:>{width}}  no result")


if __name__ == "__main__":
    sys.exit(main())
