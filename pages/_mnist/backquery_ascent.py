"""For networks that cannot be walked backwards: climb towards what makes them say a digit."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import streamlit as st

from core.ascent import climb
from core.conv import Conv2d
from pages._mnist import session
from pages._mnist.backquery_tiles import show_ten, show_tiles
from pages._mnist.run import DigitsRun
from pages._mnist.settings import LESSON
from ui.i18n import t
from ui.training import runs

STEPS = 40
KEPT = (0, 1, 2, 4, 8, 16, 40)  # the steps that are shown


class Climb(NamedTuple):
    """The pictures of all ten digits after some steps, and how sure the network is of them."""

    images: np.ndarray  # (steps, 10, H, W), 0 paper to 1 ink
    sure: np.ndarray  # (steps, 10)


def show_ascent(run: DigitsRun) -> None:
    """Say why the network has no way back, and draw the way up instead."""
    st.info(t(f"mnist_backquery.why_{reason(run)}"))
    st.button(
        t("mnist_backquery.train_classic"),
        icon=":material/play_arrow:",
        key=f"{LESSON}.backquery.classic",
        on_click=train_classic,
    )
    st.markdown(f"## {t('mnist_backquery.climb')}")
    st.markdown(t("mnist_backquery.climb_lead"))
    if not run.step or run.playing:
        st.info(t("mnist_backquery.climb_wait" if run.playing else "mnist_backquery.untrained"))
        return
    found: Climb | None = session.remembered("ascent", run, lambda: compute(run))
    if found is None:
        st.warning(t("mnist_backquery.broken"))
        return
    last = found.sure[-1]
    digit = show_ten(found.images[-1], last, t("mnist_backquery.ten_climbed"))
    st.caption(t("mnist_backquery.climb_notice", sure=f"{last.min():.0%}"))
    st.markdown(f"**{t('mnist_backquery.climb_one', digit=digit)}**")
    captions = [
        t("mnist_backquery.climb_step", step=step, sure=f"{sure:.0%}")
        for step, sure in zip(KEPT, found.sure[:, digit], strict=True)
    ]
    show_tiles(found.images[:, digit], captions, key="climb")
    st.caption(t("mnist_backquery.climb_steps"))


def train_classic() -> None:
    """Take the notes' network and train it."""
    session.take_recipe("classic")
    session.start_again()
    runs()[LESSON].play()


def reason(run: DigitsRun) -> str:
    """Return what stands in the way of a way back: "conv", "relu" or "bias"."""
    model = run.learner.model
    if any(isinstance(layer, Conv2d) for layer in model):
        return "conv"
    hidden = len([name for name in model.params if name.endswith("weight")]) > 1
    return "relu" if hidden and run.learner.recipe.activation == "relu" else "bias"


def compute(run: DigitsRun) -> Climb | None:
    """Climb for all ten digits at once, with a bar; None if the weights are no numbers."""
    learner = run.learner
    with run.lock:
        finite = all(np.isfinite(array).all() for array in learner.model.params.values())
    if not finite:
        return None
    prepare = learner.prepare
    paper, ink = prepare.offset, 255 * prepare.scale + prepare.offset
    images, sure = [], []
    bar = st.progress(0.0, text=t("mnist_backquery.climbing"))
    with run.lock, np.errstate(all="ignore"):
        steps = climb(
            learner.model,
            np.arange(10),
            size=prepare.size or 28,
            paper=paper,
            ink=ink,
            steps=STEPS,
        )
        for at in steps:
            bar.progress(at.step / STEPS, text=t("mnist_backquery.climbing"))
            if at.step in KEPT:
                images.append((at.images[:, 0] - paper) / (ink - paper))
                sure.append(learner.confidences(at.outputs).diagonal())
    bar.empty()
    return Climb(np.array(images), np.array(sure))
