"""The repair, with its ledger: what more samples of one digit gain, and what they cost."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.captcha_repair import Ledger, repair_ledger, repair_network
from core.captcha_story import Examples, printed_examples, printed_slices, read_slices
from core.classic import ThreeLayerNetwork
from pages._captcha.session import (
    accept,
    cut_of,
    did,
    handwritten,
    repairs,
    seeds,
    story_font,
    story_network,
    take_back,
)
from pages._captcha.settings import AUTO, EVERY, LESSON, Settings
from pages._captcha.view_story import wrong_in_story
from ui.i18n import t
from ui.ledger import show_ledger
from ui.state import bound, update

TRIED = f"{LESSON}.tried"  # what the repair was tried with, and the network that came of it
CAPTCHAS = 200  # of five printed digits each, for the ledger


def show(settings: Settings) -> None:
    """Draw the view."""
    st.markdown(t("captcha_repair.lead"))
    before = story_network(settings)
    printed = printed_test(settings)
    failing = _failing(settings, before, printed)
    with st.container(key="repair"):
        _controls(settings, failing)
    key = _tried_with(settings, failing, before)
    if st.session_state.get(TRIED, (None,))[0] == key:
        _show_tried(settings, before, printed, failing)
    elif repairs(settings):
        st.success(t("captcha_repair.accepted", n=len(repairs(settings))))
    if repairs(settings):
        st.button(
            t("captcha_repair.undo"),
            icon=":material/undo:",
            key=f"{LESSON}.undo_repair",
            on_click=take_back,
            args=(settings,),
        )


def printed_test(settings: Settings) -> Examples:
    """Return printed digits for the ledger: of this font, none of them learned from."""
    slices = printed_slices([story_font(settings)], CAPTCHAS, seeds(2, settings.seed))
    return printed_examples(*slices, cut_of(settings))


def _failing(settings: Settings, network: ThreeLayerNetwork, printed: Examples) -> int:
    """Return the digit to be repaired: the chosen one, the story's, or the one that fails most."""
    if settings.failing != AUTO:
        return settings.failing
    wrong = wrong_in_story(settings)
    if wrong:
        return wrong[0]
    right = read_slices(network, printed.inputs).argmax(axis=1) == printed.labels
    shares = [right[printed.labels == digit].mean() for digit in range(10)]
    return int(np.argmin(shares))


def _controls(settings: Settings, failing: int) -> None:
    st.session_state[f"{LESSON}.failing"] = failing
    names = {**{digit: str(digit) for digit in range(10)}, EVERY: t("captcha_repair.every")}
    st.segmented_control(
        t("captcha_repair.failing"),
        list(names),
        format_func=names.get,
        key=f"{LESSON}.failing",
        on_change=_take_failing,
    )
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        with st.container(width=190):
            st.number_input(
                t("captcha_repair.samples"), 1, 100, None, step=1, **bound(LESSON, "samples")
            )
        with st.container(width=190):
            st.number_input(
                t("captcha_repair.rounds"), 1, 20, None, step=1, **bound(LESSON, "rounds")
            )
        with st.container(width=300):
            st.slider(t("captcha_repair.mix"), 0, 95, None, format="%d %%", **bound(LESSON, "mix"))
        st.button(
            t("captcha_repair.try"),
            icon=":material/healing:",
            type="primary",
            key=f"{LESSON}.try_repair",
            on_click=try_repair,
        )
    st.caption(t("captcha_repair.mix_help"))


def _take_failing() -> None:
    value = st.session_state[f"{LESSON}.failing"]
    if isinstance(value, int):
        update(LESSON, failing=value)


def _tried_with(settings: Settings, failing: int, before: ThreeLayerNetwork) -> tuple[object, ...]:
    """Return all that a repair depends on."""
    parts = settings.font, settings.trim, settings.mix, settings.samples, settings.rounds
    return failing, id(before), *parts


def try_repair() -> None:
    """Repair a copy of the network; nothing is changed before it is accepted."""
    settings: Settings = st.session_state[f"{LESSON}.settings"]
    before = story_network(settings)
    failing = _failing(settings, before, printed_test(settings))
    # One captcha stands where the notes' stands; many stand a pixel to either side as well.
    slices = printed_slices(
        [story_font(settings)],
        settings.samples,
        seeds(1, settings.seed),
        digits=range(10) if failing == EVERY else [failing],
        wobble=0 if settings.samples == 1 else 1,
    )
    new = printed_examples(*slices, cut_of(settings))
    after = repair_network(
        before,
        new,
        handwritten()[0],
        mix=settings.mix / 100,
        rounds=settings.rounds,
        rng=seeds(3, settings.seed),
    )
    st.session_state[TRIED] = _tried_with(settings, failing, before), after
    did("tried_repair")
    if settings.mix:
        did("mixed")


def _show_tried(
    settings: Settings, before: ThreeLayerNetwork, printed: Examples, failing: int
) -> None:
    """Draw the ledger, and ask whether it is worth it."""
    after: ThreeLayerNetwork = st.session_state[TRIED][1]
    ledger = repair_ledger(before, after, handwritten()[1], printed)
    with st.container(key="ledger"):
        for name in ("printed", "handwritten"):
            _table(name, ledger)
    first, second = ledger.handwritten
    loss = 100 * (first - second)
    word = "costs" if loss > 0.05 else "costs_nothing"
    gained = 100 * (ledger.printed[1] - ledger.printed[0])
    st.markdown(t(f"captcha_repair.{word}", loss=f"{loss:.1f}", gained=f"{gained:+.1f}"))
    with st.container(horizontal=True, gap="small"):
        st.button(
            t("captcha_repair.accept"),
            icon=":material/check:",
            key=f"{LESSON}.accept",
            on_click=accept_tried,
        )
        st.button(
            t("captcha_repair.discard"),
            icon=":material/close:",
            key=f"{LESSON}.discard",
            on_click=lambda: st.session_state.pop(TRIED, None),
        )


def accept_tried() -> None:
    """Go on with the network that was tried."""
    tried = st.session_state.pop(TRIED, None)
    if tried is not None:  # a second click finds nothing left to accept
        accept(st.session_state[f"{LESSON}.settings"], tried[1])


def _table(name: str, ledger: Ledger) -> None:
    """Draw accuracies before and after, digit by digit, and their difference."""
    before, after = getattr(ledger, f"{name}_before"), getattr(ledger, f"{name}_after")
    total = getattr(ledger, name)
    st.markdown(t(f"captcha_repair.{name}", before=f"{total[0]:.1%}", after=f"{total[1]:.1%}"))
    show_ledger(before, after, key=f"{LESSON}.ledger.{name}")
