"""Pictures that a network draws, side by side, to choose from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from pages._mnist.settings import LESSON
from ui.grid import TILE_WORD_KEYS, number_grids, tiles_payload
from ui.i18n import t, template
from ui.walk import presenting

DIGIT = f"{LESSON}.backquery.digit"  # the digit whose picture is looked at


def show_ten(images: np.ndarray, sure: np.ndarray, label: str) -> int:
    """Draw the pictures (10, H, W), 0 paper to 1 ink; return the digit that is chosen.

    ``sure`` says for each what the network answers to it, for the wished digit: 0 to 1.
    """
    digit = int(st.session_state.setdefault(DIGIT, 3))
    st.markdown(f"**{label}**")
    captions = [f"{place}: {share:.0%}" for place, share in enumerate(sure)]
    says = [t("mnist_backquery.says", digit=d, sure=f"{s:.0%}") for d, s in enumerate(sure)]
    show_tiles(images, captions, key="ten", chosen=digit, says=says)
    return digit


def show_tiles(
    images: np.ndarray,
    captions: list[str],
    *,
    key: str,
    chosen: int | None = None,
    says: Sequence[str] | None = None,
) -> None:
    """Draw pictures as tiles; with ``chosen`` they are the ten digits, and one can be chosen."""
    number_grids(
        tiles_payload(
            images,
            captions,
            words={word: template(f"grid.{word}") for word in TILE_WORD_KEYS},
            chosen=chosen,
            scale="sequential",
            labels=says,
            limit=1.0,
            large=presenting(),
        ),
        key=f"{LESSON}.backquery.{key}",
        on_choose=None if chosen is None else _choose,
    )


def _choose(tile: str | None) -> None:
    if tile is not None:
        st.session_state[DIGIT] = int(tile)
