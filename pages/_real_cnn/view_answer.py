"""From the last maps to the answer: flattened, weighed, and turned into probabilities."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from core.layers import Linear
from core.saliency import contributions
from core.stages import Stage
from core.trace import format_number
from core.trace_unit import trace_unit
from pages._real_cnn.names import map_name
from pages._real_cnn.session import change, did, label_of
from pages._real_cnn.settings import AUTO, LESSON, Settings
from pages._real_cnn.sight import Sight
from ui.cells import Cell, number_cells
from ui.grid import TILE_WORD_KEYS, number_grids, tiles_payload
from ui.i18n import t, template
from ui.units import place_name, show_softmax, show_unit
from ui.walk import presenting

STRONGEST = 12  # neurons that are shown on each side


def show(settings: Settings, sight: Sight) -> None:
    """Draw the view."""
    label = label_of(settings, sight)
    choose_label(sight, label)
    hidden, last = sight.stages[-2], sight.stages[-1]
    with st.container(key="pushes"):
        neuron = _pushes(settings, hidden, last, label)
    with st.container(key="neuron"):
        _neuron(sight, hidden, neuron)
    with st.container(key="softmax"):
        st.header(t("real_cnn_answer.softmax"), anchor=False)
        show_softmax(sight.outputs, key=f"{LESSON}.softmax", chosen=label)


def choose_label(sight: Sight, label: int) -> None:
    """Let the learner choose the digit that is asked about."""
    key = f"{LESSON}.label"
    st.session_state[key] = label
    st.segmented_control(
        t("real_cnn_answer.label", said=sight.said),
        range(10),
        format_func=str,
        key=key,
        on_change=_take_label,
    )


def _take_label() -> None:
    value = st.session_state[f"{LESSON}.label"]
    if isinstance(value, int):
        change(label=value)
        did("chose_label")


def _pushes(settings: Settings, hidden: Stage, last: Stage, label: int) -> int:
    """Draw which neurons push the digit up and which down; return the chosen one."""
    assert isinstance(last.layer, Linear)
    found = contributions(last.layer, last.x, label)
    order = np.argsort(-np.nan_to_num(found.terms), kind="stable")
    up = [int(j) for j in order[:STRONGEST] if found.terms[j] > 0]
    down = [int(j) for j in order[::-1][:STRONGEST] if found.terms[j] < 0]
    neuron = settings.neuron if 0 <= settings.neuron < len(order) else (up or down or [0])[0]
    st.header(t("real_cnn_answer.pushes", k=label), anchor=False)
    numbers = {
        "n": len(order),
        "up": format_number(float(found.terms[found.terms > 0].sum())),
        "down": format_number(float(found.terms[found.terms < 0].sum())),
        "bias": format_number(found.bias),
        "total": format_number(float(last.z[label])),
    }
    st.markdown(t("real_cnn_answer.pushes_sum", k=label, **numbers))
    most = float(np.abs(np.nan_to_num(found.terms)).max()) or 1.0
    for name, which in (("up", up), ("down", down)):
        st.caption(t(f"real_cnn_answer.{name}"))
        _neurons(found.terms, which, most, neuron, name)
    with st.expander(t("real_cnn_answer.whole_sum"), key=f"{LESSON}.whole"):
        traced = trace_unit(last.layer, last.x, last.z, (label,))
        names = [place_name(where, last.shape) for where in traced.places]
        show_unit(traced, names, key=f"{LESSON}.output")
    return neuron


def _neurons(terms: np.ndarray, which: list[int], most: float, neuron: int, name: str) -> None:
    written = [format_number(float(terms[j])) for j in which]
    number_cells(
        [
            Cell(
                text,
                float(terms[j]) / most,
                t("real_cnn_answer.neuron_says", j=j + 1, value=text),
                t("real_cnn_answer.neuron_short", j=j + 1),
            )
            for j, text in zip(which, written, strict=True)
        ],
        key=f"{LESSON}.neurons.{name}",
        label=t(f"real_cnn_answer.{name}"),
        scale="diverging",
        chosen=which.index(neuron) if neuron in which else None,
        on_choose=lambda place: choose_neuron(which[place]),
        large=presenting(),
    )


def choose_neuron(neuron: int) -> None:
    """Choose a neuron of the hidden layer."""
    change(neuron=neuron)
    did("chose_neuron")


def _neuron(sight: Sight, hidden: Stage, neuron: int) -> None:
    """Draw what pushed one hidden neuron: the flattened maps, weighed, as maps again."""
    assert isinstance(hidden.layer, Linear)
    maps, height, width = hidden.shape
    size = {"maps": maps, "height": height, "width": width, "n": maps * height * width}
    st.header(t("real_cnn_answer.neuron", j=neuron + 1), anchor=False)
    st.markdown(t("real_cnn_answer.flatten", **{**size, "n": f"{size['n']:,}"}))
    found = contributions(hidden.layer, hidden.x.reshape(hidden.shape), neuron)
    stage = sight.pictured[-1]
    names = [map_name(stage, k) for k in range(maps)]
    sums = [format_number(float(one.sum())) for one in found.terms]
    number_grids(
        tiles_payload(
            found.terms,
            names,
            words={key: template(f"grid.{key}") for key in TILE_WORD_KEYS},
            labels=[
                t("real_cnn_answer.map_adds", name=name, value=value)
                for name, value in zip(names, sums, strict=True)
            ],
            compact=True,
            large=presenting(),
        ),
        key=f"{LESSON}.adds",
        on_choose=partial(_open_map, len(sight.pictured) - 1),
    )
    traced = trace_unit(hidden.layer, hidden.x, hidden.z, (neuron,), hidden.activation, hidden.a)
    inputs = [place_name(where, hidden.shape) for where in traced.places]
    show_unit(traced, inputs, key=f"{LESSON}.neuron_sum")


def _open_map(place: int, tile: str | None) -> None:
    if tile is not None:
        change(view="maps", stage=place, map=int(tile), row=AUTO, column=AUTO, source=AUTO)
