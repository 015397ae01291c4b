"""What would make it an 8?  The drawing is changed, step by step, until the network says so."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from pages._draw.kept import newest
from pages._draw.networks import Network, network_of
from pages._draw.session import change, current, did
from pages._draw.settings import LESSON, Settings
from pages._draw.sight import Sight
from pages._draw.wish_steps import (
    ask_others,
    network_name,
    show_course,
    show_facts,
    show_pictures,
)
from pages._draw.wish_way import Way, way_to
from ui.answers import percent
from ui.i18n import t
from ui.state import bound

PLAYING = f"{LESSON}.wish_playing"
WHOLE = f"{LESSON}.wish_whole"  # set when more than the moving part has to be drawn anew
WISHED = f"{LESSON}.wish_chosen"  # set when the learner has chosen, until the view is drawn
SLIDER = f"{LESSON}.wish_step"
SHOWN = f"{LESSON}.wish_step_played"  # the slider while it plays
END = 100  # of a moment: the last, however many there are
PAUSE = 0.45  # seconds between two moments while it plays
FRAMES = 16  # moments that a long way is played in


def show(settings: Settings, sight: Sight) -> None:
    """Draw the view; while it plays, its moving part alone is drawn anew."""
    st.session_state.pop(WHOLE, None)
    wished = st.session_state.pop(WISHED, False)
    if sight.image is None:
        return
    image, network = sight.image, network_of(settings)
    with st.container(key="wish"):
        st.markdown(t("draw_wish.lead", network=network_name(network)))
        _choose()
        sure = network.sure(image[None])[0]
        if not np.isfinite(sure).all():
            st.info(t("draw_wish.no_numbers"))
            return
        if int(sure.argmax()) == settings.wish:
            _already(settings.wish, sure)
            return
        way = _way(settings, network, image)
        if way is None:
            st.info(t("draw_wish.no_numbers"))
            return
        if wished:
            did("wished")
        playing = bool(st.session_state.get(PLAYING))
        st.fragment(lambda: _draw(image, network, way), run_every=PAUSE if playing else None)()
        st.caption(t("draw_wish.notice_smooth" if settings.smooth else "draw_wish.notice_pixels"))


def wish_for(digit: int) -> None:
    """Wish for a digit, and look at the end of the way to it."""
    _take(wish=digit)


def _toggle(last: int) -> None:
    """Pause; or play, from the beginning if it stands at the last step."""
    playing = not st.session_state.get(PLAYING, False)
    if playing and current().moment >= last:
        change(moment=0)
    st.session_state[PLAYING] = playing
    st.session_state[WHOLE] = True
    did("wished")


def _choose() -> None:
    st.segmented_control(t("draw_wish.wish"), range(10), format_func=str, **_field("wish"))
    st.segmented_control(
        t("draw_wish.smooth"),
        [0, 1],
        format_func=[t("draw_wish.pixels"), t("draw_wish.strokes")].__getitem__,
        **_field("smooth"),
    )


def _field(name: str) -> dict[str, Any]:
    field = bound(LESSON, name)

    def take(lesson: str, name: str) -> None:
        field["on_change"](lesson, name)
        _take()

    return {**field, "on_change": take}


def _take(**values: int) -> None:
    """Take a choice: what was played belongs to the way before."""
    change(moment=END, **values)
    st.session_state[PLAYING] = False
    st.session_state[WISHED] = True


def _already(digit: int, sure: np.ndarray) -> None:
    """Say that there is nothing to do, and offer the digit that is second."""
    other = int(np.argsort(-sure, kind="stable")[1])
    st.info(t("draw_wish.already", k=digit, share=percent(sure[digit])))
    st.button(
        t("draw_wish.try_other", k=other),
        icon=":material/auto_fix_high:",
        key=f"{LESSON}.wish_other",
        on_click=wish_for,
        args=(other,),
    )


def _way(settings: Settings, network: Network, image: np.ndarray) -> Way | None:
    wished, smooth = settings.wish, bool(settings.smooth)

    def compute() -> Way | None:
        st.session_state[PLAYING] = False
        return way_to(network, image, wished, smooth)

    about = (network.lessons, image.tobytes(), wished, smooth)
    return newest("wish", network.learner, about, compute)


def _draw(image: np.ndarray, network: Network, way: Way) -> None:
    if st.session_state.get(WHOLE):
        st.rerun()
    if st.session_state.get(PLAYING):
        _advance(way)
    step = min(current().moment, way.last)
    _player(step, way)
    show_pictures(way, step)
    show_facts(way, step)
    left, right = st.columns(2, gap="large")
    with left:
        show_course(way, step)
    with right:
        ask_others(image, network, way, step)


def _advance(way: Way) -> None:
    """Go some steps on; at the last one it stops."""
    step = min(current().moment + max(1, round(way.last / FRAMES)), way.last)
    change(moment=step)
    if step == way.last:
        st.session_state[PLAYING] = False
        st.rerun()


def _player(step: int, way: Way) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="wish-play"):
        playing = bool(st.session_state.get(PLAYING))
        st.button(
            t("grid.pause") if playing else t("grid.play"),
            icon=":material/pause:" if playing else ":material/play_arrow:",
            key=f"{LESSON}.play_wish",
            type="primary",
            width=130,
            on_click=_toggle,
            args=(way.last,),
        )
        with st.container(width=460):
            _slider(step, way.last, SHOWN if playing else SLIDER)


def _slider(step: int, last: int, key: str) -> None:
    """Draw the slider; while it plays, another one that only shows.

    A slow browser may send where the slider stood a moment before: nobody has chosen that.
    """
    st.session_state[key] = step
    rests = key == SLIDER
    st.slider(
        t("draw_wish.step"),
        0,
        last,
        None,
        1,
        key=key,
        on_change=_take_moment if rests else None,
        disabled=not rests,
    )


def _take_moment() -> None:
    change(moment=st.session_state[SLIDER])
    st.session_state[WHOLE] = True
