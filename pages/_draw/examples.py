"""Digits that the page can draw by itself: as strokes, each a little different every time."""

from __future__ import annotations

import math

import numpy as np

from ui.strokes import SIDE, Stroke

Place = tuple[float, float]


def _bow(
    middle: Place, radii: Place, first: float, last: float, pieces: int = 14
) -> tuple[Place, ...]:
    """Return points on an ellipse, between two angles in degrees; 0 is right, 90 is down."""
    angles = [math.radians(first + (last - first) * k / pieces) for k in range(pieces + 1)]
    return tuple(
        (middle[0] + radii[0] * math.cos(a), middle[1] + radii[1] * math.sin(a)) for a in angles
    )


# Lines of the pen in a box of 1 by 1, from the left and from the top.
DIGITS: tuple[tuple[tuple[Place, ...], ...], ...] = (
    (_bow((0.5, 0.5), (0.32, 0.48), -80, 280, 26),),
    (((0.36, 0.2), (0.56, 0.02), (0.54, 0.5), (0.52, 0.98)),),
    (
        (
            *_bow((0.48, 0.28), (0.3, 0.26), -170, 35),
            (0.45, 0.7),
            (0.16, 0.96),
            (0.5, 0.93),
            (0.84, 0.95),
        ),
    ),
    (
        (
            *_bow((0.46, 0.26), (0.28, 0.24), -150, 80),
            *_bow((0.46, 0.72), (0.33, 0.25), -75, 145),
        ),
    ),
    (
        ((0.3, 0.04), (0.22, 0.32), (0.14, 0.58), (0.5, 0.57), (0.86, 0.53)),
        ((0.64, 0.3), (0.62, 0.65), (0.58, 0.98)),
    ),
    (
        ((0.3, 0.06), (0.26, 0.42), *_bow((0.45, 0.68), (0.33, 0.28), -110, 145)),
        ((0.3, 0.05), (0.55, 0.04), (0.8, 0.03)),
    ),
    (((0.66, 0.03), (0.36, 0.3), *_bow((0.47, 0.72), (0.28, 0.25), -175, 185, 22)),),
    (((0.14, 0.06), (0.5, 0.05), (0.84, 0.03), (0.62, 0.45), (0.42, 0.98)),),
    (
        (
            *_bow((0.5, 0.26), (0.24, 0.23), -30, -270),
            *_bow((0.5, 0.74), (0.29, 0.25), -90, 270, 22),
            *_bow((0.5, 0.26), (0.24, 0.23), 90, -30),
        ),
    ),
    (
        (
            *_bow((0.48, 0.28), (0.27, 0.25), -15, -375, 22),
            (0.74, 0.5),
            (0.68, 0.78),
            (0.58, 0.98),
        ),
    ),
)


def example(digit: int, pen: int, rng: np.random.Generator) -> tuple[Stroke, ...]:
    """Return the strokes of a digit: of any size, anywhere on the canvas, a little slanted."""
    height = rng.uniform(0.5, 0.75) * SIDE
    width = height * rng.uniform(0.7, 0.85)
    slant = rng.uniform(-0.12, 0.12)
    edge = pen / 2 + 4
    left = rng.uniform(edge + 0.12 * height, SIDE - width - edge - 0.12 * height)
    top = rng.uniform(edge, SIDE - height - edge)
    found = []
    for line in DIGITS[digit]:
        points = [
            (left + width * x + slant * height * (0.5 - y), top + height * y) for x, y in line
        ]
        found.append(Stroke(pen, tuple((round(x), round(y)) for x, y in points)))
    return tuple(found)
