"""What lies around each pixel: means and extremes of squares of any size, in few passes."""

from __future__ import annotations

import numpy as np


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


def outermost(image: np.ndarray) -> np.ndarray:
    """Return the pixels along the border of an image, (H, W) with H and W from 2, in one row."""
    return np.concatenate([image[0], image[-1], image[1:-1, 0], image[1:-1, -1]])
