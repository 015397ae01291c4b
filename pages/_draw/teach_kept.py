"""The learner's small data set: drawings, with what each of them should have been."""

from __future__ import annotations

import hashlib
from functools import partial

import numpy as np
import streamlit as st

from core.digits import Digits
from pages._draw.kept import newest
from pages._draw.networks import Network
from pages._draw.session import current, did, sight_now
from pages._draw.settings import AUTO, LESSON, Settings
from pages._draw.sight import Sight
from pages._draw.truth import choose_truth
from ui.grid import TILE_WORD_KEYS, number_grids, tiles_payload
from ui.i18n import t, template
from ui.walk import presenting

KEPT = f"{LESSON}.kept"
BEFORE = f"{LESSON}.kept_before"  # what it was until something was taken out
CHOSEN = f"{LESSON}.kept_chosen"
WALLS = f"{LESSON}.kept_walls"  # a new wall after each removal: the old one's choice is over
NOTE = f"{LESSON}.teach_note"  # (what kind, a sentence) about what was just done
MOST_KEPT = 200
AT_ONCE = 24  # drawings; a wall of more is scrolled, or what follows would be far away


def kept() -> Digits:
    """Return the drawings that were kept."""
    nothing = Digits(np.empty((0, 28, 28), np.uint8), np.empty(0, np.int64))
    digits: Digits = st.session_state.get(KEPT, nothing)
    return digits


def mark_of(digits: Digits) -> str:
    """Return a text that is another one for other digits."""
    content = digits.images.tobytes() + digits.labels.tobytes()
    return hashlib.sha256(content).hexdigest()


def note(kind: str, sentence: str) -> None:
    """Leave a sentence ("success", "info", "warning", "error") beside the drawings."""
    st.session_state[NOTE] = kind, sentence


def show_note() -> None:
    """Draw the sentence that was left; it goes when the learner does the next thing."""
    said = st.session_state.pop(NOTE, None)
    if said is not None:
        getattr(st, said[0])(said[1])


def add(digits: Digits) -> int:
    """Add digits that are not there yet, as far as there is room; return how many."""
    here = kept()
    known = {image.tobytes() for image in here.images}
    fresh = []
    for place, image in enumerate(digits.images):
        if len(known) < MOST_KEPT and image.tobytes() not in known:
            known.add(image.tobytes())
            fresh.append(place)
    if fresh:
        images = np.concatenate([here.images, digits.images[fresh]])
        _put(Digits(images, np.concatenate([here.labels, digits.labels[fresh]])))
        st.session_state.pop(BEFORE, None)
    return len(fresh)


def keep_drawing() -> None:
    """Keep what is drawn, with what it should have been."""
    settings, sight = current(), sight_now()
    if sight.image is None or sight.digits or settings.truth == AUTO:
        return
    one = Digits(sight.image[None], np.array([settings.truth], np.int64))
    here = kept()
    [same] = np.nonzero((here.images == sight.image).all(axis=(1, 2)))
    if len(same) and here.labels[same[0]] == settings.truth:
        note("info", t("draw_teach.known", k=settings.truth))
    elif len(same):
        labels = here.labels.copy()
        labels[same[0]] = settings.truth
        _put(Digits(here.images, labels))
        note("success", t("draw_teach.renamed", k=settings.truth))
    elif add(one):
        note("success", t("draw_teach.added", k=settings.truth, n=len(kept()), most=MOST_KEPT))
    else:
        note("warning", t("draw_teach.full", most=MOST_KEPT))
        return
    did("kept")


def remove(places: list[int], mark: str) -> None:
    """Take out drawings; ``mark`` is what they were chosen from, or a second click takes more."""
    here = kept()
    if mark != mark_of(here):
        return
    st.session_state[BEFORE] = here
    _put(Digits(np.delete(here.images, places, axis=0), np.delete(here.labels, places)))
    st.session_state.pop(CHOSEN, None)
    st.session_state[WALLS] = st.session_state.get(WALLS, 0) + 1


