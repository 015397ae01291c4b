"""A network's layers as a short text: "32c3-max2-128" is 32 kernels of 3×3, pooling, 128 neurons.

The parts are joined by "-" (commas and spaces will do):

========  ====================================================================================
``32c3``  a convolution with 32 kernels of 3×3, and the activation; ``32c3p1`` pads with 1 zero
``max2``  max pooling over windows of 2×2; ``avg2`` takes their mean
``128``   a fully connected layer of 128 neurons, and the activation
========  ====================================================================================

The output layer is not part of the text: every network here ends with one neuron per class.
The notation follows Cireşan et al., "Multi-column Deep Neural Networks for Image Classification",
2012, who write 20C4-MP2-150N.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from core.activations import ReLU, Sigmoid, Tanh
from core.conv import Conv2d
from core.init import Initializer, RandomSource, fan_in_uniform
from core.layers import Dropout, Flatten, Layer, Linear, Sequential
from core.pool import AvgPool2d, MaxPool2d

ACTIVATION_KINDS: dict[str, type[Layer]] = {"relu": ReLU, "sigmoid": Sigmoid, "tanh": Tanh}

MOST_PARTS = 12
MOST_NEURONS = 2048
MOST_KERNELS = 128
MOST_PARAMETERS = 5_000_000


class Part(NamedTuple):
    """One part of the text: a convolution ("c"), a pooling ("max", "avg") or neurons ("n")."""

    kind: str
    units: int  # kernels or neurons; 0 for pooling
    size: int = 0  # of kernel or window
    padding: int = 0

    def __str__(self) -> str:
        if self.kind == "c":
            return f"{self.units}c{self.size}" + (f"p{self.padding}" if self.padding else "")
        return str(self.units) if self.kind == "n" else f"{self.kind}{self.size}"


_EXPLAINED = {
    "part": "expected parts such as 32c3, max2 or 128",
    "order": "expected convolutions and pooling before the first fully connected layer",
    "many": f"expected at most {MOST_PARTS} parts",
    "neurons": f"expected 1 to {MOST_NEURONS} neurons",
    "kernels": f"expected 1 to {MOST_KERNELS} kernels of size 1 to 28, padded by less than that",
    "window": "expected a window of size 2 to 28",
    "small": "expected layers that leave at least one pixel of the image",
    "one": "expected one hidden layer, as a number of neurons, for the notes' network",
    "parameters": f"expected at most {MOST_PARAMETERS:,} parameters",
}


class ArchitectureError(ValueError):
    """A text that is no network: which part of it, what was expected and what came.

    Attributes
    ----------
    code : str
        One of "part", "order", "many", "neurons", "kernels", "window", "small", "one" and
        "parameters".
    part : str
        The part that does not fit, shortened to 20 characters; empty where the whole is meant.
    got : str
        What came, where that is not the part itself: a size, a number.
    """

    def __init__(self, code: str, part: str = "", got: str = "") -> None:
        self.code, self.part, self.got = code, part[:20], got[:40]
        came = " with ".join(text for text in (f"'{self.part}'" * bool(part), self.got) if text)
        super().__init__(f"{_EXPLAINED[code]}, got {came}")


_PART = re.compile(
    r"(?P<units>\d+)(?:c(?P<size>\d+)(?:p(?P<padding>\d+))?)?|(?P<kind>max|avg)(?P<window>\d+)"
)


def parse_layers(text: str) -> tuple[Part, ...]:
    """Read a network's parts; an empty text means that there is no hidden layer.

    Raises
    ------
    ArchitectureError
        At the first part that does not fit.
    """
    words = [word for word in re.split(r"[-,\s]+", text.strip().lower()) if word]
    if len(words) > MOST_PARTS:
        raise ArchitectureError("many", got=str(len(words)))
    parts = tuple(_part(word) for word in words)
    for before, after in zip(parts, parts[1:], strict=False):
        if before.kind == "n" and after.kind != "n":
            raise ArchitectureError("order", str(after))
    return parts


def one_hidden_layer(text: str) -> int:
    """Return how many neurons the only hidden layer has; raises unless there is just one."""
    parts = parse_layers(text)
    if [part.kind for part in parts] != ["n"]:
        raise ArchitectureError("one", text or "-")
    return parts[0].units


def format_layers(parts: tuple[Part, ...]) -> str:
    """Write parts as the text that ``parse_layers`` reads."""
    return "-".join(map(str, parts))


def build_network(
    text: str,
    *,
    activation: str = "relu",
    dropout: float = 0.0,
    init: Initializer = fan_in_uniform,
    image_size: int = 28,
    classes: int = 10,
    rng: RandomSource = None,
    dropout_rng: RandomSource = None,
) -> Sequential:
    """Return the network that a text describes, for images of shape (N, 1, size, size).

    Parameters
    ----------
    activation : str
        A key of ``ACTIVATION_KINDS``, for all layers but the last.
    dropout : float
        The share that is dropped before every fully connected layer that does not see the image
        itself; 0 leaves the layer out.
    init : Initializer
        How the first weights are drawn, from ``rng``.

    Raises
    ------
    ArchitectureError
        If the text does not fit, the image would shrink to nothing, or there are too many
        parameters.
    """
    layers: list[Layer] = []
    shape: tuple[int, ...] = (1, image_size, image_size)
    parameters = 0
    parts = parse_layers(text)
    for part in (*parts, Part("n", classes)):
        if part.kind == "n":
            if len(shape) == 3:
                layers.append(Flatten())
            inputs = int(np.prod(shape))
            if dropout and any(layer.params for layer in layers):
                layers.append(Dropout(dropout, rng=dropout_rng))
            shape, added = (part.units,), (inputs + 1) * part.units
        else:
            added = (shape[0] * part.size**2 + 1) * part.units
            before, shape = shape, _shape_after(part, shape)
        parameters += added
        if parameters > MOST_PARAMETERS:
            raise ArchitectureError("parameters", str(part), f"{parameters:,}")
        if part.kind == "n":
            layers.append(Linear(inputs, part.units, rng=rng, init=init))
        elif part.kind == "c":
            sizes = before[0], part.units, part.size
            layers.append(Conv2d(*sizes, padding=part.padding, rng=rng, init=init))
        else:
            layers.append((MaxPool2d if part.kind == "max" else AvgPool2d)(part.size))
        if part.kind in "cn":
            layers.append(ACTIVATION_KINDS[activation]())
    return Sequential(*layers[:-1])  # the last layer's numbers are logits: no activation


def _part(word: str) -> Part:
    match = _PART.fullmatch(word)
    if not match or len(word) > 12:
        raise ArchitectureError("part", word)
    if match["kind"]:
        part = Part(match["kind"], 0, int(match["window"]))
        if not 2 <= part.size <= 28:
            raise ArchitectureError("window", word)
    elif match["size"]:
        part = Part("c", int(match["units"]), int(match["size"]), int(match["padding"] or 0))
        fits = 1 <= part.size <= 28 and part.padding < part.size
        if not fits or not 1 <= part.units <= MOST_KERNELS:
            raise ArchitectureError("kernels", word)
    else:
        part = Part("n", int(match["units"]))
        if not 1 <= part.units <= MOST_NEURONS:
            raise ArchitectureError("neurons", word)
    return part


def _shape_after(part: Part, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return (channels, height, width) after a convolution or a pooling."""
    channels, size, _ = shape
    if part.kind == "c":
        channels, size_after = part.units, size + 2 * part.padding - part.size + 1
    else:
        size_after = size // part.size
    if size_after < 1:
        raise ArchitectureError("small", str(part), f"{size}×{size}")
    return channels, size_after, size_after
