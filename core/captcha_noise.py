"""What makes a captcha hard besides its characters: strokes, wave, dots, blur and grain.

Pixels are changed colour by colour, in planes of int16, (3, H, W): whole numbers are fast, and a
difference of two colours needs a sign.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.captcha_style import CaptchaStyle

Stroke = tuple[list[float], int, tuple[int, int, int]]

# Bernstein's polynomials of degree 3 at 24 places, (24, 4): weights of a Bézier curve's points.
_PLACES = np.linspace(0.0, 1.0, 24)[:, None]
_BERNSTEIN = np.hstack(
    [(1 - _PLACES) ** k * _PLACES ** (3 - k) * (3 if k in (1, 2) else 1) for k in (3, 2, 1, 0)]
)


def strokes(
    width: int, height: int, colours: np.ndarray, style: CaptchaStyle, rng: np.random.Generator
) -> Iterator[Stroke]:
    """Yield what crosses the picture: first lines, then arcs.

    Of each there are as many as the style says, or down to half as many.

    Parameters
    ----------
    width, height : int
        The picture's.
    colours : ndarray of uint8, (k, 3)
        Each stroke takes one of them.
    style : CaptchaStyle
    rng : Generator

    Yields
    ------
    (list of float, int, (int, int, int))
        Points x, y, x, y, ...; width in pixels; colour.
    """
    for most, draw in ((style.lines, straight_stroke), (style.arcs, bent_stroke)):
        for _ in range(most - int(rng.random() * (most // 2 + 1))):
            points = (draw(rng) * [width, height]).ravel().tolist()
            thickness = max(1, round(height * _much_of(style.stroke, rng)))
            red, green, blue = colours[int(rng.random() * len(colours))].tolist()
            yield points, thickness, (red, green, blue)


def _much_of(most: float, rng: np.random.Generator) -> float:
    """Draw from a third of ``most`` up to ``most``."""
    return most * rng.uniform(1 / 3, 1.0)


def straight_stroke(rng: np.random.Generator) -> np.ndarray:
    """Return the ends (x, y) of a line from left to right, in picture widths and heights."""
    ends = rng.random((2, 2))
    ends[:, 0] = [-0.1, 0.6] + 0.5 * ends[:, 0]
    return ends


def bent_stroke(rng: np.random.Generator) -> np.ndarray:
    """Return 24 points (x, y) along a curve from left to right, in picture widths and heights.

    In two of three cases a Bézier curve of degree 3, otherwise half a period to two of a sine.
    """
    drawn = rng.random(9)
    if drawn[8] < 0.67:
        x = np.array([-0.1, 0.0, 0.4, 0.7]) + np.array([0.4, 0.6, 0.6, 0.4]) * drawn[:4]
        y = np.array([0.1, -0.5, -0.5, 0.1]) + np.array([0.8, 2.0, 2.0, 0.8]) * drawn[4:8]
        return _BERNSTEIN @ np.stack([x, y], axis=1)
    x = -0.1 + 0.3 * drawn[0] + (0.7 + 0.3 * drawn[1]) * _PLACES[:, 0]
    angle = 2.0 * np.pi * (drawn[2] + (0.5 + 1.5 * drawn[3]) * _PLACES[:, 0])
    y = 0.25 + 0.5 * drawn[4] + (0.05 + 0.3 * drawn[5]) * np.sin(angle)
    return np.stack([x, y], axis=1)


def roughen(
    picture: np.ndarray, colours: np.ndarray, style: CaptchaStyle, rng: np.random.Generator
) -> np.ndarray:
    """Return a picture with wave, dots, blur and grain, in this order.

    Parameters
    ----------
    picture : ndarray of uint8, (H, W, 3)
    colours : ndarray of uint8, (k, 3)
        Of the dots: all of them, or the first alone.
    style : CaptchaStyle
    rng : Generator

    Returns
    -------
    ndarray of uint8, (H, W, 3)
    """
    planes = picture.transpose(2, 0, 1).astype(np.int16, order="C")
    if style.wave:
        height = len(picture)
        planes = wave(planes, style.wave * height, style.period * height, rng)
    if style.dots:
        side = 1 + int(rng.random() * style.dot_size)
        some = colours[:1] if rng.random() < 0.5 else colours
        add_dots(planes, _much_of(style.dots, rng), side, some, rng)
    if style.blur:
        soften(planes, _much_of(style.blur, rng))
    if style.grain:
        add_grain(planes, _much_of(style.grain, rng), rng)
    result = np.empty_like(picture)
    for colour, plane in enumerate(planes.astype(np.uint8)):
        result[..., colour] = plane
    return result


def wave(
    planes: np.ndarray, amplitude: float, period: float, rng: np.random.Generator
) -> np.ndarray:
    """Bend a picture: (x, y) shows what was at (x + a·sin(2π·y/p + α), y + b·sin(2π·x/q + β)).

    Parameters
    ----------
    planes : ndarray of int16, (3, H, W)
        From 0 to 255.
    amplitude : float
        Most of a and b, in pixels; each is drawn from half of it upwards.
    period : float
        p and q, in pixels, are drawn from 0.7 to 1.4 times this.
    rng : Generator

    Returns
    -------
    ndarray of int16, (3, H, W)
        Blended from four pixels each; beyond its edges, the picture goes on as at them.
    """
    _, height, width = planes.shape
    a, b = amplitude * rng.uniform(0.5, 1.0, 2)
    p, q = period * rng.uniform(0.7, 1.4, 2)
    alpha, beta = rng.uniform(0.0, 2.0 * np.pi, 2)
    columns, rows = np.arange(width), np.arange(height)[:, None]
    # In steps of 1/128 pixel: 255 · 128 is just within int16.
    right = np.rint(128 * a * np.sin(2 * np.pi * rows / p + alpha)).astype(np.intp)
    down = np.rint(128 * b * np.sin(2 * np.pi * columns / q + beta)).astype(np.intp)
    # Whole pixels choose what is blended, and the rest says how: it is the same all along a row,
    # or column.
    x, y = columns + (right >> 7), rows + (down >> 7)
    for place, length in ((x, width), (y, height)):
        np.maximum(place, 0, out=place)
        np.minimum(place, length - 2, out=place)
    across, along = (right & 127).astype(np.int16), (down & 127).astype(np.int16)
    y *= width
    y += x
    flat = planes.reshape(3, -1)
    # take: what flat[:, y] does too, in a quarter of the time.
    upper = _blended(flat.take(y, 1), flat.take(y + 1, 1), across)
    y += width
    lower = _blended(flat.take(y, 1), flat.take(y + 1, 1), across)
    return _blended(upper, lower, along)


def _blended(first: np.ndarray, second: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return first + share/128 · (second − first), in the memory of ``second``."""
    second -= first
    second *= share
    second >>= 7
    second += first
    return second


