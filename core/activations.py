"""Activations: the bends between the layers, without which many layers would be one.

Each treats every number alone and has nothing to learn.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.layer import NO_DX, Layer


class _Elementwise(Layer):
    """A layer that treats every number alone and has nothing to learn."""

    by_image = True

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """Return y of x's shape, number by number."""
        y = self._function(x)
        self._cache = y
        return y

    def backward(self, dy: np.ndarray, *, need_dx: bool = True) -> np.ndarray:
        """Return dx = dy · dy/dx, number by number."""
        y = self._recall(dy, () if self._cache is None else self._cache.shape)
        return dy * self._slope(y) if need_dx else NO_DX

    def _function(self, x: np.ndarray) -> np.ndarray:
        raise TypeError(f"{type(self).__name__} must define its function")

    def _slope(self, y: np.ndarray) -> np.ndarray:
        """Return dy/dx, written in terms of y: for these functions that is the shorter way."""
        raise TypeError(f"{type(self).__name__} must define its slope")


class Step(_Elementwise):
    """The step function: y = 1 where x > 0, else 0.

    Its slope is 0 wherever it has one, so dx = 0: no blame passes, and layers before it never
    learn.  That is why smooth activations took its place.
    """

    def _function(self, x: np.ndarray) -> np.ndarray:
        return (x > 0).astype(x.dtype)

    def _slope(self, y: np.ndarray) -> np.ndarray:
        return np.zeros_like(y)


class Sigmoid(_Elementwise):
    """The logistic function: y = 1/(1 + e⁻ˣ), between 0 and 1, with slope y(1 − y)."""

    def _function(self, x: np.ndarray) -> np.ndarray:
        # e^(−|x|) never overflows; the two forms of the fraction are equal.
        e = np.exp(-np.abs(x))
        return np.where(x >= 0, 1, e) / (1 + e)

    def _slope(self, y: np.ndarray) -> np.ndarray:
        return y * (1 - y)


class Tanh(_Elementwise):
    """The hyperbolic tangent: y = (eˣ − e⁻ˣ)/(eˣ + e⁻ˣ), between −1 and 1, with slope 1 − y²."""

    def _function(self, x: np.ndarray) -> np.ndarray:
        return np.tanh(x)

    def _slope(self, y: np.ndarray) -> np.ndarray:
        return 1 - y * y


class ReLU(_Elementwise):
    """The rectifier: y = max(0, x), with slope 1 where x > 0 and 0 elsewhere.

    A gate: what was positive passes, forwards and backwards; the rest is stopped.
    """

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """Return the larger of x and 0, number by number."""
        room = None if self._workspace is None else self._like("y", x, x.dtype)
        self._cache = y = np.maximum(x, 0, out=room)
        return y

    def backward(self, dy: np.ndarray, *, need_dx: bool = True) -> np.ndarray:
        """Return dy where the gate was open, 0 elsewhere."""
        y = self._recall(dy, () if self._cache is None else self._cache.shape)
        if not need_dx:
            return NO_DX
        # A product with booleans is several times faster than writing zeros by mask.
        if self._workspace is None:
            return dy * (y > 0)
        is_open = np.greater(y, 0, out=self._like("open", y, np.bool_))
        return np.multiply(dy, is_open, out=self._like("dx", y, dy.dtype))

    def _like(self, name: str, x: np.ndarray, dtype: Any) -> np.ndarray | None:
        """Return memory whose axes lie as those of images, or None: NumPy takes what it wants."""
        if not x.swapaxes(0, -1).flags.c_contiguous:
            return None
        return self._empty(name, x.swapaxes(0, -1).shape, dtype).swapaxes(0, -1)
