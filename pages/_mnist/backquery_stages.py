"""The way back, station by station: the numbers of each, and how one of them came about."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import streamlit as st

from core.classic_backquery import SHOWN, BackQuery
from pages._mnist.settings import LESSON
from ui.answers import paint
from ui.cells import Cell, number_cells
from ui.described import show_picture
from ui.i18n import t
from ui.ink import show_ink
from ui.walk import presenting

STAGE = f"{LESSON}.backquery.stage"
UNIT = f"{LESSON}.backquery.unit"  # stage -> the number that is looked at
MOST_CELLS = 300  # neurons whose numbers are shown
TERMS = 5  # of a long sum these are written out
LAST = 6
PICTURE = 280  # pixels along a side


class Station(NamedTuple):
    """One station: its numbers, and how to write that one of them came about."""

    symbol: str
    values: np.ndarray
    signed: bool


def show_stages(
    found: BackQuery, target: np.ndarray, w1: np.ndarray, w2: np.ndarray, side: int
) -> None:
    """Draw the chosen station of one digit's way back."""
    stations = stations_of(found, target)
    stage = _choose_stage()
    station = stations[stage]
    st.markdown(t(f"mnist_backquery.about_{stage}"))
    if stage >= LAST - 1:
        picture, words = st.columns([2, 3], gap="large")
        with picture:
            _show_image(station, side, t(f"mnist_backquery.stage_{stage}"))
        with words:
            unit = _choose_pixel(_first(station.values), side)
            _show_formula(stations, stage, unit, w1, w2)
    else:
        unit = _show_numbers(station, stage)
        _show_formula(stations, stage, unit, w1, w2)


def stations_of(found: BackQuery, target: np.ndarray) -> list[Station]:
    """Return all seven stations, from the wish to the picture."""
    return [
        Station("t", target, False),
        Station("z", found.final_inputs, True),
        Station("r", found.hidden_raw, True),
        Station("h", found.hidden_outputs, False),
        Station("y", found.hidden_inputs, True),
        Station("q", found.inputs_raw, True),
        Station("x", found.inputs, False),
    ]


def formula(
    stations: list[Station], stage: int, unit: int, w1: np.ndarray, w2: np.ndarray
) -> list[str]:
    """Write with real numbers how one number of a station came about: pieces that may wrap."""
    value = float(stations[stage].values[unit])
    name = f"{stations[stage].symbol}_{{{unit}}}"
    if stage == 0:
        return [f"${name} = {value:g}$"]
    before = stations[stage - 1]
    if stage in (1, 4):  # the sigmoid undone
        y = float(before.values[unit])
        return [f"${name} = \\ln\\dfrac{{{y:.4g}}}{{1 - {y:.4g}}} = {value:.4g}$"]
    if stage in (2, 5):  # through the transposed weights
        weights = (w2 if stage == 2 else w1)[:, unit]
        return [f"${name} =$", *_sum(before.values, weights), f"$= {value:.4g}$"]
    raw, low, high = float(before.values[unit]), *_ends(before.values)
    start, spread = SHOWN[0], SHOWN[1] - SHOWN[0]
    if low == high:
        return [f"${name} = {value:.4g}$"]
    share = f"\\dfrac{{{raw:.4g} - ({low:.4g})}}{{{high:.4g} - ({low:.4g})}}"
    return [f"${name} = {start} + {spread:.2f} \\cdot {share} = {value:.4g}$"]


def _sum(values: np.ndarray, weights: np.ndarray) -> list[str]:
    """Write a sum of products: all of a short one, the largest terms of a long one."""
    terms = values.astype(float) * weights
    order = np.arange(len(terms))
    if len(terms) > 2 * TERMS:
        order = np.argsort(-np.abs(terms), kind="stable")[:TERMS]
    pieces = []
    for place, k in enumerate(order):
        # In braces a product is one piece, and lines break only between products.
        product = f"{{{_factor(values[k])} \\cdot {_factor(weights[k])}}}"
        pieces.append(f"${'' if place == 0 else '{}+'}{product}$")
    rest = len(terms) - len(order)
    if rest:
        left = float(terms.sum() - terms[order].sum())
        pieces.append(t("mnist_backquery.more_terms", n=rest, sum=f"{left:+.3g}"))
    return pieces