def add_dots(
    planes: np.ndarray, share: float, side: int, colours: np.ndarray, rng: np.random.Generator
) -> None:
    """Paint small squares into a picture, in place.

    Parameters
    ----------
    planes : ndarray of int16, (3, H, W)
    share : float
        How much of the picture they would cover if none lay on another.
    side : int
        Of the largest, in pixels, from 1.
    colours : ndarray, (k, 3)
        Each dot takes one of them.
    rng : Generator
    """
    _, height, width = planes.shape
    mean_area = (side + 1) * (2 * side + 1) / 6
    count = round(share * width * height / mean_area)
    limits = np.array([[height - side + 1], [width - side + 1], [side], [len(colours)]])
    row, column, longer, which = (rng.random((4, count)) * limits).astype(np.intp)
    paint, first, flat = colours[which].T, row * width + column, planes.reshape(3, -1)
    for down, right in np.ndindex(side, side):
        is_dot = longer >= max(down, right)
        flat[:, first[is_dot] + (down * width + right)] = paint[:, is_dot]


def soften(planes: np.ndarray, sigma: float) -> None:
    """Blur a picture in place: each pixel becomes (1 − 2w)·itself + w·(its two neighbours).

    Down and across, as often as it takes to reach the variance σ² = 2w each time, with w at most
    1/3: a sum of many small blurs is nearly a Gaussian one.  The outermost pixels stay.
    """
    times = int(np.ceil(1.5 * sigma**2))
    for _ in range(times):
        w = np.int16(64.0 * sigma**2 / times)
        for near, far, middle in (
            (planes[:, :-2], planes[:, 2:], planes[:, 1:-1]),
            (planes[:, :, :-2], planes[:, :, 2:], planes[:, :, 1:-1]),
        ):
            change = near + far
            change -= middle
            change -= middle
            change *= w
            change += 64  # half of what is divided by: rounded, not rounded down
            change >>= 7
            middle += change


def add_grain(planes: np.ndarray, grain: float, rng: np.random.Generator) -> None:
    """Change every number in place by −255·grain to 255·grain, within 0 to 255."""
    noise = np.frombuffer(rng.bytes(planes.size), np.int8).astype(np.int16).reshape(planes.shape)
    noise *= np.int16(255.0 * grain)
    noise >>= 7
    planes += noise
    np.maximum(planes, 0, out=planes)
    np.minimum(planes, 255, out=planes)
