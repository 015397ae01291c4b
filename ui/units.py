"""One number of a network with what it is made of, and softmax, term by term: both linked.

The numbers are core's, from ``trace_unit`` and ``trace_softmax``; the words are in units.toml.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from core.trace import Trace, format_number
from core.trace_unit import UnitTrace, trace_softmax
from ui.grid import WORD_KEYS, Band, number_grids, payload, side, stack
from ui.i18n import t, template
from ui.walk import presenting


def show_unit(traced: UnitTrace, names: Sequence[str], *, key: str) -> None:
    """Write a sum out, linked: choose a number and see what it is made of.

    Parameters
    ----------
    traced : UnitTrace
    names : sequence of str
        What the inputs at ``traced.places`` are called, as by ``place_name``.  They stand above
        the products of a long sum; a short one lies as the kernel or the window does.
    key : str
        The widget's key.
    """
    trace = traced.trace
    is_long = "p" in trace
    if is_long:
        others = trace["x_rest"].values.size
        st.markdown(t("units.long_sum", n=len(names), others=f"{others:,}"))
    notes = {} if "w" in trace else {"z": "z_pool"}
    show_sum(
        trace,
        _bands(trace, names if is_long else None),
        key=key,
        chosen="z.0.0",
        notes=notes,
        sentences=_sentences(trace),
    )


def show_sum(
    trace: Trace,
    bands: Sequence[Band],
    *,
    key: str,
    chosen: str,
    notes: Mapping[str, str] | None = None,
    sentences: Mapping[str, str] | None = None,
) -> None:
    """Draw a trace of one number; the words are those of the grids' kinds: "x" for ``x_17``.

    Parameters
    ----------
    trace : Trace
    bands : sequence of Band
        As ``ui.grid.payload`` takes them; the names of their columns too.
    key : str
        The widget's key.
    chosen : str
        The cell to begin with.
    notes : mapping, optional
        Grid id to the kind whose words it has, where that is not its own.
    sentences : mapping, optional
        As ``ui.grid.payload`` takes them.
    """
    own = notes or {}
    words = {grid.id: own.get(grid.id, re.sub(r"_\d+$", "", grid.id)) for grid in trace}
    number_grids(
        payload(
            trace,
            bands,
            words={key: template(f"grid.{key}") for key in WORD_KEYS},
            captions={
                name: (t(f"units.sym_{word}"), t(f"units.note_{word}"))
                for name, word in words.items()
            },
            sentences=sentences,
            chosen=chosen,
            large=presenting(),
        ),
        key=key,
    )


def show_softmax(outputs: np.ndarray, *, key: str, chosen: int | None = None) -> None:
    """Draw softmax, every term of it.

    Parameters
    ----------
    outputs : ndarray, (classes,)
        What the network's last layer answers to one image.
    key : str
        The widget's key.
    chosen : int, optional
        The class whose share is chosen to begin with; by default that of the largest output.
    """
    trace = trace_softmax(outputs)
    largest = int(np.nan_to_num(outputs).argmax())
    st.markdown(t("units.softmax", n=outputs.size))
    heads = [str(k) for k in range(outputs.size)]
    show_sum(
        trace,
        [stack("z", "shifted", "exp", "p", heads=heads), side("max", "sum")],
        key=key,
        chosen=f"p.0.{largest if chosen is None else chosen}",
        notes={"p": "p_share", "z": "z_out"},
    )
    parts = " + ".join(format_number(value) for value in trace["exp"].values[0])
    st.caption(t("units.softmax_sum", parts=parts, total=format_number(trace.value("sum.0.0"))))


def place_name(place: np.ndarray, shape: tuple[int, ...]) -> str:
    """Name an input: "17", or "row, column", or "map: row, column".

    Neurons and maps are counted from 1, rows and columns of pixels from 0.
    ``place`` is its place in what the layer takes, ``shape`` what that was before it was flattened.
    """
    numbers = place if len(place) == 3 else np.unravel_index(int(place[0]), shape)
    if len(numbers) == 1:
        return str(int(numbers[0]) + 1)
    channel, row, column = (int(i) for i in numbers)
    return f"{row}, {column}" if shape[0] == 1 else f"{channel + 1}: {row}, {column}"


def _bands(trace: Trace, heads: Sequence[str] | None) -> list[Band]:
    end = [name for name in ("rest", "b", "z", "a") if name in trace]
    if heads is not None:
        return [stack("x", "w", "p", heads=heads), side(*end)]
    begin = [name for name in ("x", "w") if name in trace]
    return [side(*begin), side(*end)]


def _sentences(trace: Trace) -> dict[str, str]:
    names = ("x", "w", "b", "p", "rest")
    found = {name: t(f"units.says_{name}") for name in names if name in trace}
    if "w" in trace:
        found["z"] = t("units.says_z" if "b" in trace else "units.says_z_bare")
    else:
        found["z"] = t(f"units.says_{trace['z'].op}")
    return found
