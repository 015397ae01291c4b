"""One digit: a picture for people, and the 784 numbers that a network gets."""

from __future__ import annotations

import streamlit as st

from pages._mnist.data_look import (
    ANY,
    NAME,
    ROLES,
    Chosen,
    another_one,
    choose_digit,
    choose_pixel,
    chosen_pixel,
    dark,
)
from pages._mnist.session import digits
from ui.i18n import t, template
from ui.ink import ink_numbers, show_ink
from ui.state import bound


def show_digit(chosen: Chosen) -> None:
    """Draw the choice, the picture, the numbers."""
    st.markdown(t("mnist_data.lead"))
    _show_choice(chosen)
    row, column = chosen_pixel(chosen)
    values = {"role": t(f"mnist_data.one_{chosen.role}"), "n": f"{chosen.place:,}"}
    with st.container(key="data-digit"):
        picture, numbers = st.columns([1, 2.45], gap="small")
        with picture:
            caption = t("mnist_data.picture", label=chosen.label, **values)
            show_ink(chosen.image, caption, dark=dark(), size=252, width=252, printed=True)
            _show_pixel(chosen, row, column)
        with numbers:
            st.html(
                ink_numbers(
                    chosen.image,
                    dark=dark(),
                    label=t("mnist_data.numbers_label", label=chosen.label, **values),
                    says=template("mnist_data.pixel_at"),
                    chosen=(row, column),
                )
            )
            inked = int((chosen.image > 0).sum())
            st.caption(t("mnist_data.numbers", inked=inked, empty=784 - inked))


def _show_choice(chosen: Chosen) -> None:
    sets = dict(zip(ROLES, digits(), strict=True))
    names = {role: t(f"mnist_data.set_{role}", n=f"{len(sets[role]):,}") for role in ROLES}
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="data-choice"):
        key = f"{NAME}.role"
        st.session_state[key] = chosen.role
        st.segmented_control(
            t("mnist_data.set"), ROLES, format_func=names.get, key=key, on_change=_take_set
        )
        key = f"{NAME}.place"
        st.session_state[key] = chosen.place
        last = len(chosen.digits) - 1
        with st.container(width=190, key="data-place"):
            st.number_input(
                t("mnist_data.place", last=f"{last:,}"),
                0,
                last,
                None,
                step=1,
                key=key,
                on_change=_take_place,
                args=(chosen.role,),
            )
        with st.container(width=150, key="data-only"):
            show_only()
        st.button(
            t("mnist_data.another"),
            icon=":material/shuffle:",
            key=f"{NAME}.another",
            on_click=another_one,
            args=(chosen.role,),
        )


def show_only() -> None:
    """Let the learner choose of which class examples are wanted."""
    names = {ANY: t("mnist_data.any"), **{k: t("mnist_data.class", k=k) for k in range(10)}}
    st.selectbox(t("mnist_data.only"), list(names), format_func=names.get, **bound(NAME, "only"))


def _show_pixel(chosen: Chosen, row: int, column: int) -> None:
    """Let the learner choose a pixel, and say all about it."""
    with st.container(horizontal=True, gap="small"):
        for name, value in (("row", row), ("column", column)):
            key = f"{NAME}.pixel_{name}"
            st.session_state[key] = value
            with st.container(width=128):
                st.number_input(
                    t(f"mnist_data.{name}"), 0, 27, None, step=1, key=key, on_change=_take_pixel
                )
    value = int(chosen.image[row, column])
    place = 28 * row + column
    st.markdown(t("mnist_data.pixel", row=row, column=column, value=value, place=place))


def _take_set() -> None:
    role = st.session_state[f"{NAME}.role"]
    if role in ROLES:
        choose_digit(role, 0)


def _take_place(role: str) -> None:
    place = st.session_state[f"{NAME}.place"]
    if place is not None:
        choose_digit(role, place)


def _take_pixel() -> None:
    row, column = (st.session_state[f"{NAME}.pixel_{name}"] for name in ("row", "column"))
    if row is not None and column is not None:
        choose_pixel(row, column)
