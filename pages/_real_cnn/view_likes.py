"""What a map looks for: its kernel, and the test digits that excite it most."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from core.conv import Conv2d
from core.exciting import Excitement, most_exciting
from core.receptive import receptive_fields
from core.trace import format_number
from pages._real_cnn.names import map_name, maps_say, stage_name
from pages._real_cnn.session import change, did, moment_of
from pages._real_cnn.settings import LESSON, Settings
from pages._real_cnn.sight import Focus, Sight, focus_of
from pages._real_cnn.view_maps import choose_map
from ui.digits import mnist_test
from ui.grid import TILE_WORD_KEYS, number_grids, tiles_payload
from ui.i18n import t, template
from ui.walk import presenting

COUNT = 9


@st.cache_resource(show_spinner=False)
def _found() -> dict[tuple[object, ...], Excitement]:
    """Return what was found for whom, for all visitors: the networks are the same for all."""
    return {}


def show(settings: Settings, sight: Sight) -> None:
    """Draw the view."""
    focus = focus_of(settings, sight)
    st.markdown(t("real_cnn_likes.lead"))
    _choose_stage(sight, focus)
    with st.container(key="likes-maps"):
        _wall(sight, focus)
    st.header(map_name(focus.stage, focus.map), anchor=False)
    excitement = _excitement(settings, sight, focus)
    with st.container(key="likes"):
        _digits(sight, focus, excitement)


def _choose_stage(sight: Sight, focus: Focus) -> None:
    names = {place: stage_name(stage) for place, stage in enumerate(sight.pictured)}
    key = f"{LESSON}.likes_stage"
    st.session_state[key] = focus.place
    st.segmented_control(
        t("real_cnn_likes.stage"),
        list(names),
        format_func=names.get,
        key=key,
        on_change=_take_stage,
    )


def _take_stage() -> None:
    place = st.session_state[f"{LESSON}.likes_stage"]
    if isinstance(place, int):
        choose_map(place, 0)


def _wall(sight: Sight, focus: Focus) -> None:
    """Draw the maps of the stage, or the kernels of the first, to choose one."""
    layer = focus.stage.layer
    first = isinstance(layer, Conv2d) and layer.in_channels == 1
    pictures = layer.params["weight"][:, 0] if first else focus.stage.out
    names = [map_name(focus.stage, k) for k in range(len(pictures))]
    number_grids(
        tiles_payload(
            pictures,
            [str(k + 1) for k in range(len(pictures))],
            words={key: template(f"grid.{key}") for key in TILE_WORD_KEYS},
            chosen=focus.map,
            labels=maps_say(names, pictures),
            each=not first,
            compact=True,
            title=t("real_cnn_likes.kernels" if first else "real_cnn_likes.maps"),
            large=presenting(),
        ),
        key=f"{LESSON}.likes_wall",
        on_choose=partial(_choose, focus.place),
    )


def _choose(place: int, tile: str | None) -> None:
    if tile is not None:
        choose_liked(place, int(tile))


def choose_liked(place: int, channel: int) -> None:
    """Choose the map whose favourite digits are shown."""
    choose_map(place, channel)
    did("chose_likes")


def _excitement(settings: Settings, sight: Sight, focus: Focus) -> Excitement:
    """Return which test digits excite each map of the stage most; look for it the first time."""
    found = _found()
    moment = moment_of(settings) if settings.network == "course" else None
    key = (settings.network, moment, focus.stage.place)
    if key not in found:
        test = mnist_test()
        place = max(focus.stage.place, focus.stage.activation_place)
        bar = st.progress(0.0, t("real_cnn_likes.searching", n=f"{len(test):,}"))
        for best in most_exciting(
            sight.learner.model, place, test.images, sight.learner.prepare, COUNT
        ):
            bar.progress(best.seen / len(test), t("real_cnn_likes.seen", n=f"{best.seen:,}"))
        bar.empty()
        found[key] = best
    return found[key]


def _digits(sight: Sight, focus: Focus, excitement: Excitement) -> None:
    test = mnist_test()
    which, values = excitement.images[focus.map], excitement.values[focus.map]
    if not values[0] > 0:
        st.info(t("real_cnn_likes.dead"))
        return
    layers = [layer for layer, _ in sight.answers[: focus.stage.place + 1]]
    fields = receptive_fields(layers, (28, 28))
    st.markdown(t("real_cnn_likes.digits", n=len(which)))
    captions = [
        t("real_cnn_likes.digit", k=test.labels[i], value=format_number(float(v)))
        for i, v in zip(which, values, strict=True)
    ]
    _tiles(test.images[which] / 255.0, captions, "digits", which)
    pieces = [
        _piece(test.images[i] / 255.0, fields.rows[r], fields.columns[c])
        for i, (r, c) in zip(which, excitement.places[focus.map], strict=True)
    ]
    st.markdown(t("real_cnn_likes.pieces"))
    _tiles(np.stack(pieces), captions, "pieces", which)
    st.caption(t("real_cnn_likes.open"))


def _piece(image: np.ndarray, rows: tuple[int, int], columns: tuple[int, int]) -> np.ndarray:
    """Return the image with everything faded that the number does not see."""
    seen = image * 0.15
    seen[slice(*rows), slice(*columns)] = image[slice(*rows), slice(*columns)]
    return seen


def _tiles(pictures: np.ndarray, captions: list[str], name: str, which: np.ndarray) -> None:
    number_grids(
        tiles_payload(
            pictures,
            captions,
            words={key: template(f"grid.{key}") for key in TILE_WORD_KEYS},
            scale="sequential",
            limit=1.0,
            legend=False,
            columns=COUNT,
            large=presenting(),
        ),
        key=f"{LESSON}.likes_{name}",
        on_choose=partial(_open, which),
    )


def _open(which: np.ndarray, tile: str | None) -> None:
    if tile is not None:
        change(digit=int(which[int(tile)]), own="", view="maps")
