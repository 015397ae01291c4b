"""How much does a network bear?  The same test digits, harder to read step by step.

A network that reads clean digits has only shown that it reads clean digits.  Turned, shifted,
noisy, thin or thick ones tell where its knowledge ends.  The idea: Hendrycks and Dietterich,
"Benchmarking Neural Network Robustness to Common Corruptions and Perturbations", 2019.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from core.augment import rotate, shift
from core.distort import add_noise, thicken
from core.metrics import accuracy_score

Answerer = Callable[[np.ndarray], np.ndarray]
TURNS = (-45.0, -37.5, -30.0, -22.5, -15.0, -7.5, 0.0, 7.5, 15.0, 22.5, 30.0, 37.5, 45.0)


class Hardship(NamedTuple):
    """One way to make digits harder to read.

    Attributes
    ----------
    strengths : tuple of float
        From one end to the other; 0 is among them and changes nothing.
    apply : callable
        ``apply(images, strength)`` returns images of the same shape, float32, 0 to 255.
    """

    strengths: tuple[float, ...]
    apply: Callable[[np.ndarray, float], np.ndarray]


class Borne(NamedTuple):
    """How many digits a network still read at one strength."""

    strength: float
    accuracy: float  # 0 to 1


def shift_around(images: np.ndarray, pixels: float) -> np.ndarray:
    """Shift images by so many pixels: the first to the right, the next down, left, up, and again.

    So that no direction is favoured, and the answer is the same every time.
    """
    turn = np.arange(len(images)) % 4
    right = np.array([1, 0, -1, 0])[turn]
    down = np.array([0, 1, 0, -1])[turn]
    return shift(images, pixels * down, pixels * right)


def noisy(images: np.ndarray, sigma: float) -> np.ndarray:
    """Add normal noise of standard deviation ``sigma``: the same pattern for every strength."""
    return add_noise(images, sigma, rng=0)


# Degrees counter-clockwise; pixels; standard deviation in grey levels of 0 to 255; pixels by which
# strokes grow on each side.
HARDSHIPS: dict[str, Hardship] = {
    "rotation": Hardship(TURNS, rotate),
    "shift": Hardship((0, 1, 2, 3, 4, 5, 6), shift_around),
    "noise": Hardship((0, 20, 40, 60, 80, 100, 130, 160, 200), noisy),
    "thickness": Hardship((-1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3), thicken),
}


def robustness(
    answer: Answerer, images: np.ndarray, labels: np.ndarray, hardship: Hardship
) -> Iterator[Borne]:
    """Measure the accuracy at each strength, one after the other: whoever iterates may stop.

    Parameters
    ----------
    answer : callable
        From images, (N, H, W) float32, 0 to 255, to outputs, (N, C): the largest one counts.
    images : ndarray of uint8 or float, (N, H, W)
    labels : ndarray of int, (N,)
    hardship : Hardship

    Yields
    ------
    Borne

    Raises
    ------
    ValueError
        If there are no images, or not as many labels.
    """
    for strength in hardship.strengths:
        outputs = answer(hardship.apply(images, strength))
        yield Borne(strength, accuracy_score(labels, outputs.argmax(axis=1)))
