"""Train a recipe on the complete MNIST and say how good it became.

`python scripts/train.py NAME [--seed N | --seeds N] [--epochs N] [--json] [--save FILE]
[--course FILE]`; without a name it lists the recipes.  Progress goes to the error stream, the
result to the output.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # so that it runs from anywhere, without being installed

from core.checkpoint import save  # noqa: E402
from core.digits import Digits, load_mnist  # noqa: E402
from core.metrics import accuracy_score  # noqa: E402
from core.recipes import RECIPES, Learner, Recipe  # noqa: E402
from core.training import Diverged, EpochEnd, Event, StepEnd, predict  # noqa: E402

# The steps of the first epoch after which a course keeps the weights: 5, 10, 20, 40, ...
EARLY = {5 << doublings for doublings in range(16)}
State = dict[str, np.ndarray]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python scripts/train.py", description=__doc__)
    parser.add_argument("name", nargs="?", choices=RECIPES, metavar="NAME", help=", ".join(RECIPES))
    parser.add_argument("--seed", type=int, default=1, help="of weights, order and moves (1)")
    parser.add_argument("--seeds", type=int, metavar="N", help="train with the seeds 1 to N")
    parser.add_argument("--epochs", type=int, help="how often all images are seen")
    parser.add_argument("--json", action="store_true", help="the result as JSON")
    parser.add_argument("--save", type=Path, metavar="FILE", help="write the weights (npz)")
    parser.add_argument(
        "--course",
        type=Path,
        metavar="FILE",
        help="write the weights at some steps on the way (npz): at first many, later one an epoch",
    )
    arguments = parser.parse_args()
    if arguments.name is None:
        for name, recipe in RECIPES.items():
            print(f"{name:16} {describe(recipe)}")
        return 0
    if (
        arguments.seed < 0
        or (arguments.seeds is not None and arguments.seeds < 1)
        or (arguments.epochs is not None and arguments.epochs < 0)
    ):
        parser.error("--seed and --epochs are whole numbers from 0, --seeds from 1")
    recipe = RECIPES[arguments.name]
    if arguments.epochs is not None:
        recipe = dataclasses.replace(recipe, epochs=arguments.epochs)
    seeds = range(1, arguments.seeds + 1) if arguments.seeds else [arguments.seed]
    results = []
    for seed in seeds:
        course = Course() if arguments.course and seed == seeds[0] else None
        learner, found = train(recipe, seed, course)
        results.append({"recipe": arguments.name, "seed": seed, **found})
        print(json.dumps(results[-1]) if arguments.json else in_words(results[-1]), flush=True)
        if arguments.save and seed == seeds[0]:
            save(arguments.save, learner.model.state_dict(), **results[-1], **made_by(learner))
        if course:
            notes = {"recipe": arguments.name, "seed": seed, **made_by(learner)}
            save_course(arguments.course, course.states, Learner(recipe, seed), notes)
    if len(results) > 1 and not arguments.json:
        accuracy = sum(result["accuracy"] for result in results) / len(results)
        seconds = sum(result["seconds"] for result in results) / len(results)
        print(f"{arguments.name}, mean of {len(results)} seeds: {accuracy:.2%}, {seconds:.1f} s")
    return 1 if any(result["diverged"] for result in results) else 0


def in_words(result: dict[str, Any]) -> str:
    """Return what came out, in a line."""
    return (
        f"{result['recipe']}, seed {result['seed']}: {result['accuracy']:.2%} of the "
        f"{result['tested']:,} test images right, {result['seconds']:.1f} s of computing, "
        f"{result['images_per_second']:,.0f} images a second, {result['parameters']:,} numbers"
    )


def describe(recipe: Recipe) -> str:
    """Return a recipe in a line: what differs from the plainest one."""
    plain = dataclasses.asdict(Recipe())
    chosen = {k: v for k, v in dataclasses.asdict(recipe).items() if v != plain[k] or k == "layers"}
    return ", ".join(f"{name} {value}" for name, value in chosen.items())


def made_by(learner: Learner) -> dict[str, Any]:
    """Return the notes that tell which network weights belong to, and what it wants to see."""
    settings = dataclasses.asdict(learner.recipe)
    return {"settings": settings, "prepare": learner.prepare.to_dict()}


class Course:
    """Copies of a network's weights, by the step after which they were made."""

    def __init__(self) -> None:
        self.states: dict[int, State] = {}
        self.step = 0

    def look(self, learner: Learner, event: Event | None = None) -> None:
        """Keep the weights if this is a moment for it: the start, an early step, an epoch's end."""
        early = False
        if isinstance(event, StepEnd):
            self.step, early = event.step, event.epoch == 1 and event.step in EARLY
        if event is None or early or isinstance(event, EpochEnd):
            self.states[self.step] = learner.model.state_dict()


