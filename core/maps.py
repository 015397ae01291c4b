"""What does a convolutional network see?  Its feature maps, and where each number comes from.

A convolution answers with one picture per kernel, bright wherever the kernel has found what it
looks for: a feature map.  LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to
Document Recognition", 1998, section II.A.  What do all layers answer to one digit; what does each
input channel add to one map; which pixels can a number in it depend on; which digits excite it?
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from typing import NamedTuple

import numpy as np

from core.activations import ReLU, Sigmoid, Step, Tanh
from core.conv import Conv2d
from core.layer import Layer
from core.layers import Dropout
from core.memory import Pair
from core.pieces import in_stages, pass_on, uses_helpers
from core.pool import AvgPool2d, MaxPool2d
from core.sequential import Sequential
from core.threads import one_core
from core.training import Prepare

SLIDING = (Conv2d, MaxPool2d, AvgPool2d)  # a number sees a window of what comes in
PLACE_BY_PLACE = (ReLU, Sigmoid, Step, Tanh, Dropout)  # a number sees the one in its own place


def one_by_one(layers: Iterable[Layer]) -> Iterator[Layer]:
    """Yield layers, first to last; a network among them is opened."""
    for layer in layers:
        yield from one_by_one(layer) if isinstance(layer, Sequential) else (layer,)


def twins(layers: Iterable[Layer]) -> list[Layer]:
    """Return layers with the same parameters, but with gradients and a memory of their own.

    So whoever only looks does not disturb a network that learns.  A network among the layers is
    opened.  The gradients hold nothing before ``backward``.
    """
    found = []
    for layer in one_by_one(layers):
        twin = copy.copy(layer)
        twin.grads = {name: np.empty_like(grad) for name, grad in layer.grads.items()}
        twin.forget()
        found.append(twin)
    return found


def passage(layers: Sequence[Layer]) -> Callable[[np.ndarray], np.ndarray]:
    """Return what passes batches through layers as they are, as fast as a network would."""
    stages = in_stages(layers)
    cores = one_core() if uses_helpers(stages) else nullcontext()

    def pass_through(x: np.ndarray) -> np.ndarray:
        with cores, np.errstate(all="ignore"):
            return pass_on(stages, x, False)

    return pass_through


def one_image(x: np.ndarray, where: str) -> None:
    """Raise a ValueError unless x is one image, (C, H, W)."""
    if x.ndim != 3:
        raise ValueError(f"{where} expected one image of shape (C, H, W), but got {x.shape}")


def feature_maps(model: Sequential, x: np.ndarray) -> list[tuple[Layer, np.ndarray]]:
    """Return each layer with what it answers to one image, first to last.

    y_0 = x and y_l = layer_l(y_(l−1)): the layers' own numbers, as outside training.  The model
    stays as it is.  A network inside it is opened: its layers come one by one.

    Parameters
    ----------
    x : ndarray, (C, H, W)
        The image, prepared.

    Returns
    -------
    list of (Layer, ndarray)
        The model's own layers; answers are (C', H', W') or, behind ``Flatten``, (units,).

    Raises
    ------
    ValueError
        If x is not one image, or a layer cannot take it.
    """
    one_image(x, "feature_maps")
    answers = [x[None]]
    with np.errstate(all="ignore"):
        for twin in twins(model):
            answers.append(twin.forward(answers[-1]))
    return [(layer, y[0]) for layer, y in zip(one_by_one(model), answers[1:], strict=True)]


def partial_sums(conv: Conv2d, x: np.ndarray, channel: int) -> np.ndarray:
    """Return what each input channel alone contributes to one feature map.

    s[c, h, w] = Σ_i Σ_j x[c, h·stride + i, w·stride + j] · W[o, c, i, j], x with its padding of
    zeros and o being ``channel``.  A convolution is their sum: z[o, h, w] = b[o] + Σ_c s[c, h, w].
    s has shape (in_channels, H', W').

    Parameters
    ----------
    x : ndarray, (in_channels, H, W)
        What goes into the convolution.
    channel : int
        Which feature map, from 0.

    Raises
    ------
    ValueError
        If x or the channel does not fit the convolution.
    """
    (top, left), (down, right), (kernel_h, kernel_w) = conv.padding, conv.stride, conv.kernel_size
    fits = x.ndim == 3 and len(x) == conv.in_channels and 0 <= channel < conv.out_channels
    if not fits or x.shape[1] + 2 * top < kernel_h or x.shape[2] + 2 * left < kernel_w:
        raise ValueError(
            f"partial_sums expected x of shape ({conv.in_channels}, H, W), no smaller than the "
            f"kernel of {kernel_h} × {kernel_w}, padding included, and a channel from 0 to "
            f"{conv.out_channels - 1}, but got {x.shape} and {channel}"
        )
    bordered = np.pad(x, ((0, 0), (top, top), (left, left)))
    windows = np.lib.stride_tricks.sliding_window_view(bordered, conv.kernel_size, axis=(1, 2))
    kernels = conv.params["weight"][channel]
    with np.errstate(all="ignore"):
        return np.einsum("chwij,cij->chw", windows[:, ::down, ::right], kernels)


class Rectangle(NamedTuple):
    """The piece ``image[top:bottom, left:right]``, whose height is ``bottom - top``."""

    top: int
    left: int
    bottom: int
    right: int


def receptive_field(layers: Iterable[Layer], place: Pair, size: Pair | None = None) -> Rectangle:
    """Return which input pixels can influence one place of the last layer's output.

    Rows t to b of a layer's output see rows t·stride − padding to b·stride − padding + k − 1 of its
    input; columns alike; and so on, back to the image.  Source: A. Araujo, W. Norris, J. Sim,
    "Computing Receptive Fields of Convolutional Neural Networks", Distill, 2019.

    Parameters
    ----------
    layers : iterable of Layer
        Up to and including the one that is asked about: convolutions, pooling, activations and
        ``Dropout``.
    place : (row, column)
        In its output, from 0.
    size : (H, W), optional
        Of the image.  With it, only pixels that there are count.  Without it the field of every
        place is equally large, and reaches beyond the image where padding is seen.  To cut that off
        afterwards would not do: what is beyond the edge of a map on the way sees no pixel at all.

    Returns
    -------
    Rectangle
        The smallest around all such pixels; a stride longer than the kernel leaves out some in
        between.  All zeros if the place sees nothing but padding.

    Raises
    ------
    ValueError
        If a layer is of another kind, the place not in the output, or the image too small.
    """
    path = list(one_by_one(layers))
    others = [layer for layer in path if not isinstance(layer, (*SLIDING, *PLACE_BY_PLACE))]
    if others:
        wanted, came = "convolutions, pooling and activations", type(others[0]).__name__
        raise ValueError(f"receptive_field expected {wanted}, but got {came}")
    sizes = None if size is None else _sizes(path, size)
    limits = (math.inf, math.inf) if sizes is None else sizes[-1]
    if not all(0 <= at < limit for at, limit in zip(place, limits, strict=True)):
        raise ValueError(
            f"receptive_field expected a place from (0, 0) to below {limits}, but got {place}"
        )
    rows, columns = (_seen_along(axis, path, place[axis], sizes) for axis in (0, 1))
    if not (rows.size and columns.size):
        return Rectangle(0, 0, 0, 0)
    return Rectangle(*map(int, (rows[0], columns[0], rows[-1] + 1, columns[-1] + 1)))


def _sizes(path: Sequence[Layer], size: Pair) -> list[Pair]:
    """Return (H, W) of an image and of what each layer makes of it."""
    channels = next((layer.in_channels for layer in path if isinstance(layer, Conv2d)), 1)
    y, sizes = np.zeros((1, channels, *size), np.float32), [size]
    for twin in twins(path):  # the layers know best, so an empty image goes through them
        y = twin.forward(y)
        sizes.append((y.shape[2], y.shape[3]))
    return sizes


def _seen_along(
    axis: int, path: Sequence[Layer], place: int, sizes: list[Pair] | None
) -> np.ndarray:
    """Return which rows (axis 0) or columns (axis 1) of the image a place can see, in order."""
    seen = np.array([place])
    for depth in reversed(range(len(path))):
        layer = path[depth]
        if isinstance(layer, SLIDING):
            starts = seen * layer.stride[axis] - layer.padding[axis]
            seen = np.unique(starts[:, None] + np.arange(layer.kernel_size[axis]))
        if sizes is not None:
            seen = seen[(seen >= 0) & (seen < sizes[depth][axis])]
    return seen


class Excitement(NamedTuple):
    """The images that excite each channel of a layer most, of those that were seen so far.

    In each row the most exciting comes first, the earlier one among equals.  Behind a ReLU, a value
    of 0 says that the image does not excite the channel at all.
    """

    seen: int
    images: np.ndarray  # of int, (channels, count), or fewer while fewer were seen: which ones
    values: np.ndarray  # (channels, count): the largest number in each one's map
    places: np.ndarray  # of int, (channels, count, 2): its row and column there


def most_exciting(
    model: Sequential,
    layer_index: int,
    images: np.ndarray,
    prepare: Prepare | None = None,
    count: int = 9,
    batch_size: int = 100,
) -> Iterator[Excitement]:
    """Find the images to which each channel of a layer gives its largest numbers, batch by batch.

    An image excites channel c by max_hw y[c, h, w]: it is enough that the channel finds something
    in one place.  Source: Zeiler and Fergus, "Visualizing and Understanding Convolutional
    Networks", 2014, figure 2, which shows the nine best.

    Parameters
    ----------
    model : Sequential
        A copy of its first layers does the work: it stays as it is, and may learn meanwhile.
    layer_index : int
        Which layer, from 0, as ``feature_maps`` counts them.  A unit of a fully connected layer
        counts as a map of one number.
    images : ndarray, (N, ...)
    prepare : callable, optional
        From images to what the model takes; without it, the images are that.
    count, batch_size : int
        How many images are kept for each channel, and how many go through at a time: memory is
        needed for no more.

    Yields
    ------
    Excitement
        After every batch, of all images up to there.  Whoever iterates may stop.

    Raises
    ------
    ValueError
        If there is no such layer, there are no images, or a number is below 1.
    """
    layers = twins(model)
    if not 0 <= layer_index < len(layers) or min(len(images), count, batch_size) < 1:
        raise ValueError(
            f"most_exciting expected a layer from 0 to {len(layers) - 1} and at least one image, "
            f"count and batch_size, but got {layer_index}, {len(images)}, {count} and {batch_size}"
        )
    answer = passage(copy.deepcopy(layers[: layer_index + 1]))
    found = None
    for start in range(0, len(images), batch_size):
        batch = images[start : start + batch_size]
        y = answer(batch if prepare is None else prepare(batch))
        found = _best(found, _largest(y, start), count)
        yield found


def _largest(y: np.ndarray, first: int) -> Excitement:
    """Return the largest number of each map of a batch whose images are numbered from ``first``."""
    flat = y.reshape(*y.shape[:2], -1)
    spots = flat.argmax(axis=2)
    values = np.take_along_axis(flat, spots[..., None], axis=2)[..., 0].T
    images = np.broadcast_to(np.arange(first, first + len(y)), values.shape)
    width = y.shape[3] if y.ndim == 4 else 1
    return Excitement(first + len(y), images, values, np.stack(np.divmod(spots.T, width), axis=2))


def _best(before: Excitement | None, new: Excitement, count: int) -> Excitement:
    """Return the ``count`` largest of both, channel by channel, in order."""
    parts = [new] if before is None else [before, new]
    arrays = [np.concatenate(same, axis=1) for same in zip(*(p[1:] for p in parts), strict=True)]
    # Stable, so that the earlier image wins among equals; what is no number comes last.
    order = np.argsort(-arrays[1], axis=1, kind="stable")[:, :count]
    rows = np.arange(len(order))[:, None]
    return Excitement(new.seen, *(array[rows, order] for array in arrays))
