"""Every number of a computation as a small sum of other numbers.

A trace is a row of grids: tables of numbers in the order in which they were computed.  Every cell
knows the cells it was made of, so "where does this 3 come from?" has an answer: the formula with
the numbers in it.  ``core.trace_network`` writes one down for a network and its way back,
``core.trace_image`` for a network that looks at images.

Names
-----
A cell is called ``"grid.row.column"``.  A *term* is a tuple of cells that belong together (the
factors of one product); a cell has a tuple of terms and its grid one operation for all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

import numpy as np

Term = tuple[str, ...]
Terms = tuple[Term, ...]

KINDS = ("given", "weight", "bias", "activation", "loss", "gradient")


@dataclass(frozen=True)
class Op:
    """An operation: how it is written, and how it is computed.

    Attributes
    ----------
    template : str
        The formula.  ``{0}``, ``{1}`` stand for the terms one by one, ``{(0)}`` for one that is
        put in brackets when negative, ``{+}`` and ``{,}`` for all terms with a plus or a comma
        between them, ``{n}`` for how many there are.
    compute : callable
        From the terms' values (each a tuple of its factors) to the result.
    gate : int or None
        The term that opens the gate while it is above 0; −1 for a gate that never opens.
    """

    template: str
    compute: Callable[..., float]
    gate: int | None = None


def _divide(a: float, b: float) -> float:
    return float(np.float64(a) / np.float64(b))


def _sum(values: Iterable[float]) -> float:
    numbers = list(values)
    try:
        return math.fsum(numbers)
    except (OverflowError, ValueError):  # infinities of both signs: the plain sum says "no number"
        return float(np.sum(numbers))


def _sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


def _neg_log(p: float) -> float:
    return -float(np.log(np.float64(p)))


# How every operation is written and computed: a new one is one more line.  The formulas in text
# and the formulas in the pictures are both made from these templates.
OPS: dict[str, Op] = {
    "given": Op("", lambda: math.nan),
    "same": Op("{0}", lambda x: float(x[0])),
    "sum_of_products": Op("{+}", lambda *terms: _sum(math.prod(term) for term in terms)),
    "relu": Op("max(0, {0})", lambda z: float(np.maximum(0.0, z[0])), gate=0),
    "step": Op("[{0} > 0]", lambda z: float(z[0] > 0)),
    "sigmoid": Op("1 / (1 + exp(−{(0)}))", lambda z: _sigmoid(z[0])),
    "tanh": Op("tanh({0})", lambda z: float(np.tanh(z[0]))),
    "maximum": Op("max({,})", lambda *terms: float(np.max(terms))),
    "minus": Op("{0} − {(1)}", lambda a, b: a[0] - b[0]),
    "exp": Op("exp({0})", lambda z: float(np.exp(np.float64(z[0])))),
    "divide": Op("{0} / {(1)}", lambda a, b: _divide(a[0], b[0])),
    "neg_log": Op("−ln({0})", lambda p: _neg_log(p[0])),
    "log_minus": Op("ln({0}) − {(1)}", lambda s, z: -_neg_log(s[0]) - z[0]),
    "mean": Op("({+}) / {n}", lambda *terms: _divide(_sum(t[0] for t in terms), len(terms))),
    "softmax_error": Op("({0} − {1}) / {2}", lambda p, t, n: _divide(p[0] - t[0], n[0])),
    "relu_gate": Op("{0}×[{1} > 0]", lambda d, z: d[0] * float(z[0] > 0), gate=1),
    "step_gate": Op("{0}×0", lambda d: d[0] * 0.0, gate=-1),
    "sigmoid_gate": Op("{0}×{1}×(1 − {1})", lambda d, a: d[0] * (a[0] * (1 - a[0]))),
    "tanh_gate": Op("{0}×(1 − {(1)}²)", lambda d, a: d[0] * (1 - a[0] * a[0])),
}


@dataclass(frozen=True, eq=False)
class Grid:
    """A table of numbers that were computed in the same way.

    Attributes
    ----------
    id : str
        Its short name, without a dot.
    kind : str
        One of ``KINDS``: what the numbers are.
    values : ndarray, (rows, columns)
        The numbers, float64.
    op : str
        A name in ``OPS``.
    terms : tuple
        ``terms[row][column]`` are the terms of one cell.
    batch : bool
        Whether the rows are the examples of a batch.
    """

    id: str
    kind: str
    values: np.ndarray
    op: str = "given"
    terms: tuple[tuple[Terms, ...], ...] = ()
    batch: bool = False

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.float64)
        if values.ndim != 2 or values.size == 0:
            raise ValueError(
                f"grid {self.id!r} needs a table with rows and columns, but got values of shape "
                f"{values.shape}"
            )
        if not self.id or "." in self.id:
            raise ValueError(f"a grid's id must be a word without a dot, got {self.id!r}")
        if self.kind not in KINDS or self.op not in OPS:
            raise ValueError(
                f"grid {self.id!r} has kind {self.kind!r} and operation {self.op!r}; expected a "
                f"kind of {', '.join(KINDS)} and an operation of {', '.join(OPS)}"
            )
        values.flags.writeable = False
        object.__setattr__(self, "values", values)
        terms = self.terms or ((((),) * values.shape[1]),) * values.shape[0]
        object.__setattr__(self, "terms", terms)
        if (len(terms), *{len(row) for row in terms}) != values.shape:
            raise ValueError(f"grid {self.id!r} needs terms for all its {values.shape} cells")

    def cell(self, row: int, column: int) -> str:
        """Return the id of one cell."""
        return f"{self.id}.{row}.{column}"


@dataclass(frozen=True)
class Node:
    """One number: its id, the operation it came from, its value and its terms."""

    id: str
    op: str
    value: float
    terms: Terms


class Trace:
    """A computation: its grids in order, and every cell's story.

    Examples
    --------
    >>> x = Grid("x", "given", [[2.0, 1.0]])
    >>> w = Grid("w", "weight", [[0.5], [-0.3]])
    >>> y = Grid("y", "activation", [[0.7]], "sum_of_products",
    ...          (((("x.0.0", "w.0.0"), ("x.0.1", "w.1.0")),),))
    >>> Trace([x, w, y]).formula("y.0.0")
    '2×0.5 + 1×−0.3 = 0.7'
    """

    def __init__(self, grids: Iterable[Grid]) -> None:
        self.grids = tuple(grids)
        self._by_id = {grid.id: grid for grid in self.grids}
        if len(self._by_id) < len(self.grids):
            raise ValueError("a trace needs different ids for its grids: one occurs twice")

    def __iter__(self) -> Iterator[Grid]:
        return iter(self.grids)

    def __contains__(self, grid_id: object) -> bool:
        return grid_id in self._by_id

    def __getitem__(self, grid_id: str) -> Grid:
        try:
            return self._by_id[grid_id]
        except KeyError:
            raise KeyError(
                f"no grid {grid_id!r} in this trace; it has {', '.join(self._by_id)}"
            ) from None

    def node(self, cell: str) -> Node:
        """Return one number with all that is known about it."""
        grid, row, column = self._find(cell)
        return Node(cell, grid.op, float(grid.values[row, column]), grid.terms[row][column])

    def value(self, cell: str) -> float:
        """Return one number."""
        grid, row, column = self._find(cell)
        return float(grid.values[row, column])

    def formula(self, cell: str) -> str:
        """Write one number out with the numbers it is made of: ``"2×0.5 + 0.1 = 1.1"``."""
        node = self.node(cell)
        result = format_number(node.value)
        if not node.terms:
            return result
        values = [[self.value(factor) for factor in term] for term in node.terms]
        written = ["×".join(map(format_number, factors)) for factors in values]
        out = OPS[node.op].template
        out = out.replace("{+}", " + ".join(written)).replace("{,}", ", ".join(written))
        out = out.replace("{n}", str(len(written)))
        for place, (text, factors) in enumerate(zip(written, values, strict=True)):
            bracketed = f"({text})" if len(factors) == 1 and factors[0] < 0 else text
            out = out.replace(f"{{{place}}}", text).replace(f"{{({place})}}", bracketed)
        return f"{out} = {result}"

    def recompute(self, cell: str) -> float:
        """Compute one number again from the numbers it is made of; a given one stays itself."""
        node = self.node(cell)
        if not node.terms:
            return node.value
        with np.errstate(all="ignore"):
            return OPS[node.op].compute(
                *(tuple(self.value(factor) for factor in term) for term in node.terms)
            )

    def _find(self, cell: str) -> tuple[Grid, int, int]:
        name, _, place = cell.partition(".")
        row, _, column = place.partition(".")
        grid = self[name]
        rows, columns = grid.values.shape
        if not (row.isdecimal() and column.isdecimal()):
            raise KeyError(f"a cell is called 'grid.row.column', got {cell!r}")
        if int(row) >= rows or int(column) >= columns:
            raise KeyError(f"no cell {cell!r}: grid {name!r} has {rows} rows, {columns} columns")
        return grid, int(row), int(column)


_FOUR_DIGITS = Context(prec=4, rounding=ROUND_HALF_UP)
_TWO_DIGITS = Context(prec=2, rounding=ROUND_HALF_UP)


def format_number(value: float) -> str:
    """Write a number with at most four significant digits, so that it fits a small cell.

    Whole numbers stay whole, zeros at the end are left out where they say nothing (0.5, not
    0.5000) and kept where they say "rounded" (0.0040 for 0.00401); the minus is a real one.
    """
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    sign, size = ("−" if value < 0 else ""), abs(value)
    if size == int(size) and size < 100_000:
        return f"{sign}{int(size)}"
    exact = Decimal(size)
    if not 0.001 <= size < 10_000:
        text = f"{_TWO_DIGITS.create_decimal(exact):.1e}"
        digits, _, exponent = text.partition("e")
        if _says(text, size):
            digits = digits.removesuffix(".0")
        return f"{sign}{digits}e{'−' if size < 1 else ''}{abs(int(exponent))}"
    places = min(4, max(0, 3 - _FOUR_DIGITS.create_decimal(exact).adjusted()))
    text = f"{exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)}"
    if places and _says(text, size):
        text = text.rstrip("0").rstrip(".")
    return sign + text


def _says(text: str, size: float) -> bool:
    """Tell whether a text holds the whole number: then zeros at its end say nothing."""
    return abs(float(text) - size) <= 1e-9 * size
