"""One image: its pixels, its way through the layers, the answer."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.recipes import PREPARATIONS
from core.stages import Stage, stages
from pages._mnist.results_answers import percent
from pages._mnist.results_unit import show_stage
from pages._mnist.run import DigitsRun
from pages._mnist.settings import LESSON, Settings
from ui.answers import Bar, bars
from ui.i18n import t, template
from ui.ink import ink_numbers, show_ink
from ui.units import show_softmax

PIXELS, SOFTMAX = "pixels", "softmax"
MINUS = "\u2212"


def show_image(settings: Settings, run: DigitsRun) -> None:
    """Draw an image with the answer, and let the learner walk through its numbers."""
    index = settings.shown
    one = run.test.images[index : index + 1]
    layers = run.through(one)
    found = stages(run.learner.prepare(one)[0], [(layer, y[0]) for layer, y in layers])
    outputs = layers[-1][1][0]
    with np.errstate(all="ignore"):
        shares = run.learner.confidences(outputs[None])[0]
    said = int(shares.argmax())
    _show_answer(run, index, said, shares)
    is_softmax = run.learner.network is None
    names = _names(found, is_softmax)
    key = f"{LESSON}.results.stage"
    if st.session_state.get(key) not in names:
        st.session_state[key] = PIXELS
    chosen = st.segmented_control(
        t("mnist_results.stage"),
        list(names),
        format_func=names.get,
        key=key,
        persist_state="session",
    )
    if chosen == SOFTMAX:
        show_softmax(outputs, key=f"{LESSON}.results.softmax")
    elif chosen in (None, PIXELS):
        _show_pixels(run, one[0])
    else:
        show_stage(found, int(chosen), said)


def _show_answer(run: DigitsRun, index: int, said: int, shares: np.ndarray) -> None:
    truth = int(run.test.labels[index])
    values = {"n": f"{index:,}", "truth": truth, "said": said, "sure": percent(shares[said])}
    if not np.isfinite(shares).all():
        word = "image_none"
    else:
        word = "image_right" if truth == said else "image_wrong"
    st.markdown(f"## {t(f'mnist_results.{word}', **values)}")
    picture, answer = st.columns([1, 3], gap="medium", vertical_alignment="center")
    dark = bool(st.context.theme.type == "dark")
    words = t("alt.test_digit", n=values["n"], truth=truth)
    with picture:
        show_ink(run.test.images[index], words, dark=dark, size=168, width=168)
    notes = {truth: t("mnist_results.it_is"), said: t("mnist_results.it_said")}
    if truth == said:
        notes = {truth: t("mnist_results.it_is_and_said")}
    with answer:
        st.html(
            bars(
                [
                    Bar(str(k), float(share), percent(share), notes.get(k, ""), k == said)
                    for k, share in enumerate(shares)
                ]
            )
        )
        if run.learner.network is not None:
            st.caption(t("mnist_results.sigmoids"))


def _names(found: list[Stage], is_softmax: bool) -> dict[str, str]:
    """Return the names of all that can be looked at, by id."""
    names = {PIXELS: t("mnist_results.pixels")}
    for place, stage in enumerate(found):
        kind = "output" if place == len(found) - 1 else stage.kind
        names[str(place)] = t(f"mnist_results.stage_{kind}", k=stage.number)
    if is_softmax:
        names[SOFTMAX] = t("mnist_results.softmax")
    return names


def _show_pixels(run: DigitsRun, image: np.ndarray) -> None:
    preparation = PREPARATIONS[run.settings.preparation]
    dark = bool(st.context.theme.type == "dark")
    says = template("mnist_data.pixel_at")
    st.html(ink_numbers(image, dark=dark, label=t("mnist_results.pixels"), says=says))
    offset = preparation.offset
    sign = f" {'+' if offset > 0 else MINUS} {abs(offset):.4g}" if offset else ""
    formula = f"x = {t('mnist_results.pixel')} × {preparation.scale:.4g}{sign}"
    st.caption(t("mnist_results.pixels_notice", formula=formula))
