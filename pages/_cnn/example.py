"""The worked example: from what was set to numbers and a network, or to why there is none."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from core.activations import ReLU
from core.conv import Conv2d
from core.layers import Flatten, Linear
from core.pool import AvgPool2d, MaxPool2d
from core.sequential import Sequential
from pages._cnn.settings import MOST, MOST_CLASSES, MOST_KERNEL, Settings
from pages._cnn.tables import read_table

CLASSES = 3  # of the notes' fully connected layer
MOST_FLAT = 64  # numbers that it takes in


class ExampleError(ValueError):
    """A combination of settings that makes no network.

    Attributes
    ----------
    code : str
        "kernel", "stride", "window" or "flat".
    fields : dict of str to str
        The numbers of the sentence about it.
    cures : list of dict of str to int
        Settings that would make it possible, the nearest first.
    """

    def __init__(self, code: str, cures: list[dict[str, int]], **fields: Any) -> None:
        super().__init__(code)
        self.code, self.cures = code, cures
        self.fields = {name: str(value) for name, value in fields.items()}


class Example(NamedTuple):
    """Everything that the network is made of."""

    image: np.ndarray  # (H, W)
    kernel: np.ndarray  # (kH, kW)
    weights: np.ndarray  # (classes, inputs)
    biases: np.ndarray  # (classes,)
    settings: Settings

    def model(self) -> Sequential:
        """Return the network, in float64: convolution, ReLU, pooling, fully connected."""
        s = self.settings
        convolution = Conv2d(1, 1, self.kernel.shape, s.stride, s.padding, dtype=np.float64)
        convolution.params["weight"][0, 0] = self.kernel
        convolution.params["bias"][:] = s.bias
        classes, inputs = self.weights.shape
        linear = Linear(inputs, classes, dtype=np.float64)
        linear.params["weight"][...] = self.weights
        linear.params["bias"][:] = self.biases
        return Sequential(convolution, ReLU(), pooling(s), Flatten(), linear)


def example_of(settings: Settings) -> Example:
    """Read the tables, check that all sizes fit, and put the example together.

    Raises
    ------
    TableError
        If a table cannot be read.
    ExampleError
        If the sizes do not fit each other.
    """
    image = read_table(settings.image, (MOST, MOST))
    kernel = read_table(settings.kernel, (MOST_KERNEL, MOST_KERNEL))
    height, width = (
        _feature_size(settings, image.shape[axis], kernel.shape[axis]) for axis in (0, 1)
    )
    smallest = min(height, width)
    if settings.pool_size > smallest:
        raise ExampleError(
            "window", [{"pool_size": smallest}], size=settings.pool_size, map=f"{height} × {width}"
        )
    pooled = pooling(settings).forward(np.zeros((1, 1, height, width)))
    if pooled.size > MOST_FLAT:
        wider = [{"pool_stride": n} for n in range(settings.pool_stride + 1, 6)]
        raise ExampleError("flat", wider[:1], n=pooled.size, most=MOST_FLAT)
    weights, biases = _connected(settings, pooled.size)
    return Example(image, kernel, weights, biases, settings)


def pooling(settings: Settings) -> MaxPool2d | AvgPool2d:
    """Return the pooling layer."""
    kind = MaxPool2d if settings.pool == "max" else AvgPool2d
    return kind(settings.pool_size, settings.pool_stride, ceil_mode=bool(settings.ceil))


def notes_weights(classes: int, inputs: int) -> np.ndarray:
    """Return the notes' weights, for any size: 0.1, 0.2, 0.3, … row by row."""
    return np.arange(1, classes * inputs + 1).reshape(classes, inputs) / 10


def _feature_size(settings: Settings, size: int, kernel: int) -> int:
    """Return how many places there are for the kernel along one axis."""
    room = size + 2 * settings.padding - kernel
    numbers = {"n": size, "p": settings.padding, "k": kernel, "s": settings.stride}
    if room < 0:
        enough = -(-(kernel - size) // 2)
        cures = [{"padding": enough}] if enough <= 3 else []
        raise ExampleError("kernel", cures, **numbers)
    if room % settings.stride:
        raise ExampleError("stride", _possible(settings, size - kernel), **numbers)
    return room // settings.stride + 1


def _possible(settings: Settings, free: int) -> list[dict[str, int]]:
    """Return the nearest strides, and the nearest padding, for which the kernel ends at the edge.

    ``free`` is by how much the image is larger than the kernel.
    """
    room = free + 2 * settings.padding
    strides = [s for s in range(1, 6) if room % s == 0]
    strides.sort(key=lambda s: abs(s - settings.stride))
    paddings = [p for p in range(4) if free + 2 * p >= 0 and (free + 2 * p) % settings.stride == 0]
    paddings.sort(key=lambda p: abs(p - settings.padding))
    return [{"stride": s} for s in strides[:2]] + [{"padding": p} for p in paddings[:1]]


def _connected(settings: Settings, inputs: int) -> tuple[np.ndarray, np.ndarray]:
    """Return weights and biases; where their number has changed, the notes' pattern fills up."""
    if not settings.weights:
        weights = notes_weights(CLASSES, inputs)
    else:
        given = read_table(settings.weights, (MOST_CLASSES, MOST_FLAT))
        weights = notes_weights(len(given), inputs)
        kept = min(inputs, given.shape[1])
        weights[:, :kept] = given[:, :kept]
    biases = np.zeros(len(weights))
    if settings.biases:
        given = read_table(settings.biases, (1, MOST_CLASSES))[0][: len(biases)]
        biases[: len(given)] = given
    return weights, biases
