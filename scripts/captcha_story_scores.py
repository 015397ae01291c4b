"""Measure the captcha's story: what a repair gains and costs, and the notes' three answers.

`python scripts/captcha_story_scores.py [--seeds N] [--captchas N]` trains the notes' network anew
for each of N seeds, on the handwritten 8×8 digits that come with the app, and reads captchas in the
notes' setting: five printed digits, 23 pixels, equal slices or, where it says trimmed, slices that
are trimmed to their ink.  Prints the tables of the README.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # so that it runs from anywhere, without being installed

from core.captcha import CaptchaFont, load_fonts  # noqa: E402
from core.captcha_repair import (  # noqa: E402
    compare_answers,
    repair_network,
    train_story,
    whole_captchas,
)
from core.captcha_story import (  # noqa: E402
    Examples,
    handwritten_examples,
    printed_examples,
    printed_slices,
    read_slices,
)
from core.classic import ThreeLayerNetwork  # noqa: E402
from core.digits8 import load_digits8, split_digits8  # noqa: E402

# How each repair is done: which digits, captchas of each, old share, rounds, and how it cuts.
REPAIRS = {
    "none": None,
    "the notes': one captcha of 3s": ([3], 1, 0.0, 1, "equal"),
    "all digits, 4 rounds, 80 % old": (list(range(10)), 100, 0.8, 4, "equal"),
    "the same, trimmed": (list(range(10)), 100, 0.8, 4, "trimmed"),
}

Score = tuple[float, float]  # shares of whole captchas and of handwritten digits that are right


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python scripts/captcha_story_scores.py")
    parser.add_argument("--seeds", type=int, default=10, help="networks that are trained (10)")
    parser.add_argument("--captchas", type=int, default=2000, help="that each reads (2,000)")
    arguments = parser.parse_args(words)
    if min(arguments.seeds, arguments.captchas) < 1:
        parser.error("--seeds and --captchas are whole numbers from 1")
    parts = split_digits8(load_digits8((ROOT / "assets/digits8/optdigits.tes.gz").read_bytes()))
    train, test = (handwritten_examples(part) for part in parts)
    font = load_fonts({"sans.ttf": (ROOT / "assets/fonts/sans.ttf").read_bytes()})
    repairs: dict[str, list[Score]] = defaultdict(list)
    answers: dict[str, list[Score]] = defaultdict(list)
    for seed in range(1, arguments.seeds + 1):
        for name, score in repaired(train, test, font, seed, arguments.captchas):
            repairs[name].append(score)
        for one in compare_answers(train, test, font, seed, captchas=arguments.captchas):
            name = f"{one.cut}, {one.epochs} epochs{', printed too' if one.printed else ''}"
            answers[name].append((one.whole, one.handwritten))
    print(table("repair", repairs))
    print("\n" + table("answer", answers))
    return 0


def repaired(
    train: Examples, test: Examples, font: list[CaptchaFont], seed: int, captchas: int
) -> list[tuple[str, Score]]:
    """Return what a network reaches before and after each repair."""
    asked, taught, order = np.random.default_rng([seed, 1]).spawn(3)
    fresh = printed_slices(font, captchas, asked)
    before = train_story(train, seed)
    found = []
    for name, how in REPAIRS.items():
        network, cut = before, "equal"
        if how is not None:
            digits, count, mix, rounds, cut = how
            wobble = 0 if count == 1 else 1
            slices = printed_slices(font, count, taught, digits=digits, wobble=wobble)
            new = printed_examples(*slices, cut)
            network = repair_network(before, new, train, mix=mix, rounds=rounds, rng=order)
        found.append((name, score(network, printed_examples(*fresh, cut), test)))
    return found


def score(network: ThreeLayerNetwork, printed: Examples, test: Examples) -> Score:
    """Return the shares of whole captchas and of handwritten digits that are right."""
    right = read_slices(network, test.inputs).argmax(axis=1) == test.labels
    return whole_captchas(network, printed)[1], float(right.mean())


def table(head: str, scores: dict[str, list[Score]]) -> str:
    """Return a table: means over the seeds and, in brackets, the worst of them.

    The last column is what handwriting gained against the first row, seed by seed.
    """
    rows = [
        f"| {head} | whole captchas | handwritten digits | gained there |",
        "| --- | ---: | ---: | ---: |",
    ]
    first = np.array(next(iter(scores.values())))[:, 1]
    for name, found in scores.items():
        whole, handwritten = np.transpose(found)
        columns = (whole, handwritten, handwritten - first)
        cells = [f"{100 * part.mean():.1f} ({100 * part.min():.1f})" for part in columns]
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
