"""Numbers to choose from: a table or a wall of cells, each with its number and its shade.

A click, a tap or Enter chooses a cell; the arrow keys move from one to the next.  The table is its
own text twin: every cell says in words what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import streamlit as st

from ui.component import component


class Cell(NamedTuple):
    """One number: how it is written, how strongly it is shaded, what a screen reader says."""

    text: str
    shade: float  # −1 to 1; below 0 only on the diverging scale
    says: str
    note: str = ""  # a small line above the number


def number_cells(
    cells: Sequence[Cell],
    *,
    key: str,
    label: str,
    heads: Sequence[str] = (),
    sides: Sequence[str] = (),
    across: str = "",
    down: str = "",
    scale: Literal["diverging", "sequential"] = "sequential",
    diagonal: bool = False,
    chosen: int | None = None,
    on_choose: Callable[[int], None] | None = None,
    large: bool = False,
) -> None:
    """Draw cells to choose from.

    Parameters
    ----------
    cells : sequence of Cell
        Row by row.
    key : str
        The widget's key.
    label : str
        What the whole is, for a screen reader.
    heads, sides : sequence of str
        Names of the columns and of the rows; without heads the cells flow like words.
    across, down : str
        What the columns and the rows are.
    scale : {"diverging", "sequential"}
        Around zero, or from nothing to much.
    diagonal : bool
        Whether the cells with the same row and column stand out: those that are right.
    chosen : int, optional
        The cell that is chosen.
    on_choose : callable, optional
        Called before the rerun with the number of the cell that was chosen.
    large : bool
        Bigger cells, for a projector.

    Raises
    ------
    ValueError
        If heads and sides do not fit the number of cells.
    """
    if heads and len(heads) * len(sides) != len(cells):
        raise ValueError(
            f"number_cells expected {len(sides)} rows of {len(heads)} cells, but got {len(cells)}"
        )

    def changed() -> None:
        answer: Any = st.session_state.get(key)
        got = answer.get("picked") if isinstance(answer, Mapping) else None
        said = getattr(answer, "picked", None) if got is None else got
        number, _, _ = str(said).partition(" ")  # then comes the time
        if number.isdecimal() and on_choose is not None and int(number) < len(cells):
            on_choose(int(number))

    component("glassnet_cells", folder=Path(__file__).parent)(
        key=key,
        data={
            "label": label,
            "heads": list(heads),
            "sides": list(sides),
            "across": across,
            "down": down,
            "diagonal": diagonal,
            "diverging": scale == "diverging",
            "cells": [[cell.text, _shade(cell.shade), cell.says, cell.note] for cell in cells],
            "chosen": -1 if chosen is None else chosen,
            "large": large,
        },
        on_picked_change=changed,
    )


def _shade(value: float) -> float:
    """Return a shade that JSON can hold."""
    return round(float(np.clip(np.nan_to_num(value, nan=0.0), -1.0, 1.0)), 3)
