"""What lies around each pixel: means and extremes of squares of any size, in few passes."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from core.threads import one_core

CALM = 1.5  # of 255: the deviation of noise that does no harm


def box_mean(image: np.ndarray, radius: int) -> np.ndarray:
    """Return the mean of the square around each pixel, as far as it lies in the picture.

    With S, the sums of all that is above and to the left of a corner, the sum of any rectangle is
    S(bottom, right) − S(top, right) − S(bottom, left) + S(top, left), whatever its size.  Source:
    F. Crow, "Summed-Area Tables for Texture Mapping", 1984.

    Parameters
    ----------
    image : ndarray of float32, (H, W)
    radius : int
        The square has 2·radius + 1 pixels a side.
    """
    height, width = image.shape
    sums = np.zeros((height + 1, width + 1))
    np.cumsum(image, axis=0, out=sums[1:, 1:])
    np.cumsum(sums[1:, 1:], axis=1, out=sums[1:, 1:])
    rows, columns = np.arange(height), np.arange(width)
    top, bottom = np.maximum(rows - radius, 0), np.minimum(rows + radius + 1, height)
    left, right = np.maximum(columns - radius, 0), np.minimum(columns + radius + 1, width)
    bands = sums[bottom] - sums[top]
    counts = (bottom - top)[:, None] * (right - left)
    return ((bands[:, right] - bands[:, left]) / counts).astype(np.float32)


def extreme_around(extreme: np.ufunc, values: np.ndarray, radius: int) -> np.ndarray:
    """Return the extreme of the square around each pixel; outside of the image is nothing.

    The largest is a grey dilation, the smallest an erosion.  Along the columns first, then along
    the rows: of 2 neighbours, of 4, of 8, ..., so that it takes few passes for any radius.

    Parameters
    ----------
    extreme : ``np.maximum`` or ``np.minimum``
    values : ndarray of uint8, (H, W)
    radius : int
        The square has 2·radius + 1 pixels a side.
    """
    nothing = 0 if extreme is np.maximum else 255
    width = 2 * radius + 1
    for _ in range(2):
        lines = np.full((len(values) + 2 * radius, values.shape[1]), nothing, np.uint8)
        lines[radius : radius + len(values)] = values
        span = 1
        while span < width:
            step = min(span, width - span)
            lines = extreme(lines[:-step], lines[step:])
            span += step
        values = lines.T  # the other direction comes second
    return values


def spread(values: np.ndarray, steps: int) -> np.ndarray:
    """Return the largest value that lies so many steps away, or fewer: up, down, left or right.

    A step n times as long leads from all that n steps reach to all that 2·n reach; so it takes
    steps of 1, 1, 2, 4, ... pixels.  ``core.distort.thicken`` takes them one by one.

    Parameters
    ----------
    values : ndarray of uint8, (H, W)
        With so many rows and columns of 0 on each side.
    steps : int
        From 0.
    """
    height, width = values.shape
    reached = 0
    while reached < steps:
        step = min(max(reached, 1), steps - reached)
        before, after = values.ravel(), values.flatten()
        # All rows in one line; what would come into the next row is 0.
        for ahead in (step, step * width):
            np.maximum(after[ahead:], before[:-ahead], out=after[ahead:])
            np.maximum(after[:-ahead], before[ahead:], out=after[:-ahead])
        values = after.reshape(height, width)
        reached += step
    return values


def widened(ink: np.ndarray, steps: float) -> np.ndarray:
    """Let ink from 0 to 1 spread by so many steps; a part of a step is a blend.

    Parameters
    ----------
    ink : ndarray of float32, (H, W)
    steps : float
        From 0.

    Returns
    -------
    ndarray of float32, (H + 2·r, W + 2·r)
        With r, the next whole number above ``steps``, rows and columns more on each side.
    """
    whole = int(steps)
    room, part = whole + 1, (steps - whole) / 255
    values = np.zeros((ink.shape[0] + 2 * room, ink.shape[1] + 2 * room), np.uint8)
    values[room:-room, room:-room] = 255 * ink + np.float32(0.5)
    less = spread(values, whole)
    return np.float32(1 / 255 - part) * less + np.float32(part) * spread(less, 1)


def calmed(grey: np.ndarray, widest: int) -> np.ndarray:
    """Return a picture with its noise averaged away, as far as there is any.

    The difference of two neighbours has √2 times the deviation of the noise, and the median of its
    size is 0.6745 deviations; strokes are too rare to matter.  A mean over n×n pixels leaves 1/n.

    Parameters
    ----------
    grey : ndarray of float32, (H, W)
        Brightness, 0 to 255.
    widest : int
        The most pixels to each side over which the mean may go: strokes must stay what they are.
    """
    rows = grey[:: max(1, len(grey) // 60)]
    noise = float(np.median(np.abs(np.diff(rows.ravel())))) / (0.6745 * math.sqrt(2))
    radius = min(math.ceil((noise / CALM - 1) / 2), widest)
    return box_mean(grey, radius) if radius > 0 else grey


def paper_under(dark: np.ndarray, window: float, *, beyond: bool = False) -> np.ndarray:
    """Return how bright the paper is under each pixel, strokes included, if ink is dark.

    A grey closing: first every pixel takes the brightest value in a square around it, and strokes
    narrower than the square are gone; then the darkest of those, and the edges of broad shadows
    are back where they were.  Source: S. R. Sternberg, "Grayscale Morphology", 1986.

    Parameters
    ----------
    dark : ndarray of float32, (H, W)
        Brightness, 0 to 255.
    window : float
        The square's side, in longer sides of the picture.
    beyond : bool
        Whether the picture's edge goes on outside: a slope then keeps its slope at the border, but
        a stroke along the border becomes paper.

    Returns
    -------
    ndarray of uint8, (H, W)
    """
    values = np.rint(dark).astype(np.uint8)
    radius = max(1, int(max(dark.shape) * window / 2))
    margin = 2 * radius if beyond else 0
    values = np.pad(values, margin, mode="edge")
    closed = extreme_around(np.minimum, extreme_around(np.maximum, values, radius), radius)
    height, width = dark.shape
    return closed[margin : margin + height, margin : margin + width]


def block_mean(image: np.ndarray, longest: int) -> np.ndarray:
    """Reduce an image by a whole number n, until no side is longer than ``longest`` pixels.

    Every n×n pixels become their mean; where the last ones are not whole blocks, the outermost
    pixels are repeated.

    Parameters
    ----------
    image : ndarray of float32, (H, W)
    longest : int
        From 1.

    Returns
    -------
    ndarray of float32, (⌈H/n⌉, ⌈W/n⌉)
        The image itself if it is small enough.
    """
    times = -(-max(image.shape) // longest)
    if times <= 1:
        return image
    padding = [(0, -length % times) for length in image.shape]
    padded = np.pad(image, padding, mode="edge")
    height, width = (length // times for length in padded.shape)
    rows = padded.reshape(height, times, -1).sum(axis=1, dtype=np.float32)
    return rows.reshape(height, width, times).sum(axis=2) / np.float32(times * times)


def fit_square(ink: np.ndarray, side: int) -> np.ndarray:
    """Scale an image into a square, its proportions kept, with 0 at both sides of the shorter one.

    Every pixel becomes the mean of what falls on it, as by ``core.images.shrink``: Y = R·X·Cᵀ, only
    that what is added is not multiplied.

    Parameters
    ----------
    ink : ndarray of float32, (H, W)
    side : int
        Of the square, from 1.

    Returns
    -------
    ndarray of float32, (side, side)
    """
    longest = max(ink.shape)
    shares = _area_shares(longest, side)
    top, left = ((longest - length) // 2 for length in ink.shape)
    with one_core():  # to share so small a product with a busy core takes longer than to do it
        narrow = shares[:, top : top + ink.shape[0]] @ ink
        return narrow @ shares[:, left : left + ink.shape[1]].T


@lru_cache(maxsize=320)
def _area_shares(length: int, side: int) -> np.ndarray:
    """Return which share of each of so many cells each row covers, (side, length).

    That is how much of the row lies before the cell's end, less what lies before its beginning.
    """
    ends = np.arange(side + 1) * (length / side)
    before = np.subtract.outer(ends, np.arange(length)).clip(0, 1)
    shares = (np.diff(before, axis=0) * (side / length)).astype(np.float32)
    shares.flags.writeable = False
    return shares


def outermost(image: np.ndarray) -> np.ndarray:
    """Return the pixels along the border of an image, (H, W) with H and W from 2, in one row."""
    return np.concatenate([image[0], image[-1], image[1:-1, 0], image[1:-1, -1]])


def stroke_width(is_ink: np.ndarray) -> float:
    """Return how wide a pen's strokes are on average, in pixels.

    A stroke of length l and width w, much longer than wide, has the area A = l·w and the outline
    L = 2·l, so w = 2·A / L.  With N the numbers of neighbours of which one is ink and one is not,
    side by side, one above the other and along both diagonals,

        L = π/8 · (N_→ + N_↓ + (N_↘ + N_↙)/√2),

    within 5 % for a line in any direction: Crofton's formula with four directions.

    Parameters
    ----------
    is_ink : ndarray of bool, (H, W)
    """
    height, width = is_ink.shape
    framed = np.zeros((height + 2, width + 2), bool)
    framed[1:-1, 1:-1] = is_ink
    # All rows in one line: a neighbour is so many places ahead, and the frame keeps rows apart.
    places, below = framed.ravel(), width + 2

    def differing(ahead: int) -> int:
        return int(np.count_nonzero(places[ahead:] != places[:-ahead]))

    straight = differing(1) + differing(below)
    diagonal = differing(below + 1) + differing(below - 1)
    outline = math.pi / 8 * (straight + diagonal / math.sqrt(2))
    return 2 * np.count_nonzero(places) / max(outline, 1)
