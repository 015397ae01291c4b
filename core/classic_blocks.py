"""The trick behind the three-layer network: learn one by one, multiply by the block.

``core.classic`` holds the network and its formulas; this file takes the same steps faster.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from core.threads import one_core

TOGETHER = 64  # examples in a block: fewer waste matrix products, more make the pairs' sums long


class Learned(NamedTuple):
    """What came of some examples, each looked at before the step that it caused."""

    loss: float  # mean of (t − o)² over all outputs of all examples, as in ``MSELoss``
    right: int  # in how many of them the largest output was where the largest target is


class BlockTrainer:
    """Takes the steps of ``train_plainly`` one after another, but their large products together.

    The step of example s adds lr · Δ₁(s) x(s)ᵀ to W₁.  So what example t finds at the hidden
    neurons is what W₁ gave at the start of the block, and a bit from every step since then:

        W₁(t) x(t) = W₁(0) x(t) + lr · Σ_{s<t} Δ₁(s) · (x(s)·x(t))

    Nothing is approximated, and the large matrix W₁ is no longer touched for every example:
    W₁(0) x(t) is one matrix product for the whole block, x(s)·x(t) for all pairs is another, and
    W₁ ← W₁ + lr · Σ_s Δ₁(s) x(s)ᵀ at the end is the third.  Matrix products are what a processor
    does best.  W₂ is small, and h is not known beforehand: W₂ changes at every step.

    The rest is thrift: memory and views are made once, and the loop runs over arrays as short as
    a layer, where a call costs more than what it computes.

    Parameters
    ----------
    w1, w2 : ndarray, (hidden_features, in_features) and (out_features, hidden_features)
        The weights, which training changes in place.
    size : int
        How many examples make a block.
    """

    def __init__(self, w1: np.ndarray, w2: np.ndarray, size: int = TOGETHER) -> None:
        (outputs, hidden), inputs, dtype = w2.shape, w1.shape[1], w2.dtype
        self.w1, self.w2, self.size = w1, w2, size
        # Both layers lie side by side, hidden first: what is the same for both is done at once.
        self._activations = np.empty((size, hidden + outputs), dtype)
        self._deltas = np.empty((size, hidden), dtype)
        self._pairs = np.empty((size, size), dtype)
        self._precise = np.empty((size, inputs)), np.empty((size, size))
        self._minus_w2 = np.empty((outputs, hidden), dtype)
        self._w1 = np.empty((inputs, hidden), dtype)
        self._rows = [
            (self._pairs[t, :t], self._deltas[:t], self._deltas[t], row, *np.split(row, [hidden]))
            for t, row in enumerate(self._activations)
        ]

    def train(self, x: np.ndarray, t: np.ndarray, lr: float, rule: str) -> Learned:
        """Learn from any number of examples, block by block, with ``core.classic``'s rules.

        x has shape (N, in_features), t (N, out_features), both in the weights' precision.
        """
        squares, right = 0.0, 0
        for start in range(0, len(x), self.size):
            rows = slice(start, start + self.size)
            with one_core(), np.errstate(all="ignore"):
                more, hits = self._learn_block(x[rows], t[rows], lr, rule)
            squares, right = squares + more, right + hits
            if not math.isfinite(squares):
                break
        return Learned(squares / max(1, t.size), right)

    def _learn_block(self, x: np.ndarray, t: np.ndarray, lr: float, rule: str) -> tuple[float, int]:
        """Return the sum of squared errors, NaN if the weights would be, and the right answers."""
        w1, w2, n, hidden = self.w1, self.w2, len(x), len(self.w1)
        # The signals carry a minus, and so does the copy of W₂: σ(z) = 1/(1 + e⁻ᶻ) asks for −z.
        signals = self._activations[:n, :hidden]
        np.matmul(x, w1.T, out=signals)
        np.negative(signals, out=signals)
        np.negative(w2, out=self._minus_w2)
        self._multiply_pairs(x, lr)
        self._take_steps(t, lr, rule)
        # The blame went through −W₂: the hidden deltas carry a minus, too.
        np.multiply(self._deltas[:n], lr, out=self._deltas[:n])
        np.matmul(x.T, self._deltas[:n], out=self._w1)
        np.subtract(w1.T, self._w1, out=self._w1)
        outputs = self._activations[:n, hidden:]
        squares = float(np.square(t - outputs).sum())
        if not math.isfinite(squares + float(self._w1.sum()) + float(self._minus_w2.sum())):
            return math.nan, 0
        w1.T[...] = self._w1
        np.negative(self._minus_w2, out=w2)
        return squares, int(np.count_nonzero(outputs.argmax(1) == t.argmax(1)))

    def _multiply_pairs(self, x: np.ndarray, lr: float) -> None:
        """Compute lr · x(s)·x(t) for all pairs in float64, whatever the rest is computed in.

        In float32 the many equal background pixels are all rounded the same way when they meet a
        large sum: an error that does not average out, and that grows with every block.
        """
        n = len(x)
        precise, products = (array[:n] for array in self._precise)
        precise[...] = x
        np.matmul(precise, precise.T, out=products[:, :n])
        np.multiply(products[:, :n], lr, out=self._pairs[:n, :n], casting="same_kind")

    def _take_steps(self, targets: np.ndarray, rate: float, rule: str) -> None:
        """Take one step per example, filling in activations and deltas row by row."""
        minus_w2 = self._minus_w2
        # A small change is rounded when it meets a large weight, and so are many small changes one
        # by one; so changes meet each other first, and the weights as they were at the start.
        start, change, changes = minus_w2.copy(), np.empty_like(minus_w2), np.zeros_like(minus_w2)
        outputs, hidden = minus_w2.shape
        slopes = np.empty(hidden + outputs, minus_w2.dtype)
        hidden_slope, output_slope = np.split(slopes, [hidden])
        error, output_delta = np.empty((2, outputs), minus_w2.dtype)
        blame, drift = np.empty((2, hidden), minus_w2.dtype)
        column = output_delta[:, None]
        blamed = error if rule == "notes" else output_delta
        one, lr = np.array([[1], [rate]], minus_w2.dtype)  # plain numbers would be converted anew
        exp, reciprocal = np.exp, np.reciprocal
        add, subtract, multiply = np.add, np.subtract, np.multiply
        for row, target in zip(self._rows, targets, strict=False):
            pairs, earlier, hidden_delta, both, h, o = row
            add(h, pairs.dot(earlier, drift), out=h)
            reciprocal(add(exp(h, out=h), one, out=h), out=h)
            minus_w2.dot(h, o)
            reciprocal(add(exp(o, out=o), one, out=o), out=o)
            multiply(both, subtract(one, both, out=slopes), out=slopes)
            subtract(target, o, out=error)
            multiply(error, output_slope, out=output_delta)
            multiply(blamed.dot(minus_w2, blame), hidden_slope, out=hidden_delta)
            multiply(output_delta, lr, out=output_delta)
            add(changes, column.dot(h[None], change), out=changes)
            subtract(start, changes, out=minus_w2)
