"""The numbers: every step forwards and backwards for a chosen point, each number with its sum."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.gradcheck import check_parameter
from core.layers import Linear, Sequential
from core.losses import CrossEntropyLoss
from core.trace import Trace
from core.trace_network import trace_network
from pages._quadrants.layout import bands, captions, code_lines, heads, labels, logits, sentences
from pages._quadrants.pictures import network_shown
from pages._quadrants.session import did
from pages._quadrants.settings import LESSON, Settings
from ui.grid import WORD_KEYS, number_grids, payload
from ui.i18n import t, template
from ui.state import redraw, update
from ui.training import Run
from ui.walk import deeds, presenting

WHOLE_BATCH = 6  # up to so many points the real step's whole batch is shown, else one point
FAR = 100.0
PROBE = -1  # stands for the movable test point among the points


def show_numbers(settings: Settings, run: Run, classes: list[str]) -> None:
    """Draw the view."""
    st.markdown(t("numbers.lead"))
    model, snapshot = network_shown(run)
    x, y = run.data
    with st.container(horizontal=True, gap="medium", key="numbers-choice"):
        point = _choose_point(settings, x, y, classes)
        subtract = not st.toggle(
            t("numbers.without_maximum"),
            key=f"{LESSON}.without_maximum",
            help=t("numbers.without_maximum_help"),
            on_change=did,
            args=("switched_maximum",),
        )
    if not subtract:
        _explain_overflow()
    whole = len(x) <= WHOLE_BATCH and point != PROBE
    if point == PROBE:
        rows, targets, emphasis = np.array([[settings.px, settings.py]]), None, 0
    elif whole:
        rows, targets, emphasis = x, y, point
    else:
        rows, targets, emphasis = x[point : point + 1], y[point : point + 1], 0
    decay = {"weight": run.settings.l2}
    trace = trace_network(model, rows, targets, weight_decay=decay, subtract_maximum=subtract)
    if not subtract and not np.isfinite(trace["p"].values).all():
        if "overflow" not in deeds(LESSON):
            did("overflow")
            redraw()  # the walk's card above knows it only then
        st.warning(t("numbers.overflow", largest=f"{np.nanmax(trace[logits(trace)].values):.4g}"))
    what = "numbers.batch" if whole else "numbers.one"
    st.caption(t("numbers.shown", step=f"{snapshot.step:,}") + " " + t(what, n=len(rows)))
    checkable = [grid.id for grid in trace if grid.id.startswith(("dw", "db"))]

    with st.container(key="grids"):
        number_grids(
            payload(
                trace,
                bands(trace, len([layer for layer in model if isinstance(layer, Linear)])),
                words={key: template(f"grid.{key}") for key in WORD_KEYS},
                captions=captions(trace),
                labels=labels(trace, rows, targets, classes),
                heads=heads(trace, classes),
                sentences=sentences(trace),
                code=code_lines(trace),
                checkable=checkable,
                check=_fresh_check(trace),
                chosen=_wanted(trace),
                emphasis=emphasis,
                large=presenting(),
            ),
            key=f"{LESSON}.grids",
            on_choose=_remember_choice,
            on_check=lambda cell: check_gradient(model, rows, targets, run.settings.l2, cell),
        )


def _fresh_check(trace: Trace) -> dict[str, Any] | None:
    """Return the answer to "check it", unless the network has changed since."""
    check = st.session_state.get(f"{LESSON}.check")
    if check is None or check["id"].partition(".")[0] not in {grid.id for grid in trace}:
        return None
    now = trace.node(check["id"]).value
    return check if np.isclose(now, check["analytic"], rtol=1e-9, atol=1e-15) else None


def check_gradient(
    model: Sequential, x: np.ndarray, y: np.ndarray | None, l2: float, cell: str
) -> None:
    """Move the weight behind a gradient's cell to both sides, and keep the answer for the page."""
    if y is None:
        return
    name, index = _parameter_of(model, cell)
    result = check_parameter(
        model, CrossEntropyLoss(), x, y, name, index, weight_decay={"weight": l2}
    )
    names = ("analytic", "numeric", "h", "loss_plus", "loss_minus", "relative_error")
    answer = {name: float(getattr(result, name)) for name in names}
    st.session_state[f"{LESSON}.check"] = {"id": cell, **answer}
    did("checked")


def _choose_point(settings: Settings, x: np.ndarray, y: np.ndarray, classes: list[str]) -> int:
    """Let the learner choose a point; return its row, or PROBE."""
    options = [*range(min(len(x), 60)), PROBE]

    names = {row: f"({x[row, 0]:.3g}, {x[row, 1]:.3g}) {classes[y[row]]}" for row in options[:-1]}
    names[PROBE] = t("numbers.test_point", x=f"{settings.px:g}", y=f"{settings.py:g}")

    key = f"{LESSON}.point"
    if st.session_state.get(key) not in options:
        st.session_state[key] = 0
    chosen: int = st.selectbox(
        t("numbers.point"), options, format_func=names.get, key=key, persist_state="session"
    )
    return chosen


def _explain_overflow() -> None:
    st.info(t("numbers.why_maximum"))
    st.button(t("numbers.far_point", far=f"{FAR:g}"), key=f"{LESSON}.far", on_click=take_far_point)


def take_far_point() -> None:
    """Put the test point so far out that exp overflows, and look at its numbers."""
    update(LESSON, px=FAR, py=FAR, view="numbers")
    st.session_state[f"{LESSON}.point"] = PROBE
    st.session_state[f"{LESSON}.without_maximum"] = True


def _remember_choice(cell: str | None) -> None:
    if cell:
        st.session_state[f"{LESSON}.chosen"] = cell
        did(f"chose_{cell.partition('.')[0].rstrip('0123456789')}")


def _parameter_of(model: Sequential, cell: str) -> tuple[str, tuple[int, ...]]:
    """Return (name, index) of the parameter whose gradient a cell shows."""
    grid, row, column = cell.split(".")
    places = [place for place, layer in enumerate(model) if isinstance(layer, Linear)]
    place = places[int(grid[2:]) - 1]
    if grid.startswith("dw"):
        return f"{place}.weight", (int(column), int(row))
    return f"{place}.bias", (int(column),)


def _wanted(trace: Trace) -> str | None:
    """Return the cell that was chosen last, if it is here."""
    cell = st.session_state.get(f"{LESSON}.chosen")
    return cell if cell and cell.partition(".")[0] in {grid.id for grid in trace} else None
