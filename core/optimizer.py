"""What all optimizers share: the walk over the parameters, with memory for each of them.

Three things make a step cheap.  A whole network is one long vector (see ``Sequential``).  It is
worked through in blocks that stay in the processor's cache together with all that belongs to them.
And no step allocates memory: every operation writes into arrays that are there already.
"""

from __future__ import annotations

import copy
import operator
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from core.layer import Layer
from core.layers import Sequential, memory_order, view_like

BLOCK = 1 << 16  # numbers in a block: 256 KB in float32, of which a core's cache holds several

WeightDecay = float | Mapping[str, float]
Rows = list[np.ndarray]


class Optimizer:
    """What all optimizers share: the walk over the parameters, with memory for each of them.

    Parameters
    ----------
    model : Layer
        What is to learn.
    lr : float
        The learning rate; set ``optimizer.lr`` to change it between steps.
    weight_decay : float or mapping of str to float
        λ for all parameters, or by last name.
    """

    memories = 1  # how many numbers are remembered for every parameter, zero at first
    spare = 1  # how many scratch rows an update needs

    def __init__(self, model: Layer, lr: float, weight_decay: WeightDecay = 0.0) -> None:
        self.model, self.lr, self.weight_decay = model, lr, weight_decay
        self.steps = 0
        self._memory: np.ndarray | None = None
        self._orders: dict[str, Literal["C", "F"]] = {}
        self._plan: list[tuple[np.ndarray, np.ndarray, Any, Rows, Rows]] = []
        self._arrays: list[np.ndarray] = []
        self._planned_decay: WeightDecay = 0.0

    def step(self) -> None:
        """Move every parameter once, by the gradients of the last backward pass."""
        self.steps += 1
        self._make_plan()
        for param, grad, decay, memory, spare in self._plan:
            if decay is not None:
                np.multiply(param, decay, out=spare[0])
                spare[0] += grad
                grad = spare[0]
            self._update(param, grad, memory, spare[1:])
        if self.steps % 32 == 0:
            self._forget_the_tiny()

    def state_dict(self) -> dict[str, Any]:
        """Return what it needs to go on another day: "steps", "lr" and "memory".

        "memory" has shape (memories, parameters): one row for each number that is remembered of
        every parameter, the parameters in their order, each in C order; None before the first step.
        """
        memory = None if self._memory is None else self._memory.copy()
        if memory is not None:
            _rearrange(memory, self.model.params, self._orders, {})
        return {"steps": self.steps, "lr": self.lr, "memory": memory}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what ``state_dict`` of another optimizer of this kind returned.

        Raises
        ------
        ValueError
            If the memory is not of this kind of optimizer, or not of such a model.
        """
        memory = state["memory"]
        if memory is not None:
            params = self.model.params
            expected = self.memories, sum(param.size for param in params.values())
            if memory.shape != expected:
                raise ValueError(
                    f"{type(self).__name__} expected a memory of shape {expected} for this model, "
                    f"but got {memory.shape}"
                )
            memory = memory.astype(np.result_type(*params.values()))
        self.steps, self.lr, self._memory = state["steps"], state["lr"], memory
        self._orders, self._arrays = dict.fromkeys(self.model.params, "C"), []

    def _update(self, param: np.ndarray, grad: np.ndarray, memory: Rows, spare: Rows) -> None:
        """Change ``param`` and ``memory`` in place; ``spare`` may be written to freely."""
        raise TypeError(f"{type(self).__name__} must define _update")

    def _first_memory(self) -> float:
        """Return what the first memory starts with."""
        return 0.0

    def _forget_the_tiny(self) -> None:
        """Set memories to zero that have faded to almost nothing, as those of a dead neuron do.

        Below ``finfo.tiny`` a processor computes up to forty times slower, and a velocity that
        is multiplied by 0.9 again and again stays there for ever: it is rounded back up.
        """
        if self._memory is not None and self._memory.size:
            smallest = np.finfo(self._memory.dtype).tiny * 2**20
            self._memory *= np.abs(self._memory) > smallest

    def __getstate__(self) -> dict[str, Any]:
        # The plan consists of views, which a copy would tear from what they show.
        return {**self.__dict__, "_plan": [], "_arrays": []}

    def _make_plan(self) -> None:
        """List the blocks to work through, unless the list at hand still holds."""
        shared = self.model.flat() if isinstance(self.model, Sequential) else None
        if shared is not None:
            arrays = list(shared)
        else:
            arrays = [*self.model.params.values(), *self.model.grads.values()]
        # Same arrays, not equal ones: somebody may have put others in their place.
        same = len(arrays) == len(self._arrays) and all(map(operator.is_, arrays, self._arrays))
        if same and self.weight_decay == self._planned_decay:
            return
        self._arrays, self._planned_decay = arrays, copy.copy(self.weight_decay)
        named = self.model.params
        decays = {name: decay_of(self.weight_decay, name) for name in named}
        if shared is None:
            pieces = [(named[name], self.model.grads[name], decays[name]) for name in named]
        else:
            pieces = _cut_into_blocks(*shared, [(decays[name], named[name].size) for name in named])
        if self._memory is None:
            dtype = np.result_type(*(piece[0] for piece in pieces)) if pieces else float
            size = sum(piece[0].size for piece in pieces)
            self._memory = np.zeros((self.memories, size), dtype)
            self._memory[:1] = self._first_memory()
        orders = {name: memory_order(param) for name, param in named.items()}
        _rearrange(self._memory, named, self._orders, orders)
        self._orders = orders
        largest = max((piece[0].size for piece in pieces), default=0)
        scratch = np.empty((1 + self.spare, largest), self._memory.dtype)
        self._plan, start = [], 0
        for param, grad, decay in pieces:
            stop = start + param.size
            memory = [view_like(row[start:stop], param) for row in self._memory]
            spare = [view_like(row[: param.size], param) for row in scratch]
            self._plan.append((param, grad, decay, memory, spare))
            start = stop


def decay_of(weight_decay: WeightDecay, name: str) -> float | None:
    """Return λ for the parameter of this name ("0.weight"), or None where it is zero."""
    if isinstance(weight_decay, Mapping):
        return weight_decay.get(name.rpartition(".")[2]) or None
    return weight_decay or None


def _rearrange(
    memory: np.ndarray,
    named: Mapping[str, np.ndarray],
    old: Mapping[str, Literal["C", "F"]],
    new: Mapping[str, Literal["C", "F"]],
) -> None:
    """Lay each parameter's part of a memory out anew; where no order is named, it is C order."""
    start = 0
    for name, param in named.items():
        before, after = old.get(name, "C"), new.get(name, "C")
        if before != after:
            for row in memory[:, start : start + param.size]:
                row[:] = row.reshape(param.shape, order=before).ravel(order=after)
        start += param.size


def _cut_into_blocks(
    params: np.ndarray, grads: np.ndarray, decays: list[tuple[float | None, int]]
) -> list[tuple[np.ndarray, np.ndarray, Any]]:
    """Cut two flat vectors into blocks; each knows its decay, one number or one per parameter."""
    values = {decay for decay, _ in decays}
    each: Any = values.pop() if len(values) == 1 else None
    if len(values) > 0:
        each = np.repeat([decay or 0.0 for decay, _ in decays], [size for _, size in decays])
        each = each.astype(params.dtype)
    blocks = []
    for start in range(0, params.size, BLOCK):
        part = slice(start, start + BLOCK)
        decay = each[part] if isinstance(each, np.ndarray) else each
        blocks.append((params[part], grads[part], decay))
    return blocks
