"""One feature map: what goes in, times its kernels, added up."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from core.conv import Conv2d
from core.maps import partial_sums
from core.trace import format_number
from pages._real_cnn.names import map_name
from pages._real_cnn.session import change, did
from pages._real_cnn.settings import LESSON
from pages._real_cnn.sight import Focus, Sight
from ui.grid import TILE_WORD_KEYS, number_grids, tiles_payload
from ui.i18n import t, template
from ui.walk import presenting

ACROSS = 8  # inputs that are shown beside each other
GROUP = f"{LESSON}.group"


def show_map(sight: Sight, focus: Focus) -> None:
    """Draw what a map is made of."""
    st.header(map_name(focus.stage, focus.map), anchor=False)
    layer = focus.stage.layer
    if not isinstance(layer, Conv2d):
        st.markdown(t("real_cnn_maps.pool_map"))
        return
    with np.errstate(all="ignore"):
        parts = partial_sums(layer, focus.stage.x, focus.map)
    kernels = layer.params["weight"][focus.map]
    bias = layer.params["bias"][focus.map] if "bias" in layer.params else 0.0
    words = {"n": len(parts), "bias": format_number(float(bias))}
    st.markdown(t("real_cnn_maps.one_map" if len(parts) == 1 else "real_cnn_maps.sum_map", **words))
    shown = _shown(parts, focus)
    inputs = focus.stage.x
    rows = {"inputs": inputs, "kernels": kernels, "parts": parts}
    if sight.blame is not None:
        del rows["parts"]
        name = [n for n, p in sight.learner.model.params.items() if p is layer.params["weight"]][0]
        rows["gradients"] = sight.blame.grads[name][focus.map]
    # One input: three pictures beside each other; many: three rows, a column for each input.
    places = st.columns(len(rows)) if len(parts) == 1 else [st.container() for _ in rows]
    for place, (name, pictures) in zip(places, rows.items(), strict=True):
        with place:
            _row(name, pictures, shown, focus)


def _shown(parts: np.ndarray, focus: Focus) -> np.ndarray:
    """Return which inputs are shown: in groups, those that add most to the map first."""
    sizes = np.abs(np.nan_to_num(parts)).mean(axis=(1, 2))
    order = np.argsort(-sizes, kind="stable")
    groups = -(-len(order) // ACROSS)
    if groups == 1:
        return order
    names = {g: f"{g * ACROSS + 1}\u2013{min(len(order), (g + 1) * ACROSS)}" for g in range(groups)}
    if st.session_state.get(GROUP) not in names:
        st.session_state[GROUP] = 0
    st.segmented_control(
        t("real_cnn_maps.group"),
        list(names),
        format_func=names.get,
        key=GROUP,
        persist_state="session",
    )
    group = st.session_state.get(GROUP) or 0
    return order[group * ACROSS : (group + 1) * ACROSS]


def _row(name: str, pictures: np.ndarray, shown: np.ndarray, focus: Focus) -> None:
    """Draw one row of pictures, a column for each input."""
    chosen = np.flatnonzero(shown == focus.source)
    alone = len(pictures) == 1
    if alone:
        st.caption(t(f"real_cnn_maps.row_{name}"))
    number_grids(
        tiles_payload(
            pictures[shown],
            [str(c + 1) for c in shown],
            words={key: template(f"grid.{key}") for key in TILE_WORD_KEYS},
            chosen=int(chosen[0]) if chosen.size else None,
            labels=[t(f"real_cnn_maps.says_{name}", k=c + 1) for c in shown],
            columns=None if alone else ACROSS,
            title="" if alone else t(f"real_cnn_maps.row_{name}"),
            legend=not alone,
            large=alone or presenting(),
        ),
        key=f"{LESSON}.row.{name}",
        on_choose=partial(_choose, shown),
    )


def _choose(shown: np.ndarray, tile: str | None) -> None:
    if tile is not None:
        change(source=int(shown[int(tile)]))
        did("chose_source")
