"""The desk: the canvas with its tools, what became of the drawing, and who says what it is."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.digit_picture import DigitPictureError, prepare_digit
from pages._draw.examples import example
from pages._draw.networks import network_named, network_of
from pages._draw.session import (
    BEGUN,
    PHOTO,
    canvas_key,
    change,
    clear,
    current,
    dark,
    new_sheet,
    put_strokes,
    strokes_now,
    take_photo,
    take_strokes,
    undo,
)
from pages._draw.settings import LESSON, NETWORKS, Settings
from pages._draw.sight import Sight
from ui.announce import announce
from ui.answers import Bar, bars, percent
from ui.canvas import show_canvas
from ui.curves import INK
from ui.digits import write_digit
from ui.files import bring_picture
from ui.i18n import labels, t
from ui.ink import show_ink
from ui.pictures import MOST_PICTURE_MEGABYTES, PictureError, picture_sentence, read_picture
from ui.state import bound
from ui.strokes import SIDE, Stroke

THEME = f"{LESSON}.theme"

# A picture of ink on the page's own paper would not show where it ends.
FRAMES = """<style>
.st-key-desk img.described, .st-key-view img.described {
  outline: 1px solid rgba(128, 128, 128, 0.4); }
.st-key-verdict { min-height: 3rem; max-width: 320px; }
</style>"""


def show_desk(settings: Settings, sight: Sight) -> None:
    """Draw the desk."""
    st.html(FRAMES)
    with st.container(key="desk"):
        paper, seen, answer = st.columns([1.75, 1, 1.75], gap="large")
        with answer:
            sure = _bars(settings, sight)
        with paper, st.container(key="paper", gap="small"):
            _canvas(settings)
            with st.container(key="verdict"):
                _verdict(settings, sight, sure)
            _tools(settings)
        with seen:
            _seen(sight)


def _canvas(settings: Settings) -> None:
    st.markdown(f"**{t('draw.here')}**")
    theme = "dark" if dark() else "light"
    if st.session_state.get(THEME) != theme:  # the pen's colour is part of what is drawn
        st.session_state[THEME] = theme
        new_sheet(strokes_now())
    show_canvas(
        st.session_state[BEGUN],
        key=canvas_key(),
        pen=settings.pen,
        colour=INK[theme],
        on_draw=_drawn,
    )


def _tools(settings: Settings) -> None:
    with st.container(horizontal=True, gap="small", width=SIDE, vertical_alignment="bottom"):
        blank = not settings.drawing
        st.button(
            t("draw.undo"),
            icon=":material/undo:",
            key=f"{LESSON}.undo",
            disabled=blank,
            on_click=undo,
        )
        st.button(
            t("draw.clear"),
            icon=":material/delete:",
            key=f"{LESSON}.clear",
            disabled=blank and not settings.own,
            on_click=clear,
        )
        st.button(
            t("draw.example"),
            icon=":material/casino:",
            key=f"{LESSON}.example",
            on_click=draw_example,
        )
        with st.popover(t("draw.bring"), icon=":material/upload:"):
            _upload()
    with st.container(width=SIDE):
        st.slider(t("draw.pen"), 6, 44, None, **bound(LESSON, "pen"))
    if settings.own:
        st.caption(t("draw.brought" if PHOTO in st.session_state else "draw.brought_before"))


def _drawn(strokes: tuple[Stroke, ...]) -> None:
    """Take what the canvas says; it also says what it began with, and that is no news."""
    if strokes != strokes_now():
        take_strokes(strokes)


def draw_example(digit: int | None = None) -> None:
    """Draw a digit in the learner's place: this one, or any."""
    rng = np.random.default_rng()
    chosen = int(rng.integers(10)) if digit is None else digit
    put_strokes(example(chosen, current().pen, rng))


def _upload() -> None:
    st.markdown(t("draw.bring_lead"))
    bring_picture(LESSON, t("draw.bring_file"), MOST_PICTURE_MEGABYTES, take_picture)


def take_picture(name: str, content: bytes) -> str:
    """Read a picture in the drawing's place; return what was wrong with it, or nothing."""
    try:
        picture = read_picture(name, content)
        prepared = prepare_digit(picture)
    except (PictureError, DigitPictureError) as error:
        return picture_sentence(error)
    take_photo(picture, write_digit(prepared.image))
    return ""


def _seen(sight: Sight) -> None:
    st.markdown(f"**{t('draw.gets')}**")
    image = np.zeros((28, 28), np.uint8) if sight.image is None else sight.image
    words = t("alt.nothing" if sight.image is None else "alt.digit")
    show_ink(image, words, dark=dark(), size=196, width=196)
    st.caption(t("draw.gets_notice"))


def _bars(settings: Settings, sight: Sight) -> np.ndarray | None:
    """Let the learner choose who reads; draw and return how sure that one is of each digit."""
    names = [name for name in NETWORKS if network_named(name) is not None]
    if settings.network not in names:  # a link to one's own, which nobody else has
        change(network="cnn")
    st.segmented_control(
        t("draw.reader"),
        names,
        format_func=labels("draw_network", NETWORKS).get,
        **bound(LESSON, "network"),
    )
    if sight.image is None:
        st.html(bars([Bar(str(digit), 0.0, "") for digit in range(10)]))
        return None
    sure = network_of(settings).sure(sight.image[None])[0]
    most = int(np.nan_to_num(sure).argmax())
    rows = [Bar(str(k), float(p), percent(p), strong=k == most) for k, p in enumerate(sure)]
    st.html(bars(rows))
    return sure


def _verdict(settings: Settings, sight: Sight, sure: np.ndarray | None) -> None:
    """Say what is read, or why nothing is."""
    if sight.trouble is not None:
        st.warning(picture_sentence(sight.trouble))
    elif sure is None:
        st.info(t("draw.first"))
    elif sight.digits:
        _several(settings, sight)
    elif np.isfinite(sure).all():
        st.header(_says(sure), anchor=False)
    else:
        st.warning(t("draw.broken"))
    known = sure is not None and not sight.digits and np.isfinite(sure).all()
    announce(_says(sure).replace("**", "") if known else "", key=f"{LESSON}.spoken")


def _says(sure: np.ndarray) -> str:
    said = int(sure.argmax())
    return t("draw.says", said=said, share=percent(sure[said]))


def _several(settings: Settings, sight: Sight) -> None:
    """Say that there are several digits, and read each by itself."""
    images = np.stack([one.image for one in sight.digits])
    sure = np.nan_to_num(network_of(settings).sure(images))
    said = "".join(str(row.argmax()) for row in sure)
    shares = ", ".join(percent(row.max()) for row in sure)
    st.warning(t("draw.several", n=len(images), said=said, shares=shares))
    side_by_side = np.concatenate(list(images), axis=1)
    words = t("alt.digits", n=len(images))
    show_ink(side_by_side, words, dark=dark(), size=112, width=min(56 * len(images), SIDE))
    st.caption(t("draw.several_bars"))
