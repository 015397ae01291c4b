"""Which pixels of an image can a number in a feature map depend on?  Its receptive field.

Source: A. Araujo, W. Norris, J. Sim, "Computing Receptive Fields of Convolutional Neural Networks",
Distill, 2019.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from core.activations import ReLU, Sigmoid, Step, Tanh
from core.conv import Conv2d
from core.layer import Layer
from core.layers import Dropout
from core.maps import twins
from core.memory import Pair
from core.pool import AvgPool2d, MaxPool2d
from core.sequential import leaves

Window = Conv2d | MaxPool2d | AvgPool2d  # a number sees a window of what comes in
PLACE_BY_PLACE = (ReLU, Sigmoid, Step, Tanh, Dropout)  # a number sees the one in its own place


class Rectangle(NamedTuple):
    """The piece ``image[top:bottom, left:right]``, whose height is ``bottom - top``."""

    top: int
    left: int
    bottom: int
    right: int


class Fields(NamedTuple):
    """What every place of a map sees: in row r and column c, ``rows[r]`` of ``columns[c]``."""

    rows: np.ndarray  # of int, (H', 2): top and bottom of what each row of the map sees
    columns: np.ndarray  # of int, (W', 2): left and right of what each column sees


def receptive_fields(layers: Iterable[Layer], size: Pair) -> Fields:
    """Return which pixels of an image can influence each place of the last layer's output.

    Windows are rectangles, so rows and columns do not depend on each other.  A row of a layer's
    output sees what the rows of its input that are in its window see: from the first pixel that
    one of them sees to the last.

    Parameters
    ----------
    layers : iterable of Layer
        Up to and including the one that is asked about: convolutions, pooling, activations and
        ``Dropout``.
    size : (H, W)
        Of the image.

    Returns
    -------
    Fields
        Pixels that there are, from top to before bottom: the smallest stretch around all that is
        seen; a stride longer than the kernel leaves out some in between.  0 and 0 for a row or
        column that sees nothing but padding.

    Raises
    ------
    ValueError
        If a layer is of another kind, or the image too small.
    """
    path = _sliding(layers, "receptive_fields")
    sizes = _sizes(path, size)
    rows, columns = (_seen_along(axis, path, [both[axis] for both in sizes]) for axis in (0, 1))
    return Fields(rows, columns)


def receptive_field(layers: Iterable[Layer], place: Pair, size: Pair | None = None) -> Rectangle:
    """Return which input pixels can influence one place of the last layer's output.

    Rows t to b of a layer's output see rows t·stride − padding to b·stride − padding + k − 1 of its
    input; columns alike; and so on, back to the image.

    Parameters
    ----------
    layers : iterable of Layer
        As for ``receptive_fields``.
    place : (row, column)
        In the last one's output, from 0.
    size : (H, W), optional
        Of the image.  With it, only pixels that there are count.  Without it the field of every
        place is equally large, and reaches beyond the image where padding is seen.  To cut that off
        afterwards would not do: what is beyond the edge of a map on the way sees no pixel at all.

    Returns
    -------
    Rectangle
        The smallest around all such pixels.  All zeros if the place sees nothing but padding.

    Raises
    ------
    ValueError
        If a layer is of another kind, the place not in the output, or the image too small.
    """
    path = _sliding(layers, "receptive_field")
    limits = (math.inf, math.inf) if size is None else _sizes(path, size)[-1]
    if not all(0 <= at < limit for at, limit in zip(place, limits, strict=True)):
        raise ValueError(
            f"receptive_field expected a place from (0, 0) to below {limits}, but got {place}"
        )
    if size is None:
        (top, bottom), (left, right) = (_reach(axis, path, place[axis]) for axis in (0, 1))
    else:
        rows, columns = receptive_fields(path, size)
        (top, bottom), (left, right) = rows[place[0]].tolist(), columns[place[1]].tolist()
    if top >= bottom or left >= right:
        return Rectangle(0, 0, 0, 0)
    return Rectangle(top, left, bottom, right)


def _sliding(layers: Iterable[Layer], where: str) -> list[Window]:
    """Return the layers whose numbers see more than one place, or say which does not fit."""
    path: list[Window] = []
    for layer in leaves(layers):
        if isinstance(layer, Window):
            path.append(layer)
        elif not isinstance(layer, PLACE_BY_PLACE):
            wanted, came = "convolutions, pooling and activations", type(layer).__name__
            raise ValueError(f"{where} expected {wanted}, but got {came}")
    return path


def _sizes(path: Sequence[Layer], size: Pair) -> list[Pair]:
    """Return (H, W) of an image and of what each layer makes of it."""
    channels = next((layer.in_channels for layer in path if isinstance(layer, Conv2d)), 1)
    # The layers know best, so a batch of no images goes through them: that takes no time.
    y, sizes = np.zeros((0, channels, *size), np.float32), [size]
    for twin in twins(path):
        y = twin.forward(y)
        sizes.append((y.shape[2], y.shape[3]))
    return sizes


def _seen_along(axis: int, path: Sequence[Window], sizes: Sequence[int]) -> np.ndarray:
    """Return what each row (axis 0) or column (axis 1) of the last map sees: from and to where."""
    first, stop = np.arange(sizes[0]), np.arange(sizes[0]) + 1
    for layer, there, count in zip(path, sizes, sizes[1:], strict=False):
        starts = np.arange(count) * layer.stride[axis] - layer.padding[axis]
        window = starts[:, None] + np.arange(layer.kernel_size[axis])
        inside = (window >= 0) & (window < there)
        window[~inside] = 0
        first = np.where(inside, first[window], sizes[0]).min(axis=1)
        stop = np.where(inside, stop[window], 0).max(axis=1)
    ends = np.stack([first, stop], axis=1)
    ends[first >= stop] = 0
    return ends


def _reach(axis: int, path: Sequence[Window], place: int) -> Pair:
    """Return from and to where a row or column would see if there were no edges."""
    first = last = place
    for layer in reversed(path):
        first = first * layer.stride[axis] - layer.padding[axis]
        last = last * layer.stride[axis] - layer.padding[axis] + layer.kernel_size[axis] - 1
    return first, last + 1
