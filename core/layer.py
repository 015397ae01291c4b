"""What a layer is: something that turns numbers into numbers, and can pass blame back.

Every layer has a ``forward`` that computes y from x and a ``backward`` that is told how much the
loss L changes with y (``dy`` = ∂L/∂y) and answers how much it changes with x (``dx`` = ∂L/∂x).
On the way back it writes ∂L/∂parameter into ``grads``.  A network is a layer made of layers.

Names, arguments, shapes and defaults are PyTorch's, so a ``state_dict`` moves both ways.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

NO_DX = np.empty(0)  # what backward returns where nobody needs dx


class Layer:
    """What all layers share: parameters, gradients, a memory of the last forward pass.

    Attributes
    ----------
    params, grads : mapping of str to ndarray
        The learned numbers and ∂L/∂(each of them), under the same keys, in the same shapes.
        An optimizer changes ``params`` in place; ``backward`` overwrites ``grads``.
    by_image : bool
        Whether every example of a batch is treated alone, and alike each time: then the batch may
        be computed in pieces, see ``core.pieces``.
    """

    by_image = False
    _workspace: dict[str, np.ndarray] | None = None

    params: Mapping[str, np.ndarray]
    grads: Mapping[str, np.ndarray]

    def __init__(self) -> None:
        self.params = {}
        self.grads = {}
        self._cache: Any = None

    def __call__(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """Run ``forward``: ``layer(x)`` reads like the formula."""
        return self.forward(x, training=training)

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """Compute y from x, never changing x; ``training`` matters to layers such as Dropout."""
        raise TypeError(f"{type(self).__name__} must define forward")

    def backward(self, dy: np.ndarray, *, need_dx: bool = True) -> np.ndarray:
        """Turn ∂L/∂y into ∂L/∂x and fill ``grads``, never changing dy.

        A layer that nothing feeds but data can be told ``need_dx=False``: nobody asks for the
        gradient of the data, and in a first layer it costs as much as the weights' gradient.
        What is returned then is an empty array.
        """
        raise TypeError(f"{type(self).__name__} must define backward")

    def state_dict(self) -> dict[str, np.ndarray]:
        """Return a copy of all parameters by name, with the keys that PyTorch uses."""
        return {name: array.copy() for name, array in self.params.items()}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Copy parameters in, by name; nothing is changed unless every name and shape fits.

        Raises
        ------
        KeyError
            If names are missing or unknown.
        ValueError
            If a shape differs.
        """
        missing = sorted(self.params.keys() - state_dict.keys())
        unknown = sorted(state_dict.keys() - self.params.keys())
        if missing or unknown:
            raise KeyError(f"state_dict does not fit: missing {missing}, not known {unknown}")
        arrays = {name: np.asarray(state_dict[name]) for name in self.params}
        for name, array in arrays.items():
            if array.shape != self.params[name].shape:
                expected = self.params[name].shape
                raise ValueError(f"{name} must have shape {expected}, but has {array.shape}")
        for name, array in arrays.items():
            self.params[name][...] = array

    def to(self, dtype: Any) -> Layer:
        """Turn all parameters into ``dtype``: float32 to train, float64 to check gradients."""
        self.params = {name: array.astype(dtype, order="K") for name, array in self.params.items()}
        self.grads = {name: array.astype(dtype, order="K") for name, array in self.grads.items()}
        return self

    def forget(self) -> None:
        """Give back the memory of the last pass; parameters and gradients stay."""
        self._cache = None

    def _empty(self, name: str, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        """Return memory for a result: new, or that of the last time if nobody else keeps results.

        New memory costs more than most operations on it, because the operating system clears it
        first.  So a layer that works for nobody but ``core.pieces`` has a workspace, in which each
        result has its place.
        """
        if self._workspace is None:
            return np.empty(shape, dtype)
        return self._zeros(name, shape, dtype)

    def _zeros(self, name: str, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        """Return memory as ``_empty`` does, with zeros wherever this layer has never written."""
        if self._workspace is None:
            return np.zeros(shape, dtype)
        array = self._workspace.get(name)
        if array is None or array.shape != shape or array.dtype != dtype:
            array = self._workspace[name] = np.zeros(shape, dtype)
        return array

    def _recall(self, dy: np.ndarray, shape: tuple[int, ...]) -> Any:
        """Hand out what forward remembered, once, after comparing dy with the shape of y."""
        if self._cache is None:
            raise RuntimeError(
                f"{type(self).__name__}.backward needs a forward pass before it: "
                "call forward once for every backward"
            )
        if dy.shape != shape:
            raise ValueError(
                f"{type(self).__name__}.backward expected dy of shape {shape}, as its output "
                f"had, but got {dy.shape}"
            )
        cache, self._cache = self._cache, None
        return cache
