"""What the network gets: every step of the preparation, and what happens without it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from core.digit_picture import PreparedDigit
from pages._draw.networks import Network, network_of
from pages._draw.session import change, dark, did
from pages._draw.settings import FARTHEST, LESSON, Settings
from pages._draw.sight import Sight, moved, prepare_skipping
from ui.answers import percent
from ui.cells import Cell, number_cells
from ui.i18n import t
from ui.ink import show_ink
from ui.state import bound
from ui.walk import presenting

STEPS = ("crop", "scale", "centre")
WIDE = 150  # pixels of a step's picture
MARK = 235  # the frame's ink, 0 to 255
PLACES = range(-FARTHEST, FARTHEST + 1)


def show(settings: Settings, sight: Sight) -> None:
    """Draw the view."""
    if sight.prepared is None or sight.picture is None:
        return
    st.markdown(t("draw_steps.lead"))
    _steps(settings, sight.prepared)
    if sight.image is None:
        return
    network = network_of(settings)
    with st.container(key="skip"):
        _skipping(settings, sight.picture, network)
    with st.container(key="shift"):
        _shifting(settings, sight, network)


def _steps(settings: Settings, found: PreparedDigit) -> None:
    """Draw the pictures of all steps, first to last."""
    pictures = {
        "grey": 255.0 - found.grey if not found.inverted else found.grey,
        "ink": _framed(found),
        "cropped": 255 * _square(found.cropped),
        "scaled": 255 * _square(found.scaled),
        "centred": moved(found.image, settings.down, settings.right),
    }
    sizes = {
        "grey": found.grey.shape,
        "ink": found.ink.shape,
        "cropped": found.cropped.shape,
        "scaled": found.scaled.shape,
        "centred": (28, 28),
    }
    with st.container(key="steps", horizontal=True, gap="medium"):
        for place, (name, picture) in enumerate(pictures.items(), 1):
            with st.container(width=WIDE, gap="small"):
                st.markdown(f"**{place} · {t(f'draw_steps.{name}')}**")
                _show(picture, t(f"draw_steps.{name}"))
                height, width = sizes[name]
                st.caption(t(f"draw_steps.{name}_is", height=height, width=width))


def _show(picture: np.ndarray, words: str) -> None:
    """Draw ink, 0 to 255, of any size, from no fewer pixels than it is shown with."""
    show_ink(picture, words, dark=dark(), size=2 * WIDE, width=WIDE)


def _square(ink: np.ndarray) -> np.ndarray:
    """Return ink in the middle of a square."""
    height, width = ink.shape
    side = max(height, width)
    square = np.zeros((side, side), np.float32)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = ink
    return square


def _framed(found: PreparedDigit) -> np.ndarray:
    """Return the ink with the frame around it that is cut out."""
    picture = 255 * found.ink
    left, top, right, bottom = found.box
    thick = max(1, max(picture.shape) // 100)
    frame = np.zeros(picture.shape, bool)
    frame[max(0, top - thick) : bottom + thick, max(0, left - thick) : right + thick] = True
    frame[top:bottom, left:right] = False
    return np.where(frame, MARK, picture)


def _skipping(settings: Settings, picture: np.ndarray, network: Network) -> None:
    """Draw what the network gets and says without each step, with the switches."""
    st.header(t("draw_steps.skip"), anchor=False)
    st.markdown(t("draw_steps.skip_lead"))
    whole = replace(settings, crop=1, scale=1, centre=1)
    cases = {"all": whole} | {step: replace(whole, **{step: 0}) for step in STEPS}
    images = np.stack([prepare_skipping(picture, case).image for case in cases.values()])
    answers = np.nan_to_num(network.sure(images))
    with st.container(horizontal=True, gap="medium"):
        for name, image, sure in zip(cases, images, answers, strict=True):
            with st.container(width=WIDE, gap="small"):
                st.markdown(f"**{t(f'draw_steps.without_{name}')}**")
                words = t(f"draw_steps.without_{name}")
                show_ink(image, words, dark=dark(), size=WIDE, width=112)
                said = int(sure.argmax())
                st.markdown(t("draw_steps.then", said=said, share=percent(sure[said])))
                if name != "all":
                    _switch(name)
    left_out = [t(f"draw_steps.name_{step}") for step in STEPS if not getattr(settings, step)]
    if left_out:
        st.info(t("draw_steps.skipped", steps=", ".join(left_out)))
    st.caption(t("draw_steps.skip_notice"))


def _switch(step: str) -> None:
    key = f"{LESSON}.skip_{step}"
    field = bound(LESSON, step)
    st.session_state[key] = not st.session_state[field["key"]]

    def take() -> None:
        change(**{step: int(not st.session_state[key])})
        did("skipped")

    st.toggle(t("draw_steps.skip_it"), key=key, on_change=take)


def _shifting(settings: Settings, sight: Sight, network: Network) -> None:
    """Draw what the network says of the finished image, moved by a few pixels each way."""
    assert sight.prepared is not None
    image = sight.prepared.image
    ways = [(down, right) for down in PLACES for right in PLACES]
    sure = np.nan_to_num(network.sure(np.stack([moved(image, *way) for way in ways])))
    said = sure.argmax(axis=1)
    middle = int(said[ways.index((0, 0))])
    st.header(t("draw_steps.shift"), anchor=False)
    st.markdown(t("draw_steps.shift_lead", said=middle))
    cells = []
    for way, digit, row in zip(ways, said, sure, strict=True):
        shade = float(row[digit]) * (-1 if digit == middle else 1)
        share = f"{row[digit]:.0%}"
        says = t("draw_steps.shift_says", down=way[0], right=way[1], said=digit, share=share)
        cells.append(Cell(str(digit), shade, says))
    names = [f"{place:+d}".replace("-", "\u2212") if place else "0" for place in PLACES]
    number_cells(
        cells,
        key=f"{LESSON}.shift",
        label=t("draw_steps.shift"),
        heads=names,
        sides=names,
        across=t("draw_steps.to_the_right"),
        down=t("draw_steps.downwards"),
        scale="diverging",
        chosen=ways.index((settings.down, settings.right)),
        on_choose=lambda number: _move(*ways[number]),
        large=presenting(),
    )
    others = int((said != middle).sum())
    near = sum(said[ways.index(way)] != middle for way in ((0, 1), (1, 0), (0, -1), (-1, 0)))
    st.caption(t("draw_steps.shift_notice", n=len(ways), others=others, near=int(near)))


def _move(down: int, right: int) -> None:
    change(down=down, right=right)
    did("moved")
