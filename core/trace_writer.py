"""Writes a trace down, grid by grid, while a computation runs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.trace import Grid, Terms, Trace

Rule = Callable[[int, int], Terms]  # row and column of a cell -> what it is made of


class TraceWriter:
    """The grids so far, and their numbers in the precision they were computed in.

    Attributes
    ----------
    grids : list of Grid
        What was written down, in order.
    arrays : dict of str to ndarray
        The same numbers by name, to go on computing with.
    """

    def __init__(self) -> None:
        self.grids: list[Grid] = []
        self.arrays: dict[str, np.ndarray] = {}

    def put(
        self,
        name: str,
        kind: str,
        values: np.ndarray,
        op: str = "given",
        rule: Rule | None = None,
        *,
        batch: bool = False,
    ) -> str:
        """Write one grid down and return its name.

        ``rule(row, column)`` says what a cell is made of; ``batch`` that the rows are examples.
        """
        rows, cols = values.shape
        table = tuple(tuple(rule(r, c) for c in range(cols)) for r in range(rows)) if rule else ()
        self.grids.append(Grid(name, kind, values, op, table, batch))
        self.arrays[name] = values.copy()
        return name

    def each(
        self,
        name: str,
        values: np.ndarray,
        op: str,
        *sources: str,
        kind: str,
        batch: bool = True,
    ) -> str:
        """Write down a grid whose cells come from the same place in other grids.

        A source with one column or one row lends it to all.
        """
        shapes = [self.arrays[source].shape for source in sources]

        def rule(r: int, c: int) -> Terms:
            return tuple(
                (f"{source}.{min(r, shape[0] - 1)}.{min(c, shape[1] - 1)}",)
                for source, shape in zip(sources, shapes, strict=True)
            )

        return self.put(name, kind, values, op, rule, batch=batch)

    def trace(self) -> Trace:
        """Return all that was written down."""
        return Trace(self.grids)
