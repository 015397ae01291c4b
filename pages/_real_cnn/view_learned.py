"""What the network learned: kernels and maps of this digit over the course of the training."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages._real_cnn.chooser import show_answer
from pages._real_cnn.names import stage_name
from pages._real_cnn.session import COURSE, change, did, moment_of
from pages._real_cnn.settings import AUTO, LESSON, Settings
from pages._real_cnn.sight import Sight, look
from ui.grid import TILE_WORD_KEYS, number_grids, tiles_payload
from ui.i18n import t, template
from ui.networks import course
from ui.walk import presenting

PLAYING = f"{LESSON}.playing"
WHOLE = f"{LESSON}.whole"  # set when more than this view has to be drawn anew
SLIDER = f"{LESSON}.course_moment"
PAUSE = 0.9  # seconds between two moments while it plays


def show(settings: Settings, sight: Sight) -> None:
    """Draw the view; while it plays, it alone is drawn anew."""
    st.session_state.pop(WHOLE, None)
    st.markdown(t("real_cnn_learned.lead"))
    playing = bool(st.session_state.get(PLAYING))
    st.fragment(lambda: _draw(sight), run_every=PAUSE if playing else None)()


def _draw(sight: Sight) -> None:
    if st.session_state.get(WHOLE):
        st.rerun()
    moments = course(COURSE)
    if st.session_state.get(PLAYING):
        _advance(len(moments))
    place = moment_of(st.session_state[f"{LESSON}.settings"])
    _player(place)
    seen = look(moments[place].learner, sight.image, sight.truth, AUTO)
    with st.container(key="course"):
        left, right = st.columns([3, 2], gap="large")
        with left:
            _pictures(seen)
        with right:
            st.metric(t("real_cnn_learned.right"), f"{moments[place].accuracy:.2%}")
            show_answer(seen)


def _advance(count: int) -> None:
    """Go to the next moment; at the last one it stops."""
    place = min(moment_of(st.session_state[f"{LESSON}.settings"]) + 1, count - 1)
    change(moment=place)
    if place == count - 1:
        st.session_state[PLAYING] = False
        st.rerun()


def _player(place: int) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="course-play"):
        playing = bool(st.session_state.get(PLAYING))
        st.button(
            t("grid.pause") if playing else t("grid.play"),
            icon=":material/pause:" if playing else ":material/play_arrow:",
            key=f"{LESSON}.play_course",
            type="primary",
            width=130,
            on_click=toggle,
        )
        st.session_state[SLIDER] = place
        steps = [f"{moment.step:,}" for moment in course(COURSE)]
        with st.container(width=460):
            st.select_slider(
                t("real_cnn_learned.moment"),
                range(len(steps)),
                format_func=steps.__getitem__,
                key=SLIDER,
                on_change=_take_moment,
            )
        st.button(
            t("real_cnn_learned.look_inside"),
            icon=":material/search:",
            type="tertiary",
            key=f"{LESSON}.look_inside",
            on_click=_look_inside,
        )


def toggle() -> None:
    """Pause; or play, from the beginning if it stands at the end."""
    playing = not st.session_state.get(PLAYING, False)
    if playing and moment_of(st.session_state[f"{LESSON}.settings"]) == len(course(COURSE)) - 1:
        change(moment=0)
    st.session_state[PLAYING] = playing
    st.session_state[WHOLE] = True
    did("watched")


def _take_moment() -> None:
    change(moment=st.session_state[SLIDER])
    st.session_state[PLAYING] = False
    st.session_state[WHOLE] = True
    did("watched")


def _look_inside() -> None:
    change(network="course", view="maps")
    st.session_state[PLAYING] = False
    st.session_state[WHOLE] = True


def _pictures(seen: Sight) -> None:
    """Draw the kernels of the first convolution, and the maps of both."""
    first, second = (stage for stage in seen.stages if stage.kind == "conv")
    across = len(first.out)
    _tiles(first.layer.params["weight"][:, 0], "kernels", t("real_cnn_learned.kernels"), across)
    for stage in (first, second):
        title = t("real_cnn_learned.maps", stage=stage_name(stage))
        _tiles(stage.out, f"maps{stage.number}", title, across)


def _tiles(pictures: np.ndarray, name: str, title: str, across: int) -> None:
    number_grids(
        tiles_payload(
            pictures,
            [str(k + 1) for k in range(len(pictures))],
            words={key: template(f"grid.{key}") for key in TILE_WORD_KEYS},
            columns=across,
            title=title,
            large=presenting(),
        ),
        key=f"{LESSON}.course_{name}",
    )
