"""Which digit, and which network; and the network's answer."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.digit_picture import DigitPictureError, prepare_digit
from pages._real_cnn.session import BEST, COURSE, change, dark, did, moment_of
from pages._real_cnn.settings import LESSON, NETWORKS, Settings
from pages._real_cnn.sight import Sight
from ui import walk
from ui.answers import Bar, bars
from ui.digits import mnist_test, write_digit
from ui.files import bring_picture
from ui.i18n import labels, t
from ui.ink import show_ink
from ui.lessons import show_way_to
from ui.networks import course, shipped
from ui.pictures import MOST_PICTURE_MEGABYTES, PictureError, picture_sentence, read_picture
from ui.state import bound


def show_chooser(settings: Settings, sight: Sight) -> None:
    """Draw the digit with the answer, and what can be chosen."""
    with st.container(key="chooser"):
        picture, choice, answer = st.columns([1, 2.5, 2], gap="large")
        with picture:
            words = t("alt.digit")
            show_ink(sight.image, words, dark=dark(), size=196, width=196)
        with choice:
            _choose_digit(settings)
            _choose_network(settings)
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                walk.start_button(LESSON)
                show_way_to("cnn")
        with answer:
            show_answer(sight)


def _choose_digit(settings: Settings) -> None:
    test = mnist_test()
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        with st.container(width=150):
            most = len(test) - 1
            st.number_input(t("real_cnn.digit"), 0, most, None, step=1, **_digit_field())
        st.button(
            t("real_cnn.another"),
            icon=":material/casino:",
            key=f"{LESSON}.another",
            on_click=another,
            args=(settings.digit,),
        )
        with st.popover(t("real_cnn.bring"), icon=":material/upload:"):
            _upload()
    if settings.own:
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.caption(t("real_cnn.own_digit"), width="content")
            st.button(
                t("real_cnn.back_to_test"),
                icon=":material/undo:",
                type="tertiary",
                key=f"{LESSON}.back_to_test",
                on_click=change,
                kwargs={"own": ""},
            )


def _digit_field() -> dict[str, object]:
    """Return what binds the number of the test image; to set it puts a brought digit aside."""
    field = bound(LESSON, "digit")

    def take(lesson: str, name: str) -> None:
        field["on_change"](lesson, name)
        change(own="")
        did("chose_digit")

    return {**field, "on_change": take, "args": (LESSON, "digit")}


def another(now: int) -> None:
    """Take the next test image that shows another digit than this one."""
    marks = mnist_test().labels
    after = np.roll(marks != marks[now], -now - 1)
    change(digit=int((now + 1 + after.argmax()) % len(marks)), own="")
    did("chose_digit")


def _upload() -> None:
    st.markdown(t("real_cnn.bring_lead"))
    bring_picture(LESSON, t("real_cnn.bring_file"), MOST_PICTURE_MEGABYTES, take_picture)


def take_picture(name: str, content: bytes) -> str:
    """Use the digit in a picture from now on; return what was wrong with it, or nothing."""
    try:
        prepared = prepare_digit(read_picture(name, content))
    except (PictureError, DigitPictureError) as error:
        return picture_sentence(error)
    change(own=write_digit(prepared.image))
    did("chose_digit")
    return ""


def _choose_network(settings: Settings) -> None:
    moments = course(COURSE)
    st.segmented_control(
        t("real_cnn.network"),
        NETWORKS,
        format_func=labels("real_cnn_network", NETWORKS).get,
        **bound(LESSON, "network"),
    )
    if settings.network == "best":
        st.caption(t("real_cnn.best_is", share=f"{shipped(BEST).accuracy:.2%}"))
        return
    place = moment_of(settings)
    if settings.moment != place:
        change(moment=place)
    st.select_slider(
        t("real_cnn.moment"),
        range(len(moments)),
        format_func=[f"{moment.step:,}" for moment in moments].__getitem__,
        **bound(LESSON, "moment"),
    )
    st.caption(t("real_cnn.course_is", share=f"{moments[place].accuracy:.2%}"))


def show_answer(sight: Sight) -> None:
    """Draw the ten probabilities, and say which is the largest."""
    said, share = sight.said, f"{sight.sure[sight.said]:.1%}"
    if sight.truth is None:
        st.markdown(t("real_cnn.says", said=said, share=share))
    else:
        right = "right" if said == sight.truth else "wrong"
        st.markdown(t(f"real_cnn.says_{right}", said=said, share=share, truth=sight.truth))
    rows = [Bar(str(k), float(p), f"{p:.1%}", strong=k == said) for k, p in enumerate(sight.sure)]
    st.html(bars(rows))
