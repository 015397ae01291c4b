"""What each unit of a layer looks for: its weights as a picture, one of them large with numbers."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.layer import Layer
from core.layers import Dropout, Flatten, Linear
from pages._mnist import session
from pages._mnist.layer_names import Answers, layer_name, with_weights
from pages._mnist.settings import LESSON
from ui.answers import mosaic, paint
from ui.described import show_picture
from ui.grid import TILE_WORD_KEYS, number_grids, tiles_payload
from ui.i18n import t, template

KEY = f"{LESSON}.inside"
MOST_TILES = 64


def show_weights(answers: Answers, side: int) -> None:
    """Draw what each unit of a layer looks for, and one of them large, with its numbers."""
    st.header(t("mnist_inside.weights"), anchor=False)
    names = {
        place: t("mnist_inside.layer", k=number, what=layer_name(layer))
        for number, (place, layer) in enumerate(with_weights(answers), start=1)
    }
    key = f"{KEY}.layer"
    if st.session_state.get(key) not in names:
        st.session_state[key] = next(iter(names))
    if len(names) > 1:
        st.segmented_control(
            t("mnist_inside.which_layer"),
            list(names),
            format_func=names.get,
            key=key,
            persist_state="session",
        )
    place = st.session_state[key]
    pictures = unit_pictures(answers, place, side)
    unit = min(st.session_state.get(f"{KEY}.unit", 0), len(pictures) - 1)
    of = len(answers[place][0].params["weight"])
    many, one = st.columns([3, 2], gap="large")
    with many:
        number_grids(
            tiles_payload(
                pictures,
                [str(number + 1) for number in range(len(pictures))],
                words={name: template(f"grid.{name}") for name in TILE_WORD_KEYS},
                chosen=unit,
            ),
            key=f"{KEY}.tiles",
            on_choose=_choose,
        )
        notice = "first" if place == next(iter(names)) else "later"
        st.caption(t(f"mnist_inside.weights_{notice}", n=len(pictures), of=of))
    with one:
        _one_unit(answers[place][0], pictures[unit], unit)


def _one_unit(layer: Layer, picture: np.ndarray, unit: int) -> None:
    weights = layer.params["weight"][unit]
    bias = layer.params["bias"][unit] if "bias" in layer.params else None
    title = t("mnist_inside.unit", j=unit + 1)
    st.markdown(f"**{title}**")
    show_picture(paint(picture, dark=_dark(), size=1), title, width=280)
    values = {"n": weights.size, "low": f"{weights.min():.3f}", "high": f"{weights.max():.3f}"}
    words = t("mnist_inside.unit_numbers", **values)
    st.caption(words if bias is None else f"{words} {t('mnist_inside.bias', b=f'{bias:.3f}')}")
    with st.expander(t("mnist_inside.numbers"), key=f"{KEY}.numbers"):
        st.code(_as_text(picture), language=None, wrap_lines=False)


def unit_pictures(answers: Answers, place: int, side: int) -> np.ndarray:
    """Return the weights of a layer's first units as pictures, (units, height, width).

    Weights lie as the numbers do that they are for: as an image, as feature maps side by side with
    a gap of NaN between them, or, where there is no order in space, line by line.  ``side`` is the
    height and width of the images that the network takes.
    """
    weight = answers[place][0].params["weight"][:MOST_TILES]
    if isinstance(answers[place][0], Linear):
        seen = (y.shape[1:] for layer, y in reversed(answers[:place]) if not _hands_on(layer))
        shape = next(seen, (1, side, side))
        weight = weight.reshape(len(weight), *shape)
    return np.stack([mosaic(one) for one in weight])


def _hands_on(layer: Layer) -> bool:
    """Whether a layer answers what came in, in another shape perhaps."""
    return isinstance(layer, Flatten | Dropout)


def _choose(tile: str | None) -> None:
    if tile is not None:
        session.did("chose_weights")
        st.session_state[f"{KEY}.unit"] = int(tile)


def _as_text(picture: np.ndarray) -> str:
    """Write numbers in columns; the gaps between feature maps stay empty."""
    return "\n".join(
        " ".join(f"{value:7.3f}" if np.isfinite(value) else " " * 7 for value in line)
        for line in picture
    )


def _dark() -> bool:
    return bool(st.context.theme.type == "dark")
