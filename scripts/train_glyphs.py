"""Train the network that names the pieces of a captcha that was cut, and measure all cutting.

`python scripts/train_glyphs.py [--seed N] [--glyphs N] [--epochs N] [--workers N] [--load FILE]
[--save FILE]`.  The characters are drawn first, then learned.  In the end five digits are read on
pictures of several difficulties that no training saw, with every way to cut.  Progress goes to the
error stream, the result to the output; the same seed and numbers give the same network.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # so that it runs from anywhere, without being installed

from core.augment import Augmentation  # noqa: E402
from core.captcha import (  # noqa: E402
    CAPTCHA_DIGITS,
    CAPTCHA_LOWER,
    HELD_OUT_FONTS,
    TRAINING_FONTS,
    CaptchaFont,
    draw_captcha,
    load_fonts,
    random_text,
)
from core.captcha_style import difficulty  # noqa: E402
from core.checkpoint import load, save  # noqa: E402
from core.cut_reader import (  # noqa: E402
    GLYPH_LAYERS,
    Glyphs,
    clean_ink,
    glyph_network,
    glyph_pictures,
    name_pieces,
)
from core.cutting import METHODS_OF_CUTTING, estimate_count  # noqa: E402
from core.cutting_error import CuttingError  # noqa: E402
from core.images import UNIT_PIXELS  # noqa: E402
from core.losses import CrossEntropyLoss  # noqa: E402
from core.optim import Adam  # noqa: E402
from core.schedule import one_cycle  # noqa: E402
from core.sequential import Sequential  # noqa: E402
from core.training import EpochEnd, fit  # noqa: E402

BATCH = 64
MOVES = Augmentation(degrees=6.0, translate=1.5, scale=0.1, shear=5.0)
CHUNK = 1000  # glyphs that are drawn at a time
LEVELS = (0.0, 0.25, 0.5, 0.75, 1.0)
TESTED = 300  # pictures of each level
LENGTH = 5


class Exam(NamedTuple):
    """Pictures and what they say."""

    pictures: list[np.ndarray]
    texts: list[str]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python scripts/train_glyphs.py", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of weights and pictures (1)")
    parser.add_argument("--glyphs", type=int, default=24_000, help="drawn to learn from (24,000)")
    parser.add_argument("--epochs", type=int, default=10, help="how often all are seen (10)")
    parser.add_argument("--workers", type=int, default=2, help="processes that draw (2)")
    parser.add_argument("--load", type=Path, metavar="FILE", help="only measure these weights")
    parser.add_argument("--save", type=Path, metavar="FILE", help="write the weights (npz)")
    arguments = parser.parse_args()
    if min(arguments.seed, arguments.glyphs - 1, arguments.epochs, arguments.workers - 1) < 0:
        parser.error("--seed and --epochs are whole numbers from 0, --glyphs and --workers from 1")
    model, notes = glyph_network(arguments.seed), {}
    if arguments.load:
        state, notes = load(arguments.load)
        model.load_state_dict(state)
    else:
        notes = train(model, arguments)
        # What is measured is what is stored.
        model.load_state_dict({name: half(array) for name, array in model.params.items()})
    notes["scores"] = {str(level): measure(model, make_exam(level)) for level in LEVELS}
    if arguments.save:
        save(arguments.save, {name: half(array) for name, array in model.params.items()}, **notes)
    print(json.dumps(notes, indent=1))
    return 0


def train(model: Sequential, arguments: argparse.Namespace) -> dict[str, Any]:
    """Train the network, and return how it was made."""
    start = time.perf_counter()
    train_set = draw(arguments.seed, arguments.glyphs, arguments.workers)
    tell(f"{arguments.glyphs:,} characters drawn in {time.perf_counter() - start:.0f} s")
    steps = arguments.epochs * -(-arguments.glyphs // BATCH)
    events = fit(
        model,
        CrossEntropyLoss(),
        Adam(model, lr=0.003),
        train_set,
        epochs=arguments.epochs,
        batch_size=BATCH,
        rng=np.random.default_rng([arguments.seed, 2]),
        augment=partial(MOVES, rng=np.random.default_rng([arguments.seed, 3])),
        prepare=UNIT_PIXELS,
        schedule=one_cycle(max(2, steps)),
    )
    right = None
    for event in events:
        if isinstance(event, EpochEnd):
            right = event.train_accuracy
            tell(f"epoch {event.epoch}: loss {event.train_loss:.4f}, {right:.2%} right")
    return {
        "seed": arguments.seed,
        "glyphs": arguments.glyphs,
        "epochs": arguments.epochs,
        "layers": GLYPH_LAYERS,
        "characters": CAPTCHA_LOWER,
        "stored": "float16",
        "minutes": round((time.perf_counter() - start) / 60, 1),
        "train_accuracy": right,
        "tested": TESTED,
    }


def draw(seed: int, count: int, workers: int) -> Glyphs:
    """Draw characters in several processes: the same ones with any number of them."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # for the workers: each has a core at most
    sizes = [min(CHUNK, count - start) for start in range(0, count, CHUNK)]
    with ProcessPoolExecutor(workers) as pool:
        chunks = list(pool.map(partial(draw_chunk, seed), range(len(sizes)), sizes))
    return Glyphs(*(np.concatenate(parts) for parts in zip(*chunks, strict=True)))


