"""Several networks side by side: what each says of the same drawing, and who is sure enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from core.conv import Conv2d
from core.layers import Linear
from pages._draw.neighbours_list import show_neighbours
from pages._draw.networks import TRAINED_ON, Network, networks
from pages._draw.session import dark, did
from pages._draw.settings import LESSON, NETWORKS, Settings
from pages._draw.sight import Sight
from ui.answers import ABOVE, Bar, bars, percent
from ui.i18n import t
from ui.lessons import show_way_to
from ui.state import bound


class Answer(NamedTuple):
    """What a network says of one image."""

    network: Network
    shares: np.ndarray  # (10,): how sure it is of each digit, 0 to 1

    @property
    def said(self) -> int | None:
        """The digit; None where the outputs are no numbers."""
        return int(self.shares.argmax()) if np.isfinite(self.shares).all() else None

    @property
    def sure(self) -> float:
        """How sure it is of that; NaN where there is no answer."""
        return float(self.shares.max())

    @property
    def name(self) -> str:
        """The network's name."""
        return t(f"draw_network.{self.network.id}")

    def counts(self, threshold: float) -> bool:
        """Whether it is sure enough."""
        return self.said is not None and self.sure >= threshold


def show(settings: Settings, sight: Sight) -> None:
    """Draw the view."""
    with st.container(key="readers"):
        _readers(settings, sight)
    if sight.image is not None:
        with st.container(key="neighbours"):
            show_neighbours(settings, sight.image, compared_field("k"))


def compared_field(name: str) -> dict[str, Any]:
    """Return what binds a slider of this view to its field; to move it is a deed."""
    field = bound(LESSON, name)

    def take(lesson: str, name: str) -> None:
        field["on_change"](lesson, name)
        did("compared")

    return {**field, "on_change": take, "args": (LESSON, name)}


def _readers(settings: Settings, sight: Sight) -> None:
    """Draw who there is, and what each of them says, if there is anything to read."""
    readers = networks()
    answers = [] if sight.image is None else [ask(reader, sight.image) for reader in readers]
    st.header(t("draw_networks.title"), anchor=False)
    if answers:
        if sight.digits:
            st.info(t("draw_networks.digits", n=len(sight.digits)))
        st.markdown(verdict(answers, settings.threshold))
        with st.container(width=320):
            st.slider(
                t("draw_networks.threshold"),
                0.0,
                1.0,
                None,
                step=0.01,
                format="percent",
                help=t("draw_networks.threshold_help"),
                **compared_field("threshold"),
            )
    for place, column in enumerate(st.columns(len(NETWORKS), gap="medium")):
        with column:
            if place >= len(readers):
                _show_missing()
                continue
            st.markdown(f"**{t(f'draw_network.{readers[place].id}')}**")
            if answers:
                _show_answer(answers[place], settings.threshold)
            st.caption(about(readers[place]))
            if answers and readers[place].learner.network is not None:
                _show_sum(answers[place])
    st.caption(t("draw_networks.notice"))


def ask(network: Network, image: np.ndarray) -> Answer:
    """Let a network read one image, (28, 28)."""
    return Answer(network, network.sure(image[None])[0])


def verdict(answers: Sequence[Answer], threshold: float) -> str:
    """Say whether they agree, and who is not sure enough."""
    sure = [answer for answer in answers if answer.counts(threshold)]
    unsure = [answer for answer in answers if not answer.counts(threshold)]
    doubts = t("draw_networks.between").join(_doubt(answer) for answer in unsure)
    said = sorted({answer.said for answer in sure if answer.said is not None})
    if not said:
        return t("draw_networks.nobody", doubts=doubts)
    if len(said) == 1 and not unsure:
        least = min(answers, key=lambda answer: answer.sure)
        values = {"name": least.name, "share": percent(least.sure)}
        return t("draw_networks.all_agree", n=len(answers), k=said[0], **values)
    if len(said) == 1:
        names = t("draw_networks.between").join(answer.name for answer in sure)
        return t("draw_networks.some_agree", k=said[0], names=names, doubts=doubts)
    groups = t("draw_networks.or").join(_group(sure, k) for k in said)
    word = "disagree_some" if unsure else "disagree"
    return t(f"draw_networks.{word}", groups=groups, doubts=doubts)


def _group(sure: Sequence[Answer], k: int) -> str:
    names = t("draw_networks.between").join(answer.name for answer in sure if answer.said == k)
    return t("draw_networks.group", k=k, names=names)


def _doubt(answer: Answer) -> str:
    if answer.said is None:
        return t("draw_networks.doubt_none", name=answer.name)
    return t("draw_networks.doubt", name=answer.name, k=answer.said, share=percent(answer.sure))


def _show_answer(answer: Answer, threshold: float) -> None:
    """Draw one network's answer, large, and its ten bars."""
    said, share = answer.said, percent(answer.sure)
    if said is None:
        _show_large("\u2013", False)
        st.markdown(t("draw_networks.says_none"))
    elif answer.counts(threshold):
        _show_large(str(said), True)
        st.markdown(t("draw_networks.says", share=share))
    else:
        _show_large(f"{said}?", False)
        st.markdown(t("draw_networks.says_unsure", share=share))
    shares = answer.shares.tolist()
    st.html(bars([Bar(str(k), p, percent(p), strong=k == said) for k, p in enumerate(shares)]))


def _show_sum(answer: Answer) -> None:
    """Say that the notes' outputs are no shares of a whole."""
    if answer.said is not None:
        total = percent(float(answer.shares.sum()))
        st.caption(t("draw_networks.sigmoids", sum=total))


def _show_large(said: str, counts: bool) -> None:
    """Write an answer large; in the warning colour if it does not count."""
    colour = "inherit" if counts else f"rgb{ABOVE['dark' if dark() else 'light']}"
    style = f"font-size:3.2rem;font-weight:700;line-height:1;color:{colour}"
    st.html(f'<div style="{style}">{said}</div>')


def about(network: Network) -> str:
    """Say what a network is, how often it was taught here, and how well it did in its test."""
    model = network.learner.model
    kernels = [layer.params["weight"].shape[0] for layer in model if isinstance(layer, Conv2d)]
    weights = [layer.params["weight"].shape for layer in model if isinstance(layer, Linear)]
    chain = " → ".join(f"{n:,}" for n in (weights[0][1], *(shape[0] for shape in weights)))
    if kernels:
        first = t("draw_networks.is_conv", kernels=" + ".join(map(str, kernels)), chain=chain)
    elif network.learner.network is not None:
        first = t("draw_networks.is_sigmoids", chain=chain)
    else:
        first = t("draw_networks.is_full", chain=chain)
    taught = [t("draw_networks.taught", n=network.lessons)] if network.lessons else []
    return "  \n".join([first, *taught, _tested(network)])


def _tested(network: Network) -> str:
    if network.accuracy is None:
        return t("draw_networks.untested")
    # The learner's own may have been tested with other digits than MNIST's.
    word = "tested_own" if network.id == "own" else "tested"
    return t(f"draw_networks.{word}", share=f"{network.accuracy:.2%}")


def _show_missing() -> None:
    """Draw where the learner's own network would be."""
    with st.container(border=True):
        st.markdown(t("draw_networks.own_missing"))
        show_way_to(TRAINED_ON)
