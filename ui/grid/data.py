"""What the number grids are drawn from: a trace as plain data, testable without Streamlit."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np

from core.trace import OPS, Grid, Trace

#: Grids with more cells show only those that belong to the chosen number.
SPARSE_ABOVE = 900

#: The words that the component needs; those named ``op_...`` are the sentences under a formula.
#: Fields: ``{n}`` in ``more``, ``{shown}`` and ``{total}`` in ``shown``.
WORD_KEYS = (
    *("play", "pause", "back", "step", "speed", "position", "all", "forward", "backward"),
    *("positive", "negative", "chosen", "made_of", "used_by", "closed", "no_number"),
    *("hint", "exact", "more", "fewer", "shown", "code"),
    *("check", "checking", "analytic", "numeric", "difference"),
    *(f"op_{name}" for name in OPS),
)
Direction = Literal["forward", "backward"]


@dataclass(frozen=True)
class Band:
    """Grids that are shown together.

    Attributes
    ----------
    grids : tuple of str
        Grid ids, in order; ``"w2.T"`` shows w2 with rows and columns exchanged.
    stacked : bool
        One above the other, sharing columns and one sideways scroller; otherwise side by side.
    heads : sequence of str or None
        Names of the shared columns; None numbers them.
    title : str
        A line above.
    direction : "forward", "backward" or None
        For the filter; None lets each grid's kind decide.
    """

    grids: tuple[str, ...]
    stacked: bool = True
    heads: Sequence[str] | None = None
    title: str = ""
    direction: Direction | None = None


def stack(
    *grids: str,
    heads: Sequence[str] | None = None,
    title: str = "",
    direction: Direction | None = None,
) -> Band:
    """Lay grids one above the other: column j reads downwards through all of them."""
    return Band(grids, True, heads, title, direction)


def side(*grids: str, title: str = "", direction: Direction | None = None) -> Band:
    """Lay small grids side by side, wrapping where the page is narrow."""
    return Band(grids, False, None, title, direction)


def payload(
    trace: Trace,
    bands: Sequence[Band],
    *,
    words: Mapping[str, str],
    captions: Mapping[str, str | tuple[str, str]] | None = None,
    labels: Mapping[str, Sequence[str]] | None = None,
    heads: Mapping[str, Sequence[str]] | None = None,
    sentences: Mapping[str, str] | None = None,
    code: Mapping[str, str] | None = None,
    chosen: str | None = None,
    checkable: Collection[str] = (),
    check: Mapping[str, Any] | None = None,
    emphasis: int | None = None,
    large: bool = False,
) -> dict[str, Any]:
    """Turn a trace into the plain data that the browser draws.

    Parameters
    ----------
    trace : Trace
        The numbers; grids in no band are used in formulas but not shown.
    bands : sequence of Band
        What is shown where; see ``stack`` and ``side``.
    words : mapping
        All of ``WORD_KEYS``, in the reader's language.
    captions : mapping
        Grid id to its symbol (``"W₁"``), or to symbol and description.
    labels, heads : mapping
        Grid id to the names of its rows and of its columns, as shown (after ``.T``).
    sentences : mapping
        Grid id to a sentence that replaces the operation's own.
    code : mapping
        Grid id to the source that computed it.
    chosen : str, optional
        The cell to begin with.  The reader's later choice stays until this changes.
    checkable : collection of str
        Grid ids whose cells get a "check it" button.
    check : mapping, optional
        The answer to it: id, analytic, numeric, h, loss_plus, loss_minus, relative_error.
    emphasis : int, optional
        The row of the batch at full strength.
    large : bool
        Bigger cells, for a projector.

    Returns
    -------
    dict
        Lists, numbers and strings only: numbers that are none are written as words.

    Raises
    ------
    ValueError
        If words are missing, a stacked band's grids differ in columns, or labels do not fit.
    KeyError
        If a grid or a cell is unknown.
    """
    check_words(words, WORD_KEYS)
    captions, labels, heads = captions or {}, labels or {}, heads or {}
    places = _places(trace)
    drawn = []
    for band in bands:
        shown = [_shown(trace, name, places, band, labels, heads) for name in band.grids]
        _check_columns(band, shown)
        drawn.append(
            {
                "title": band.title,
                "stacked": band.stacked,
                "heads": list(band.heads) if band.heads is not None else None,
                "grids": shown,
            }
        )
    return {
        "kind": "grids",
        "grids": [
            _grid(grid, places, captions, sentences or {}, code or {}, checkable) for grid in trace
        ],
        "bands": drawn,
        "ops": {name: {"template": op.template, "gate": op.gate} for name, op in OPS.items()},
        "words": {key: words[key] for key in WORD_KEYS},
        "chosen": None if chosen is None else trace.node(chosen).id,
        "check": None if check is None else {k: plain(v) for k, v in check.items()},
        "emphasis": emphasis,
        "large": large,
    }


def check_words(words: Mapping[str, str], keys: Sequence[str]) -> None:
    """Raise a ValueError that names the missing words."""
    missing = [key for key in keys if key not in words]
    if missing:
        raise ValueError(f"the number grids need words that are missing: {', '.join(missing)}")


@dataclass(frozen=True)
class _Place:
    """Where a grid stands in the trace: its own number, its first cell's, and its width."""

    index: int
    start: int
    columns: int


