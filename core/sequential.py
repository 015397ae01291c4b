"""Layers one after the other: a network.

Convolutions are computed in pieces of the batch, see ``core.pieces``; all else is here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from core.layer import Layer
from core.pieces import first_with_params, in_stages, pass_back, pass_on, uses_helpers
from core.threads import one_core


class Sequential(Layer):
    """Layers one after the other; a network behaves like a layer itself.

    Parameters are named "0.weight", "0.bias", "2.weight", …: the layer's place, then its own
    name, as in ``torch.nn.Sequential``.

    Notes
    -----
    All parameters lie end to end in one flat vector, all gradients in another, and the layers
    hold views into them.  An optimizer then updates a whole network with a few long array
    operations instead of a few short ones per parameter; nobody else notices.
    """

    def __init__(self, *layers: Layer) -> None:
        self._cache = None
        if len({id(layer) for layer in layers}) < len(layers):
            raise ValueError("Sequential needs different layer objects: one occurs twice")
        self.layers = layers
        self._gather()

    def __reduce__(self) -> tuple[Any, ...]:
        # Copies and pickles are built anew, so that their layers share a flat vector of their own.
        return type(self), self.layers

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, index: int) -> Layer:
        return self.layers[index]

    @property
    def params(self) -> Mapping[str, np.ndarray]:  # type: ignore[override]
        """The layers' own arrays under their full names, to read or to change in place."""
        return self._named("params")

    @property
    def grads(self) -> Mapping[str, np.ndarray]:  # type: ignore[override]
        """The layers' own gradients under their full names."""
        return self._named("grads")

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """Pass x through all layers, first to last."""
        if not self._uses_helpers:
            return pass_on(self._stages, x, training)
        with one_core():
            return pass_on(self._stages, x, training)

    def backward(self, dy: np.ndarray, *, need_dx: bool = True) -> np.ndarray:
        """Pass dy back through all layers, last to first; ``need_dx=False`` saves the last bit."""
        if not self._uses_helpers:
            return pass_back(self._stages, dy, need_dx, self._first_with_params)
        with one_core():
            return pass_back(self._stages, dy, need_dx, self._first_with_params)

    def to(self, dtype: Any) -> Sequential:
        """Turn all parameters into ``dtype`` and lay them end to end again."""
        for layer in self.layers:
            layer.to(dtype)
        self._gather()
        return self

    def forget(self) -> None:
        """Give back the memory of the last passes, of all layers; parameters and gradients stay."""
        super().forget()
        for layer in (*self.layers, *self._stages):
            layer.forget()

    def flat(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Return (parameters, gradients) as two flat vectors, or None if they are not shared.

        They stop being shared when somebody has put another array in a layer's dictionary.
        """
        for owner, name, param, grad in self._views:
            if owner.params.get(name) is not param or owner.grads.get(name) is not grad:
                return None
        return self._flat

    def _named(self, kind: str) -> Mapping[str, np.ndarray]:
        return MappingProxyType(
            {
                f"{place}.{name}": array
                for place, layer in enumerate(self.layers)
                for name, array in getattr(layer, kind).items()
            }
        )

    def _gather(self) -> None:
        """Copy all parameters into one vector and give the layers views of it."""
        owned = [(leaf, name) for leaf in leaves(self.layers) for name in leaf.params]
        self._stages = in_stages(self.layers)
        self._first_with_params = first_with_params(self._stages)
        # What follows convolutions is small beside them: to spread it over cores gains nothing.
        self._uses_helpers = uses_helpers(self._stages)
        self._views: list[tuple[Any, str, np.ndarray, np.ndarray]] = []
        self._flat: tuple[np.ndarray, np.ndarray] | None = None
        if len({leaf.params[name].dtype for leaf, name in owned}) != 1:
            return  # nothing to share, or layers of mixed precision: they keep their own arrays
        arrays = [leaf.params[name] for leaf, name in owned]
        params = np.concatenate([array.ravel(order=memory_order(array)) for array in arrays])
        grads = np.zeros_like(params)
        start = 0
        for leaf, name in owned:
            stop = start + leaf.params[name].size
            param = view_like(params[start:stop], leaf.params[name])
            grad = view_like(grads[start:stop], leaf.params[name])
            grad[...] = leaf.grads[name]
            leaf.params[name], leaf.grads[name] = param, grad  # type: ignore[index]
            self._views.append((leaf, name, param, grad))
            start = stop
        self._flat = params, grads


def leaves(layers: Iterable[Layer]) -> Iterator[Layer]:
    """Yield layers, first to last; a network among them is opened."""
    for layer in layers:
        yield from leaves(layer) if isinstance(layer, Sequential) else (layer,)


def memory_order(array: np.ndarray) -> Literal["C", "F"]:
    """Return "F" if the first axis runs fastest in memory, as in ``Linear``'s weights, else "C"."""
    return "F" if array.flags.f_contiguous else "C"


def view_like(vector: np.ndarray, array: np.ndarray) -> np.ndarray:
    """Return a piece of a flat vector in the shape of ``array``, axes in the same memory order."""
    return vector.reshape(array.shape, order=memory_order(array))
