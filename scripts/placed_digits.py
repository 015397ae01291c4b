"""MNIST's digits as people bring them: drawn anywhere on a canvas, or photographed on paper.

An image of 28×28 pixels is enlarged smoothly, its strokes are made thicker or thinner, it is
turned, scaled and moved; where it is more than half ink is what a pen of that width would have
left.  Everything is drawn from one stream of random numbers, so a seed gives the same pictures.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from core.augment import affine_matrix
from core.digit_picture import stroke_width
from core.distort import thicken
from core.resample import resample
from core.surroundings import box_mean

CANVAS = 280  # pixels a side
KINDS = (
    "black ink, transparent",
    "white ink, transparent",
    "coloured ink, transparent",
    "black on white",
    "white on black",
)
SIZES = (1 / 3, 1.0)  # of the canvas: the longer side of the box around the ink
DEGREES, STROKE = 15.0, 0.4  # digits are turned and strokes made wider by as much, or less
SOFTNESS = 0.55  # pixels of MNIST: enough to smooth the steps that its grey levels leave
LEVEL = 0.48  # of 1: above it is ink, which then has about the area that it has in MNIST
STEEPNESS = 1.2  # how much faster edges rise than they do in the image: 1 to 2 pixels are grey
DIAMOND = 2 * np.sqrt(2) / np.pi  # how far a step of ``thicken`` goes, mean of all directions

PHOTO = (384, 512)  # pixels
PHOTO_SIZES, PHOTO_MARGIN = (0.25, 0.75), 0.08  # of the shorter side
TILT = 0.07  # how much larger or smaller things are at the edge of a photo than in its middle


class Drawn(NamedTuple):
    """Ink on a square.

    Attributes
    ----------
    ink : ndarray of float32, (side, side)
        0 is paper, 1 is ink.
    box : (left, top, right, bottom)
        The rectangle around what is more than half ink, in pixels and parts of them.
    degrees : float
        How far it was turned, counter-clockwise.
    stroke : float
        How much wider its strokes are than MNIST's: 0.4 is by 40 %.
    """

    ink: np.ndarray
    box: tuple[float, float, float, float]
    degrees: float
    stroke: float


class Placed(NamedTuple):
    """A canvas with a digit: ``canvas`` is uint8 of shape (280, 280, 4), ``kind`` of ``KINDS``."""

    canvas: np.ndarray
    kind: str
    drawn: Drawn

    @property
    def size(self) -> float:
        """How much of the canvas the longer side of the ink takes, 1/3 to 1."""
        left, top, right, bottom = self.drawn.box
        return max(right - left, bottom - top) / CANVAS


class Photo(NamedTuple):
    """A photo of a digit on paper: ``picture`` is uint8 of shape (384, 512, 3), or upright."""

    picture: np.ndarray
    shadow: bool


def place(image: np.ndarray, rng: np.random.Generator, kind: str | None = None) -> Placed:
    """Draw a digit anywhere on a canvas, as RGB with α; without a kind, on any of them."""
    drawn = draw(image, rng, CANVAS, SIZES)
    kind = kind or KINDS[rng.integers(len(KINDS))]
    canvas = np.full((CANVAS, CANVAS, 4), 255, np.uint8)
    ink = np.rint(255 * drawn.ink).astype(np.uint8)
    if kind.endswith("transparent"):
        colours = {"black": 0, "white": 255, "coloured": rng.integers(0, 256, 3)}
        canvas[...] = 0
        canvas[ink > 0, :3] = colours[kind.split()[0]]
        canvas[..., 3] = ink
    else:
        canvas[..., :3] = (255 - ink if kind == "black on white" else ink)[..., None]
    return Placed(canvas, kind, drawn)


def draw(
    image: np.ndarray,
    rng: np.random.Generator,
    side: int,
    sizes: tuple[float, float],
    margin: float = 0.0,
) -> Drawn:
    """Draw a digit anywhere on a square: as large as ``sizes`` and ``margin``, parts of it, say."""
    degrees, change = rng.uniform(-DEGREES, DEGREES), rng.uniform(-STROKE, STROKE)
    weights = _enlarging(len(image), side)
    field = weights @ (image / np.float32(255)) @ weights.T
    wider = change * stroke_width(field > LEVEL) / 2
    field = thicken(field[None], wider / DIAMOND)[0]
    # Where the turned ink begins and ends, counted from the middle of the square.
    places = np.stack(np.nonzero(field > LEVEL)) - (side - 1) / 2
    turned = affine_matrix(degrees)[:, :2].T @ places
    low, high = turned.min(axis=1) - 0.5, turned.max(axis=1) + 0.5
    factor = side * rng.uniform(*sizes) / (high - low).max()
    extent = factor * (high - low)
    top, left = start = margin * side + rng.random(2) * (side * (1 - 2 * margin) - extent)
    bottom, right = start + extent
    down, across = start - side / 2 - factor * low
    field = resample(field[None], affine_matrix(degrees, down, across, factor)[None])[0]
    steepness = STEEPNESS * factor * side / len(image)
    ink = np.clip(0.5 + steepness * (field - LEVEL), 0, 1)
    return Drawn(ink, (float(left), float(top), float(right), float(bottom)), degrees, change)


@cache
def _enlarging(length: int, side: int) -> np.ndarray:
    """Return how much each of ``length`` pixels counts for each of ``side``: a Gaussian's rows."""
    places = (np.arange(side) + 0.5) * (length / side)
    away = places[:, None] - (np.arange(length) + 0.5)
    weights = np.exp(-0.5 * (away / SOFTNESS) ** 2)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def photograph(image: np.ndarray, rng: np.random.Generator) -> Photo:
    """Draw a digit on paper and photograph it, in uneven light, from a little aside.

    Light, paper and ink multiply: picture = light · paper · (1 − absorbed · ink) + noise.
    """
    shape = PHOTO if rng.random() < 0.5 else PHOTO[::-1]
    drawn = draw(image, rng, min(shape), PHOTO_SIZES, PHOTO_MARGIN)
    before = rng.integers(0, np.array(shape) - min(shape) + 1)
    around = [(first, more - min(shape) - first) for first, more in zip(before, shape, strict=True)]
    ink = _tilted(np.pad(drawn.ink, around), rng)
    for _ in range(rng.integers(0, 5)):  # so often, a mean over 3×3 pixels
        ink = box_mean(ink, 1)
    shadow = bool(rng.random() < 0.5)
    light = _light(shape, rng, shadow) * _texture(shape, rng)
    paper = rng.uniform(150, 245) * rng.uniform(0.9, 1.0, 3)
    absorbed = rng.uniform(0.4, 0.9) * rng.uniform((0.7, 0.7, 0.4), 1.0)  # blue pens as well
    picture = (light[..., None] * paper).astype(np.float32)
    picture *= 1 - ink[..., None] * absorbed.astype(np.float32)
    picture += rng.uniform(2, 10) * rng.standard_normal(picture.shape, np.float32)
    return Photo(np.rint(picture.clip(0, 255)).astype(np.uint8), shadow)


