"""Batches of lines to learn from: drawn, made strips of, and changed, by other processes.

The pictures come from ``core.captcha``; how hard they are follows how far the training is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import cache
from itertools import count, islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from core.captcha import TRAINING_FONTS, CaptchaFont, draw_captcha, load_fonts
from core.captcha_style import any_style, difficulty
from core.ctc import pad_texts
from core.line import LINE_HEIGHT, LINE_STEP, LINE_WIDTHS, prepare_line, scale_planes
from core.line_reader import ALPHABETS, to_classes

FONTS = Path(__file__).resolve().parent.parent / "assets" / "fonts"
# Besides those that captchas are drawn with on the page: the more hands it has seen, the better.
FURTHER_FONTS = tuple(
    f"further/{name}"
    for name in (
        *("sans-light.ttf", "sans-plain.otf", "sans-wide.ttf", "sans-medium.ttf", "humanist.ttf"),
        *("primer.ttf", "soft.ttf", "round-light.ttf", "square.otf", "slab-bold.otf", "code.ttf"),
        *("old-serif.otf", "didone.ttf", "mono-slab.ttf", "mono-narrow.otf", "console.ttf"),
    )
)
BATCH = 32
DRAWN = 256  # pictures of a chunk ...
USES = 3  # ... and how often each is learned from, every time changed in another way
EACH = USES * DRAWN // BATCH  # batches of a chunk, which is drawn at a time
SHUFFLED = 64  # batches among which the next one is chosen
WAITING = 2  # chunks that are drawn before they are needed, besides one for each worker
LENGTHS = [0.02, 0.05, 0.07, 0.12, 0.2, 0.26, 0.14, 0.08, 0.06]  # how many texts have 0, 1, ... 8
HARDER_UNTIL = 0.15  # the share of the steps after which pictures get no harder
DIGITS, UPPER = 0.4, 0.06  # how many texts are digits alone, and how many are in upper case
ANY = 0.45  # how many pictures are of any style, in the end

Batch = tuple[np.ndarray, np.ndarray]  # strips as bytes (N, 1, 32, W), texts as classes (N, S)


class Drawn(NamedTuple):
    """A picture and what it says."""

    picture: np.ndarray
    text: str


def line_batches(seed: int, start: int, steps: int, workers: int) -> Generator[Batch, None, None]:
    """Yield the batches from step ``start`` of so many on, drawn by other processes.

    They are the same, bit for bit, as those that come after a beginning at step 0.
    """
    order = batch_order(seed)
    used = Counter(chunk for chunk, _ in islice(order, start))
    drawn: dict[int, Future[list[Batch]]] = {}
    newest = -1
    pool = ProcessPoolExecutor(workers)
    try:
        for chunk, place in order:
            ahead = range(newest + 1, chunk + WAITING + workers)
            for wanted in (chunk, *ahead):
                if wanted not in drawn and used[wanted] < EACH:
                    drawn[wanted] = pool.submit(make_batches, seed, wanted, wanted * EACH / steps)
            newest = max(newest, *ahead, chunk)
            yield drawn[chunk].result()[place]
            used[chunk] += 1
            if used[chunk] == EACH:
                del drawn[chunk]
    finally:
        pool.shutdown(cancel_futures=True)


def batch_order(seed: int) -> Iterator[tuple[int, int]]:
    """Yield which batch comes at each step: its chunk, and its place there.

    It is drawn among at least ``SHUFFLED`` that wait, so that one chunk's pictures, which are used
    several times, do not come one after the other.
    """
    rng = np.random.default_rng([seed, 1, 0])
    waiting: list[tuple[int, int]] = []
    chunks = count()
    while True:
        while len(waiting) < SHUFFLED:
            chunk = next(chunks)
            waiting += [(chunk, place) for place in range(EACH)]
        yield waiting.pop(int(rng.integers(len(waiting))))


def make_batches(seed: int, chunk: int, way: float) -> list[Batch]:
    """Draw pictures and make batches of them, each of strips that are about equally wide."""
    rng = np.random.default_rng([seed, 0, chunk])
    hardest = min(1.0, 0.15 + way / HARDER_UNTIL)
    drawn = [draw(rng, hardest) for _ in range(DRAWN)]
    strips = [prepare_line(reframed(item.picture, rng)) for item in drawn]
    made: list[Batch] = []
    for _ in range(USES):
        wanted = [wanted_width(strip, rng) for strip in strips]
        order = np.argsort(wanted)
        for start in range(0, DRAWN, BATCH):
            part = order[start : start + BATCH]
            width = LINE_STEP * round(float(np.mean([wanted[i] for i in part])) / LINE_STEP)
            changed = np.stack([moved(strips[i], width, rng) for i in part])
            texts = pad_texts([to_classes(drawn[i].text) for i in part])
            made.append((np.round(worn(changed, rng) * 127).astype(np.int8), texts))
    return made


def draw(rng: np.random.Generator, hardest: float) -> Drawn:
    """Draw a picture of a random text, the hardest one or an easier one."""
    length = int(rng.choice(len(LENGTHS), p=LENGTHS))
    if not length:
        return Drawn(draw_nothing(rng), "")
    characters = ALPHABETS["digits" if rng.random() < DIGITS else "alnum"]
    text = "".join(rng.choice(list(characters), length))
    shown = text.upper() if rng.random() < UPPER else text
    level = hardest * rng.random() ** 0.6
    style = any_style(rng) if rng.random() < ANY * hardest else difficulty(level)
    return Drawn(draw_captcha(shown, style, fonts_named(TRAINING_FONTS + FURTHER_FONTS), rng), text)


def draw_nothing(rng: np.random.Generator) -> np.ndarray:
    """Draw a picture without text, but with strokes, dots and grain as around one."""
    height, width = (int(side) for side in rng.integers([24, 60], [80, 240]))
    paper, *inks = [tuple(colour) for colour in rng.integers(0, 256, (4, 3)).tolist()]
    image = Image.new("RGB", (width, height), paper)
    pencil = ImageDraw.Draw(image)
    for _ in range(rng.integers(4)):
        points = np.sort(rng.random((4, 2)) * [width, height], axis=0)
        points[:, 1] = rng.permutation(points[:, 1])
        stroke = np.linspace(points[:-1], points[1:], 8, axis=1).reshape(-1, 2)
        pencil.line(
            [tuple(p) for p in stroke.tolist()], inks[int(rng.integers(3))], int(rng.integers(1, 5))
        )
    dots = int(height * width * rng.choice([0.0, 0.03]) * rng.random())
    for x, y, side in (rng.random((dots, 3)) * [width, height, 3]).tolist():
        pencil.rectangle((x, y, x + side, y + side), fill=inks[int(side)])
    picture = np.array(image)
    grain = rng.choice([0.0, 30.0]) * rng.random() * rng.standard_normal(picture.shape[:2])
    return np.clip(picture + grain[..., None], 0, 255).astype(np.uint8)


@cache
def fonts_named(names: tuple[str, ...]) -> list[CaptchaFont]:
    """Return the fonts of these names."""
    return load_fonts({name: (FONTS / name).read_bytes() for name in names})


def reframed(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Add some margin of the border's own colours, every other time."""
    if rng.random() < 0.5:
        return picture
    height, width = picture.shape[:2]
    room = np.array([height * 0.3, height * 0.3, width * 0.15, width * 0.15])
    top, bottom, left, right = (int(side) for side in rng.random(4) ** 2 * room)
    return np.pad(picture, ((top, bottom), (left, right), (0, 0)), mode="edge")