def bring_back() -> None:
    """Bring back what was taken out last."""
    before = st.session_state.pop(BEFORE, None)
    if before is not None:
        _put(before)


def _put(digits: Digits) -> None:
    st.session_state[KEPT] = digits


def says_of(network: Network, digits: Digits) -> np.ndarray:
    """Return what a network says of each digit, (N,); −1 where its outputs are no numbers."""

    def ask() -> np.ndarray:
        sure = network.sure(digits.images)
        return np.where(np.isfinite(sure).all(axis=1), np.nan_to_num(sure).argmax(axis=1), -1)

    return newest("kept_says", network.learner, mark_of(digits), ask)


def show_truth(settings: Settings, sight: Sight) -> None:
    """Ask what the drawing should have been, and offer to keep it."""
    st.markdown(t("draw_teach.lead"))
    choose_truth(settings)
    chosen = settings.truth != AUTO
    st.button(
        t("draw_teach.keep_as", k=settings.truth) if chosen else t("draw_teach.keep"),
        icon=":material/bookmark_add:",
        type="primary",
        key=f"{LESSON}.keep",
        disabled=not chosen or sight.image is None or bool(sight.digits),
        on_click=keep_drawing,
    )
    show_note()
    if sight.digits:
        st.caption(t("draw_teach.only_one"))
    elif sight.image is None:
        st.caption(t("draw_teach.draw_first"))
    elif not chosen:
        st.caption(t("draw_teach.say_first"))


def show_kept(network: Network) -> None:
    """Draw what was kept, and what the network says of it; let it be taken out again."""
    digits = kept()
    if len(digits):
        says = says_of(network, digits)
        right = int((says == digits.labels).sum())
        name = t(f"draw_network.{network.id}")
        st.markdown(t("draw_teach.reads", name=name, right=right, n=len(digits)))
        with st.container(height=420 if len(digits) > AT_ONCE else "content", border=False):
            _wall(digits, says)
    else:
        st.info(t("draw_teach.nothing_kept"))
    with st.container(horizontal=True, gap="small"):
        _removal(digits)


def _wall(digits: Digits, says: np.ndarray) -> None:
    captions, labels = [], []
    for place, (truth, said) in enumerate(zip(digits.labels, says, strict=True), start=1):
        word = "tile_right" if truth == said else "tile_wrong"
        answer = said if said >= 0 else "?"
        captions.append(t(f"draw_teach.{word}", k=truth, said=answer))
        labels.append(t(f"draw_teach.{word}_says", i=place, k=truth, said=answer))
    chosen = st.session_state.get(CHOSEN)
    number_grids(
        tiles_payload(
            digits.images / 255.0,
            captions,
            words={key: template(f"grid.{key}") for key in TILE_WORD_KEYS},
            labels=labels,
            scale="sequential",
            limit=1.0,
            legend=False,
            chosen=chosen,
            large=presenting(),
        ),
        key=f"{LESSON}.kept_wall.{st.session_state.get(WALLS, 0)}",
        on_choose=_choose,
    )


def _choose(tile: str | None) -> None:
    st.session_state[CHOSEN] = None if tile is None else int(tile)


def _removal(digits: Digits) -> None:
    chosen = st.session_state.get(CHOSEN)
    some = chosen is not None and chosen < len(digits)
    take_out = partial(remove, mark=mark_of(digits))
    if len(digits):
        st.button(
            t("draw_teach.remove_one"),
            icon=":material/bookmark_remove:",
            key=f"{LESSON}.remove_one",
            disabled=not some,
            on_click=take_out,
            args=([chosen],),
        )
        st.button(
            t("draw_teach.remove_all"),
            icon=":material/delete:",
            key=f"{LESSON}.remove_all",
            on_click=take_out,
            args=(list(range(len(digits))),),
        )
    if BEFORE in st.session_state:
        st.button(
            t("draw_teach.bring_back"),
            icon=":material/undo:",
            key=f"{LESSON}.bring_back",
            on_click=bring_back,
        )
