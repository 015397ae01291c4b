"""Two images side by side: does another "1" give a similar output?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from core.losses import softmax
from core.trace import format_number
from pages._cnn.example import Example, ExampleError, example_of
from pages._cnn.session import change, example_sentence
from pages._cnn.settings import LESSON, MOST, Settings
from pages._cnn.tables import read_table, write_table
from pages._cnn.view_controls import paint
from ui.i18n import t

MOVES = {"left": (0, -1), "right": (0, 1), "up": (-1, 0), "down": (1, 0)}


def show(settings: Settings, example: Example) -> None:
    """Draw the view."""
    st.markdown(t("cnn_compare.lead"))
    second, answer = st.columns([1, 1.6], gap="large")
    other = read_table(settings.other, (MOST, MOST))
    with second:
        st.markdown(f"**{t('cnn_compare.second')}**")
        paint(other, "other", t("cnn_compare.second"))
        with st.container(horizontal=True, gap="small"):
            for name, move in MOVES.items():
                st.button(
                    t(f"cnn_compare.{name}"),
                    key=f"{LESSON}.move.{name}",
                    on_click=_move,
                    args=(other, move),
                )
            st.button(t("cnn_compare.same"), key=f"{LESSON}.same", on_click=_take_first)
    with answer:
        try:
            twin = example_of(replace(settings, image=settings.other))
        except ExampleError as error:
            st.error(example_sentence(error))
            return
        if twin.weights.shape != example.weights.shape:
            st.error(t("cnn_compare.sizes", a=_size(example.image), b=_size(other)))
            return
        _answer(example, twin)


def _answer(one: Example, other: Example) -> None:
    """Show both output vectors, their distance, and what it means."""
    a, b = (e.model().forward(e.image[None, None])[0] for e in (one, other))
    p, q = softmax(a[None])[0], softmax(b[None])[0]
    heads = ["", *(t("cnn.class", n=n + 1) for n in range(len(a)))]
    rows = {
        t("cnn_compare.first"): a,
        t("cnn_compare.second"): b,
        t("cnn_compare.difference"): b - a,
        t("cnn_compare.p_first"): p,
        t("cnn_compare.p_second"): q,
    }
    lines = [heads, ["---", *["---:"] * len(a)]]
    lines += [[name, *map(format_number, values)] for name, values in rows.items()]
    st.markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))
    squares = " + ".join(_squared(x) for x in b - a)
    distance = float(np.sqrt(((b - a) ** 2).sum()))
    st.markdown(t("cnn_compare.distance", squares=squares, d=format_number(distance)))
    st.caption(t("cnn_compare.notice"))


def _squared(number: float) -> str:
    written = format_number(number)
    return f"({written})²" if number < 0 else f"{written}²"


def _size(image: np.ndarray) -> str:
    return " × ".join(map(str, image.shape))


def _move(other: np.ndarray, move: tuple[int, int]) -> None:
    """Move the second image by a pixel; what leaves on one side does not come in on the other."""
    down, right = move
    height, width = other.shape
    framed = np.pad(other, 1)
    moved = framed[1 - down : 1 - down + height, 1 - right : 1 - right + width]
    change(other=write_table(moved))


def _take_first() -> None:
    change(other=st.session_state[f"{LESSON}.settings"].image)