def save_course(
    file: Path, states: dict[int, State], viewer: Learner, notes: dict[str, Any]
) -> None:
    """Write a course: its arrays are the network's with one more axis in front, the moments.

    The numbers are stored in half precision.  What is noted of a moment was measured with them;
    ``rounding`` is the most by which they changed an accuracy.
    """
    test = load_mnist(ROOT / "assets" / "mnist")[1]
    stacks = {
        name: np.stack([state[name] for state in states.values()]).astype(np.float16)
        for name in viewer.model.params
    }
    moments, rounding = [], 0.0
    for place, (step, state) in enumerate(states.items()):
        viewer.model.load_state_dict(state)
        exact, _ = scores(viewer, test)
        viewer.model.load_state_dict({name: stack[place] for name, stack in stacks.items()})
        accuracy, loss = scores(viewer, test)
        rounding = max(rounding, abs(accuracy - exact))
        moments.append({"step": step, "accuracy": accuracy, "loss": loss})
    facts = {"tested": len(test), "stored": "float16", "rounding": round(rounding, 6)}
    save(file, stacks, **notes, **facts, moments=moments)


def train(
    recipe: Recipe, seed: int, course: Course | None = None
) -> tuple[Learner, dict[str, Any]]:
    """Train, and return the learner and the facts about it."""
    train_set, test_set = load_mnist(ROOT / "assets" / "mnist")
    learner = Learner(recipe, seed)
    seen, diverged = 0, False
    images = min(recipe.train_size, len(train_set.images))
    clock = Clock(images * recipe.epochs)
    if course:
        course.look(learner)
    start = time.perf_counter()
    for event in learner.fit((train_set.images, train_set.labels)):
        if course:
            course.look(learner, event)
        if isinstance(event, StepEnd):
            seen = (event.epoch - 1) * images + event.seen
            clock.show(seen, f"epoch {event.epoch} of {recipe.epochs}, loss {event.loss:.4f}")
        elif isinstance(event, EpochEnd):
            right = "" if event.train_accuracy is None else f", {event.train_accuracy:.2%} right"
            clock.note(f"epoch {event.epoch}: mean loss {event.train_loss:.4f}{right}")
        elif isinstance(event, Diverged):
            diverged = True
            clock.note(f"step {event.step}: the loss is no number any more")
    seconds = time.perf_counter() - start
    clock.end()
    return learner, {
        "accuracy": scores(learner, test_set)[0],
        "tested": len(test_set.labels),
        "seconds": round(seconds, 2),
        "images_per_second": round(seen / seconds, 1) if seen else 0.0,
        "epochs": recipe.epochs,
        "parameters": sum(array.size for array in learner.model.params.values()),
        "diverged": diverged,
    }


def scores(learner: Learner, test: Digits) -> tuple[float, float]:
    """Return the share of test images that the network gets right, and its mean loss on them."""
    outputs = predict(learner.model, test.images, prepare=learner.prepare)
    accuracy = accuracy_score(test.labels, outputs.argmax(axis=1))
    return accuracy, learner.test_loss(outputs, test.labels)


class Clock:
    """A line that says how far it is and how long it will take, on the error stream."""

    def __init__(self, total: int) -> None:
        self.total, self.start = max(1, total), time.perf_counter()
        self.shown = self.start
        self.live = sys.stderr.isatty()

    def show(self, done: int, text: str) -> None:
        now = time.perf_counter()
        if now - self.shown < (0.2 if self.live else 10.0):
            return
        self.shown = now
        speed = done / (now - self.start)
        left = (self.total - done) / speed
        line = f"{done / self.total:4.0%}  {text}, {speed:,.0f} images/s, {left:.0f} s left"
        print(
            f"\r\033[K{line}" if self.live else line,
            end="" if self.live else "\n",
            file=sys.stderr,
            flush=True,
        )

    def note(self, text: str) -> None:
        print(f"\r\033[K{text}" if self.live else text, file=sys.stderr, flush=True)

    def end(self) -> None:
        if self.live:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
