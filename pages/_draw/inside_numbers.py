"""The network's own numbers for the drawing: a layer, a neuron, and its sum, product by product."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.recipes import Learner
from core.stages import Stage, heaviest
from core.trace import format_number
from core.trace_unit import trace_unit
from pages._draw.session import change, did
from pages._draw.settings import AUTO, LESSON, Settings
from ui.i18n import t
from ui.neurons import choose_neuron, neuron_name, show_products
from ui.units import place_name, show_softmax, show_unit

MOST_LAYERS = 4  # that can be chosen among: a network with more of them shows its last ones


def show_numbers(settings: Settings, learner: Learner, found: list[Stage], label: int) -> None:
    """Draw the view's part.

    Parameters
    ----------
    settings : Settings
        Which layer and which neuron.
    learner : Learner
    found : list of Stage
        The drawing's way through the network.
    label : int
        The digit that is asked about: its neuron, and those that matter to it, are shown first.
    """
    st.header(t("draw_inside.numbers"), anchor=False)
    st.markdown(t("draw_inside.numbers_lead"))
    if any(stage.kind == "conv" for stage in found):
        st.caption(t("draw_inside.maps_elsewhere"))
    full = [place for place, stage in enumerate(found) if stage.kind == "linear"][-MOST_LAYERS:]
    layer = min(settings.layer, len(full) - 1)
    if len(full) > 1:
        _choose_layer(found, full, layer)
    stage, last = found[full[layer]], layer == len(full) - 1
    neuron = settings.neuron
    if not 0 <= neuron < len(stage.out):
        (neuron,) = heaviest(found, full[layer], label)
    choose_neuron(
        stage.out,
        neuron,
        last=last,
        key=f"{LESSON}.neurons.{layer}",
        label=t("draw_inside.layer"),
        on_choose=_take_neuron,
    )
    _show_neuron(stage, neuron, layer, last)
    if last and learner.network is None:
        show_softmax(stage.out, key=f"{LESSON}.softmax", chosen=label)


def _choose_layer(found: list[Stage], full: list[int], layer: int) -> None:
    key = f"{LESSON}.layer"
    st.session_state[key] = layer
    names = [t("draw_inside.layer_hidden", k=found[place].number) for place in full[:-1]]
    names.append(t("draw_inside.layer_output"))
    st.segmented_control(
        t("draw_inside.layer"),
        range(len(full)),
        format_func=names.__getitem__,
        key=key,
        on_change=_take_layer,
    )


def _take_layer() -> None:
    value = st.session_state[f"{LESSON}.layer"]
    if isinstance(value, int):
        change(layer=value, neuron=AUTO)
        did("looked_inside")


def _take_neuron(neuron: int) -> None:
    change(neuron=neuron)
    did("looked_inside")


def _show_neuron(stage: Stage, neuron: int, layer: int, last: bool) -> None:
    """Draw one neuron's sum: as pictures of what it multiplies, and written out."""
    name, value = neuron_name(neuron, last=last), float(stage.out[neuron])
    st.markdown(f"**{name}** = {format_number(value)}")
    show_products(stage, (neuron,))
    with np.errstate(all="ignore"):
        traced = trace_unit(stage.layer, stage.x, stage.z, (neuron,), stage.activation, stage.a)
    names = [place_name(where, stage.shape) for where in traced.places]
    show_unit(traced, names, key=f"{LESSON}.sum.{layer}")