def draw_chunk(seed: int, chunk: int, size: int) -> Glyphs:
    """Draw the characters of one chunk; every other one is all digits, as most captchas are."""
    alphabet = CAPTCHA_DIGITS if chunk % 2 else CAPTCHA_LOWER
    rng = np.random.default_rng([seed, 0, chunk])
    return glyph_pictures(rng, size, fonts(TRAINING_FONTS), alphabet)


@cache
def fonts(names: tuple[str, ...]) -> list[CaptchaFont]:
    """Return the fonts of these names."""
    return load_fonts({name: (ROOT / "assets" / "fonts" / name).read_bytes() for name in names})


def make_exam(level: float) -> Exam:
    """Draw five digits often, a fifth of them in fonts that were never learned."""
    rng = np.random.default_rng([918_273_645, round(100 * level)])
    pictures, texts = [], []
    for place in range(TESTED):
        names = HELD_OUT_FONTS if place % 5 == 0 else TRAINING_FONTS
        texts.append(random_text(rng, LENGTH, CAPTCHA_DIGITS))
        pictures.append(draw_captcha(texts[-1], difficulty(level), fonts(names), rng))
    return Exam(pictures, texts)


def measure(model: Sequential, exam: Exam) -> dict[str, Any]:
    """Return the shares of whole texts and of single digits that every way of cutting reads.

    The number of digits is told, except for "counted", the share of pictures where it is guessed.
    """
    cleaned = [clean_ink(picture) for picture in exam.pictures]
    found: dict[str, Any] = {}
    for method in METHODS_OF_CUTTING:
        read = [text_of(model, ink, strength, method) for ink, strength in cleaned]
        pairs = list(zip(read, exam.texts, strict=True))
        right = [sum(a == b for a, b in zip(*pair, strict=False)) for pair in pairs]
        found[method] = {
            "whole": round(sum(one == other for one, other in pairs) / len(pairs), 4),
            "characters": round(sum(right) / (LENGTH * len(pairs)), 4),
        }
    guesses = [ink.any() and estimate_count(ink) == LENGTH for ink, _ in cleaned]
    return found | {"counted": round(float(np.mean(guesses)), 4)}


def text_of(model: Sequential, ink: np.ndarray, strength: np.ndarray, method: str) -> str:
    """Return what is read, or an empty text where nothing can be cut."""
    try:
        cutting = METHODS_OF_CUTTING[method](ink, LENGTH)
    except CuttingError:
        return ""
    return name_pieces(strength, cutting, model.forward, CAPTCHA_DIGITS).text


def half(array: np.ndarray) -> np.ndarray:
    """Return numbers in half precision, as they are stored."""
    return array.astype(np.float16)


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
