"""Where the characters of a captcha stand, and which shape each one's box is bent into."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.captcha_error import CAPTCHA_WIDTHS
from core.captcha_style import CaptchaStyle

CAP_HEIGHT = 0.7  # ems: about what capitals and digits have


class CaptchaLine(NamedTuple):
    """A line of characters in its picture, in pixels.

    Attributes
    ----------
    width, height : int
        Of the picture.
    em : float
        Size of the font.
    pens : ndarray, (n,)
        Where each character begins.
    baseline : float
        From the top.
    """

    width: int
    height: int
    em: float
    pens: np.ndarray
    baseline: float


def lay_out(
    boxes: np.ndarray,
    advances: np.ndarray,
    style: CaptchaStyle,
    rng: np.random.Generator,
    size: tuple[int, int] | None,
) -> CaptchaLine:
    """Choose the picture's size and the font's, and put the characters beside each other.

    The text is as high as the style says, of what waves leave free; in a picture of a given width
    it shrinks until it fits, and stands anywhere in it.

    Parameters
    ----------
    boxes : ndarray, (n, 4)
        Left, top, right and bottom of each character from its pen on the baseline, in ems.
    advances : ndarray, (n,)
        In ems.
    style : CaptchaStyle
    rng : Generator
    size : (int, int) or None
        Width and height, if they are given.

    Returns
    -------
    CaptchaLine
    """
    tall, fill, left, right = rng.random(4).tolist()
    height = style.smallest + int(tall * (style.tallest - style.smallest + 1))
    if size:
        height = size[1]
    top, bottom = min(-CAP_HEIGHT, boxes[:, 1].min()), max(0.0, boxes[:, 3].max())
    share = style.fill_least + fill * (style.fill_most - style.fill_least)
    em = share * height * (1.0 - 2.0 * style.wave) / (bottom - top)
    steps = advances * (1.0 + style.gap - style.overlap * rng.random(len(boxes)))
    begins = np.concatenate([[0.0], np.cumsum(steps)[:-1]])
    # From the first ink to the last: a gap after the last character is none.
    first, last = (begins + boxes[:, 0]).min(), (begins + boxes[:, 2]).max()
    edge = 2.0 + style.wave * height  # sharp characters are up to a pixel off their places
    if size:
        width = size[0]
        em = min(em, max(1.0, width - 2 * edge) / (last - first))
        start = edge + left * (width - 2 * edge - em * (last - first))
    else:
        start, end = (edge + style.margin * height * (0.3 + 0.7 * k) for k in (left, right))
        width = max(CAPTCHA_WIDTHS[0], int(np.ceil(start + em * (last - first) + end)))
    baseline = height / 2 - em * (top + bottom) / 2
    return CaptchaLine(width, height, em, start + em * (begins - first), baseline)


def corners_of(boxes: np.ndarray) -> np.ndarray:
    """Return the corners of boxes, (n, 4, 2): upper left, lower left, lower right, upper right."""
    return boxes[:, [[0, 1], [0, 3], [2, 3], [2, 1]]]


def bent_boxes(
    boxes: np.ndarray,
    advances: np.ndarray,
    line: CaptchaLine,
    style: CaptchaStyle,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return the corners of the characters' boxes after each was bent in its own way.

    A corner at q from the character's middle goes to R·K·S·(q + w) + t, where w moves each corner
    by itself, S stretches, K slants, R turns, and t is the character's place.  Boxes that leave
    the picture are pushed back into it.

    Parameters
    ----------
    boxes : ndarray, (n, 4)
        As in ``lay_out``.
    advances : ndarray, (n,)
        In ems.
    line : CaptchaLine
    style : CaptchaStyle
    rng : Generator

    Returns
    -------
    ndarray, (n, 4, 2)
        x and y in pixels, in the order of ``corners_of``.
    """
    turn, slant, wide, high, lift, *rest = rng.uniform(-1.0, 1.0, (13, len(boxes)))
    corners = line.em * corners_of(boxes)
    middles = np.stack([advances / 2, np.full(len(boxes), -CAP_HEIGHT / 2)], axis=1) * line.em
    extents = line.em * (boxes[:, 2:] - boxes[:, :2])
    moved = style.warp * extents[:, None] * np.stack(rest, axis=1).reshape(-1, 4, 2)
    q = corners - middles[:, None] + moved
    x, y = (
        q[..., 0] * (1 + style.scale * wide)[:, None],
        q[..., 1] * (1 + style.scale * high)[:, None],
    )
    x = x - y * np.tan(np.radians(style.shear * slant))[:, None]
    theta = np.radians(style.rotation * turn)[:, None]
    places = middles + np.stack([line.pens, line.baseline + style.shift * line.em * lift], axis=1)
    turned = [x * np.cos(theta) + y * np.sin(theta), y * np.cos(theta) - x * np.sin(theta)]
    bent = np.stack(turned, axis=-1) + places[:, None]
    return bent + _way_back(bent, line, style.wave * line.height)[:, None]


def _way_back(bent: np.ndarray, line: CaptchaLine, edge: float) -> np.ndarray:
    """Return how far each box must move to lie in the picture, or across it if it is larger."""
    low, high = bent.min(axis=1), bent.max(axis=1)
    frame = np.array([line.width, line.height])
    before, after = np.maximum(edge - low, 0.0), np.maximum(high + edge - frame, 0.0)
    too_large = (before > 0) & (after > 0)
    return np.where(too_large, (frame - low - high) / 2, before - after)


def homographies(sources: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return the projections that take four points to four others: (n, 4, 2) twice → (n, 8).

    (u, v) = ((a·x + b·y + c) / w, (d·x + e·y + f) / w) with w = g·x + h·y + 1: two equations for
    each point, linear in a to h.  Hartley and Zisserman, "Multiple View Geometry in Computer
    Vision", 2004, section 4.1.
    """
    x, y = sources[..., 0], sources[..., 1]
    equations = np.zeros((len(sources), 2, 4, 8))
    for half, first in ((0, 0), (1, 3)):
        equations[:, half, :, first] = x
        equations[:, half, :, first + 1] = y
        equations[:, half, :, first + 2] = 1.0
        equations[:, half, :, 6] = -x * targets[..., half]
        equations[:, half, :, 7] = -y * targets[..., half]
    known = targets.transpose(0, 2, 1).reshape(-1, 8, 1)
    return np.linalg.solve(equations.reshape(-1, 8, 8), known)[..., 0]
