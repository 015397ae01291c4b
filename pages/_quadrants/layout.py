"""How a network's numbers are laid out: which grids stand together, and what they are called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from core.layers import Linear
from core.losses import CrossEntropyLoss
from core.trace import Trace
from pages._quadrants.experiment import ACTIVATION_LAYERS
from ui.grid import Band, side, stack
from ui.i18n import t
from ui.source import lines_with


def bands(trace: Trace, layers: int) -> list[Band]:
    """Lay the grids out: one column of the page's width per layer, a neuron reading downwards."""
    names = {grid.id for grid in trace}

    def there(*wanted: str) -> list[str]:
        return [name for name in wanted if name.removesuffix(".T") in names]

    found = [side(*there("x"), title=t("numbers.band_input"))]
    for k in range(1, layers):
        grids = there(f"w{k}", f"b{k}", f"z{k}", f"a{k}", f"w{k + 1}.T")
        found.append(stack(*grids, title=t("numbers.band_hidden", k=k)))
    last = there(*([f"w{layers}"] if layers == 1 else []), f"b{layers}", f"z{layers}")
    found.append(side(*last, title=t("numbers.band_output")))
    found.append(side(*there("max", "shifted", "exp", "sum", "p"), title=t("numbers.band_softmax")))
    if "t" in names:
        found.append(side(*there("t", "nll", "loss"), title=t("numbers.band_loss")))
        error = there("n", "lambda", f"dz{layers}", f"db{layers}")
        if layers == 1:
            error.append("dw1")
        found.append(side(*error, title=t("numbers.band_error"), direction="backward"))
        for k in range(layers - 1, 0, -1):
            grids = there(f"dw{k + 1}.T", f"da{k}", f"dz{k}", f"db{k}", f"dw{k}")
            title = t("numbers.band_back", k=k)
            found.append(stack(*grids, title=title, direction="backward"))
    return found


def captions(trace: Trace) -> dict[str, tuple[str, str]]:
    """Return each grid's symbol and what it is."""
    found = {}
    for grid in trace:
        kind = grid.id.rstrip("0123456789")
        number = grid.id.removeprefix(kind).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
        symbol = t(f"symbol.{kind}", k=number)
        found[grid.id] = (symbol, t(f"caption.{kind}"))
    return found


def sentences(trace: Trace) -> dict[str, str]:
    """Return what to say under a sum, where the operation's own sentence would be too general."""
    kinds = {grid.id: grid.id.rstrip("0123456789") for grid in trace}
    said = ("z", "dw", "db", "da")
    return {name: t(f"sentence.{kind}") for name, kind in kinds.items() if kind in said}


def code_lines(trace: Trace) -> dict[str, str]:
    """Return, for each grid, the lines of ``core`` that computed it, read from the source."""
    sources: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
        "z": (Linear.forward, ("x @ weight.T", "y +=")),
        "max": (CrossEntropyLoss.forward, ("np.maximum.reduce",)),
        "shifted": (CrossEntropyLoss.forward, ("np.maximum.reduce",)),
        "exp": (CrossEntropyLoss.forward, ("np.exp",)),
        "sum": (CrossEntropyLoss.forward, ("np.add.reduce(e",)),
        "p": (CrossEntropyLoss.forward, ("e /=", "total *=")),
        "nll": (CrossEntropyLoss.forward, ("np.log",)),
        "loss": (CrossEntropyLoss.forward, ("np.log",)),
        "dw": (Linear.backward, ("np.matmul",)),
        "db": (Linear.backward, ("np.add.reduce",)),
        "da": (Linear.backward, ("dy @",)),
    }
    found = {}
    for grid in trace:
        kind = grid.id.rstrip("0123456789")
        if grid.op in ACTIVATION_LAYERS:
            layer = ACTIVATION_LAYERS[grid.op]
            own = vars(layer).get("_function")  # ReLU goes its own way, for speed
            function, marks = (own, ("return",)) if own else (layer.forward, ("np.",))
        elif kind in sources:
            function, marks = sources[kind]
        else:
            continue
        found[grid.id] = lines_with(function, marks)
    return found


def labels(
    trace: Trace, rows: np.ndarray, targets: np.ndarray | None, classes: list[str]
) -> dict[str, list[str]]:
    """Name the rows: points in batches, inputs and classes in weights."""
    points = [
        f"({a:.3g}, {b:.3g})" + ("" if targets is None else f" {classes[targets[i]]}")
        for i, (a, b) in enumerate(rows)
    ]
    last = int(logits(trace)[1:])
    found = {grid.id: points for grid in trace if grid.batch}
    for name in ("w1", "dw1"):
        if name in {grid.id for grid in trace}:
            found[name] = ["x", "y"]
    if last > 1:
        found[f"w{last}"] = found[f"dw{last}"] = classes  # shown turned: a row for each class
    return found


def heads(trace: Trace, classes: list[str]) -> dict[str, list[str]]:
    names = {grid.id for grid in trace}
    last = logits(trace)[1:]
    wanted = (f"z{last}", f"b{last}", f"dz{last}", f"db{last}", "shifted", "exp", "p", "t")
    found = {name: classes for name in wanted if name in names}
    return {**found, "x": ["x", "y"]}


def logits(trace: Trace) -> str:
    """Return the id of the last weighted sums."""
    numbers = [int(grid.id[1:]) for grid in trace if grid.id[0] == "z" and grid.id[1:].isdigit()]
    return f"z{max(numbers)}"
