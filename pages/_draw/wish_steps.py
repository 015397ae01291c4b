"""What a step on the way to a wished digit looks like, how much it takes, and whom it convinces."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages._draw.networks import Network, networks
from pages._draw.session import dark
from pages._draw.settings import LESSON, NETWORKS
from pages._draw.wish_way import ENOUGH, Way, on_drawing
from ui.answers import Bar, bars
from ui.curves import Line, Panel, pictures
from ui.field import map_on_picture
from ui.i18n import labels, t, template
from ui.ink import show_ink
from ui.walk import presenting

# The drawing is framed as the pictures beside it are, and on a phone as small.
STYLE = """<style>
.st-key-wish-before img { border-radius: 3px;
  box-shadow: 0 0 0 1px rgba(128, 128, 128, 0.3); }
@media (max-width: 640px) { .st-key-wish-before img { width: 10.5rem !important; } }
</style>"""


def show_pictures(way: Way, step: int) -> None:
    """Draw the drawing as it came, as it is now, and the difference."""
    before, now = (np.rint(way.images[at]).astype(np.uint8) for at in (0, step))
    pixels = [[(at, at + 1) for at in range(size)] for size in now.shape]
    st.html(STYLE)
    left, right = st.columns([1, 2], gap="medium")
    with left, st.container(key="wish-before", gap="xsmall"):
        st.markdown(f"**{t('draw_wish.before')}**")
        show_ink(before, t("draw_wish.before"), dark=dark(), size=300, width=300)
    with right:
        map_on_picture(
            np.rint(way.change(step)),
            now,
            *pixels,
            key=f"{LESSON}.wish_change",
            label=t("draw_wish.change"),
            titles=(t("draw_wish.after", step=step), t("draw_wish.change")),
            says=template("draw_wish.change_says"),
            limit=max(1.0, float(np.ceil(np.abs(way.change(way.last)).max()))),
            large=presenting(),
        )


def show_facts(way: Way, step: int) -> None:
    """Say what it answers now, when it turned, and how much of the drawing was changed."""
    says = int(way.sure[step].argmax())
    now = {"step": step, "says": says, "share": f"{way.sure[step, says]:.1%}"}
    st.markdown(t("draw_wish.says", **now))
    moved = np.abs(way.change(step))
    turned, mean, most = st.columns(3)
    when = t("draw_wish.never") if way.turned is None else str(way.turned)
    turned.metric(t("draw_wish.turned", k=way.wished), when)
    mean.metric(t("draw_wish.mean"), t("draw_wish.levels", n=f"{moved.mean():.1f}"))
    most.metric(t("draw_wish.most"), t("draw_wish.levels", n=f"{moved.max():.0f}"))
    if way.sure[way.last, way.wished] < ENOUGH:
        share = f"{way.sure[way.last, way.wished]:.1%}"
        st.caption(t("draw_wish.not_reached", k=way.wished, n=way.last, share=share))


def show_course(way: Way, step: int) -> None:
    """Draw how sure it was of the old digit and of the wished one, step by step.

    A third digit is there if it was the answer in between.
    """
    steps, old = np.arange(way.last + 1), int(way.sure[0].argmax())
    lines = [
        Line(str(old), steps, way.sure[:, old], "third", dash="dash"),
        Line(str(way.wished), steps, way.sure[:, way.wished]),
    ]
    answers = way.sure.argmax(axis=1)
    between = answers[(answers != old) & (answers != way.wished)]
    if len(between):
        third = int(np.bincount(between).argmax())
        lines.append(Line(str(third), steps, way.sure[:, third], "fourth", dash="dashdot"))
    lines.append(Line(t("draw_wish.now"), [step, step], [0.0, 1.0], "ink", dash="dot"))
    panel = Panel(
        t("draw_wish.course"), lines, t("draw_wish.step"), way.last, 0.0, 1.0, percent=True
    )
    shares = {"old": old, "k": way.wished, "step": step}
    at = {"was": f"{way.sure[step, old]:.1%}", "is_now": f"{way.sure[step, way.wished]:.1%}"}
    st.html(pictures([panel], dark=dark(), label=t("draw_wish.course_says", **shares, **at)))


def ask_others(image: np.ndarray, network: Network, way: Way, step: int) -> None:
    """Ask all networks about the changed drawing."""
    laid = on_drawing(image, way, step)[None]
    rows, fooled = [], []
    for other in networks():
        mine = other.id == network.id
        sure = way.sure[step] if mine else other.sure(laid)[0]
        share = float(sure[way.wished])
        if not np.isfinite(sure).all():
            rows.append(Bar(network_name(other), share, t("draw_wish.none")))
            continue
        note = t("draw_wish.other_says", k=int(sure.argmax()))
        rows.append(Bar(network_name(other), share, f"{share:.1%}", note, mine))
        if not mine and sure.argmax() == way.wished:
            fooled.append(network_name(other))
    st.markdown(f"**{t('draw_wish.others', k=way.wished)}**")
    st.html(bars(rows))
    names = t("draw_wish.between").join(fooled)
    st.caption(t("draw_wish.fooled", names=names) if fooled else t("draw_wish.none_fooled"))


def network_name(network: Network) -> str:
    """Return what a network is called."""
    return labels("draw_network", NETWORKS)[network.id]
