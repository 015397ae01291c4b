"""What the plane shows and gives back: frames, curves, edits, and how a region is packed.

Pure: arrays in, small values out; nothing here needs a running app.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray


class Frame(NamedTuple):
    """One moment of a training run.

    Attributes
    ----------
    step : int
        Number of optimiser steps done, >= 0.
    loss : float
        Training loss at that step; may be infinite or no number.
    accuracy : float or None
        Share of points classified correctly, 0 to 1.
    region : str
        The decision regions, from `encode_region`.
    lines : sequence of (float, float, float)
        ``(w1, w2, b)`` of each first-layer neuron: it folds the plane where
        ``w1 * x + w2 * y + b = 0``. May be empty.
    probe : sequence of float or None
        Class probabilities (C,) at the test point, 0 to 1.
    """

    step: int
    loss: float
    accuracy: float | None
    region: str
    lines: Sequence[tuple[float, float, float]] = ()
    probe: Sequence[float] | None = None


class Curve(NamedTuple):
    """The loss over the steps of a run.

    Attributes
    ----------
    steps : array_like of int, (n,)
        Increasing step numbers.
    loss : array_like of float, (n,)
        Training loss; values that are no number break the line and are marked.
    test : array_like of float or None, (n,)
        Test loss at the same steps.
    """

    steps: ArrayLike
    loss: ArrayLike
    test: ArrayLike | None = None


@dataclass(frozen=True)
class Edit:
    """One change of the points that the learner made, to be applied once.

    Attributes
    ----------
    op : {"add", "move", "remove"}
        What to do. An added point belongs at the end of the list.
    index : int
        Row of the point in ``points``; -1 for "add".
    x, y : float
        Where the point is now (for "remove": where it was).
    cls : int
        Class of the point.
    """

    op: str
    index: int
    x: float
    y: float
    cls: int


class PlaneValue(NamedTuple):
    """What the learner did on the plane.

    Attributes
    ----------
    probe : (float, float) or None
        Where the test point was put last; None if it was never moved.
    cursor : int or None
        Step chosen on the timeline; None means the newest.
    edit : Edit or None
        A change of the points, present in exactly one run of the script.
    """

    probe: tuple[float, float] | None = None
    cursor: int | None = None
    edit: Edit | None = None


def plane_grid(size: int, extent: float, dtype: DTypeLike = np.float32) -> NDArray[np.floating]:
    """Centres of the pixels of a square picture of the plane.

    Parameters
    ----------
    size : int
        Pixels along a side, >= 1.
    extent : float
        The picture shows -extent to +extent on both axes.
    dtype : dtype, default float32
        What the network computes in.

    Returns
    -------
    ndarray, (size * size, 2)
        x and y, row by row from the top (largest y) down, each row from the smallest x to the
        largest: the order that `encode_region` expects.
    """
    if size < 1 or not extent > 0:
        raise ValueError(f"size must be >= 1 and extent > 0; got size {size} and extent {extent}")
    along = (np.arange(size) + 0.5) * (2 * extent / size) - extent
    x, y = np.meshgrid(along, along[::-1])
    return np.column_stack([x.ravel(), y.ravel()]).astype(dtype)


def encode_region(probabilities: NDArray[np.floating]) -> str:
    """Pack the decision regions of a square picture into text.

    Parameters
    ----------
    probabilities : ndarray, (size * size, C)
        Class probabilities at the points of `plane_grid`, 0 to 1, in its order; C >= 2.

    Returns
    -------
    str
        Base64 of two bytes a pixel: the class with the largest probability, and how sure it is,
        from 0 (1 / C: no better than guessing) to 255 (1). A pixel whose probabilities are not
        all numbers gets strength 0.

    Raises
    ------
    ValueError
        If the shape is not (a square number, 2 to 256).
    """
    p = np.asarray(probabilities)
    if p.ndim != 2 or math.isqrt(len(p)) ** 2 != len(p) or not len(p) or not 2 <= p.shape[1] <= 256:
        raise ValueError(f"expected probabilities (size * size, 2 to 256 classes); got {p.shape}")
    p = np.where(np.isfinite(p).all(axis=1, keepdims=True), p, 0)
    guess = 1 / p.shape[1]
    packed = np.empty((len(p), 2), np.uint8)
    packed[:, 0] = p.argmax(axis=1)
    packed[:, 1] = np.rint(np.clip((p.max(axis=1) - guess) / (1 - guess), 0, 1) * 255)
    return base64.b64encode(packed.tobytes()).decode("ascii")


def thin_curve(curve: Curve, limit: int) -> Curve:
    """Take values out of a long curve and keep its shape.

    The curve is cut into equal pieces, and of each piece the first, the lowest, the highest and
    a value that is no number stay, so that no spike is lost.

    Parameters
    ----------
    curve : Curve
        Of any length n.
    limit : int
        The most values wanted, >= 8.

    Returns
    -------
    Curve
        Arrays of at most `limit` values, the first and the last among them; the curve as it is
        (as arrays) where n <= limit.
    """
    steps = np.asarray(curve.steps)
    series = [np.asarray(s, float) for s in (curve.loss, curve.test) if s is not None]
    if any(s.shape != steps.shape for s in series) or steps.ndim != 1:
        shapes = [s.shape for s in series]
        raise ValueError(f"steps, loss and test must be equally long: {steps.shape}, {shapes}")
    keep = np.arange(len(steps))
    if len(steps) > limit:
        pieces = np.array_split(keep, max(1, (limit - 1) // (1 + 3 * len(series))))
        chosen = {0, len(steps) - 1}
        for piece in pieces:
            chosen.add(int(piece[0]))
            for values in (s[piece] for s in series):
                finite = np.isfinite(values)
                low = np.where(finite, values, np.inf)
                high = np.where(finite, values, -np.inf)
                chosen.update(int(piece[i]) for i in (low.argmin(), high.argmax(), finite.argmin()))
        keep = np.array(sorted(chosen))
    return Curve(steps[keep], *(s[keep] for s in series))
