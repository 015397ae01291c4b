"""One image's way through a network, cut into stages that can be looked at one by one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.activations import ReLU, Sigmoid, Step, Tanh
from core.conv import Conv2d
from core.layer import Layer
from core.layers import Dropout, Flatten, Linear
from core.pool import AvgPool2d, MaxPool2d


@dataclass
class Stage:
    """A layer that computes, with the activation behind it; all without the batch's axis."""

    kind: str  # "linear", "conv" or "pool"
    number: int  # among its kind, from 1
    layer: Layer
    x: np.ndarray  # what came in, as the layer takes it
    shape: tuple[int, ...]  # of what came in before it was flattened: (C, H, W) or (features,)
    z: np.ndarray  # what the layer answers
    activation: Layer | None = None
    a: np.ndarray | None = None  # what the activation makes of it

    @property
    def out(self) -> np.ndarray:
        """What it passes on."""
        return self.z if self.a is None else self.a


KINDS_OF_STAGE: dict[type[Layer], str] = {
    Linear: "linear",
    Conv2d: "conv",
    MaxPool2d: "pool",
    AvgPool2d: "pool",
}


def stages(prepared: np.ndarray, found: list[tuple[Layer, np.ndarray]]) -> list[Stage]:
    """Sort what ``DigitsRun.through`` found for one image, (1, H, W) when prepared."""
    sorted_out: list[Stage] = []
    x, shape = prepared, prepared.shape
    for layer, answer in found:
        y = answer[0]
        if isinstance(layer, ReLU | Sigmoid | Tanh | Step) and sorted_out:
            sorted_out[-1].activation, sorted_out[-1].a = layer, y
        elif type(layer) in KINDS_OF_STAGE:
            kind = KINDS_OF_STAGE[type(layer)]
            number = 1 + sum(stage.kind == kind for stage in sorted_out)
            sorted_out.append(Stage(kind, number, layer, x, shape, y))
        x = y
        if not isinstance(layer, Flatten | Dropout):
            shape = y.shape
    return sorted_out


def heaviest(found: list[Stage], place: int, said: int) -> tuple[int, ...]:
    """Return the output of a stage that is worth a look first.

    Of the last stage the answer itself; of the layer before it the neuron that speaks loudest for
    or against that answer; elsewhere the largest number.
    """
    stage = found[place]
    if place == len(found) - 1:
        return (said,)
    sizes = np.abs(np.nan_to_num(stage.out))
    after = found[place + 1]
    if stage.kind == "linear" and place == len(found) - 2 and after.kind == "linear":
        sizes = np.abs(np.nan_to_num(stage.out * after.layer.params["weight"][said]))
    return tuple(int(i) for i in np.unravel_index(int(sizes.argmax()), sizes.shape))


def strongest(plane: np.ndarray) -> tuple[int, int]:
    """Return (row, column) of the number furthest from zero."""
    row, column = divmod(int(np.abs(np.nan_to_num(plane)).argmax()), plane.shape[1])
    return row, column


def place_name(place: np.ndarray, shape: tuple[int, ...]) -> str:
    """Name an input: "17", or "row, column", or "map: row, column".

    Neurons and maps are counted from 1, rows and columns of pixels from 0.
    ``place`` is its place in what the layer takes, ``shape`` what that was before it was flattened.
    """
    numbers = place if len(place) == 3 else np.unravel_index(int(place[0]), shape)
    if len(numbers) == 1:
        return str(int(numbers[0]) + 1)
    channel, row, column = (int(i) for i in numbers)
    return f"{row}, {column}" if shape[0] == 1 else f"{channel + 1}: {row}, {column}"
