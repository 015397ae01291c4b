"""The layers that a fully connected network is made of.

What all of them share is in ``core.layer``, the activations are in ``core.activations``, and how
layers make a network is in ``core.sequential``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.activations import ReLU, Sigmoid, Step, Tanh
from core.init import Initializer, RandomSource, as_generator, fan_in_uniform
from core.layer import NO_DX, Layer
from core.sequential import Sequential, memory_order, view_like

__all__ = [
    "Dropout",
    "Flatten",
    "Layer",
    "Linear",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Step",
    "Tanh",
    "memory_order",
    "view_like",
]


class Linear(Layer):
    """A fully connected layer: y = x Wᵀ + b.

    Each output is a weighted sum of all inputs: y_o = Σ_i x_i·W_oi + b_o.  Backwards,
    ∂L/∂W = dyᵀ x, ∂L/∂b = Σ_n dy_n, ∂L/∂x = dy W.

    Parameters
    ----------
    in_features, out_features : int
        How many numbers go in and come out; at least 1.
    bias : bool
        Whether b is learned; without it the layer only turns and stretches.
    rng : Generator, RandomState, int or None
        Where the first weights come from.
    init : Initializer
        How they are drawn; see ``core.init``.
    dtype : dtype
        float32 to train, float64 to check.

    Notes
    -----
    ``params["weight"]`` has shape (out_features, in_features), ``params["bias"]``
    (out_features,).  x has shape (..., in_features), mostly (N, in_features).
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        rng: RandomSource = None,
        init: Initializer = fan_in_uniform,
        dtype: Any = np.float32,
    ) -> None:
        super().__init__()
        if in_features < 1 or out_features < 1:
            raise ValueError(
                f"Linear needs at least one input and one output, got {in_features} and "
                f"{out_features}"
            )
        self.in_features, self.out_features = in_features, out_features
        weight, start = init((out_features, in_features), as_generator(rng))
        # In memory the weights lie input by input, a transposed view of (in_features,
        # out_features): so x Wᵀ reads them in the order in which they lie, which is faster.
        self.params = {"weight": weight.astype(dtype, order="F")}
        if bias:
            self.params["bias"] = start.astype(dtype)
        self.grads = {name: np.zeros_like(array) for name, array in self.params.items()}

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """Return y of shape (..., out_features) for x of shape (..., in_features)."""
        if x.ndim < 1 or x.shape[-1] != self.in_features:
            raise ValueError(
                f"Linear expected x of shape (..., {self.in_features}), but got {x.shape}"
            )
        weight = self.params["weight"]
        if x.dtype.kind != "f":
            x = x.astype(weight.dtype)
        self._cache = x
        y = x @ weight.T
        if "bias" in self.params:
            y += self.params["bias"]
        return y

    def backward(self, dy: np.ndarray, *, need_dx: bool = True) -> np.ndarray:
        """Fill ``grads`` and return dx of x's shape for dy of shape (..., out_features)."""
        shape = () if self._cache is None else (*self._cache.shape[:-1], self.out_features)
        x = self._recall(dy, shape)
        rows, dy_rows = x.reshape(-1, self.in_features), dy.reshape(-1, self.out_features)
        # The product lands in the gradient's own memory: a fresh array of this size would cost
        # more in page faults than the multiplication itself.
        np.matmul(rows.T, dy_rows, out=self.grads["weight"].T)
        if "bias" in self.params:
            np.add.reduce(dy_rows, axis=0, out=self.grads["bias"])  # np.sum, without its wrapping
        return dy @ self.params["weight"] if need_dx else NO_DX


class Flatten(Layer):
    """Lay the axes from ``start_dim`` to ``end_dim`` end to end: (N, C, H, W) → (N, C·H·W)."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """Return the same numbers with fewer axes."""
        start, end = self.start_dim % x.ndim, self.end_dim % x.ndim
        if start > end:
            raise ValueError(
                f"Flatten needs start_dim before end_dim, got {self.start_dim} and "
                f"{self.end_dim} for x of shape {x.shape}"
            )
        y = x.reshape(*x.shape[:start], int(np.prod(x.shape[start : end + 1])), *x.shape[end + 1 :])
        self._cache = x.shape, y.shape
        return y

    def backward(self, dy: np.ndarray, *, need_dx: bool = True) -> np.ndarray:
        """Return dy in the shape that x had."""
        x_shape, _ = self._recall(dy, () if self._cache is None else self._cache[1])
        return dy.reshape(x_shape) if need_dx else NO_DX


class Dropout(Layer):
    """While training, drop each number with probability p and divide the rest by 1 − p.

    So no neuron can lean on another, and the expected sum stays the same; outside training the
    layer does nothing.  Srivastava et al., "Dropout", 2014 (the "inverted" form, as in PyTorch).

    Parameters
    ----------
    p : float
        The share of numbers that is dropped, from 0 to 1.
    rng : Generator, RandomState, int or None
        Where the draws come from.
    """

    def __init__(self, p: float = 0.5, *, rng: RandomSource = None) -> None:
        super().__init__()
        if not 0.0 <= p <= 1.0:
            raise ValueError(f"Dropout needs a probability p from 0 to 1, got {p}")
        self.p, self.rng = p, as_generator(rng)

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """Return x, thinned out and scaled up if ``training``."""
        scale = None
        if training and self.p > 0:
            kept = self.rng.random(x.shape) >= self.p
            scale = kept.astype(x.dtype) / x.dtype.type(1.0 - self.p if self.p < 1 else 1.0)
        self._cache = x.shape, scale
        return x if scale is None else x * scale

    def backward(self, dy: np.ndarray, *, need_dx: bool = True) -> np.ndarray:
        """Return dy, through the same holes and with the same scale."""
        _, scale = self._recall(dy, () if self._cache is None else self._cache[0])
        if not need_dx:
            return NO_DX
        return dy if scale is None else dy * scale
