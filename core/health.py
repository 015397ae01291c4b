"""Is a network well?  What its gradients, its steps and its units say, as numbers.

Three questions that a loss curve leaves open.  Does blame arrive at every layer (the size of the
gradients)?  Are the steps of the right length (how much of a weight one step changes)?  And do the
hidden units take part at all (dead ReLUs, saturated sigmoids)?

Sizes are root mean squares, RMS(v) = √(Σ v²/n): one number for an array of any size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from core.activations import ReLU, Sigmoid, Tanh
from core.layer import Layer
from core.layers import Sequential

USUAL_RATIO = 1e-3  # see update_ratios
NEAR_END = 0.02  # a sigmoid or tanh this close to its ends hardly moves any more
MOSTLY = 0.9  # a unit is saturated if it is near an end so often
CENSUS_BATCH = 100  # images at a time: a large convolution's answers take 10 MB then


def root_mean_square(values: np.ndarray) -> float:
    """Return RMS(v) = √(Σ v²/n), and 0 for no values."""
    if not values.size:
        return 0.0
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))


def gradient_sizes(model: Layer) -> dict[str, float]:
    """Return the RMS of each parameter's gradient, as the last ``backward`` has left it."""
    return {name: root_mean_square(grad) for name, grad in model.grads.items()}


def update_ratios(model: Layer, before: np.ndarray, after: np.ndarray) -> dict[str, float]:
    """Return how much of each parameter one step has changed: RMS(after − before)/RMS(before).

    A rule of thumb: weights change by about a thousandth a step (``USUAL_RATIO``).  Far less, and
    the learning rate may be too small; far more, and it may be too large.  Source: A. Karpathy,
    "Neural Networks Part 3: Learning and Evaluation", notes of the Stanford course CS231n, section
    "Ratio of weights:updates".  Biases often begin at zero, so the rule speaks of weights only.

    Parameters
    ----------
    before, after : ndarray, (P,)
        All parameters end to end, each raveled, in the order of ``model.params``.

    Returns
    -------
    dict of str to float
        By parameter; NaN where all of it was zero before, since there is nothing to compare with.

    Raises
    ------
    ValueError
        If there are not as many numbers as the model has parameters.
    """
    sizes = [param.size for param in model.params.values()]
    expected = (sum(sizes),)
    if before.shape != expected or after.shape != expected:
        raise ValueError(
            f"update_ratios expected two vectors of shape {expected}, one number per parameter, "
            f"but got {before.shape} and {after.shape}"
        )
    ratios, start = {}, 0
    for name, size in zip(model.params, sizes, strict=True):
        piece = slice(start, start + size)
        weight = root_mean_square(before[piece])
        with np.errstate(all="ignore"):
            change = root_mean_square(after[piece] - before[piece])
        ratios[name] = change / weight if weight else float("nan")
        start += size
    return ratios


class UnitHealth(NamedTuple):
    """How many units of one activation layer still do something.

    A unit is a neuron, or a feature map of a convolution: all its places share their weights.
    """

    place: int  # of the activation in the network, from 0
    units: int
    dead: int  # ReLU: answers 0 to every image, so no gradient passes
    saturated: int  # sigmoid, tanh: mostly near an end, where the slope is almost 0


class UnitCensus:
    """Counts dead and saturated units over several batches of images.

    The output layer is left out: a sigmoid there is asked to come near its ends.

    Examples
    --------
    >>> census = UnitCensus()
    >>> census.add(layers_with_answers)
    >>> census.result()
    [UnitHealth(place=2, units=128, dead=3, saturated=0)]
    """

    def __init__(self) -> None:
        self._alive: dict[int, np.ndarray] = {}  # of ReLUs: whether a unit ever answered
        self._near: dict[int, np.ndarray] = {}  # of the others: how often it was near an end
        self._seen: dict[int, int] = {}  # how many answers of a unit that was out of

    def add(self, answers: Sequence[tuple[Layer, np.ndarray]]) -> None:
        """Take in what each layer, first to last, answers to a batch.

        Answers have shape (N, units) or, behind a convolution, (N, C, H, W).
        """
        for place, (layer, y) in enumerate(answers[:-1]):
            others = (0, *range(2, y.ndim))  # a unit is what lies along axis 1
            if isinstance(layer, ReLU):
                # Not y > 0: a unit that answers no number at all is broken, but not dead.
                answered = np.asarray(~(y <= 0).all(axis=others))
                if place in self._alive:
                    answered |= self._alive[place]
                self._alive[place] = answered
            elif isinstance(layer, Sigmoid | Tanh):
                low = 0.0 if isinstance(layer, Sigmoid) else -1.0
                near = np.count_nonzero(np.minimum(y - low, 1.0 - y) < NEAR_END, axis=others)
                self._near[place] = self._near.get(place, np.intp(0)) + near
                self._seen[place] = self._seen.get(place, 0) + y.size // y.shape[1]

    def result(self) -> list[UnitHealth]:
        """Return the counts so far, by layer, first to last."""
        found = [
            UnitHealth(place, alive.size, int(np.count_nonzero(~alive)), 0)
            for place, alive in self._alive.items()
        ]
        for place, near in self._near.items():
            saturated = np.count_nonzero(near >= MOSTLY * self._seen[place])
            found.append(UnitHealth(place, near.size, 0, int(saturated)))
        return sorted(found)


def unit_health(model: Sequential, x: np.ndarray) -> list[UnitHealth]:
    """Count the dead and the saturated hidden units of a network, layer by layer.

    A ReLU unit is dead if it is positive for none of the examples: no gradient passes it, so it
    cannot come back by itself.  A sigmoid or tanh unit is saturated if at least ``MOSTLY`` of its
    answers lie within ``NEAR_END`` of its ends.  Other layers have no such state.

    Parameters
    ----------
    x : ndarray, (N, ...)
        What the model takes.  The more examples, the surer the verdict; N may not be 0.
    """
    if not len(x):
        raise ValueError("unit_health expected at least one example, but got none")
    census = UnitCensus()
    with np.errstate(all="ignore"):
        for start in range(0, len(x), CENSUS_BATCH):
            answers, y = [], x[start : start + CENSUS_BATCH]
            for layer in model:
                y = layer.forward(y)
                answers.append((layer, y))
            census.add(answers)
    return census.result()
