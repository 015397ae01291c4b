"""Which digits that the networks have seen are most like the drawing, and how like."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from core.digits import Digits
from core.neighbours import kneighbors
from pages._draw.session import dark
from pages._draw.settings import LESSON, Settings
from ui.answers import paint
from ui.described import show_picture
from ui.digits import mnist
from ui.grid import TILE_WORD_KEYS, number_grids, tiles_payload
from ui.i18n import t, template
from ui.state import rule_of
from ui.walk import presenting

INK = 255.0  # grey levels of full ink: distances are told in these
FOUND = f"{LESSON}.neighbours"  # the image that was looked for last, and what was found
CHOSEN = f"{LESSON}.neighbour"  # the tile that is open: 0 is the drawing itself


class Found(NamedTuple):
    """The training digits nearest to an image, the nearest first."""

    distances: np.ndarray  # (most,), in full ink
    indices: np.ndarray  # (most,)
    sibling: float  # how far the nearest of them is from the training digit nearest to it


def show_neighbours(settings: Settings, image: np.ndarray, field: dict[str, Any]) -> None:
    """Draw the nearest training digits, how they vote, and one of them compared in full."""
    train = mnist()[0]
    most = int(rule_of(settings, "k").high)
    found = found_near(train, image, most)
    st.header(t("draw_networks.near_title"), anchor=False)
    st.markdown(t("draw_networks.near_lead", n=f"{len(train):,}"))
    with st.container(width=320):
        st.slider(t("draw_networks.near_k"), 1, most, None, **field)
    st.markdown(votes(train.labels[found.indices[: settings.k]]))
    _tiles(train, image, found, settings.k)
    st.caption(t("draw_networks.near_unit", most=f"{math.sqrt(image.size):g}"))
    values = {"nearest": f"{found.distances[0]:.2f}", "sibling": f"{found.sibling:.2f}"}
    st.markdown(t("draw_networks.near_sibling", **values))
    _one(train, image, found, settings.k)
    numbers = {"pixels": f"{train.images.size:,}", "n": f"{len(train):,}"}
    st.caption(t("draw_networks.near_notice", **numbers))


def found_near(train: Digits, image: np.ndarray, most: int) -> Found:
    """Return the nearest, as many as can be shown; the last ones found are kept.

    So only another drawing is looked for anew, and not what another slider asks of the same.
    """
    kept = st.session_state.get(FOUND)
    if kept is None or kept[0] != image.tobytes():
        near = kneighbors(train.images, image, most)
        first = int(near.indices[0])
        others = kneighbors(train.images, train.images[first], 2)
        sibling = float(others.distances[others.indices != first][0])  # the other one is itself
        found = Found(near.distances / INK, near.indices, sibling / INK)
        kept = st.session_state[FOUND] = (image.tobytes(), found)
    return kept[1]  # type: ignore[no-any-return]


def votes(labels: np.ndarray) -> str:
    """Say how many of the neighbours are which digit, and which has the most."""
    counts = np.bincount(labels, minlength=10)
    order = [int(k) for k in np.argsort(-counts, kind="stable") if counts[k]]
    shares = [t("draw_networks.near_count", n=counts[k], k=k) for k in order]
    values = {"n": len(labels), "counts": t("draw_networks.between").join(shares)}
    if len(order) > 1 and counts[order[0]] == counts[order[1]]:
        return t("draw_networks.near_tie", **values)
    return t("draw_networks.near_votes", k=order[0], **values)


def _tiles(train: Digits, image: np.ndarray, found: Found, k: int) -> None:
    which = found.indices[:k]
    captions, says = [own := t("draw_networks.near_own")], [own]
    for index, distance in zip(which, found.distances, strict=False):
        values = {"k": int(train.labels[index]), "distance": f"{distance:.2f}"}
        captions.append(t("draw_networks.near_tile", **values))
        says.append(t("draw_networks.near_says", i=f"{index:,}", **values))
    number_grids(
        tiles_payload(
            np.concatenate([image[None], train.images[which]]) / INK,
            captions,
            words={key: template(f"grid.{key}") for key in TILE_WORD_KEYS},
            chosen=_open(k),
            scale="sequential",
            labels=says,
            limit=1.0,
            legend=False,
            large=presenting(),
        ),
        key=f"{LESSON}.near",
        on_choose=_choose,
    )


def _choose(tile: str | None) -> None:
    if tile is not None:
        st.session_state[CHOSEN] = int(tile)


def _open(k: int) -> int:
    """Return the tile that is open: the nearest, if the chosen one is not shown any more."""
    tile: int = st.session_state.get(CHOSEN, 1)
    return tile if tile <= k else 1


def _one(train: Digits, image: np.ndarray, found: Found, k: int) -> None:
    """Draw where the drawing and the chosen digit differ, and how their distance comes about."""
    tile = _open(k)
    if tile == 0:
        st.markdown(t("draw_networks.near_yours"))
        return
    index = int(found.indices[tile - 1])
    apart = (image.astype(float) - train.images[index]) / INK
    more, less = (float((part**2).sum()) for part in (apart[apart > 0], apart[apart < 0]))
    picture, words = st.columns([1, 3], gap="medium", vertical_alignment="center")
    with picture:
        show_picture(paint(apart, dark=dark(), size=168), t("alt.apart"), width=168)
    values = {"more": f"{more:.1f}", "less": f"{less:.1f}", "sum": f"{more + less:.1f}"}
    label = int(train.labels[index])
    with words:
        st.markdown(t("draw_networks.near_one", k=label, i=f"{index:,}"))
        distance = f"{found.distances[tile - 1]:.2f}"
        st.markdown(t("draw_networks.near_sum", distance=distance, **values))
