"""Which pixels spoke for a digit, and which against it: asked in two ways that may disagree."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from core.recipes import Learner
from core.saliency import Occlusion, input_gradient, occlusion
from core.trace import format_number
from pages._draw.kept import newest
from pages._draw.networks import Network
from pages._draw.settings import LESSON
from ui.field import Span, map_on_picture
from ui.i18n import t, template
from ui.walk import presenting

PATCH = 5  # pixels of the drawing along a side


def show_pixels(image: np.ndarray, network: Network, x: np.ndarray, label: int) -> None:
    """Draw both maps for a digit that is asked about.

    Parameters
    ----------
    image : ndarray of uint8, (28, 28)
    network : Network
    x : ndarray, (1, H, W)
        The image as the network gets it: smaller, if it shrinks its images.
    label : int
        The digit.
    """
    left, right = st.columns(2, gap="large")
    with left:
        _slopes(image, network.learner, x, label)
    with right:
        _cover(image, network, x, label)
    st.caption(t("draw_inside.both_notice"))
    if len(x[0]) < len(image):
        st.caption(t("draw_inside.shrinks", size=len(x[0])))


def weighed(learner: Learner, x: np.ndarray, label: int) -> np.ndarray:
    """Return what each pixel's ink weighs in the output for a digit, (H, W).

    That is (x − paper) · ∂o/∂x: with paper taken for zero, whatever the network's own inputs are,
    what is not drawn weighs nothing.
    """
    slopes = input_gradient(learner.model, x, label)[0]
    with np.errstate(all="ignore"):
        return (x[0] - np.float32(learner.prepare.offset)) * slopes


def covered(learner: Learner, x: np.ndarray, label: int) -> tuple[Occlusion, int]:
    """Cover the digit with paper at every place; return also the patch's side in the inputs."""
    size = max(1, round(PATCH * len(x[0]) / 28))
    found = occlusion(
        learner.model,
        x,
        label,
        size=size,
        value=learner.prepare.offset,
        confidences=learner.confidences,
    )
    return found, size


def spans(starts: np.ndarray, size: int, inputs: int, pixels: int) -> list[Span]:
    """Return which of ``pixels`` lie under inputs start to start + size, of ``inputs`` in all."""
    edges = [(max(0, int(start)), min(inputs, int(start) + size)) for start in starts]
    scale = pixels / inputs
    return [(math.floor(low * scale), math.ceil(high * scale)) for low, high in edges]


def _slopes(image: np.ndarray, learner: Learner, x: np.ndarray, label: int) -> None:
    st.header(t("draw_inside.slopes"), anchor=False)
    st.markdown(t("draw_inside.slopes_lead", k=label))
    values = weighed(learner, x, label)
    pieces = [
        spans(np.arange(count), 1, count, pixels)
        for count, pixels in zip(values.shape, image.shape, strict=True)
    ]
    map_on_picture(
        values,
        image,
        *pieces,
        key=f"{LESSON}.slopes",
        label=t("draw_inside.slopes"),
        titles=(t("draw_inside.drawing"), t("draw_inside.slopes_map", k=label)),
        says=template("draw_inside.slopes_says"),
        large=presenting(),
    )
    up, down = (float(side.sum()) for side in (values[values > 0], values[values < 0]))
    numbers = {"up": format_number(up), "down": format_number(down)}
    st.markdown(t("draw_inside.slopes_sum", k=label, **numbers))


def _cover(image: np.ndarray, network: Network, x: np.ndarray, label: int) -> None:
    st.header(t("draw_inside.cover"), anchor=False)
    st.markdown(t("draw_inside.cover_lead", k=label, size=PATCH))
    found, size = newest(
        "covered",
        network.learner,
        (network.lessons, image.tobytes(), label),
        lambda: covered(network.learner, x, label),
    )
    pieces = [
        spans(starts, size, count, pixels)
        for starts, count, pixels in zip(
            (found.tops, found.lefts), x.shape[1:], image.shape, strict=True
        )
    ]
    map_on_picture(
        found.drop,
        image,
        *pieces,
        key=f"{LESSON}.cover",
        label=t("draw_inside.cover"),
        titles=(t("draw_inside.drawing"), t("draw_inside.cover_map")),
        says=template("draw_inside.cover_says"),
        large=presenting(),
    )
    least = float(np.nan_to_num(found.probability, nan=1.0).min())
    shares = {"whole": f"{found.whole:.1%}", "least": f"{least:.1%}"}
    st.markdown(t("draw_inside.cover_worst", k=label, **shares))
