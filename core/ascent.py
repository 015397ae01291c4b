"""What would make a network say 3?  Climb: change the picture until it does.

A network can be asked for the slope of any output with respect to every pixel.  So the picture
takes small steps uphill, as weights take steps downhill in training:

    x ← x + lr · g / max |g|        with g = ∂o_k/∂x, o_k being the output of the wished class
    x ← x − decay · (x − paper)     what nobody pulls at fades back to empty paper

Source: Simonyan, Vedaldi, Zisserman, "Deep Inside Convolutional Networks", 2014, section 2.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from core.layer import Layer


class Ascent(NamedTuple):
    """How far the pictures have come after some steps."""

    step: int
    images: np.ndarray  # (N, 1, H, W), in the network's own range
    outputs: np.ndarray  # (N, classes): what the network answers to them


def climb(
    model: Layer,
    labels: np.ndarray,
    *,
    size: int = 28,
    paper: float = 0.0,
    ink: float = 1.0,
    steps: int = 40,
    lr: float = 0.05,
    decay: float = 0.03,
) -> Iterator[Ascent]:
    """Draw one picture for each label, beginning with grey; a copy of the network does the work.

    Parameters
    ----------
    model : Layer
        From images (N, 1, size, size) to one output per class; it stays as it is.
    labels : ndarray of int, (N,)
        The wished classes.
    size : int
        Rows and columns of the pictures.
    paper, ink : float
        The inputs for an empty and for a full pixel; no pixel leaves this range.
    steps : int
        How many steps are taken.
    lr : float
        How far the pixel that matters most moves in a step, as a share of the range.
    decay : float
        Which share of the way back to paper every pixel goes in a step.

    Yields
    ------
    Ascent
        Step 0 is grey, then one after each step.

    Raises
    ------
    ValueError
        If a number is out of range.
    """
    if not (paper < ink and steps >= 0 and lr > 0 and 0 <= decay < 1):
        raise ValueError(
            "climb expected paper below ink, steps from 0, lr above 0 and decay from 0 to below 1, "
            f"but got {paper}, {ink}, {steps}, {lr} and {decay}"
        )
    model = copy.deepcopy(model)
    rows = np.arange(len(labels))
    x: np.ndarray = np.full((len(labels), 1, size, size), (paper + ink) / 2, np.float32)
    for step in range(steps + 1):
        outputs = model.forward(x)
        yield Ascent(step, x.copy(), outputs)
        wish = np.zeros_like(outputs)
        wish[rows, labels] = 1.0
        slope = model.backward(wish).reshape(x.shape)
        steepest = np.abs(slope).max(axis=(1, 2, 3), keepdims=True)
        # Where the network is flat there is no way up, and the picture only fades.
        slope /= np.where(steepest > 0, steepest, 1.0)
        x = x + (lr * (ink - paper)) * slope
        x = np.clip(x - decay * (x - paper), paper, ink).astype(np.float32, copy=False)