def wanted_width(strip: np.ndarray, rng: np.random.Generator) -> float:
    """Return how wide a strip shall become: roughly as wide as it is."""
    return float(np.clip(strip.shape[2] * np.exp(rng.normal(0.0, 0.12)), *LINE_WIDTHS))


def moved(strip: np.ndarray, width: int, rng: np.random.Generator) -> np.ndarray:
    """Stretch a strip to a width, and its rows a little, with the text a little higher or lower."""
    rows = LINE_HEIGHT + int(rng.integers(-2, 3))
    tall = scale_planes(strip[0][:, :, None], rows, width)[:, :, 0]
    extra = LINE_HEIGHT + 2 - rows
    above = int(rng.integers(extra + 1))
    tall = np.pad(tall, ((above, extra - above), (0, 0)), mode="edge")
    return tall[None, 1 : 1 + LINE_HEIGHT]


def worn(strips: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Change strips as other cameras and printers would: contrast, blur, noise."""
    size = (-1, 1, 1, 1)
    power = np.exp(rng.normal(0.0, 0.3, len(strips) // 2)).astype(np.float32)
    half = strips[: len(power)]
    half[...] = np.copysign(np.abs(half) ** power.reshape(size), half)
    rng.shuffle(places := np.arange(len(strips)))
    soft, loud = places[: len(places) // 5], places[len(places) // 5 : len(places) // 2]
    share = (0.5 * rng.random(len(soft))).astype(np.float32).reshape(size)
    beside = sum(np.roll(strips[soft], step, axis) for step, axis in ((1, 3), (-1, 3), (1, 2)))
    strips[soft] += share * (beside / np.float32(3) - strips[soft])
    noise = rng.standard_normal((len(loud), *strips.shape[1:]), np.float32)
    strips[loud] += noise * (0.15 * rng.random(len(loud))).astype(np.float32).reshape(size)
    return np.clip(strips, -1.0, 1.0)
