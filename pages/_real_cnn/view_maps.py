"""All feature maps of all layers; then one of them; then one number of it."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from core.stages import Stage
from pages._real_cnn.names import map_name, maps_say, stage_line, stage_name
from pages._real_cnn.one_map import show_map
from pages._real_cnn.one_number import show_number
from pages._real_cnn.session import change, did
from pages._real_cnn.settings import AUTO, LESSON, SCALES, Settings
from pages._real_cnn.sight import Focus, Sight, focus_of, shown_values
from ui.grid import TILE_WORD_KEYS, number_grids, tiles_payload
from ui.i18n import labels, t, template
from ui.state import bound
from ui.walk import presenting

DIGITS = range(10)


def show(settings: Settings, sight: Sight) -> None:
    """Draw the view."""
    focus = focus_of(settings, sight)
    _controls(sight)
    with st.container(key="overview"):
        st.markdown(t("real_cnn_maps.lead_back" if sight.blame else "real_cnn_maps.lead"))
        _overview(settings, sight, focus)
    with st.container(key="one-map"):
        show_map(sight, focus)
    with st.container(key="one-number"):
        show_number(settings, sight, focus)


def _controls(sight: Sight) -> None:
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        st.segmented_control(
            t("real_cnn_maps.scale"),
            SCALES,
            format_func=labels("real_cnn_scale", SCALES).get,
            help=t("real_cnn_maps.scale_help"),
            **bound(LESSON, "scale"),
        )
        st.segmented_control(
            t("real_cnn_maps.moment"),
            (1, 0),
            format_func={1: t("real_cnn_maps.before"), 0: t("real_cnn_maps.after")}.get,
            **bound(LESSON, "before"),
        )
    with st.container(key="ways"):
        names = {AUTO: t("real_cnn_maps.forwards"), **{k: str(k) for k in DIGITS}}
        st.segmented_control(
            t("real_cnn_maps.target"),
            list(names),
            format_func=names.get,
            help=t("real_cnn_maps.target_help"),
            **bound(LESSON, "target"),
        )
    if sight.blame is not None:
        st.caption(t("real_cnn_maps.loss", loss=f"{sight.blame.loss:.4g}"))


def _overview(settings: Settings, sight: Sight, focus: Focus) -> None:
    values = [shown_values(settings, sight, stage) for stage in sight.pictured]
    largest = max(_largest(maps) for maps in values)
    for place, (stage, maps) in enumerate(zip(sight.pictured, values, strict=True)):
        limit = {"all": largest, "layer": _largest(maps), "map": None}[settings.scale]
        _wall(stage, maps, place, focus, limit)
    linear = [stage for stage in sight.stages if stage.kind == "linear"]
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        words = " → ".join(stage_line(stage) for stage in linear)
        st.markdown(f"**{t('real_cnn_maps.then')}** {words}", width="content")
        st.button(
            t("real_cnn_maps.to_answer"),
            icon=":material/arrow_forward:",
            type="tertiary",
            key=f"{LESSON}.to_answer",
            on_click=change,
            kwargs={"view": "answer"},
        )


def _wall(stage: Stage, maps: np.ndarray, place: int, focus: Focus, limit: float | None) -> None:
    """Draw a stage's maps as small tiles."""
    names = [map_name(stage, k) for k in range(len(maps))]
    number_grids(
        tiles_payload(
            maps,
            names,
            words={key: template(f"grid.{key}") for key in TILE_WORD_KEYS},
            chosen=focus.map if place == focus.place else None,
            labels=maps_say(names, maps),
            limit=limit,
            each=limit is None,
            compact=True,
            title=stage_name(stage),
            note=stage_line(stage),
            large=presenting(),
        ),
        key=f"{LESSON}.wall.{place}",
        on_choose=partial(_choose, place),
    )


def _choose(place: int, tile: str | None) -> None:
    if tile is None:
        return
    choose_map(place, int(tile))


def choose_map(place: int, channel: int) -> None:
    """Choose a map; which number of it is worth a look is found out anew."""
    change(stage=place, map=channel, row=AUTO, column=AUTO, source=AUTO)
    did("chose_map")
    if place:
        did("chose_deep_map")


def _largest(maps: np.ndarray) -> float:
    return float(np.abs(maps[np.isfinite(maps)]).max(initial=0.0)) or 1.0
