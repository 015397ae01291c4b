"""Losses: one number that says how wrong a network is, and where the blame starts.

``forward`` compares predictions with targets and returns the mean loss; ``backward`` returns
∂L/∂prediction, the first ``dy`` of the way back through the layers.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def softmax(logits: np.ndarray, axis: int = -1) -> np.ndarray:
    """Turn any numbers into positive ones that sum to 1: p_i = e^(z_i) / Σ_j e^(z_j).

    The largest z is subtracted first.  That changes nothing in exact arithmetic (numerator and
    denominator shrink by the same factor) and keeps e^1000 from becoming infinite.
    """
    p = np.exp(logits - logits.max(axis=axis, keepdims=True))
    p /= p.sum(axis=axis, keepdims=True)
    return p


class Loss:
    """What all losses share: a memory of the last forward pass, used once by backward."""

    def __init__(self) -> None:
        self._cache: Any = None

    def __call__(self, prediction: np.ndarray, target: np.ndarray) -> float:
        """Run ``forward``."""
        return self.forward(prediction, target)

    def forward(self, prediction: np.ndarray, target: np.ndarray) -> float:
        """Return the mean loss."""
        raise TypeError(f"{type(self).__name__} must define forward")

    def backward(self) -> np.ndarray:
        """Return ∂L/∂prediction for the last forward pass."""
        raise TypeError(f"{type(self).__name__} must define backward")

    @property
    def correct(self) -> int:
        """How many examples of the last forward pass were right; 0 where there are no classes."""
        return 0

    def _recall(self) -> Any:
        if self._cache is None:
            raise RuntimeError(
                f"{type(self).__name__}.backward needs a forward pass before it: "
                "call forward once for every backward"
            )
        cache, self._cache = self._cache, None
        return cache


class CrossEntropyLoss(Loss):
    """Softmax and negative log likelihood in one: L = −(1/N) Σ_n ln p_n[t_n].

    Takes logits, the numbers *before* softmax, of shape (N, C), and targets t of shape (N,):
    whole numbers from 0 to C − 1.  Backwards the two functions melt into p − onehot(t), over N.
    """

    _behind = np.empty(0)  # how far the right class's logit lay behind the largest, per example

    @property
    def correct(self) -> int:
        """How many right classes had the largest logit in the last forward pass; ties count."""
        return int(np.count_nonzero(self._behind == 0))

    def forward(self, prediction: np.ndarray, target: np.ndarray) -> float:
        """Return the mean over the batch of −ln p[right class], in nats.

        Raises
        ------
        ValueError
            If the shapes do not fit or a target is no class.
        """
        target = np.asarray(target)
        _check_classes(prediction, target)
        # One row per class in memory: all sums below then run along the long axis, the batch.
        # np.add.reduce is what sum() calls in the end; a small network notices the difference.
        e = np.array(prediction.T, order="C")
        e -= np.maximum.reduce(e, axis=0)
        right = target, np.arange(len(target))
        try:
            chosen = self._behind = e[right]
        except IndexError:
            raise _no_such_class(prediction, target) from None
        np.exp(e, out=e)
        total = np.add.reduce(e, axis=0)
        # −ln p = ln Σe^z − z: the logarithm of a probability that was rounded to 0 never happens.
        loss = float(np.add.reduce(np.log(total) - chosen)) / len(target)
        total *= len(target)
        e /= total  # now p/N, all of the gradient but for one number in each column
        self._cache = e, right
        return loss

    def backward(self) -> np.ndarray:
        """Return (p − onehot(t)) / N, of shape (N, C)."""
        d, right = self._recall()
        d[right] -= 1 / d.shape[1]  # the array is ours and used up here
        return d.T


class MSELoss(Loss):
    """Mean squared error: L = mean((y − t)²) over all numbers of all examples, as in PyTorch."""

    def forward(self, prediction: np.ndarray, target: np.ndarray) -> float:
        """Return the mean of the squared differences; target has the shape of prediction."""
        target = np.asarray(target)
        if prediction.shape != target.shape or prediction.size == 0:
            raise ValueError(
                f"MSELoss expected target of the prediction's shape {prediction.shape}, "
                f"and at least one number, but got {target.shape}"
            )
        difference = prediction - target
        self._cache = difference
        return float((difference * difference).sum() / difference.size)

    def backward(self) -> np.ndarray:
        """Return 2 (y − t) / (how many numbers there are)."""
        difference = self._recall()
        return difference * difference.dtype.type(2.0 / difference.size)


def _check_classes(logits: np.ndarray, target: np.ndarray) -> None:
    """Raise unless logits are (N, C) and target holds N whole numbers from 0."""
    if logits.ndim != 2 or target.shape != logits.shape[:1] or not len(target):
        raise ValueError(
            "CrossEntropyLoss expected logits of shape (N, C) and targets of shape (N,) with "
            f"N at least 1, but got {logits.shape} and {target.shape}"
        )
    if logits.dtype.kind != "f" or target.dtype.kind not in "iu":
        raise ValueError(
            "CrossEntropyLoss expected logits that are floating point numbers and targets that are "
            f"whole numbers, but got {logits.dtype} and {target.dtype}"
        )
    if np.minimum.reduce(target) < 0:  # too large a class is noticed where it is looked up
        raise _no_such_class(logits, target)


def _no_such_class(logits: np.ndarray, target: np.ndarray) -> ValueError:
    return ValueError(
        f"CrossEntropyLoss expected targets from 0 to {logits.shape[1] - 1}, but they run "
        f"from {target.min()} to {target.max()}"
    )
