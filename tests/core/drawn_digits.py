"""Digits drawn with a pen of any width, for tests: lines between points, with soft edges."""

import numpy as np

# Points as (x, y) in a box of 1 by 1; a digit may need several strokes.
STROKES = {
    1: [[(0.35, 0.2), (0.55, 0.0), (0.55, 1.0)]],
    2: [[(0.1, 0.25), (0.3, 0.02), (0.7, 0.05), (0.85, 0.3), (0.1, 1.0), (0.9, 1.0)]],
    4: [[(0.6, 0.0), (0.05, 0.65), (0.95, 0.65)], [(0.7, 0.4), (0.65, 1.0)]],
    5: [
        [(0.2, 0.0), (0.15, 0.45), (0.6, 0.4), (0.85, 0.65), (0.6, 0.97), (0.1, 0.9)],
        [(0.2, 0.0), (0.85, 0.0)],
    ],
    7: [[(0.1, 0.02), (0.9, 0.0), (0.4, 1.0)]],
}


def pen(digit, height=150, width=12.0, at=(60, 70), shape=(280, 280)):
    """Return ink, 0 to 1: a digit so tall, its box's left upper corner ``at`` (left, top)."""
    y, x = np.indices(shape) + 0.5
    nearest = np.full(shape, np.inf)
    for stroke in STROKES[digit]:
        points = np.array(stroke) * (0.8 * height, height) + at
        for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
            along = (x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)
            share = np.clip(along / ((x1 - x0) ** 2 + (y1 - y0) ** 2), 0, 1)
            away = np.hypot(x - x0 - share * (x1 - x0), y - y0 - share * (y1 - y0))
            nearest = np.minimum(nearest, away)
    return np.clip(width / 2 + 0.5 - nearest, 0, 1)


def on_paper(ink, paper=255.0, colour=0.0):
    """Return ink as a grey picture."""
    return np.rint((paper + (colour - paper) * ink).clip(0, 255)).astype(np.uint8)
