"""Inside the network: which pixels spoke for its answer, and its own numbers for this drawing."""

from __future__ import annotations

import dataclasses

import numpy as np
import streamlit as st

from core.maps import feature_maps
from core.stages import stages
from pages._draw.inside_numbers import show_numbers
from pages._draw.inside_pixels import show_pixels
from pages._draw.networks import network_of
from pages._draw.session import change, did
from pages._draw.settings import AUTO, LESSON, Settings
from pages._draw.sight import Sight
from pages._real_cnn.settings import LESSON as CNN_LESSON
from pages._real_cnn.settings import Settings as CnnSettings
from ui.digits import write_digit
from ui.i18n import t

CNN_SETTINGS = f"{CNN_LESSON}.settings"


def show(settings: Settings, sight: Sight) -> None:
    """Draw the view."""
    if sight.image is None:
        return
    network = network_of(settings)
    learner = network.learner
    x = learner.prepare(sight.image[None])[0]
    found = stages(x, feature_maps(learner.model, x))
    with np.errstate(all="ignore"):
        sure = learner.confidences(found[-1].out[None])[0]
    if not np.isfinite(sure).all():
        st.info(t("draw_inside.no_numbers"))
        return
    label = int(sure.argmax()) if settings.label == AUTO else settings.label
    with st.container(key="pixels"):
        _choose_label(label, int(sure.argmax()))
        show_pixels(sight.image, network, x, label)
    with st.container(key="ways-on"):
        _way_on(sight.image)
    with st.container(key="numbers"):
        show_numbers(settings, learner, found, label)


def _choose_label(label: int, said: int) -> None:
    key = f"{LESSON}.label"
    st.session_state[key] = label
    st.segmented_control(
        t("draw_inside.label", said=said), range(10), format_func=str, key=key, on_change=_take
    )


def _take() -> None:
    value = st.session_state[f"{LESSON}.label"]
    if isinstance(value, int):
        ask(value)


def ask(label: int) -> None:
    """Ask about a digit: which pixels speak for it, which neurons matter to it."""
    change(label=label, neuron=AUTO)
    did("asked")


def _way_on(image: np.ndarray) -> None:
    """Draw the door to the lesson that opens every map of a CNN, with this drawing in it."""
    st.markdown(t("draw_inside.ways_lead", lesson=t("lesson.real_cnn")))
    if st.button(
        t("draw_inside.ways_on"), icon=":material/visibility:", key=f"{LESSON}.to_real_cnn"
    ):
        did("looked_inside")
        there = st.session_state.get(CNN_SETTINGS) or CnnSettings()
        # The right answer that was named there belongs to another digit.
        st.session_state[CNN_SETTINGS] = dataclasses.replace(
            there, own=write_digit(image), target=AUTO
        )
        st.switch_page(st.session_state["pages"][CNN_LESSON])
