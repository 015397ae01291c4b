"""What can be changed: the image, the kernel, how it moves, how it is pooled, the weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from core.trace import format_number
from pages._cnn.example import Example, ExampleError
from pages._cnn.kernels import KERNELS, OWN, name_of
from pages._cnn.session import (
    UNDO,
    change,
    example_sentence,
    forget_draft,
    take_table,
    typed,
    typing_error,
    undo,
)
from pages._cnn.settings import LESSON, MOST, MOST_CLASSES, MOST_KERNEL, Settings
from pages._cnn.tables import read_table, write_table
from ui import walk
from ui.cells import Cell, number_cells
from ui.i18n import labels, t
from ui.lessons import show_way_to
from ui.state import bound

POOLS = ("max", "average")


def show_controls(settings: Settings, example: Example | None) -> None:
    """Draw everything that can be set, beside each other on a desk."""
    with st.container(key="controls"):
        image, kernel, moves, pool = st.columns([1.25, 1.25, 1, 1], gap="large")
        with image:
            _image(settings)
        with kernel:
            _kernel(settings)
        with moves:
            st.markdown(f"**{t('cnn.moves')}**")
            st.number_input(t("cnn.stride"), 1, 5, None, step=1, **bound(LESSON, "stride"))
            st.number_input(t("cnn.padding"), 0, 3, None, step=1, **bound(LESSON, "padding"))
            st.number_input(
                t("cnn.bias"), -1000.0, 1000.0, None, step=0.5, format="%g", **bound(LESSON, "bias")
            )
        with pool:
            _pool()
        with st.expander(t("cnn.as_numbers"), key=f"{LESSON}.tables"):
            st.caption(t("cnn.as_numbers_help"))
            _tables(settings, example)
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.button(
                t("cnn.notes"),
                icon=":material/restart_alt:",
                key=f"{LESSON}.notes",
                on_click=_notes,
            )
            if UNDO in st.session_state:
                st.button(
                    t("cnn.undo"),
                    icon=":material/undo:",
                    key=f"{LESSON}.undo_change",
                    type="tertiary",
                    on_click=undo,
                )
            walk.start_button(LESSON)
            show_way_to("real_cnn")


def show_impossible(error: ExampleError) -> None:
    """Say why there is no network, and offer the nearest settings that make one."""
    st.error(example_sentence(error))
    with st.container(horizontal=True, gap="small"):
        for place, cure in enumerate(error.cures):
            words = ", ".join(f"{t(f'cnn.{name}')} {value}" for name, value in cure.items())
            st.button(
                t("cnn.take", what=words),
                key=f"{LESSON}.cure.{place}",
                on_click=lambda cure=cure: change(**cure),
            )


def paint(values: np.ndarray, name: str, label: str) -> None:
    """Draw an image whose pixels can be switched on and off."""
    _cells(values, f"{name}.paint", label, lambda place: _switch(name, place))


def _cells(
    values: np.ndarray, key: str, label: str, on_choose: Callable[[tuple[int, int]], None]
) -> None:
    """Draw a table of numbers to click; ``on_choose`` gets the row and the column."""
    large = max(1.0, float(np.abs(values).max()))
    cells = [
        Cell(
            format_number(value),
            value / large,
            t("cnn.pixel", row=r + 1, column=c + 1, value=format_number(value)),
        )
        for (r, c), value in np.ndenumerate(values)
    ]
    height, width = values.shape
    number_cells(
        cells,
        key=f"{LESSON}.{key}",
        label=label,
        heads=[str(n + 1) for n in range(width)],
        sides=[str(n + 1) for n in range(height)],
        scale="diverging",
        on_choose=lambda place: on_choose(divmod(place, width)),
        large=walk.presenting(),
    )


def _image(settings: Settings) -> None:
    st.markdown(f"**{t('cnn.image')}**")
    paint(read_table(settings.image, (MOST, MOST)), "image", t("cnn.image"))
    st.caption(t("cnn.image_help"))


def _switch(name: str, place: tuple[int, int]) -> None:
    """Switch a pixel on or off."""
    values = read_table(getattr(st.session_state[f"{LESSON}.settings"], name), (MOST, MOST))
    values[place] = 0.0 if values[place] else 1.0
    forget_draft(name)
    change(**{name: write_table(values)})


def _kernel(settings: Settings) -> None:
    st.markdown(f"**{t('cnn.kernel')}**")
    kernel = read_table(settings.kernel, (MOST_KERNEL, MOST_KERNEL))
    key, now = f"{LESSON}.preset", name_of(kernel)
    options = [*KERNELS, OWN] if now == OWN else list(KERNELS)
    st.session_state[key] = now
    st.selectbox(
        t("cnn.preset"),
        options,
        format_func=labels("cnn_kernel", [*KERNELS, OWN]).get,
        key=key,
        label_visibility="collapsed",
        on_change=_take_preset,
    )
    _cells(kernel, "kernel.shown", t("cnn.kernel"), _turn)
    st.caption(t("cnn.kernel_help"))


def _take_preset() -> None:
    name = st.session_state[f"{LESSON}.preset"]
    if name in KERNELS:
        forget_draft("kernel")
        change(kernel=write_table(KERNELS[name]))


def _turn(place: tuple[int, int]) -> None:
    """Let a number of the kernel go on: −1, 0, 1, −1, …"""
    settings = st.session_state[f"{LESSON}.settings"]
    values = read_table(settings.kernel, (MOST_KERNEL, MOST_KERNEL))
    values[place] = {0.0: 1.0, 1.0: -1.0}.get(float(values[place]), 0.0)
    forget_draft("kernel")
    change(kernel=write_table(values))


def _pool() -> None:
    st.markdown(f"**{t('cnn.pooling')}**")
    st.segmented_control(
        t("cnn.pool"),
        POOLS,
        format_func=labels("cnn_pool", POOLS).get,
        label_visibility="collapsed",
        **bound(LESSON, "pool"),
    )
    st.number_input(t("cnn.pool_size"), 1, 5, None, step=1, **bound(LESSON, "pool_size"))
    st.number_input(t("cnn.pool_stride"), 1, 5, None, step=1, **bound(LESSON, "pool_stride"))
    st.selectbox(
        t("cnn.ceil"),
        (1, 0),
        format_func={1: t("cnn.ceil_1"), 0: t("cnn.ceil_0")}.get,
        help=t("cnn.ceil_help"),
        **bound(LESSON, "ceil"),
    )


def _tables(settings: Settings, example: Example | None) -> None:
    """Draw the fields in which tables are typed or pasted."""
    shown = {
        "image": (read_table(settings.image, (MOST, MOST)), (MOST, MOST)),
        "kernel": (
            read_table(settings.kernel, (MOST_KERNEL, MOST_KERNEL)),
            (MOST_KERNEL, MOST_KERNEL),
        ),
    }
    if example is not None:
        shown["weights"] = example.weights, (MOST_CLASSES, example.weights.shape[1])
        shown["biases"] = example.biases[None], (1, len(example.biases))
    for column, (name, (values, most)) in zip(st.columns(len(shown)), shown.items(), strict=True):
        key = f"{LESSON}.{name}.typed"
        st.session_state[key] = typed(name, values)
        with column:
            st.text_area(
                t(f"cnn.{name}"), key=key, height=140, on_change=take_table, args=(name, most)
            )
            if typing_error(name):
                st.error(typing_error(name))


def _notes() -> None:
    """Take the notes' numbers again."""
    standard, now = Settings(), st.session_state[f"{LESSON}.settings"]
    for name in ("image", "kernel", "weights", "biases"):
        forget_draft(name)
    kept = ("view", "target", "cell", "other", "lr")
    fields = [name for name in standard.__dataclass_fields__ if name not in kept]
    if any(getattr(now, name) != getattr(standard, name) for name in fields):
        change(**{name: getattr(standard, name) for name in fields})
