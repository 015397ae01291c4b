"""What goes wrong in a network, found in its numbers, with a way out."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from core.health import unit_health
from core.layers import Linear, Sequential
from pages._quadrants.settings import Settings
from ui.training import Run

DEAD, SATURATED = 0.2, 0.5  # shares of units from which it is worth a word
PATIENCE = 500  # steps after which a loss should have moved


class Finding(NamedTuple):
    """One thing that is wrong: its id, the numbers that show it, the settings that mend it."""

    id: str
    values: dict[str, Any]
    fix: dict[str, Any]


def diagnose(settings: Settings, run: Run) -> list[Finding]:
    """Return what is wrong with a run, the most telling first."""
    found = []
    if run.diverged is not None:
        lr = run.optimizer.lr
        values = {"step": f"{run.diverged.step:,}", "lr": f"{lr:g}"}
        found.append(Finding("diverged", values, {"lr": max(1e-6, min(lr / 10, 1.0))}))
        return found
    hidden = run.settings.hidden
    if hidden and run.settings.activation == "none":
        found.append(Finding("collapsed", {"layers": len(hidden) + 1}, {"activation": "relu"}))
    if hidden and run.settings.init == "zeros":
        found.append(Finding("twins", {}, {"init": "fan_in_uniform"}))
    elif hidden and run.settings.activation == "step":
        found.append(Finding("step", {}, {"activation": "relu"}))
    dead, saturated, units = count_units(run.model, run.data[0])
    if units and dead / units >= DEAD and run.settings.init != "zeros":
        gentler = {"init": "kaiming_normal", "lr": min(run.optimizer.lr, 0.01)}
        found.append(Finding("dead", {"dead": dead, "units": units}, gentler))
    if units and saturated / units >= SATURATED:
        values = {"saturated": saturated, "units": units}
        found.append(Finding("saturated", values, {"init": "xavier_uniform"}))
    if not found and len(run.losses) >= PATIENCE and run.losses[-1] > 0.9 * run.losses[0]:
        values = {"first": f"{run.losses[0]:.3f}", "last": f"{run.losses[-1]:.3f}"}
        found.append(Finding("slow", values, {"lr": min(10.0, run.optimizer.lr * 10)}))
    return found


def count_units(model: Sequential, x: np.ndarray) -> tuple[int, int, int]:
    """Count the hidden units that are dead, that are saturated, and all of them."""
    layers = unit_health(model, x)
    dead, saturated = sum(layer.dead for layer in layers), sum(layer.saturated for layer in layers)
    return dead, saturated, sum(layer.units for layer in layers)


def collapsed(model: Sequential) -> tuple[np.ndarray, np.ndarray]:
    """Multiply a network without activations into the one layer that it is.

    Returns
    -------
    W : ndarray, shape (2, C)
        The product W₁·W₂·…, as in Y = X·W + b.
    b : ndarray, shape (C,)
        Its bias.
    """
    w, b = np.eye(2), np.zeros(2)
    for layer in model:
        if isinstance(layer, Linear):
            w = w @ layer.params["weight"].T
            b = b @ layer.params["weight"].T + layer.params["bias"]
    return w, b
