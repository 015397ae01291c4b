"""Beat the machine: the learner reads twenty captchas against the clock, then the network does."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from pages._captcha.session import Drawn, did, draw, read
from pages._captcha.settings import ALPHABETS, LESSON, Settings
from ui.described import show_picture
from ui.i18n import labels, t
from ui.state import bound, plain

COUNT = 20
RACE = f"{LESSON}.race"
ANSWER = f"{LESSON}.race_answer"


@dataclass
class Race:
    """Twenty captchas, and what was answered so far."""

    settings: Settings
    pictures: list[Drawn]
    answers: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    seconds: float = 0.0  # that all answers took, once they are there
    machine: list[str] = field(default_factory=list)
    machine_seconds: float = 0.0

    @property
    def over(self) -> bool:
        """Whether the last one has been answered."""
        return len(self.answers) == len(self.pictures)

    def right(self, answers: list[str]) -> int:
        """Return how many answers are right; upper and lower case are the same."""
        return sum(
            answer == drawn.text for answer, drawn in zip(answers, self.pictures, strict=False)
        )


def show(settings: Settings) -> None:
    """Draw the view."""
    st.markdown(t("captcha_race.lead", n=COUNT))
    race: Race | None = st.session_state.get(RACE)
    with st.container(key="race"):
        if race is None or race.over:
            _controls()
        if race is not None:
            (_result if race.over else _play)(race)


def _controls() -> None:
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        with st.container(width=260):
            st.slider(t("captcha_read.level"), 0.0, 1.0, None, step=0.05, **bound(LESSON, "level"))
        st.segmented_control(
            t("captcha_read.alphabet"),
            ALPHABETS,
            format_func=labels("captcha_alphabet", ALPHABETS).get,
            **bound(LESSON, "alphabet"),
        )
        st.button(
            t("captcha_race.start"),
            icon=":material/timer:",
            type="primary",
            key=f"{LESSON}.race_start",
            on_click=start,
        )


def start() -> None:
    """Begin a race with the difficulty that is set, with pictures that nobody has seen."""
    settings: Settings = st.session_state[f"{LESSON}.settings"]
    seed = int(np.random.default_rng().integers(1 << 31))
    st.session_state[RACE] = Race(settings, [draw(settings, (seed, n)) for n in range(COUNT)])


def _play(race: Race) -> None:
    now = len(race.answers)
    st.progress(now / COUNT, t("captcha_race.where", k=now + 1, n=COUNT))
    show_picture(race.pictures[now].picture, t("alt.race", k=now + 1, n=COUNT), width=420)
    with (
        st.form(f"{LESSON}.race_form", clear_on_submit=True, border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input(t("captcha_race.answer"), key=ANSWER, max_chars=12, width=220)
        st.form_submit_button(
            t("captcha_race.next"), icon=":material/keyboard_return:", on_click=take_answer
        )
    st.fragment(lambda: _clock(race), run_every=1.0)()
    st.button(t("captcha_race.give_up"), type="tertiary", key=f"{LESSON}.give_up", on_click=give_up)


def _clock(race: Race) -> None:
    st.caption(t("captcha_race.clock", seconds=f"{time.monotonic() - race.began:.0f}"))


def take_answer() -> None:
    """Take what was typed; after the last one, let the network read them all."""
    race: Race | None = st.session_state.get(RACE)
    if race is None or race.over:  # a second click, after the last answer or the end
        return
    race.answers.append(str(st.session_state[ANSWER]).strip().lower())
    if race.over:
        race.seconds = time.monotonic() - race.began
        began = time.perf_counter()
        race.machine = [read(drawn.picture, race.settings).text for drawn in race.pictures]
        race.machine_seconds = time.perf_counter() - began
        did("raced")


def give_up() -> None:
    """Leave the race."""
    st.session_state.pop(RACE, None)


def _result(race: Race) -> None:
    """Show both scores, and every captcha that one of the two got wrong."""
    you, machine = st.columns(2)
    for column, who, answers, seconds in (
        (you, "you", race.answers, race.seconds),
        (machine, "machine", race.machine, race.machine_seconds),
    ):
        with column:
            right = race.right(answers)
            st.metric(t(f"captcha_race.{who}"), t("captcha_race.score", k=right, n=COUNT))
            st.caption(t("captcha_race.took", seconds=f"{seconds:.2f}"))
    rows = list(zip(race.pictures, race.answers, race.machine, strict=True))
    wrong = [row for row in rows if not row[0].text == row[1] == row[2]]
    st.markdown(t("captcha_race.wrong" if wrong else "captcha_race.all_right", n=len(wrong)))
    for drawn, said, read_as in wrong:
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            show_picture(drawn.picture, t("alt.captcha_of", text=drawn.text), width=180)
            st.markdown(
                t(
                    "captcha_race.row",
                    text=drawn.text,
                    you=_said(said, drawn.text),
                    machine=_said(read_as, drawn.text),
                )
            )


def _said(answer: str, text: str) -> str:
    """Write an answer down with a mark."""
    shown = plain(answer) or t("captcha_race.nothing")
    return f":green[✓ {shown}]" if answer == text else f":orange[✗ {shown}]"