def _factor(value: float) -> str:
    return f"({value:.2f})" if value < 0 else f"{value:.2f}"


def _show_formula(
    stations: list[Station], stage: int, unit: int, w1: np.ndarray, w2: np.ndarray
) -> None:
    st.markdown(t("mnist_backquery.one", unit=unit))
    st.markdown(" ".join(formula(stations, stage, unit, w1, w2)))


def _choose_stage() -> int:
    st.session_state.setdefault(STAGE, 0)
    names = {stage: t(f"mnist_backquery.stage_{stage}") for stage in range(LAST + 1)}
    chosen = st.segmented_control(
        t("mnist_backquery.stage"),
        list(names),
        format_func=names.get,
        key=STAGE,
        persist_state="session",
    )
    stage = 0 if chosen is None else int(chosen)
    with st.container(horizontal=True, gap="small"):
        for move, icon in ((-1, "arrow_back"), (1, "arrow_forward")):
            st.button(
                t("walk.back" if move < 0 else "walk.next"),
                icon=f":material/{icon}:",
                key=f"{STAGE}.{move}",
                disabled=not 0 <= stage + move <= LAST,
                on_click=_go,
                args=(stage + move,),
            )
    return stage


def _show_numbers(station: Station, stage: int) -> int:
    """Draw the numbers of a station; return the place of the one that is chosen."""
    values = station.values[:MOST_CELLS]
    kept = st.session_state.get(UNIT, {}).get(stage, _first(values))
    unit = min(kept, len(values) - 1)
    most = float(np.abs(values).max(initial=0.0)) or 1.0
    number_cells(
        [
            Cell(f"{v:.2f}", float(v) / most, f"{station.symbol}{j} = {v:.4g}", str(j))
            for j, v in enumerate(values)
        ],
        key=f"{LESSON}.backquery.cells.{stage}",
        label=t(f"mnist_backquery.stage_{stage}"),
        scale="diverging" if station.signed else "sequential",
        chosen=unit,
        on_choose=lambda j: _choose_unit(stage, j),
        large=presenting(),
    )
    if len(station.values) > MOST_CELLS:
        n = f"{len(station.values):,}"
        st.caption(t("mnist_backquery.first_of", shown=MOST_CELLS, n=n))
    return unit


def _show_image(station: Station, side: int, words: str) -> None:
    image = station.values.reshape(side, side)
    dark = bool(st.context.theme.type == "dark")
    width = PICTURE // side * side
    if station.signed:
        show_picture(paint(image, dark=dark, size=PICTURE), words, width=width)
    else:
        show_ink(255 * image, words, dark=dark, size=PICTURE, width=width)


def _choose_pixel(first: int, side: int) -> int:
    with st.container(horizontal=True):
        row = _number("row", first // side, side)
        column = _number("column", first % side, side)
    return row * side + column


def _number(name: str, standard: int, side: int) -> int:
    key = f"{LESSON}.backquery.{name}"
    kept = st.session_state.get(key)
    st.session_state[key] = standard if kept is None else min(kept, side - 1)
    words = t(f"mnist_backquery.{name}")
    value = st.number_input(
        words, 0, side - 1, None, step=1, key=key, width=130, persist_state="session"
    )
    return standard if value is None else int(value)


def _choose_unit(stage: int, unit: int) -> None:
    st.session_state[UNIT] = {**st.session_state.get(UNIT, {}), stage: unit}


def _go(stage: int) -> None:
    st.session_state[STAGE] = stage


def _first(values: np.ndarray) -> int:
    """Return the number that is looked at first: the one farthest from nothing."""
    return int(np.abs(values).argmax())


def _ends(values: np.ndarray) -> tuple[float, float]:
    return float(values.min()), float(values.max())
