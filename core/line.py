"""Make a strip of a picture: one plane of 32 rows, however large, and whatever its colours."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from core.threads import one_core

LINE_HEIGHT = 32
LINE_WIDTHS = 48, 192  # the narrowest and the widest strip
LINE_STEP = 4  # the width of a strip is a multiple of this
FAINT = 12.0  # of 255: a picture with less contrast is blank
EDGE = LINE_HEIGHT // 8  # rows and columns that are the border
LARGEST_SIDE = 1024  # of a picture, before it is thinned out


def prepare_line(picture: np.ndarray) -> np.ndarray:
    """Return a picture as a strip: one plane of 32 rows, paper 0 and ink about 1.

    The paper is the middle colour, of the border above all.  The colours' differences from it are
    seen along the direction in which they are largest, so that red on green is as good as black on
    white; and what differs most is 1, dark on light or light on dark.  The rows that have little
    ink, above and below, are left away; the others are scaled to 32, and the width in proportion,
    but from 48 to 192, in steps of 4.

    Parameters
    ----------
    picture : ndarray of uint8, (H, W) or (H, W, 3)

    Returns
    -------
    ndarray of float32, (1, 32, W'), from −1 to 1
        All 0 where there is nothing to be seen.

    Raises
    ------
    ValueError
        If it is no such array, or has no pixels.
    """
    picture = np.asarray(picture)
    colours = picture.shape[2:]
    if picture.dtype != np.uint8 or picture.ndim not in (2, 3) or colours not in ((), (3,)):
        raise ValueError(
            "prepare_line expected a picture of bytes, (H, W) or (H, W, 3), "
            f"but got {picture.dtype} of shape {picture.shape}"
        )
    if not picture.size:
        raise ValueError(f"prepare_line expected pixels, but got a picture of {picture.shape}")
    rows, columns = picture.shape[:2]
    planes = np.atleast_3d(picture)[:: _thinning(rows), :: _thinning(columns)]
    with one_core():
        small = scale_planes(planes, LINE_HEIGHT, line_width(rows, columns))
        paper = _paper(small)
        direction = _direction(small[EDGE:-EDGE, EDGE:-EDGE] - paper)

        def strip_of(band: np.ndarray) -> np.ndarray:
            width = line_width(len(band) * _thinning(rows), columns)
            return _normal((scale_planes(band, LINE_HEIGHT, width) - paper) @ direction)

        band = planes[_text_rows(strip_of(planes), len(planes))]
        if 2 * len(band) < len(planes):  # so few rows were seen roughly: look again
            band = band[_text_rows(strip_of(band), len(band))]
        return strip_of(band)[None]


def line_width(height: int, width: int) -> int:
    """Return how many columns the strip of a picture has: in proportion, in steps of 4."""
    narrowest, widest = LINE_WIDTHS
    steps = round(LINE_HEIGHT * width / (height * LINE_STEP))
    return min(max(LINE_STEP * steps, narrowest), widest)


def scale_planes(planes: np.ndarray, height: int, width: int) -> np.ndarray:
    """Scale (H, W, C) to (height, width, C), in float32, by weighing what is around each place."""
    rows, columns = _weights(planes.shape[0], height), _weights(planes.shape[1], width)
    down = np.tensordot(rows, planes.astype(np.float32), axes=(1, 0))
    return np.tensordot(columns, down, axes=(1, 1)).swapaxes(0, 1)


def _thinning(size: int) -> int:
    """Return which pixels of a huge picture are looked at: one in so many."""
    return -(-size // LARGEST_SIDE)


@lru_cache(256)
def _weights(size: int, wanted: int) -> np.ndarray:
    """Return (wanted, size): how much each old place counts for each new one, a triangle around it.

    Where the line shrinks the triangle is as wide as two new pixels, so that every old one counts;
    where it grows, as two old ones, which is linear interpolation.
    """
    scale = size / wanted
    middles = (np.arange(wanted) + 0.5) * scale
    apart = np.abs(middles[:, None] - (np.arange(size) + 0.5)) / max(1.0, scale)
    weights = np.maximum(0.0, 1.0 - apart)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def _paper(planes: np.ndarray) -> np.ndarray:
    """Return the middle colour of (32, W, C), where the border counts twice."""
    border = np.ones(planes.shape[:2], bool)
    border[EDGE:-EDGE, EDGE:-EDGE] = False
    every = planes.reshape(-1, planes.shape[2])
    middle: np.ndarray = np.median(np.concatenate([every, planes[border]]), axis=0)
    return middle


def _direction(differences: np.ndarray) -> np.ndarray:
    """Return the direction in which colours (H, W, C) are furthest from 0, to where most are."""
    differences = differences.reshape(-1, differences.shape[2])
    _, axes = np.linalg.eigh(differences.T @ differences)
    direction: np.ndarray = axes[:, -1]
    return direction if ((differences @ direction) ** 3).sum() >= 0 else -direction


def _normal(ink: np.ndarray) -> np.ndarray:
    """Return ink (H, W) so that but for one pixel in fifty it is from −1 to 1; those are cut."""
    top = float(np.quantile(np.abs(ink), 0.98))
    if top < FAINT:
        return np.zeros(ink.shape, np.float32)
    return np.clip(ink / top, -1.0, 1.0).astype(np.float32)


def _text_rows(ink: np.ndarray, rows: int) -> slice:
    """Return which of a picture's rows to look at: those with ink, and some room around them.

    Parameters
    ----------
    ink : ndarray, (32, W)
        The whole picture as a strip.
    rows : int
        How many rows the picture has.
    """
    dark = np.where(ink > 0.35, ink, 0.0).mean(axis=1)
    much = 0.25 * np.sort(dark)[-LINE_HEIGHT // 6]
    found = np.flatnonzero(dark > much)
    if not len(found):
        return slice(0, rows)
    first, last = int(found[0]), int(found[-1]) + 1
    room = 0.06 * LINE_HEIGHT + 0.12 * (last - first)
    start = math.floor(max(0.0, first - room) / LINE_HEIGHT * rows)
    return slice(start, math.ceil(min(LINE_HEIGHT, last + room) / LINE_HEIGHT * rows))
