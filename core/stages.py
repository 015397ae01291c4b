"""One image's way through a network, cut into stages that can be looked at one by one.

A stage is a layer that computes something with the activation behind it: people speak of "the
second convolution" and mean both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.activations import ReLU, Sigmoid, Step, Tanh
from core.conv import Conv2d
from core.layer import Layer
from core.layers import Dropout, Flatten, Linear
from core.pool import AvgPool2d, MaxPool2d

KINDS_OF_STAGE: dict[type[Layer], str] = {
    Linear: "linear",
    Conv2d: "conv",
    MaxPool2d: "pool",
    AvgPool2d: "pool",
}


@dataclass(eq=False)
class Stage:
    """A layer that computes, with the activation behind it; all without the batch's axis.

    Attributes
    ----------
    kind : str
        "linear", "conv" or "pool".
    number : int
        Which of its kind, from 1.
    place : int
        The layer's own place among all layers, from 0.
    layer : Layer
    x : ndarray
        What came in, as the layer takes it.
    shape : tuple of int
        Of what came in before it was flattened: (C, H, W) or (features,).
    z : ndarray
        What the layer answers.
    activation, a, activation_place
        What followed, what it made of z, and its place; None and −1 if nothing did.
    """

    kind: str
    number: int
    place: int
    layer: Layer
    x: np.ndarray
    shape: tuple[int, ...]
    z: np.ndarray
    activation: Layer | None = None
    a: np.ndarray | None = None
    activation_place: int = -1

    @property
    def out(self) -> np.ndarray:
        """What it passes on."""
        return self.z if self.a is None else self.a


def stages(x: np.ndarray, answers: Iterable[tuple[Layer, np.ndarray]]) -> list[Stage]:
    """Sort out what ``core.maps.feature_maps`` found for one image.

    Parameters
    ----------
    x : ndarray, (C, H, W)
        The image, prepared.
    answers : iterable of (Layer, ndarray)
        Each layer with its answer to it, first to last; no layer is a network itself.
    """
    found: list[Stage] = []
    shape = x.shape
    for place, (layer, y) in enumerate(answers):
        if isinstance(layer, ReLU | Sigmoid | Tanh | Step) and found:
            last = found[-1]
            last.activation, last.a, last.activation_place = layer, y, place
        elif type(layer) in KINDS_OF_STAGE:
            kind = KINDS_OF_STAGE[type(layer)]
            number = 1 + sum(stage.kind == kind for stage in found)
            found.append(Stage(kind, number, place, layer, x, shape, y))
        x = y
        if not isinstance(layer, Flatten | Dropout):
            shape = y.shape
    return found


def heaviest(found: list[Stage], place: int, label: int) -> tuple[int, ...]:
    """Return the output of stage ``place`` that is worth a look first, for the answer ``label``.

    Of the last stage the answer itself; of the layer before it the neuron that speaks loudest for
    or against that answer; elsewhere the largest number.
    """
    stage = found[place]
    if place == len(found) - 1:
        return (label,)
    sizes = np.abs(np.nan_to_num(stage.out))
    after = found[place + 1]
    if stage.kind == "linear" and place == len(found) - 2 and after.kind == "linear":
        sizes = np.abs(np.nan_to_num(stage.out * after.layer.params["weight"][label]))
    return tuple(int(i) for i in np.unravel_index(int(sizes.argmax()), sizes.shape))


def strongest(plane: np.ndarray) -> tuple[int, int]:
    """Return (row, column) of the number furthest from zero."""
    row, column = divmod(int(np.abs(np.nan_to_num(plane)).argmax()), plane.shape[1])
    return row, column
