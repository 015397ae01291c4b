"""Train the reader on, on captchas as they are set, and see what it gains and what it loses."""

from __future__ import annotations

import copy

import numpy as np
import streamlit as st

from core.line_reader import LineReader
from core.line_tuning import Labelled, share_read, tune_reader
from pages._captcha.session import TUNED, did, draw, reader
from pages._captcha.settings import LESSON, Settings
from ui.i18n import t
from ui.state import say

WANTED = f"{LESSON}.tune_wanted"
STEPS = f"{LESSON}.tune_steps"
EXAM = 60  # pictures that it is tried on before and after
OTHERS = Settings(level=0.5)  # what it could forget: medium captchas of five digits


def show_tuning(settings: Settings) -> None:
    """Draw what trains the reader on; if it was asked for, train."""
    with st.expander(t("captcha_tune.title"), key=f"{LESSON}.tune"):
        st.markdown(t("captcha_tune.lead", n=EXAM))
        st.session_state.setdefault(STEPS, 50)
        with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
            with st.container(width=260):
                st.slider(t("captcha_tune.steps"), 10, 300, None, step=10, key=STEPS)
            st.button(
                t("captcha_tune.train"),
                icon=":material/school:",
                key=f"{LESSON}.tune_start",
                on_click=lambda: st.session_state.update({WANTED: True}),
            )
            if TUNED in st.session_state:
                st.button(
                    t("captcha_tune.undo"),
                    icon=":material/undo:",
                    type="tertiary",
                    key=f"{LESSON}.tune_undo",
                    on_click=lambda: st.session_state.pop(TUNED, None),
                )
        if st.session_state.pop(WANTED, False):
            _train(settings, int(st.session_state[STEPS]))
            st.rerun()


def _train(settings: Settings, steps: int) -> None:
    """Train a copy, show how far it is, and keep it with a sentence about what it did."""
    rng = np.random.default_rng()
    seed = int(rng.integers(1 << 31))
    exams = {"like": _pictures(settings, seed), "others": _pictures(OTHERS, seed)}
    before = reader()
    scores = {name: _share(before, exams, name, settings) for name in exams}
    after = copy.deepcopy(before)
    bar = st.progress(0.0)

    def more(count: int) -> list[Labelled]:
        drawn = [draw(settings, (seed, int(rng.integers(1 << 31)))) for _ in range(count)]
        return [(one.picture, one.text) for one in drawn]

    for step, loss in enumerate(tune_reader(after, more, steps), start=1):
        bar.progress(step / steps, t("captcha_tune.step", k=step, n=steps, loss=f"{loss:.3f}"))
    found = {name: _share(after, exams, name, settings) for name in exams}
    st.session_state[TUNED] = after
    did("tuned")
    fields = {f"{name}_before": f"{scores[name]:.0%}" for name in exams}
    fields |= {f"{name}_after": f"{found[name]:.0%}" for name in exams}
    say("info", t("captcha_tune.result", n=EXAM, steps=steps, **fields))


def _share(
    asked: LineReader, exams: dict[str, list[Labelled]], name: str, settings: Settings
) -> float:
    """Return which share of an exam a reader gets right."""
    alphabet = settings.alphabet if name == "like" else OTHERS.alphabet
    return share_read(asked, exams[name], alphabet)


def _pictures(settings: Settings, seed: int) -> list[Labelled]:
    drawn = [draw(settings, (seed, number, 7)) for number in range(EXAM)]
    return [(one.picture, one.text) for one in drawn]
