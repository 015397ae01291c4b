"""Every neuron: what each sees of the plane, its weights, and what happens if one is changed."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.layers import Linear, Sequential
from core.training import evaluate, predict
from pages._quadrants.pictures import network_shown
from pages._quadrants.session import did
from pages._quadrants.settings import LESSON, Settings
from ui.charts import field
from ui.grid import TILE_WORD_KEYS, number_grids, tiles_payload
from ui.i18n import t, template
from ui.plane import plane_grid
from ui.training import Run
from ui.walk import presenting

TILE, LARGE = 28, 80  # pixels along a side of a small and of the large picture
DIRECT = 9  # up to so many weights are edited side by side, more are chosen from a list

Handle = tuple[str, str, tuple[int, ...]]  # what it is called, its parameter, its place there


def show_neurons(settings: Settings, run: Run, extent: float, classes: list[str]) -> None:
    """Draw the view."""
    linear = [place for place, layer in enumerate(run.model) if isinstance(layer, Linear)]
    if len(linear) < 2:
        st.info(t("neurons.none"))
        return
    st.markdown(t("neurons.lead"))
    model, _ = network_shown(run)
    layer = 0
    if len(linear) > 2:
        names = {place: t("neurons.layer", k=place + 1) for place in range(len(linear) - 1)}
        key = f"{LESSON}.layer"
        if st.session_state.get(key) not in names:
            st.session_state[key] = 0
        layer = (
            st.segmented_control(
                t("neurons.which_layer"), list(names), format_func=names.get, key=key
            )
            or 0
        )
    fields = activations(model, linear[layer], extent, TILE)
    neuron = min(st.session_state.get(f"{LESSON}.neuron", 0), len(fields) - 1)
    with st.container(key="tiles"):
        number_grids(
            tiles_payload(
                fields,
                [str(j + 1) for j in range(len(fields))],
                words={key: template(f"grid.{key}") for key in TILE_WORD_KEYS},
                chosen=neuron,
                smooth=True,
                large=presenting(),
            ),
            key=f"{LESSON}.tiles",
            on_choose=_choose,
        )
    picture, weights = st.columns([3, 2], gap="large")
    with picture:
        st.markdown(f"**{t('neurons.one', j=neuron + 1, k=layer + 1)}**")
        large = activations(model, linear[layer], extent, LARGE, neuron)[0]
        dark = st.context.theme.type == "dark"
        st.plotly_chart(
            field(large, extent, dark=dark, name=t("neurons.activation")),
            key=f"{LESSON}.field",
            config={"displayModeBar": False},
        )
        st.caption(t("neurons.notice"))
    with weights:
        _edit(run, handles(run.model, linear, layer, neuron, classes))


def activations(
    model: Sequential, place: int, extent: float, size: int, neuron: int | None = None
) -> np.ndarray:
    """Return what the neurons of a layer answer over the plane: shape (neurons, size, size).

    ``place`` is the Linear layer's; the activation behind it, if there is one, is included.
    ``neuron`` picks one.
    """
    after = place + 1
    upto = place + (1 if isinstance(model[after], Linear) else 2)
    grid = plane_grid(size, extent).astype(np.float64)
    with np.errstate(all="ignore"):
        values = predict(Sequential(*model.layers[:upto]), grid, 4096)
    if neuron is not None:
        values = values[:, neuron : neuron + 1]
    return np.moveaxis(values.reshape(size, size, -1), -1, 0)


def handles(
    model: Sequential, linear: list[int], layer: int, neuron: int, classes: list[str]
) -> list[Handle]:
    """Return all parameters that touch a neuron: those coming in, its bias, those going out."""
    here, there = linear[layer], linear[layer + 1]
    inputs = model.params[f"{here}.weight"].shape[1]
    outputs = model.params[f"{there}.weight"].shape[0]
    sources = ["x", "y"] if layer == 0 else [str(i + 1) for i in range(inputs)]
    last = layer + 2 == len(linear)
    targets = classes if last else [str(i + 1) for i in range(outputs)]
    return [
        *((f"{sources[i]} →", f"{here}.weight", (neuron, i)) for i in range(inputs)),
        (t("neurons.bias"), f"{here}.bias", (neuron,)),
        *((f"→ {targets[i]}", f"{there}.weight", (i, neuron)) for i in range(outputs)),
    ]


def _edit(run: Run, found: list[Handle]) -> None:
    """Let the learner set the weights, and show what that did to the loss."""
    st.markdown(f"**{t('neurons.weights')}**")
    if run.playing or st.session_state.get(f"{LESSON}.cursor") is not None:
        st.info(t("neurons.wait"))
        return
    if len(found) > DIRECT:
        names = [name for name, _, _ in found]
        which = st.selectbox(t("neurons.which"), names, key=f"{LESSON}.which")
        found = [found[names.index(which)]]
    columns = st.columns(2)
    for place, (name, param, index) in enumerate(found):
        key = f"{LESSON}.weight.{place}"
        st.session_state[key] = float(run.model.params[param][index])
        columns[place % 2].number_input(
            name,
            value=None,
            key=key,
            step=0.1,
            min_value=-1e6,
            max_value=1e6,
            format="%.4f",
            on_change=_set,
            args=(run, key, param, index),
        )
    _ledger(run)


def _set(run: Run, key: str, param: str, index: tuple[int, ...]) -> None:
    if st.session_state[key] is not None:
        set_weight(run, param, index, float(st.session_state[key]))


def set_weight(run: Run, param: str, index: tuple[int, ...], value: float) -> None:
    """Set one parameter, and remember how it was and what the loss was."""
    before = evaluate(run.model, run.loss, run.data)[0]
    old = float(run.model.params[param][index])
    run.change(param, value, index)
    _edits(run).append((param, index, old, before))
    did("edited")


def _edits(run: Run) -> list[tuple[str, tuple[int, ...], float, float]]:
    """Return what was edited at this step: what, where, the value and the loss before.

    Training goes on from an edit, so what was edited at an earlier step can't be undone.
    """
    step, edits = st.session_state.get(f"{LESSON}.undo", (None, []))
    if step != run.step:
        edits = []
        st.session_state[f"{LESSON}.undo"] = (run.step, edits)
    return edits


def _ledger(run: Run) -> None:
    """Show the loss before and after the edits, and the way back."""
    undo = _edits(run)
    if not undo:
        st.caption(t("neurons.try"))
        return
    after = evaluate(run.model, run.loss, run.data)[0]
    before = undo[-1][3]
    st.metric(t("neurons.loss"), f"{after:.4g}", f"{after - before:+.4g}", delta_color="inverse")
    st.button(
        t("neurons.undo", n=len(undo)), key=f"{LESSON}.undo_button", on_click=_undo, args=(run,)
    )


def _undo(run: Run) -> None:
    param, index, old, _ = _edits(run).pop()
    run.change(param, old, index)


def _choose(cell: str | None) -> None:
    if cell is not None:
        st.session_state[f"{LESSON}.neuron"] = int(cell)
        did("chose_neuron")
