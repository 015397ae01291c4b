"""The numbers: every step forwards and backwards for a chosen point, each number with its sum."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from core.activations import ReLU
from core.gradcheck import check_parameter
from core.layers import Linear, Sequential
from core.losses import CrossEntropyLoss
from core.trace import Trace
from core.trace_network import trace_network
from pages._quadrants.pictures import network_at
from pages._quadrants.session import did
from pages._quadrants.settings import LESSON, Settings
from ui.grid import WORD_KEYS, Band, number_grids, payload, side, stack
from ui.i18n import t, template
from ui.state import update
from ui.training import Run
from ui.walk import presenting

WHOLE_BATCH = 6  # up to so many points the real step's whole batch is shown, else one point
FAR = 100.0
PROBE = -1  # stands for the movable test point among the points


def show_numbers(settings: Settings, run: Run, classes: list[str]) -> None:
    """Draw the view."""
    st.markdown(t("numbers.lead"))
    model, snapshot = network_at(run, st.session_state.get(f"{LESSON}.cursor"))
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
    decay = {"weight": settings.l2}
    trace = trace_network(
        model, rows, targets, weight_decay=decay, subtract_maximum=subtract
    )
    if not np.isfinite(trace["p"].values).all():
        did("overflow")
        st.warning(t("numbers.overflow", largest=f"{np.nanmax(trace[_logits(trace)].values):.4g}"))
    what = "numbers.batch" if whole else "numbers.one"
    st.caption(t("numbers.shown", step=f"{snapshot.step:,}") + " " + t(what, n=len(rows)))
    checkable = [grid.id for grid in trace if grid.id.startswith(("dw", "db"))]

    number_grids(
        payload(
            trace,
            bands(trace, len([layer for layer in model if isinstance(layer, Linear)])),
            words={key: template(f"grid.{key}") for key in WORD_KEYS},
            captions=captions(trace),
            labels=_labels(trace, rows, targets, classes),
            heads=_heads(trace, classes),
            code=code_lines(trace),
            checkable=checkable,
            check=st.session_state.get(f"{LESSON}.check"),
            chosen=_wanted(trace),
            emphasis=emphasis,
            large=presenting(),
        ),
        key=f"{LESSON}.grids",
        on_choose=_remember_choice,
        on_check=lambda cell: check_gradient(model, rows, targets, settings.l2, cell),
    )


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


def code_lines(trace: Trace) -> dict[str, str]:
    """Return, for each grid, the lines of ``core`` that computed it, read from the source."""
    sources: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
        "z": (Linear.forward, ("x @ weight.T", "y +=")),
        "a": (ReLU._function, ("return",)),
        "max": (CrossEntropyLoss.forward, (".max(",)),
        "shifted": (CrossEntropyLoss.forward, (".max(",)),
        "exp": (CrossEntropyLoss.forward, ("np.exp",)),
        "sum": (CrossEntropyLoss.forward, (".sum(axis",)),
        "p": (CrossEntropyLoss.forward, ("p /=",)),
        "nll": (CrossEntropyLoss.forward, ("np.log",)),
        "loss": (CrossEntropyLoss.forward, ("np.log",)),
        "dw": (Linear.backward, ("np.matmul",)),
        "db": (Linear.backward, ("np.sum",)),
        "da": (Linear.backward, ("dy @",)),
    }
    found = {}
    for grid in trace:
        kind = grid.id.rstrip("0123456789")
        if kind in sources:
            function, marks = sources[kind]
            lines = inspect.getsource(function).splitlines()
            found[grid.id] = "\n".join(
                line.strip() for line in lines if any(mark in line for mark in marks)
            )
    return found


def _choose_point(
    settings: Settings, x: np.ndarray, y: np.ndarray, classes: list[str]
) -> int:
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
    st.button(
        t("numbers.far_point", far=f"{FAR:g}"), key=f"{LESSON}.far", on_click=take_far_point
    )


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


def _labels(
    trace: Trace, rows: np.ndarray, targets: np.ndarray | None, classes: list[str]
) -> dict[str, list[str]]:
    """Name the rows: points in batches, inputs and classes in weights."""
    points = [
        f"({a:.3g}, {b:.3g})" + ("" if targets is None else f" {classes[targets[i]]}")
        for i, (a, b) in enumerate(rows)
    ]
    last = int(_logits(trace)[1:])
    found = {grid.id: points for grid in trace if grid.batch}
    for name in ("w1", "dw1"):
        if name in {grid.id for grid in trace}:
            found[name] = ["x", "y"]
    if last > 1:
        found[f"w{last}.T"] = found[f"dw{last}.T"] = classes
    return found


def _heads(trace: Trace, classes: list[str]) -> dict[str, list[str]]:
    names = {grid.id for grid in trace}
    last = _logits(trace)[1:]
    wanted = (f"z{last}", f"b{last}", f"dz{last}", f"db{last}", "shifted", "exp", "p", "t")
    found = {name: classes for name in wanted if name in names}
    return {**found, "x": ["x", "y"]}


def _logits(trace: Trace) -> str:
    """Return the id of the last weighted sums."""
    numbers = [int(grid.id[1:]) for grid in trace if grid.id[0] == "z" and grid.id[1:].isdigit()]
    return f"z{max(numbers)}"
