"""Which digits excite a feature map most?  To see them side by side tells what it looks for."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from core.maps import passage, twins
from core.sequential import Sequential
from core.training import Prepare


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
