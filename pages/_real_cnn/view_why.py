"""Which pixels made the network say so?  Cover a part, or follow the gradient to the image."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.saliency import Occlusion, input_gradient, occlusion
from pages._real_cnn.session import change, did, label_of
from pages._real_cnn.settings import FILLS, LESSON, Settings
from pages._real_cnn.sight import Sight
from pages._real_cnn.view_answer import choose_label
from ui.field import map_on_picture
from ui.i18n import labels, t, template
from ui.state import bound
from ui.walk import presenting

LEVELS = {"paper": 0, "grey": 128, "ink": 255}  # what a patch is filled with, as pixels
TIMES = f"{LESSON}.times"


def show(settings: Settings, sight: Sight) -> None:
    """Draw the view."""
    label = label_of(settings, sight)
    choose_label(sight, label)
    with st.container(key="occlusion"):
        _occlusion(settings, sight, label)
    with st.container(key="gradient"):
        _gradient(sight, label)


def covered(settings: Settings, sight: Sight, label: int) -> Occlusion:
    """Cover the digit at every place; the patch is filled as a pixel of that kind would come in."""
    pixel = np.full((1, 28, 28), LEVELS[settings.fill], np.uint8)
    value = float(sight.learner.prepare(pixel).flat[0])
    return occlusion(
        sight.learner.model,
        sight.x,
        label,
        size=settings.patch,
        value=value,
        confidences=sight.learner.confidences,
    )


def _occlusion(settings: Settings, sight: Sight, label: int) -> None:
    st.header(t("real_cnn_why.cover"), anchor=False)
    st.markdown(t("real_cnn_why.cover_lead", k=label))
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        with st.container(width=220):
            st.slider(t("real_cnn_why.patch"), 1, 14, None, **_patch_field())
        st.segmented_control(
            t("real_cnn_why.fill"),
            FILLS,
            format_func=labels("real_cnn_fill", FILLS).get,
            **bound(LESSON, "fill"),
        )
    found = covered(settings, sight, label)
    size = settings.patch
    pieces = [
        [(max(0, int(start)), max(0, min(28, int(start) + size))) for start in starts]
        for starts in (found.tops, found.lefts)
    ]
    row, column = np.unravel_index(int(np.nan_to_num(found.drop).argmax()), found.drop.shape)
    map_on_picture(
        found.drop,
        sight.image,
        *pieces,
        key=f"{LESSON}.cover",
        label=t("real_cnn_why.cover"),
        titles=(t("real_cnn_why.digit"), t("real_cnn_why.cover_map", k=label)),
        says=template("real_cnn_why.cover_says"),
        chosen=(int(row), int(column)),
        large=presenting(),
    )
    least = float(np.nan_to_num(found.probability, nan=1.0).min())
    st.markdown(t("real_cnn_why.worst", k=label, whole=f"{found.whole:.1%}", least=f"{least:.1%}"))


def _patch_field() -> dict[str, object]:
    field = bound(LESSON, "patch")

    def take(lesson: str, name: str) -> None:
        field["on_change"](lesson, name)
        did("chose_patch")

    return {**field, "on_change": take, "args": (LESSON, "patch")}


def _gradient(sight: Sight, label: int) -> None:
    st.header(t("real_cnn_why.gradient"), anchor=False)
    st.markdown(t("real_cnn_why.gradient_lead", k=label))
    slopes = input_gradient(sight.learner.model, sight.x, label)[0]
    names = {0: t("real_cnn_why.plain"), 1: t("real_cnn_why.times")}
    chosen = st.segmented_control(
        t("real_cnn_why.kind"), list(names), format_func=names.get, default=0, key=TIMES
    )
    values = slopes * sight.x[0] if chosen else slopes
    pixels = [[(at, at + 1) for at in range(size)] for size in values.shape]
    map_on_picture(
        values,
        sight.image,
        *pixels,
        key=f"{LESSON}.slopes",
        label=t("real_cnn_why.gradient"),
        titles=(t("real_cnn_number.picture"), t("real_cnn_why.gradient_map", k=label)),
        says=template("real_cnn_why.gradient_says"),
        large=presenting(),
    )
    st.caption(t("real_cnn_why.times_notice" if chosen else "real_cnn_why.plain_notice"))


def cover_smaller() -> None:
    """Take a smaller patch, as the walk shows it."""
    change(view="why", patch=3)
    did("chose_patch")
