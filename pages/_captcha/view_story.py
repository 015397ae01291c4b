"""The story of the notes: draw, grey, cut, shrink, read; every step a picture with its numbers."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.captcha import CaptchaError, notes_captcha
from core.captcha_story import StoryReading, read_story
from pages._captcha.session import (
    captcha_sentence,
    change,
    cut_of,
    dark,
    did,
    story_font,
    story_network,
)
from pages._captcha.settings import LESSON, STORY_FONTS, Settings
from ui.answers import Bar, bars
from ui.described import show_picture
from ui.grid import TILE_WORD_KEYS, number_grids, tiles_payload
from ui.i18n import labels, t, template
from ui.ink import ink_numbers
from ui.state import bound, plain
from ui.walk import presenting

SLICE = f"{LESSON}.slice"
DIGITS = "0123456789"


def show(settings: Settings) -> None:
    """Draw the view."""
    st.markdown(t("captcha_story.lead"))
    _controls(settings)
    picture = drawn(settings)
    if isinstance(picture, str):
        st.error(picture)
        return
    network = story_network(settings)
    found = read_story(network, picture, len(settings.word), cut_of(settings))
    with st.container(key="steps"):
        _steps(settings, picture, found)
    with st.container(key="slice"):
        _one_slice(settings, found)


def drawn(settings: Settings) -> np.ndarray | str:
    """Return the captcha as the notes draw it, or a sentence about why there is none."""
    strange = [character for character in settings.word if character not in DIGITS]
    if strange:
        return t("captcha_story.only_digits", got=plain("".join(strange[:5])))
    try:
        return notes_captcha(settings.word, story_font(settings), settings.size, settings.spaces)
    except CaptchaError as error:
        return captcha_sentence(error)


def wrong_in_story(settings: Settings) -> list[int]:
    """Return the digits of the captcha that are read wrongly, in their order."""
    picture = drawn(settings)
    if isinstance(picture, str):
        return []
    found = read_story(story_network(settings), picture, len(settings.word), cut_of(settings))
    pairs = zip(settings.word, found.digits, strict=True)
    return [int(truth) for truth, said in pairs if truth != str(said)]


def _controls(settings: Settings) -> None:
    with st.container(
        horizontal=True, gap="small", vertical_alignment="bottom", key="story-controls"
    ):
        with st.container(width=170):
            st.text_input(t("captcha_story.text"), max_chars=8, **bound(LESSON, "word"))
        with st.container(width=200):
            st.selectbox(
                t("captcha_story.font"),
                STORY_FONTS,
                format_func=labels("captcha_font", STORY_FONTS).get,
                **bound(LESSON, "font"),
            )
        with st.container(width=130):
            st.number_input(t("captcha_story.size"), 10, 30, None, step=1, **bound(LESSON, "size"))
        with st.container(width=130):
            st.number_input(
                t("captcha_story.spaces"), 0, 3, None, step=1, **bound(LESSON, "spaces")
            )
        st.selectbox(
            t("captcha_story.trim"),
            (0, 1),
            format_func={0: t("captcha_story.trim_0"), 1: t("captcha_story.trim_1")}.get,
            width=200,
            **bound(LESSON, "trim"),
        )
        st.button(
            t("captcha_story.other_network"),
            icon=":material/casino:",
            key=f"{LESSON}.other_network",
            on_click=_other_network,
            args=(settings,),
            help=t("captcha_story.other_network_help"),
        )


def _other_network(settings: Settings) -> None:
    change(seed=(settings.seed + 1) % 1000)
    did("other_network")


def _steps(settings: Settings, picture: np.ndarray, found: StoryReading) -> None:
    """Draw the five steps for the whole captcha."""
    first, second = st.columns(2, gap="large")
    height, width = picture.shape[:2]
    with first:
        st.markdown(f"**1 · {t('captcha_story.draw')}**")
        words = t("alt.captcha", width=width, height=height)
        show_picture(picture.repeat(4, axis=0).repeat(4, axis=1), words)
        st.caption(t("captcha_story.draw_is", width=width, height=height))
    with second:
        st.markdown(f"**2 · {t('captcha_story.grey')}**")
        show_picture(found.grey.repeat(4, axis=0).repeat(4, axis=1), t("alt.captcha_grey"))
        st.caption(t("captcha_story.grey_is", n=f"{found.grey.size:,}"))
    count = len(found.slices)
    st.markdown(f"**3 · {t('captcha_story.cut', n=count)}**")
    _tiles(found.slices / 255.0, [str(k + 1) for k in range(count)], "slices")
    st.markdown(f"**4 · {t('captcha_story.shrink')}**")
    _tiles(found.small / 255.0, [str(k + 1) for k in range(count)], "small")
    read = "".join(map(str, found.digits))
    right = read == settings.word
    st.markdown(f"**5 · {t('captcha_story.read')}**")
    marks = " ".join(
        f":green[**{said}**]" if str(said) == truth else f":orange[**{said}**]"
        for said, truth in zip(found.digits, settings.word, strict=True)
    )
    st.markdown(f"## {marks}")
    wrong = sum(str(a) != b for a, b in zip(found.digits, settings.word, strict=True))
    st.markdown(t("captcha_story.all_right" if right else "captcha_story.some_wrong", n=wrong))


def _tiles(pictures: np.ndarray, captions: list[str], name: str) -> None:
    number_grids(
        tiles_payload(
            pictures,
            captions,
            words={key: template(f"grid.{key}") for key in TILE_WORD_KEYS},
            labels=[t("captcha_story.slice", k=caption) for caption in captions],
            scale="sequential",
            limit=1.0,
            legend=False,
            chosen=st.session_state.get(SLICE, 0),
            columns=8,
            large=presenting(),
        ),
        key=f"{LESSON}.{name}",
        on_choose=_choose,
    )


def _choose(tile: str | None) -> None:
    if tile is not None:
        choose_slice(int(tile))


def choose_slice(number: int) -> None:
    """Choose the slice whose numbers are shown."""
    st.session_state[SLICE] = number
    did("chose_slice")


def _one_slice(settings: Settings, found: StoryReading) -> None:
    """Draw one slice's numbers: its pixels, the 8×8 that are left of them, ten outputs."""
    chosen = min(st.session_state.get(SLICE, 0), len(found.slices) - 1)
    st.header(t("captcha_story.slice", k=chosen + 1), anchor=False)
    says = template("captcha_story.pixel")
    pixels, small, answer = st.columns([1.5, 1, 1.1], gap="large")
    with pixels:
        st.caption(t("captcha_story.pixels"))
        label = t("captcha_story.pixels")
        st.html(ink_numbers(found.slices[chosen], dark=dark(), label=label, says=says, cell=19))
    with small:
        st.caption(t("captcha_story.small"))
        label = t("captcha_story.small")
        st.html(ink_numbers(found.small[chosen], dark=dark(), label=label, says=says, cell=30))
        st.caption(t("captcha_story.inputs"))
    with answer:
        outputs = found.outputs[chosen]
        said, truth = int(found.digits[chosen]), settings.word[chosen]
        st.caption(t("captcha_story.outputs"))
        notes = {int(truth): t("captcha_story.it_is")}
        rows = [
            Bar(str(k), float(share), f"{share:.2f}", notes.get(k, ""), strong=k == said)
            for k, share in enumerate(outputs)
        ]
        st.html(bars(rows))
