"""How weights begin.

A network whose weights all start equal can never tell its neurons apart, and one whose weights
start too large is deaf to small changes.  Each function here draws one starting point.  It takes
the shape of the weights, ``(out_features, in_features)`` or ``(out_channels, in_channels, kH,
kW)``, and a random generator, and returns ``(weight, bias)`` in float64: the layer casts them.

``fan_in`` is the number of inputs that feed one output: everything in the shape but its first axis.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Shape = tuple[int, ...]
RandomSource = np.random.Generator | np.random.RandomState | int | None
Initializer = Callable[[Shape, "np.random.Generator"], tuple[np.ndarray, np.ndarray]]


def as_generator(rng: RandomSource) -> np.random.Generator:
    """Return the random generator that ``rng`` stands for.

    Parameters
    ----------
    rng : Generator, RandomState, int or None
        A generator is passed on as it is, NumPy's legacy ``RandomState`` too (the course notes'
        numbers were drawn with it).  A whole number is a seed.  ``None`` asks the operating
        system for entropy: fine for trying things out, not repeatable.
    """
    if isinstance(rng, np.random.RandomState):
        return rng  # type: ignore[return-value]  # it has every method that this package calls
    return np.random.default_rng(rng)


def fan_in_of(shape: Shape) -> int:
    """Return how many inputs feed one output: the product of all axes but the first."""
    return int(np.prod(shape[1:]))


def fan_in_uniform(shape: Shape, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw weights and biases from U(−1/√fan_in, 1/√fan_in): PyTorch's default.

    It is Kaiming's uniform rule with a = √5 (``torch.nn.Linear.reset_parameters``).
    """
    bound = 1.0 / np.sqrt(max(1, fan_in_of(shape)))
    return rng.uniform(-bound, bound, shape), rng.uniform(-bound, bound, shape[0])


def kaiming_normal(shape: Shape, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw weights from N(0, 2/fan_in), biases zero: keeps the signal's size through ReLUs.

    He et al., "Delving Deep into Rectifiers", 2015, section 2.2.
    """
    return rng.normal(0.0, np.sqrt(2.0 / fan_in_of(shape)), shape), np.zeros(shape[0])


def xavier_uniform(shape: Shape, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw weights from U(−a, a) with a = √(6/(fan_in + fan_out)), biases zero.

    Made for sigmoid and tanh: Glorot and Bengio, "Understanding the difficulty of training deep
    feedforward neural networks", 2010, equation 16.
    """
    fan_out = shape[0] * int(np.prod(shape[2:]))
    bound = np.sqrt(6.0 / (fan_in_of(shape) + fan_out))
    return rng.uniform(-bound, bound, shape), np.zeros(shape[0])


def fan_in_normal(shape: Shape, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw weights from N(0, 1/fan_in), biases zero: one over the root of the number of links.

    LeCun et al., "Efficient BackProp", 1998, section 4.6.
    """
    return rng.normal(0.0, 1.0 / np.sqrt(fan_in_of(shape)), shape), np.zeros(shape[0])


def standard_normal(shape: Shape, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw weights from N(0, 1), whatever the fan-in, biases zero.

    The draw runs over a matrix with one row per *input*, as in Y = X·W, and is turned afterwards:
    with ``RandomState(1)`` a 2-50-4 network then starts with the same numbers as a program that
    calls ``randn(2, 50)`` and ``randn(50, 4)``.
    """
    drawn = rng.standard_normal((*shape[1:], shape[0]))
    return np.ascontiguousarray(np.moveaxis(drawn, -1, 0)), np.zeros(shape[0])


def zeros(shape: Shape, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Start with nothing but zeros: every neuron of a layer stays the twin of its neighbour."""
    return np.zeros(shape), np.zeros(shape[0])


INITIALIZERS: dict[str, Initializer] = {
    "fan_in_uniform": fan_in_uniform,
    "kaiming_normal": kaiming_normal,
    "xavier_uniform": xavier_uniform,
    "fan_in_normal": fan_in_normal,
    "standard_normal": standard_normal,
    "zeros": zeros,
}
