"""Measure how well digits are read that are drawn anywhere on a canvas, or photographed.

`python scripts/digit_scores.py [--pictures N] [--seed N] [--photos [N]]` places N of MNIST's test
images on canvases of 280×280 pixels: a third of the canvas to all of it, anywhere, turned by up to
15 degrees, with strokes up to 40 % thinner or thicker, dark or light, transparent or opaque.  They
are prepared as the app does and read by the networks that come with it; what is refused counts as
not read.  With --photos, photos of digits on paper follow.  The same numbers give the same tables,
but for the time.  Progress goes to the error stream, the tables to the output.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # so that it runs from anywhere, without being installed

from core.checkpoint import load  # noqa: E402
from core.digit_picture import DigitPictureError, PreparedDigit, prepare_digit  # noqa: E402
from core.digit_shape import not_a_digit  # noqa: E402
from core.digits import load_mnist  # noqa: E402
from core.recipes import Learner, Recipe  # noqa: E402
from core.threads import one_core  # noqa: E402
from core.training import predict  # noqa: E402
from scripts.placed_digits import KINDS, photograph, place  # noqa: E402
from scripts.train import Clock  # noqa: E402

NETWORKS = ("cnn-best", "mlp", "classic")  # files in assets/weights
CLASSES = {"a third to a half": 0.5, "a half to three quarters": 0.75, "three quarters to all": 1.0}
CANVAS_ROWS = ("all canvases", *KINDS, *CLASSES)
PHOTO_ROWS = ("all photos", "without a shadow", "with a shadow")

Make = Callable[[np.ndarray, np.random.Generator], tuple[np.ndarray, tuple[str, ...]]]


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python scripts/digit_scores.py", description=__doc__)
    parser.add_argument("--pictures", type=int, default=10_000, metavar="N", help="(10,000)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the pictures (1)")
    parser.add_argument(
        "--photos", type=int, nargs="?", const=500, metavar="N", help="and N photos (500)"
    )
    arguments = parser.parse_args(words)
    asked = (arguments.pictures, 1 if arguments.photos is None else arguments.photos)
    if not 1 <= min(asked) <= max(asked) <= 10_000 or arguments.seed < 0:
        parser.error("--pictures and --photos are whole numbers from 1 to 10000, --seed from 0")
    networks = {name: load_network(name) for name in NETWORKS}
    print(table(CANVAS_ROWS, measure(on_canvas, arguments.pictures, arguments.seed, networks)))
    if arguments.photos:
        scores = measure(on_photo, arguments.photos, arguments.seed, networks)
        print("\n" + table(PHOTO_ROWS, scores))
    return 0


def load_network(name: str) -> Learner:
    """Return the network in assets/weights, with all that it takes to ask it."""
    state, notes = load(ROOT / "assets" / "weights" / f"{name}.npz")
    learner = Learner(Recipe(**notes["settings"]), notes["seed"])
    learner.model.load_state_dict(state)
    return learner


def on_canvas(image: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return a canvas, and the rows of the table that it belongs to."""
    placed = place(image, rng)
    size = next(name for name, most in CLASSES.items() if placed.size <= most + 1e-9)
    return placed.canvas, ("all canvases", placed.kind, size)


def on_photo(image: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return a photo, and the rows of the table that it belongs to."""
    photo = photograph(image, rng)
    return photo.picture, ("all photos", PHOTO_ROWS[1 + photo.shadow])


class Scores(NamedTuple):
    """What became of N pictures.

    Attributes
    ----------
    rows : list of tuple of str
        The rows of the table that each picture belongs to.
    refused : ndarray of bool, (N,)
        Whether it was taken for blank, a dot or a scribble, and so not read.
    right : dict of ndarray of bool, (N,)
        Whether it was read right, for each network.
    milliseconds : float
        The median time on a processor that preparing a picture takes.
    """

    rows: list[tuple[str, ...]]
    refused: np.ndarray
    right: dict[str, np.ndarray]
    milliseconds: float


def measure(make: Make, count: int, seed: int, networks: dict[str, Learner]) -> Scores:
    """Make pictures of test images, prepare them, and have them read by all networks."""
    test = load_mnist(ROOT / "assets" / "mnist")[1]
    chosen = np.random.default_rng(seed).permutation(len(test))[:count]
    images, refused = np.zeros((count, 28, 28), np.uint8), np.zeros(count, bool)
    rows, taken, clock = [], [], Clock(count)
    for number, index in enumerate(chosen):
        picture, belongs = make(test.images[index], np.random.default_rng([seed, index]))
        rows.append(belongs)
        with one_core():
            start = time.process_time()
            found = prepared(picture)
            taken.append(1e3 * (time.process_time() - start))
        if found is None or not_a_digit(found):
            refused[number] = True
        else:
            images[number] = found.image
        clock.show(number + 1, belongs[0])
    clock.end()
    right = {}
    for name, learner in networks.items():
        answers = predict(learner.model, images, prepare=learner.prepare).argmax(axis=1)
        right[name] = (answers == test.labels[chosen]) & ~refused
    return Scores(rows, refused, right, float(np.median(taken)))


def prepared(picture: np.ndarray) -> PreparedDigit | None:
    """Return what becomes of a picture, or None if nothing is found on it."""
    try:
        return prepare_digit(picture)
    except DigitPictureError:
        return None


def table(names: tuple[str, ...], scores: Scores) -> str:
    """Return the scores as a table for a README."""
    lines = [
        f"| {names[0]} | pictures | refused | {' | '.join(scores.right)} |",
        "| --- |" + " ---: |" * (2 + len(scores.right)),
    ]
    for name in names:
        among = np.array([name in rows for rows in scores.rows])
        if not among.any():
            continue
        shares = " | ".join(f"{right[among].mean():.2%}" for right in scores.right.values())
        lines.append(f"| {name} | {among.sum():,} | {scores.refused[among].sum():,} | {shares} |")
    lines.append(f"\npreparing one: {scores.milliseconds:.1f} ms on one core (median)")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
