"""One number of a layer: what came in, times the weights, added up."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from core.stages import Stage, heaviest, strongest
from core.trace import format_number
from core.trace_unit import trace_unit
from pages._mnist.settings import LESSON
from ui.grid import TILE_WORD_KEYS, number_grids, tiles_payload
from ui.i18n import t, template
from ui.neurons import choose_neuron, neuron_name, show_products
from ui.units import place_name, show_unit
from ui.walk import presenting

CHOSEN = f"{LESSON}.results.unit"  # place of the stage -> the output that was chosen in it


def show_stage(found: list[Stage], place: int, said: int) -> None:
    """Draw what a stage passes on, and how one chosen number of it came about."""
    stage = found[place]
    at = _chosen(place, stage.out.shape) or heaviest(found, place, said)
    last = place == len(found) - 1
    if stage.kind == "linear":
        choose_neuron(
            stage.out,
            at[0],
            last=last,
            key=f"{LESSON}.results.neurons.{place}",
            label=t("mnist_results.stage"),
            on_choose=lambda j: _choose(place, (j,)),
        )
    else:
        _choose_in_map(stage, place, at)
    traced = trace_unit(stage.layer, stage.x, stage.z, at, stage.activation, stage.a)
    name = _name(stage, at, last)
    st.markdown(f"**{name}** = {format_number(float(stage.out[at]))}")
    if stage.kind != "pool":
        show_products(stage, at)
    names = [place_name(where, stage.shape) for where in traced.places]
    show_unit(traced, names, key=f"{LESSON}.results.sum.{place}")


def _chosen(place: int, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return the output that was chosen in a stage, if it is there in this network."""
    at: tuple[int, ...] | None = st.session_state.get(CHOSEN, {}).get(place)
    if at is None or len(at) != len(shape):
        return None
    return at if all(i < n for i, n in zip(at, shape, strict=True)) else None


def _choose(place: int, at: tuple[int, ...]) -> None:
    st.session_state[CHOSEN] = {**st.session_state.get(CHOSEN, {}), place: at}


def _choose_in_map(stage: Stage, place: int, at: tuple[int, ...]) -> None:
    """Draw a stage's maps, let the learner choose one and a place in it."""
    maps = stage.out
    st.markdown(t(f"mnist_results.{stage.kind}_lead"))
    number_grids(
        tiles_payload(
            maps,
            [str(k + 1) for k in range(len(maps))],
            words={key: template(f"grid.{key}") for key in TILE_WORD_KEYS},
            chosen=at[0],
            labels=[t("mnist_results.map_says", k=k + 1) for k in range(len(maps))],
            large=presenting(),
        ),
        key=f"{LESSON}.results.maps.{place}",
        on_choose=partial(_choose_map, place, maps),
    )
    with st.container(horizontal=True, gap="small"):
        _number("row", place, at, 1, maps.shape[1])
        _number("column", place, at, 2, maps.shape[2])


def _choose_map(place: int, maps: np.ndarray, tile: str | None) -> None:
    if tile is not None:
        k = int(tile)
        _choose(place, (k, *strongest(maps[k])))


def _number(what: str, place: int, at: tuple[int, ...], axis: int, size: int) -> None:
    """Let the learner choose a row or a column."""
    key = f"{LESSON}.results.{what}.{place}"
    st.session_state[key] = at[axis]
    with st.container(width=130):
        st.number_input(
            t(f"mnist_results.{what}"),
            0,
            size - 1,
            None,
            step=1,
            key=key,
            on_change=_take_number,
            args=(key, place, at, axis),
        )


def _take_number(key: str, place: int, at: tuple[int, ...], axis: int) -> None:
    value = st.session_state[key]
    if value is not None:
        _choose(place, (*at[:axis], int(value), *at[axis + 1 :]))


def _name(stage: Stage, at: tuple[int, ...], last: bool) -> str:
    if stage.kind == "linear":
        return neuron_name(at[0], last=last)
    return t("mnist_results.one_place", k=at[0] + 1, row=at[1], column=at[2])