def _places(trace: Trace) -> dict[str, _Place]:
    found, start = {}, 0
    for index, grid in enumerate(trace):
        found[grid.id] = _Place(index, start, grid.values.shape[1])
        start += grid.values.size
    return found


def plain(value: Any) -> Any:
    """Return a number that JSON can hold; infinities and NaN as words."""
    if isinstance(value, str) or value is None:
        return value
    number = float(value)
    if math.isfinite(number):
        return int(number) if number == int(number) and abs(number) < 2**53 else number
    return "NaN" if math.isnan(number) else ("Infinity" if number > 0 else "-Infinity")


def _scale(values: np.ndarray) -> float:
    """Return the size that gets full colour: the largest, unless it is an outlier."""
    sizes = np.abs(values[np.isfinite(values)])
    sizes = sizes[sizes > 0]
    if not sizes.size:
        return 1.0
    return float(min(sizes.max(), 3 * np.quantile(sizes, 0.75)))


def _shown(
    trace: Trace,
    name: str,
    places: Mapping[str, _Place],
    band: Band,
    labels: Mapping[str, Sequence[str]],
    heads: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """Describe how one grid is shown: which, which way round, with which names."""
    grid_id, _, turned = name.partition(".")
    if turned not in ("", "T"):
        raise ValueError(f"a band names grids as 'w2' or 'w2.T', got {name!r}")
    grid = trace[grid_id]
    rows, columns = grid.values.shape[:: -1 if turned else 1]
    for names, size, what in ((labels, rows, "rows"), (heads, columns, "columns")):
        if grid_id in names and len(names[grid_id]) != size:
            raise ValueError(f"{name} has {size} {what}, but {len(names[grid_id])} names for them")
    backward = (band.direction or ("backward" if grid.kind == "gradient" else "")) == "backward"
    return {
        "grid": places[grid_id].index,
        "turned": bool(turned),
        "rows": rows,
        "columns": columns,
        "labels": list(labels[grid_id]) if grid_id in labels else None,
        "heads": list(heads[grid_id]) if grid_id in heads else None,
        "direction": "backward" if backward else "forward",
        "sparse": grid.values.size > SPARSE_ABOVE,
    }


def _check_columns(band: Band, shown: Sequence[Mapping[str, Any]]) -> None:
    if not band.stacked:
        return
    widths = {grid["columns"] for grid in shown if not grid["sparse"]}
    if len(widths) > 1:
        raise ValueError(
            f"stacked grids must share their columns, but {', '.join(band.grids)} have "
            f"{sorted(widths)}"
        )
    if band.heads is not None and widths and len(band.heads) not in widths:
        raise ValueError(
            f"the band {', '.join(band.grids)} has {widths.pop()} columns, but "
            f"{len(band.heads)} heads"
        )


def _grid(
    grid: Grid,
    places: Mapping[str, _Place],
    captions: Mapping[str, str | tuple[str, str]],
    sentences: Mapping[str, str],
    code: Mapping[str, str],
    checkable: Collection[str],
) -> dict[str, Any]:
    """Describe one grid: its numbers, and what they are made of."""
    caption = captions.get(grid.id, grid.id)
    symbol, note = (caption, "") if isinstance(caption, str) else caption
    return {
        "id": grid.id,
        "start": places[grid.id].start,
        "rows": grid.values.shape[0],
        "columns": grid.values.shape[1],
        "kind": grid.kind,
        "op": grid.op,
        "batch": grid.batch,
        "symbol": symbol,
        "note": note,
        "sentence": sentences.get(grid.id, ""),
        "code": code.get(grid.id, ""),
        "checkable": grid.id in checkable,
        "scale": _scale(grid.values),
        "values": [plain(value) for value in grid.values.ravel()],
        "terms": _terms(grid, places),
    }


def _terms(grid: Grid, places: Mapping[str, _Place]) -> list[int]:
    """Write all terms as whole numbers.

    For each cell how many terms, for each of these how many factors, then the factors: a cell's
    number is its grid's start + row × columns + column.
    """
    if grid.op == "given":
        return []

    @cache  # the same few cells again and again
    def number(factor: str) -> int:
        name, row, column = factor.split(".")
        place = places[name]
        return place.start + int(row) * place.columns + int(column)

    flat: list[int] = []
    for terms in (terms for row in grid.terms for terms in row):
        flat.append(len(terms))
        for term in terms:
            flat.append(len(term))
            flat.extend(map(number, term))
    return flat
