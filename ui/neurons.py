"""A fully connected layer's neurons to choose from, and the products that one number adds up.

How those products are written out one by one is in ``ui.units``; the words are in units.toml.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from core.conv import Conv2d
from core.stages import Stage
from core.trace import format_number
from core.trace_unit import inputs_of
from ui.answers import mosaic, paint
from ui.cells import Cell, number_cells
from ui.described import show_picture
from ui.i18n import t
from ui.walk import presenting


def choose_neuron(
    values: np.ndarray,
    chosen: int,
    *,
    last: bool,
    key: str,
    label: str,
    on_choose: Callable[[int], None],
) -> None:
    """Draw what each neuron of a layer answers, to choose one.

    Parameters
    ----------
    values : ndarray, (neurons,)
        The layer's answers to one image.
    chosen : int
        The neuron that is chosen.
    last : bool
        Whether it is the output layer: its neurons are called 0, 1, ... as the digits are, those
        of a hidden layer are counted from 1.
    key : str
        The widget's key.
    label : str
        What the whole is, for a screen reader.
    on_choose : callable
        Called before the rerun with the neuron that was chosen.
    """
    values = values.astype(float)
    most = float(np.abs(values[np.isfinite(values)]).max(initial=0.0)) or 1.0
    names = [str(j if last else j + 1) for j in range(len(values))]
    written = [format_number(float(value)) for value in values]
    what = "units.output_says" if last else "units.neuron_says"
    st.markdown(t("units.output_lead" if last else "units.linear_lead"))
    number_cells(
        [
            Cell(text, value / most, t(what, k=name, value=text), name)
            for name, text, value in zip(names, written, values, strict=True)
        ],
        key=key,
        label=label,
        scale="diverging",
        chosen=chosen,
        on_choose=on_choose,
        large=presenting(),
    )
    st.caption(t("units.linear_notice"))


def neuron_name(neuron: int, *, last: bool) -> str:
    """Return what a neuron is called; ``last`` as ``choose_neuron`` takes it."""
    return t("units.one_output", k=neuron) if last else t("units.one_neuron", k=neuron + 1)


def show_products(stage: Stage, at: tuple[int, ...]) -> None:
    """Draw what came in for one number, the weights, and their products, each as a picture.

    Parameters
    ----------
    stage : Stage
        Fully connected or convolutional: pooling multiplies nothing.
    at : tuple of int
        The number's place in what the stage passes on.
    """
    w = stage.layer.params["weight"][at[0]]
    if isinstance(stage.layer, Conv2d):
        x = inputs_of(stage.layer, stage.x, at)[0].reshape(w.shape)
    else:
        x, w = stage.x.reshape(stage.shape), w.reshape(stage.shape)
    dark = bool(st.context.theme.type == "dark")
    with np.errstate(all="ignore"):
        parts = {"x": x, "w": w, "p": x * w}
    with st.container(horizontal=True, gap="small"):
        for name, part in parts.items():
            picture = paint(mosaic(part), dark=dark)
            show_picture(picture, t(f"units.picture_{name}"), width=168, printed=True)
    st.caption(t("units.picture_notice"))
