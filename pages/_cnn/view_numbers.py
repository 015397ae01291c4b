"""Every number of the worked example, forwards and, with a target, backwards."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.losses import CrossEntropyLoss
from core.trace import Trace, format_number
from core.trace_image import trace_image
from pages._cnn.checks import CHECKABLE, check_cell
from pages._cnn.example import Example
from pages._cnn.layout import bands, captions, code_lines, kind_of, sentences
from pages._cnn.session import change, did
from pages._cnn.settings import LESSON, NONE, Settings
from pages._cnn.tables import LARGEST, write_table
from ui.grid import WORD_KEYS, number_grids, payload
from ui.i18n import t, template
from ui.state import bound, say, update
from ui.walk import presenting

CHECK = f"{LESSON}.check"
LEARNED = f"{LESSON}.learned"  # what the last step of learning did to the loss


def show(settings: Settings, example: Example) -> None:
    """Draw the view."""
    classes = len(example.weights)
    target = settings.target - 1 if NONE < settings.target <= classes else None
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom", key="target"):
        _choose_target(settings, classes)
        if target is not None:
            _learning(example, target)
    trace = trace_image(example.model(), example.image[None], target)
    _notices(settings, trace)
    with st.container(key="grids"):
        number_grids(
            payload(
                trace,
                bands(trace),
                words={key: template(f"grid.{key}") for key in WORD_KEYS},
                captions=captions(trace),
                sentences=sentences(trace),
                code=code_lines(trace),
                checkable=[grid.id for grid in trace if kind_of(grid.id) in CHECKABLE],
                check=_fresh_check(trace),
                chosen=_wanted(trace, settings),
                large=presenting(),
            ),
            key=f"{LESSON}.grids",
            on_choose=_remember,
            on_check=lambda cell: check_now(example, target, cell),
        )
    if target is not None:
        _say_ties(trace)


def learn(example: Example, target: int, lr: float) -> tuple[float, float] | None:
    """Take one step of gradient descent with everything that can learn; return the losses.

    If a number would become larger than the page can show, nothing is changed: None.
    """
    model, loss = example.model(), CrossEntropyLoss()
    x, y = example.image[None, None], np.array([target])
    before = loss.forward(model.forward(x), y)
    model.backward(loss.backward(), need_dx=False)
    for name, grad in model.grads.items():
        model.params[name][...] -= lr * grad
    if not all((np.abs(array) <= LARGEST).all() for array in model.params.values()):
        return None
    change(
        kernel=write_table(model.params["0.weight"][0, 0]),
        bias=float(model.params["0.bias"][0]),
        weights=write_table(model.params["4.weight"]),
        biases=write_table(model.params["4.bias"][None]),
    )
    return before, loss.forward(model.forward(x), y)


def _choose_target(settings: Settings, classes: int) -> None:
    names = {NONE: t("cnn.no_target")}
    names |= {n: t("cnn.class", n=n) for n in range(1, classes + 1)}
    if settings.target > classes:
        update(LESSON, target=NONE)
    binding = bound(LESSON, "target")
    st.segmented_control(
        t("cnn.target"),
        list(names),
        format_func=names.get,
        help=t("cnn.target_help"),
        **binding,
    )


def _learning(example: Example, target: int) -> None:
    with st.container(width=150):
        st.number_input(
            t("setting.lr"), 1e-6, 1000.0, None, step=0.05, format="%g", **bound(LESSON, "lr")
        )
    st.button(
        t("cnn.learn"),
        icon=":material/school:",
        key=f"{LESSON}.learn",
        on_click=learn_now,
        args=(example, target),
        help=t("cnn.learn_help"),
    )


def learn_now(example: Example, target: int) -> None:
    """Take one step with the rate that is set, and keep what it did to the loss for the page."""
    lr = st.session_state[f"{LESSON}.settings"].lr
    losses = learn(example, target, lr)
    if losses is None:
        say("error", t("cnn.too_far", lr=f"{lr:g}", most=f"{LARGEST:g}"))
        return
    st.session_state[LEARNED] = losses
    did("learned")


def _notices(settings: Settings, trace: Trace) -> None:
    """Say what the last step of learning did, and where the notes' text slips."""
    learned = st.session_state.pop(LEARNED, None)
    if learned is not None:
        before, after = (format_number(value) for value in learned)
        st.success(t("cnn.learned", before=before, after=after))
    as_in_the_notes = Settings(view=settings.view, target=settings.target)
    same = ("image", "kernel", "bias", "stride", "padding", "pool", "pool_size", "pool_stride")
    if all(getattr(settings, name) == getattr(as_in_the_notes, name) for name in same):
        st.caption(t("cnn.slip"))


def _say_ties(trace: Trace) -> None:
    """Say which windows have two largest numbers: there the loss has a kink."""
    if trace["p1_0"].op != "maximum":
        return
    found = []
    for (r, c), value in np.ndenumerate(trace["p1_0"].values):
        values = [trace.value(cell) for (cell,) in trace.node(f"p1_0.{r}.{c}").terms]
        if values.count(value) > 1:
            found.append(f"({r + 1}, {c + 1})")
    if found:
        st.caption(t("cnn.ties", n=len(found), places=", ".join(found)))


def _wanted(trace: Trace, settings: Settings) -> str | None:
    """Return the number to begin with, if there is one of that name."""
    try:
        return trace.node(settings.cell).id if settings.cell else None
    except KeyError:
        return None


def _remember(cell: str | None) -> None:
    if cell is not None:
        did(f"chose_{kind_of(cell.partition('.')[0])}")
    update(LESSON, cell=cell or "")


def check_now(example: Example, target: int | None, cell: str) -> None:
    """Check a gradient and keep the answer for the page."""
    result = None if target is None else check_cell(example, target, cell)
    if result is None:
        return
    names = ("analytic", "numeric", "h", "loss_plus", "loss_minus", "relative_error")
    answer: dict[str, Any] = {name: float(getattr(result, name)) for name in names}
    st.session_state[CHECK] = {"id": cell, **answer}
    did("checked")


def _fresh_check(trace: Trace) -> dict[str, Any] | None:
    """Return the answer to "check it", unless the network has changed since."""
    check: dict[str, Any] | None = st.session_state.get(CHECK)
    if check is None or check["id"].partition(".")[0] not in trace:
        return None
    now = trace.node(check["id"]).value
    return check if np.isclose(now, check["analytic"], rtol=1e-9, atol=1e-15) else None
