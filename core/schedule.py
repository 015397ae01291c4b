"""How the learning rate changes along the way: long strides first, small ones at the end.

Each function returns a schedule: a function from the step (1, 2, ...) to the share of the full
learning rate that this step takes, from 0 to 1.  ``core.training.fit`` multiplies.
"""

from __future__ import annotations

import math
from collections.abc import Callable

Schedule = Callable[[int], float]


def constant(total_steps: int) -> Schedule:
    """Return a schedule that takes the full rate at every step."""
    _check_steps(total_steps)
    return lambda step: 1.0


def cosine(total_steps: int) -> Schedule:
    """Return a schedule that falls from 1 to 0 along half a wave: (1 + cos(π·s))/2.

    s is the share of the way that lies behind, (step − 1)/total_steps.  Loshchilov and Hutter,
    "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017, equation 5; in PyTorch,
    ``CosineAnnealingLR`` with ``T_max=total_steps``.  After ``total_steps`` it stays at 0.
    """
    _check_steps(total_steps)
    return lambda step: _between(1.0, 0.0, (step - 1) / total_steps)


def one_cycle(
    total_steps: int,
    pct_start: float = 0.3,
    div_factor: float = 25.0,
    final_div_factor: float = 1e4,
) -> Schedule:
    """Return a schedule that rises to 1 for a while and then falls to almost nothing.

    It begins at 1/div_factor, is 1 after the share ``pct_start`` of the steps, and ends at
    1/(div_factor·final_div_factor); both ways are half waves of a cosine.  Smith and Topin,
    "Super-Convergence", 2018; in PyTorch, ``OneCycleLR`` (but for the momentum, which stays).
    """
    _check_steps(total_steps)
    if not 0.0 < pct_start < 1.0:
        raise ValueError(f"one_cycle expected pct_start between 0 and 1, but got {pct_start}")
    first, last = 1.0 / div_factor, 1.0 / (div_factor * final_div_factor)
    top = pct_start * total_steps - 1.0  # counted from 0, as the steps below

    def share(step: int) -> float:
        place = min(step, total_steps) - 1.0
        if place <= top:
            return _between(first, 1.0, place / top)
        return _between(1.0, last, (place - top) / (total_steps - 1.0 - top))

    return share


SCHEDULES: dict[str, Callable[[int], Schedule]] = {
    "constant": constant,
    "cosine": cosine,
    "one_cycle": one_cycle,
}


def _between(start: float, end: float, way: float) -> float:
    """Go from start to end along half a wave; ``way`` is the share behind, at most 1 counts."""
    return end + (start - end) * (1.0 + math.cos(math.pi * min(way, 1.0))) / 2.0


def _check_steps(total_steps: int) -> None:
    if total_steps < 1:
        raise ValueError(f"a schedule needs at least one step, but got {total_steps}")
