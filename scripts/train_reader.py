"""Train the reader of whole lines on pictures that are drawn while it learns.

`python scripts/train_reader.py [--seed N] [--steps N | --minutes N] [--workers N] [--begin FILE]
[--checkpoint FILE] [--resume FILE] [--save FILE]`.  The pictures start easy and become harder; how
good the reader is on pictures kept for that is printed now and then.  Progress goes to the error
stream, the result to the output.  The same seed, number of steps and beginning give the same
reader, with any number of workers and of breaks; with --minutes, what comes out depends on the
machine.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import signal
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # so that it runs from anywhere, without being installed

from core.captcha import HELD_OUT_FONTS, TRAINING_FONTS, draw_captcha  # noqa: E402
from core.captcha_style import difficulty  # noqa: E402
from core.checkpoint import load, save  # noqa: E402
from core.ctc import CTCLoss  # noqa: E402
from core.ctc_decode import ctc_greedy  # noqa: E402
from core.line import prepare_line  # noqa: E402
from core.line_reader import (  # noqa: E402
    ALPHABETS,
    CHARACTERS,
    LineReader,
    Reading,
    as_maps,
    columns_of,
    line_network,
    make_reader,
    to_text,
)
from core.optim import Adam  # noqa: E402
from core.schedule import one_cycle  # noqa: E402
from scripts.line_batches import BATCH, Drawn, fonts_named, line_batches  # noqa: E402

MOMENTS = 100_000  # into which the way is cut for the schedule
EXAMS = {"medium": (0.5, "digits"), "hard": (1.0, "digits"), "alnum": (0.5, "alnum")}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python scripts/train_reader.py", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of weights and pictures (1)")
    parser.add_argument("--steps", type=int, default=20_000, help="batches of 32 (20,000)")
    parser.add_argument("--minutes", type=float, help="stop, and slow down before, by the clock")
    parser.add_argument("--lr", type=float, default=0.002, help="the largest learning rate (0.002)")
    parser.add_argument("--workers", type=int, default=2, help="processes that draw (2)")
    parser.add_argument("--begin", type=Path, metavar="FILE", help="with this reader's weights")
    parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="write all, now and then")
    parser.add_argument("--resume", type=Path, metavar="FILE", help="go on from a checkpoint")
    parser.add_argument("--save", type=Path, metavar="FILE", help="write the weights (npz)")
    parser.add_argument("--every", type=int, default=500, help="steps between two looks (500)")
    arguments = parser.parse_args()
    if min(arguments.seed, arguments.steps, arguments.workers - 1, arguments.every - 1) < 0:
        parser.error("--seed and --steps are whole numbers from 0, --workers and --every from 1")
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # for the workers: each has a core at most
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the workers end as well
    trainer = Trainer(arguments.seed, arguments.begin)
    if arguments.resume:
        trainer = pickle.loads(arguments.resume.read_bytes())
    exams = {name: make_exam(*exam) for name, exam in EXAMS.items()}
    trainer.run(arguments, exams)
    notes = trainer.notes(exams)
    if arguments.save:
        half = {name: a.astype(np.float16) for name, a in trainer.model.params.items()}
        rounded = take_exams(make_reader(half), exams)
        save(arguments.save, half, **notes, stored="float16", stored_scores=rounded)
    print(json.dumps(notes))
    return 0


class Trainer:
    """A reader that learns, with all that it takes to go on later."""

    def __init__(self, seed: int, begin: Path | None = None) -> None:
        self.seed, self.step, self.seconds = seed, 0, 0.0
        self.model = line_network(seed)
        self.before: dict[str, Any] = {}
        if begin:
            weights, notes = load(begin)
            self.model.load_state_dict(weights)
            kept = ("seed", "pictures", "minutes", "course", "before")
            self.before = {name: notes[name] for name in kept if name in notes}
        self.optimizer = Adam(self.model)
        self.losses: deque[float] = deque(maxlen=200)

    def run(self, arguments: argparse.Namespace, exams: dict[str, list[Drawn]]) -> None:
        """Learn until the last step."""
        schedule = one_cycle(MOMENTS, pct_start=0.06)
        loss = CTCLoss(zero_infinity=True)
        start, before, first = time.perf_counter(), self.seconds, self.step
        drawn = line_batches(self.seed, self.step, arguments.steps, arguments.workers)
        while (way := self.way(arguments)) < 1.0:
            strips, texts = next(drawn)
            self.optimizer.lr = arguments.lr * schedule(round(1 + way * (MOMENTS - 1)))
            logits = self.model.forward(strips / np.float32(127), training=True)
            self.losses.append(loss.forward(columns_of(logits), texts))
            self.model.backward(as_maps(loss.backward()), need_dx=False)
            limit_size(self.model.flat(), 1.0)
            self.optimizer.step()
            self.step += 1
            self.seconds = before + time.perf_counter() - start
            if self.step % arguments.every == 0 or self.way(arguments) >= 1.0:
                speed = (self.step - first) * BATCH / (self.seconds - before)
                tell(
                    f"step {self.step} of {arguments.steps}, {self.seconds / 60:.1f} min, "
                    f"{speed:.0f} pictures/s, loss {np.mean(self.losses):.4f}, "
                    f"{json.dumps(take_exams(GreedyReader(self.model), exams))}"
                )
                if arguments.checkpoint:
                    self.write(arguments.checkpoint)
        drawn.close()

    def way(self, arguments: argparse.Namespace) -> float:
        """Return how far the training is, 0 to 1: by steps or, if that is more, by the clock."""
        by_clock = self.seconds / (60 * arguments.minutes) if arguments.minutes else 0.0
        return max(self.step / max(1, arguments.steps), by_clock)

    def write(self, file: Path) -> None:
        """Write a checkpoint; a stop in the middle leaves the one before."""
        self.model.forget()
        beside = file.with_suffix(".new")
        beside.write_bytes(pickle.dumps(self))
        beside.replace(file)

    def notes(self, exams: dict[str, list[Drawn]]) -> dict[str, Any]:
        """Return how the reader was made and how good it is."""
        return {
            "seed": self.seed,
            "steps": self.step,
            "pictures": self.step * BATCH,
            "minutes": round(self.seconds / 60, 1),
            "before": self.before,
            "characters": CHARACTERS,
            "tested": {name: len(exam) for name, exam in exams.items()},
            "scores": take_exams(LineReader(self.model), exams),
        }


def limit_size(flat: tuple[np.ndarray, np.ndarray] | None, largest: float) -> None:
    """Shorten the gradient to a length, so that one strange batch does no harm."""
    if flat is not None:
        length = float(np.linalg.norm(flat[1]))
        if length > largest:
            flat[1][...] *= largest / length


def make_exam(level: float, alphabet: str, size: int = 300) -> list[Drawn]:
    """Draw the pictures of an exam: five characters, a fifth of them in fonts never learned."""
    rng = np.random.default_rng([987_654_321, round(100 * level), len(ALPHABETS[alphabet])])
    found = []
    for place in range(size):
        text = "".join(rng.choice(list(ALPHABETS[alphabet]), 5))
        names = HELD_OUT_FONTS if place % 5 == 0 else TRAINING_FONTS
        found.append(Drawn(draw_captcha(text, difficulty(level), fonts_named(names), rng), text))
    return found


class GreedyReader(LineReader):
    """A reader that looks once and takes the likeliest path: faster, for looks on the way."""

    def read(
        self, picture: np.ndarray, alphabet: str = "alnum", length: int | None = None
    ) -> Reading:
        """Return the text of the likeliest path."""
        columns = self.log_probabilities(prepare_line(picture), alphabet)
        classes, likelihood = ctc_greedy(columns)
        return Reading(to_text(classes), likelihood, (), columns)


def take_exams(reader: LineReader, exams: dict[str, list[Drawn]]) -> dict[str, dict[str, float]]:
    """Return, for each exam, the shares of whole texts and of single characters that are right."""
    found = {}
    for name, exam in exams.items():
        alphabet = EXAMS[name][1]
        texts = [reader.read(item.picture, alphabet).text for item in exam]
        whole = np.mean([text == item.text for text, item in zip(texts, exam, strict=True)])
        wrong = sum(edits(text, item.text) for text, item in zip(texts, exam, strict=True))
        characters = sum(len(item.text) for item in exam)
        found[name] = {
            "whole": round(float(whole), 4),
            "characters": round(1 - wrong / characters, 4),
        }
    return found


def edits(one: str, other: str) -> int:
    """Return how many characters must be added, dropped or changed (Levenshtein, 1966)."""
    row = list(range(len(other) + 1))
    for place, character in enumerate(one, 1):
        before, row[0] = row[0], place
        for column, wanted in enumerate(other, 1):
            change = before + (character != wanted)
            before = row[column]
            row[column] = min(change, before + 1, row[column - 1] + 1)
    return row[-1]


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
