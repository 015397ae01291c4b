"""A reader that works: any captcha, cut in three ways, and read without cutting."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import streamlit as st

from core.captcha_style import STYLE_RANGES, WHOLE_PARTS, difficulty
from core.line_reader import Reading
from pages._captcha.cutters import CLEANINGS, read_in_pieces
from pages._captcha.parts import SHOWN_PARTS, read_parts, write_parts
from pages._captcha.pictures import enlarged, heat, with_cuts
from pages._captcha.scores import show_scores
from pages._captcha.session import Drawn, change, dark, did, draw, read
from pages._captcha.settings import ALPHABETS, FONTS, LESSON, METHODS, Settings
from pages._captcha.tuning import show_tuning
from ui.announce import announce
from ui.cells import Cell, number_cells
from ui.described import show_picture
from ui.files import bring_picture
from ui.grid import TILE_WORD_KEYS, number_grids, tiles_payload
from ui.i18n import labels, t, template
from ui.pictures import (
    MOST_PICTURE_MEGABYTES,
    PictureError,
    on_white,
    picture_sentence,
    read_picture,
)
from ui.state import bound, plain, shorten
from ui.walk import presenting

OWN = f"{LESSON}.own"  # a picture that the learner brought


def show(settings: Settings) -> None:
    """Draw the view."""
    st.markdown(t("captcha_read.lead"))
    understood = write_parts(read_parts(settings.parts))
    if settings.parts and len(understood.split(",")) != len(settings.parts.split(",")):
        st.warning(t("captcha_read.bad_parts", got=plain(shorten(settings.parts))))
    if settings.parts != understood:
        change(parts=understood)
    with st.container(key="reader-controls"):
        _controls(settings)
    own: np.ndarray | None = st.session_state.get(OWN)
    drawn = draw(settings, (settings.picture,)) if own is None else Drawn("", own)
    with st.container(key="reader"):
        _read_whole(settings, drawn)
    st.header(t("captcha_read.cutting"), anchor=False)
    st.markdown(t("captcha_read.cutting_lead"))
    _cleaning(settings)
    for column, method in zip(st.columns(3, gap="large"), METHODS[:-1], strict=True):
        with column:
            _read_pieces(settings, drawn, method)
    show_tuning(settings)
    show_scores()


def _controls(settings: Settings) -> None:
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        with st.container(width=230):
            st.slider(t("captcha_read.level"), 0.0, 1.0, None, step=0.05, **bound(LESSON, "level"))
        with st.container(width=130):
            st.number_input(t("captcha_read.length"), 1, 8, None, step=1, **bound(LESSON, "length"))
        st.segmented_control(
            t("captcha_read.alphabet"),
            ALPHABETS,
            format_func=labels("captcha_alphabet", ALPHABETS).get,
            **bound(LESSON, "alphabet"),
        )
        st.segmented_control(
            t("captcha_read.fonts"),
            FONTS,
            format_func=labels("captcha_fonts", FONTS).get,
            **bound(LESSON, "fonts"),
        )
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        st.button(
            t("captcha_read.another"),
            icon=":material/casino:",
            type="primary",
            key=f"{LESSON}.another",
            on_click=another,
            args=(settings.picture,),
        )
        with st.popover(t("captcha_read.parts"), icon=":material/tune:"):
            _parts(settings)
        with st.popover(t("captcha_read.bring"), icon=":material/upload:"):
            _upload()
        if OWN in st.session_state:
            st.button(
                t("captcha_read.back"),
                icon=":material/undo:",
                type="tertiary",
                key=f"{LESSON}.back",
                on_click=lambda: st.session_state.pop(OWN, None),
            )


def another(now: int) -> None:
    """Draw the next picture."""
    st.session_state.pop(OWN, None)
    change(picture=(now + 1) % 1_000_000)
    did("drew")


def _parts(settings: Settings) -> None:
    """Draw a slider for each part of the difficulty."""
    by_hand = read_parts(settings.parts)
    style = {**asdict(difficulty(settings.level)), **by_hand}
    st.markdown(t("captcha_read.parts_lead"))
    for name in SHOWN_PARTS:
        least, most = STYLE_RANGES[name]
        key = f"{LESSON}.part.{name}"
        whole = name in WHOLE_PARTS
        st.session_state[key] = style[name] if whole else float(style[name])
        st.slider(
            t(f"captcha_part.{name}"),
            int(least) if whole else least,
            int(most) if whole else most,
            None,
            step=1 if whole else (most - least) / 50,
            key=key,
            on_change=_take_part,
            args=(name,),
        )
    if by_hand:
        st.button(
            t("captcha_read.parts_forget"), key=f"{LESSON}.parts_forget", on_click=_forget_parts
        )


def _take_part(name: str) -> None:
    settings: Settings = st.session_state[f"{LESSON}.settings"]
    value = st.session_state[f"{LESSON}.part.{name}"]
    change(parts=write_parts({**read_parts(settings.parts), name: value}))


def _forget_parts() -> None:
    change(parts="")


def _upload() -> None:
    st.markdown(t("captcha_read.bring_lead"))
    bring_picture(LESSON, t("captcha_read.bring_file"), MOST_PICTURE_MEGABYTES, take_picture)


def take_picture(name: str, content: bytes) -> str:
    """Read a picture from now on; return what was wrong with it, or nothing."""
    try:
        picture = read_picture(name, content)
    except PictureError as error:
        return picture_sentence(error)
    st.session_state[OWN] = on_white(picture)
    did("drew")
    return ""


def _read_whole(settings: Settings, drawn: Drawn) -> None:
    """Draw the picture, what the network reads, and which columns made each character."""
    found = read(drawn.picture, settings)
    picture, answer = st.columns([1.2, 1], gap="large")
    with picture:
        height, width = drawn.picture.shape[:2]
        show_picture(enlarged(drawn.picture), t("alt.captcha", width=width, height=height))
        if found.text:
            show_picture(heat(found.columns, dark=dark()), t("alt.heat"))
            st.caption(t("captcha_read.heat"))
    with answer:
        _say(found.text, drawn.text)
        if found.text:
            sure = t("captcha_read.sure", share=f"{found.confidence:.1%}")
            st.markdown(sure)
            announce(f"{' '.join(found.text)}. {sure}", key=f"{LESSON}.spoken")
            _characters(found)
        else:
            st.info(t("captcha_read.nothing"))


def _say(text: str, truth: str) -> None:
    """Write down what was read, with a mark if anybody knows what is right."""
    shown = plain(text) or "\u2014"
    if not truth:
        st.markdown(f"## {shown}")
        return
    mark = ":green[✓" if text == truth else ":orange[✗"
    st.markdown(f"## {mark} {shown}]")
    if text != truth:
        st.caption(t("captcha_read.truth", text=truth))


def _characters(found: Reading) -> None:
    number_cells(
        [
            Cell(
                character,
                sure,
                t("captcha_read.character", k=character, share=f"{sure:.1%}"),
                f"{sure:.0%}",
            )
            for character, sure in zip(found.text, found.characters, strict=True)
        ],
        key=f"{LESSON}.characters",
        label=t("captcha_read.characters"),
        large=presenting(),
    )


def _cleaning(settings: Settings) -> None:
    """Let the learner choose what is done to the ink before it is cut."""
    key = f"{LESSON}.clean"
    st.session_state[key] = [name for name in CLEANINGS if name in settings.clean.split(",")]
    st.pills(
        t("captcha_read.clean"),
        list(CLEANINGS),
        selection_mode="multi",
        format_func=labels("captcha_clean", CLEANINGS).get,
        key=key,
        on_change=_take_cleaning,
    )


def _take_cleaning() -> None:
    chosen = st.session_state[f"{LESSON}.clean"]
    change(clean=",".join(name for name in CLEANINGS if name in chosen))


def _read_pieces(settings: Settings, drawn: Drawn, method: str) -> None:
    """Draw the cuts of one method, the pieces, and what is read in them."""
    st.markdown(f"**{t(f'captcha_method.{method}')}**")
    st.caption(t(f"captcha_method.{method}_is"))
    count = len(drawn.text) or None
    found = read_in_pieces(drawn.picture, method, count, settings)
    if isinstance(found, str):
        st.info(found)
        return
    ink, pieces = found
    words = t("alt.pieces", n=len(pieces.images))
    show_picture(with_cuts(ink, pieces.cutting, dark=dark()), words)
    number_grids(
        tiles_payload(
            pieces.images / 255.0,
            [f"{sure:.0%}" for sure in pieces.sureness],
            words={key: template(f"grid.{key}") for key in TILE_WORD_KEYS},
            scale="sequential",
            limit=1.0,
            legend=False,
            columns=max(5, len(pieces.images)),
            large=presenting(),
        ),
        key=f"{LESSON}.pieces.{method}",
    )
    _say(pieces.text, drawn.text)
