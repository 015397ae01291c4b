"""How a batch of images lies in memory, and how windows slide over it.

Images have shape (N, C, H, W) for everybody who looks at them: image, channel, row, column.  In
memory their axes come in the order (W, C, H, N), which is the same array with its first and last
axes swapped: one picture column after the other, and in it the same pixel of all images side by
side.  Two things then cost nothing.  Picture columns that are neighbours lie end to end, so
moving a window to the right is moving the start of a view.  And what is done to a pixel is done
to a run of numbers that is at least N long, which is what processors like.
"""

from __future__ import annotations

import numpy as np

Pair = tuple[int, int]  # of the height, of the width


def pair(value: int | Pair, name: str, smallest: int = 1) -> Pair:
    """Return (height, width) for one number that stands for both, or for two.

    Raises
    ------
    ValueError
        If it is neither, or a number is smaller than ``smallest``.
    """
    both = value if isinstance(value, tuple | list) else (value, value)
    fits = len(both) == 2 and all(isinstance(number, int | np.integer) for number in both)
    if not fits or min(both) < smallest:
        raise ValueError(
            f"{name} must be a whole number from {smallest} or a pair of them, got {value!r}"
        )
    return int(both[0]), int(both[1])


def columns_first(x: np.ndarray) -> np.ndarray:
    """Return (N, C, H, W) as a contiguous (W, C, H, N): a view where the memory is so already."""
    return np.ascontiguousarray(x.swapaxes(0, 3))


def images_first(x: np.ndarray) -> np.ndarray:
    """Return (W, C, H, N) as a view of shape (N, C, H, W); the memory stays as it is."""
    return x.swapaxes(0, 3)


def padded(x: np.ndarray, before: Pair, after: Pair, value: float = 0.0) -> np.ndarray:
    """Return (W, C, H, N) with a border around every image, or x itself where it needs none."""
    if not any((*before, *after)):
        return x
    width, channels, height, images = x.shape
    size = (width + before[1] + after[1], channels, height + before[0] + after[0], images)
    y = np.full(size, value, x.dtype)
    inside(y, before, (height, width))[...] = x
    return y


def inside(x: np.ndarray, before: Pair, size: Pair) -> np.ndarray:
    """Return the view of (W, C, H, N) that is left without its border: what ``padded`` put in."""
    return x[before[1] : before[1] + size[1], :, before[0] : before[0] + size[0]]


def places(offset: int, count: int, stride: int) -> slice:
    """Return where ``count`` windows, each ``stride`` after the last, have their pixel ``offset``.

    This one slice replaces the loop over all windows of a row: the first window has that pixel at
    ``offset``, the next at ``offset + stride``, and so on.
    """
    return slice(offset, offset + (count - 1) * stride + 1, stride)


def overlap(offset: int, count: int, stride: int, padding: int, size: int) -> tuple[slice, slice]:
    """Return which windows have their pixel ``offset`` inside an image, and which pixels these are.

    As ``places``, for an image of ``size`` pixels along this axis that has its padding only in
    our minds: the windows whose pixel would be in the padding are left out.
    """
    first = max(0, -((offset - padding) // stride))
    last = min(count, (size - 1 - offset + padding) // stride + 1)
    if last <= first:
        return slice(0), slice(0)
    return slice(first, last), places(first * stride + offset - padding, last - first, stride)


def four_axes(x: np.ndarray, layer: str, channels: int | None = None) -> None:
    """Raise a ValueError unless x is (N, C, H, W), with C as expected where it is given."""
    if x.ndim != 4 or (channels is not None and x.shape[1] != channels) or 0 in x.shape[1:]:
        raise ValueError(
            f"{layer} expected x of shape (N, {channels or 'C'}, H, W), but got {x.shape}"
        )