def _tilted(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Look at ink from a little aside: q = p / (1 + t·p), p counted from the middle."""
    rows, columns = _places(ink.shape)
    tilt = rng.uniform(-TILT, TILT, 2) * 2 / max(ink.shape)
    nearer = 1 / (1 + tilt[0] * rows + tilt[1] * columns) - 1
    bent = np.stack([rows * nearer, columns * nearer])[:, None]
    return resample(ink[None], np.eye(2, 3), displace=lambda _: bent)[0]


def _light(shape: tuple[int, ...], rng: np.random.Generator, shadow: bool) -> np.ndarray:
    """Return how much light falls on each pixel: a lamp at one side, dark corners, a shadow."""
    rows, columns = _places(shape) / max(shape)
    across, along = (np.cos(a) * rows + np.sin(a) * columns for a in rng.uniform(0, 2 * np.pi, 2))
    light = 1 - rng.uniform(0.1, 0.5) * (0.5 + across / np.ptp(across))
    light *= 1 - rng.uniform(0.0, 0.4) * 2 * (rows**2 + columns**2)
    if shadow:
        edge, soft = rng.uniform(-0.25, 0.25), rng.choice([0.004, 0.02, 0.1])
        light *= 1 - rng.uniform(0.2, 0.5) * (0.5 + 0.5 * np.tanh((along - edge) / soft))
    return light


def _texture(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Return how bright each spot of the paper is: fibres, fine ones and clouds of them."""
    paper = np.ones(shape, np.float32)
    for radius in (1, 4):
        fibres = box_mean(rng.standard_normal(shape, np.float32), radius) * (2 * radius + 1)
        paper += rng.uniform(0.002, 0.015) * fibres
    return paper


def _places(shape: tuple[int, ...]) -> np.ndarray:
    """Return the row and the column of each pixel, counted from the middle: (2, H, W)."""
    return np.indices(shape) - (np.array(shape).reshape(2, 1, 1) - 1) / 2
