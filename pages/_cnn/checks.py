"""Gradients of the worked example, checked by really moving the number to both sides."""

from __future__ import annotations

import re

import numpy as np

from core.gradcheck import GradientCheck, check_input, check_parameter
from core.losses import CrossEntropyLoss
from core.sequential import Sequential
from pages._cnn.example import Example

# The number a gradient belongs to: the layers that come after it, by place in the network.
AFTER = {"dx": 0, "dz1": 1, "da1": 2, "dp1": 3, "df": 4}
PARAMETERS = {"dw1": "0.weight", "db1": "0.bias", "dw2": "4.weight", "db2": "4.bias"}
CHECKABLE = (*AFTER, *PARAMETERS)

_CELL = re.compile(r"(d[a-z]+\d?)(?:_\d+)*\.(\d+)\.(\d+)")


def check_cell(example: Example, target: int, cell: str) -> GradientCheck | None:
    """Check one cell of a gradient's grid; None if it is no such cell.

    Parameters
    ----------
    example : Example
    target : int
        The right class, from 0.
    cell : str
        Such as "dw1_0_0.2.1".
    """
    match = _CELL.fullmatch(cell)
    if match is None or match[1] not in CHECKABLE:
        return None
    kind, place = match[1], (int(match[2]), int(match[3]))
    model, y = example.model(), np.array([target])
    x = example.image[None, None]
    if kind in PARAMETERS:
        index = {"dw1": (0, 0, *place), "dw2": place[::-1]}.get(kind, place[1:])
        return check_parameter(model, CrossEntropyLoss(), x, y, PARAMETERS[kind], index)
    start = AFTER[kind]
    for layer in model.layers[:start]:
        x = layer.forward(x)
    index = place if kind == "df" else (0, 0, *place)
    return check_input(Sequential(*model.layers[start:]), CrossEntropyLoss(), x, y, index)
