"""Measure every way to read captchas against difficulty.

`python scripts/captcha_scores.py [--pictures N] [--seed N] [--save FILE]` draws N pictures of five
digits at each difficulty, one in five in fonts that no network has learned from, and the notes'
goals beside them; prints the tables of the README, and writes the numbers that the app draws.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # so that it runs from anywhere, without being installed

from core.captcha import (  # noqa: E402
    HELD_OUT_FONTS,
    TRAINING_FONTS,
    CaptchaFont,
    draw_captcha,
    load_fonts,
    random_text,
)
from core.captcha_style import difficulty  # noqa: E402
from core.checkpoint import load  # noqa: E402
from core.cut_reader import glyph_network, read_pieces  # noqa: E402
from core.cutting import METHODS_OF_CUTTING  # noqa: E402
from core.cutting_error import CuttingError  # noqa: E402
from core.line_reader import ALPHABETS, make_reader  # noqa: E402
from core.threads import one_core  # noqa: E402

LEVELS = (0.0, 0.25, 0.5, 0.75, 1.0)
METHODS = (*METHODS_OF_CUTTING, "line")
GOALS = {  # what is measured of the reader alone: difficulty and alphabet, five characters
    "medium, digits": (0.5, "digits"),
    "hard, digits": (1.0, "digits"),
    "medium, digits and letters": (0.5, "alnum"),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python scripts/captcha_scores.py", description=__doc__)
    parser.add_argument("--pictures", type=int, default=500, help="at each difficulty (500)")
    parser.add_argument("--seed", type=int, default=2_000_000, help="of the pictures")
    parser.add_argument("--save", type=Path, metavar="FILE", help="write the numbers (JSON)")
    arguments = parser.parse_args()
    if arguments.pictures < 1 or arguments.seed < 0:
        parser.error("--pictures is a whole number from 1, --seed from 0")
    readers = Readers()
    scores: dict[str, Any] = {"levels": list(LEVELS), "pictures": arguments.pictures}
    scores |= {kind: {method: [] for method in METHODS} for kind in ("whole", "characters")}
    for level in LEVELS:
        drawn = draw(level, "digits", arguments.pictures, arguments.seed)
        for method in METHODS:
            texts = [readers.read(picture, method, "digits") for _, picture in drawn]
            whole, characters = accuracy(texts, [text for text, _ in drawn])
            scores["whole"][method].append(round(whole, 4))
            scores["characters"][method].append(round(characters, 4))
    scores["goals"] = {}
    for name, (level, alphabet) in GOALS.items():
        drawn = draw(level, alphabet, arguments.pictures, arguments.seed + 1)
        texts = [readers.read(picture, "line", alphabet) for _, picture in drawn]
        whole, characters = accuracy(texts, [text for text, _ in drawn])
        scores["goals"][name] = {"whole": round(whole, 4), "characters": round(characters, 4)}
    scores["milliseconds"] = readers.milliseconds(draw(1.0, "digits", 50, arguments.seed))
    print(tables(scores))
    if arguments.save:
        arguments.save.write_text(json.dumps(scores, indent=1) + "\n", "utf-8")
    return 0


class Readers:
    """All ways to read, with the weights that come with the app."""

    def __init__(self) -> None:
        weights = ROOT / "assets" / "weights"
        self.line = make_reader(load(weights / "reader.npz")[0])
        self.glyphs = glyph_network(0)
        self.glyphs.load_state_dict(load(weights / "glyphs.npz")[0])

    def read(self, picture: np.ndarray, method: str, alphabet: str) -> str:
        """Read a picture of five characters; those that cut are told how many there are."""
        if method == "line":
            return self.line.read(picture, alphabet).text
        try:
            return read_pieces(picture, self.glyphs.forward, 5, method, ALPHABETS[alphabet]).text
        except CuttingError:
            return ""

    def milliseconds(self, drawn: list[tuple[str, np.ndarray]]) -> float:
        """Return the median time that reading one picture without cutting takes, on one core."""
        taken = []
        with one_core():
            for _, picture in drawn:
                start = time.perf_counter()
                self.line.read(picture, "digits")
                taken.append(1e3 * (time.perf_counter() - start))
        return round(float(np.median(taken)), 1)


def draw(level: float, alphabet: str, count: int, seed: int) -> list[tuple[str, np.ndarray]]:
    """Draw pictures of five characters; every fifth in fonts that were held out."""
    known, new = (_fonts(names) for names in (TRAINING_FONTS, HELD_OUT_FONTS))
    found = []
    for number in range(count):
        rng = np.random.default_rng([seed, round(100 * level), number])
        text = random_text(rng, 5, ALPHABETS[alphabet])
        fonts = new if number % 5 == 0 else known
        found.append((text, draw_captcha(text, difficulty(level), fonts, rng)))
    return found


def _fonts(names: tuple[str, ...]) -> list[CaptchaFont]:
    return load_fonts({name: (ROOT / "assets" / "fonts" / name).read_bytes() for name in names})


def accuracy(read: list[str], texts: list[str]) -> tuple[float, float]:
    """Return the share of whole texts, and of characters at their places, that are right."""
    whole = sum(one == other for one, other in zip(read, texts, strict=True))
    right = sum(
        a == b
        for one, other in zip(read, texts, strict=True)
        for a, b in zip(one, other, strict=False)
    )
    return whole / len(texts), right / sum(map(len, texts))


def tables(scores: dict[str, Any]) -> str:
    """Return the tables of the README."""
    heads = " | ".join(f"{level:g}" for level in scores["levels"])
    rows = [f"| method | {heads} |", "| --- |" + " --- |" * len(scores["levels"])]
    for method in METHODS:
        pairs = zip(scores["whole"][method], scores["characters"][method], strict=True)
        cells = " | ".join(f"{100 * w:.1f} ({100 * c:.1f})" for w, c in pairs)
        rows.append(f"| {method} | {cells} |")
    rows.append("")
    for name, score in scores["goals"].items():
        rows.append(f"{name}: {score['whole']:.1%} whole, {score['characters']:.1%} characters")
    rows.append(f"one picture on one core: {scores['milliseconds']} ms")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
