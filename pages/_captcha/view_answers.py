"""The three answers to the notes' question, as three switches, measured alone and together."""

from __future__ import annotations

import streamlit as st

from core.captcha_repair import STORY_EPOCHS, AnswerScore, compare_answers
from pages._captcha.session import did, handwritten, story_font
from pages._captcha.settings import LESSON, Settings
from ui.answers import Bar, bars
from ui.i18n import t
from ui.state import update

SWITCHES = ("neat", "longer", "printed")
LETTERS = "ABC"  # as the notes call the answers
CAPTCHAS = 500  # that every combination reads


@st.cache_resource(show_spinner=False)
def _scores() -> dict[tuple[str, int], list[AnswerScore]]:
    """Return what was measured, for all visitors, by font and seed."""
    return {}


def show(settings: Settings) -> None:
    """Draw the view."""
    st.markdown(t("captcha_answers.lead"))
    with st.container(key="answers"):
        for name in SWITCHES:
            _switch(settings, name)
        scores = measured(settings)
        chosen = _index(settings)
        score = scores[chosen]
        st.markdown(
            t(
                "captcha_answers.chosen",
                whole=f"{score.whole:.1%}",
                characters=f"{score.characters:.1%}",
                handwritten=f"{score.handwritten:.1%}",
            )
        )
        rows = [
            Bar(
                _name(one),
                one.whole,
                f"{one.whole:.1%}",
                t("captcha_answers.note", handwritten=f"{one.handwritten:.1%}"),
                strong=place == chosen,
            )
            for place, one in enumerate(scores)
        ]
        st.html(bars(rows))
    st.caption(t("captcha_answers.notice", n=CAPTCHAS))


def measured(settings: Settings) -> list[AnswerScore]:
    """Return the eight scores; measure them the first time."""
    kept, key = _scores(), (settings.font, settings.seed)
    if key not in kept:
        bar = st.progress(0.0, t("captcha_answers.measuring"))
        found = []
        train, test = handwritten()
        fonts = [story_font(settings)]
        for score in compare_answers(train, test, fonts, settings.seed, captchas=CAPTCHAS):
            found.append(score)
            bar.progress(len(found) / 8, t("captcha_answers.measuring"))
        bar.empty()
        kept[key] = found
    return kept[key]


def _switch(settings: Settings, name: str) -> None:
    key = f"{LESSON}.{name}"
    st.session_state[key] = bool(getattr(settings, name))
    st.toggle(t(f"captcha_answers.{name}"), key=key, on_change=_take, args=(name,))


def _take(name: str) -> None:
    update(LESSON, **{name: int(st.session_state[f"{LESSON}.{name}"])})
    did("switched")


def _index(settings: Settings) -> int:
    return 4 * settings.neat + 2 * settings.longer + settings.printed


def _name(score: AnswerScore) -> str:
    """Name a combination by its switches."""
    flags = score.cut == "trimmed", score.epochs > STORY_EPOCHS, score.printed
    on = zip(LETTERS, flags, strict=True)
    return " + ".join(letter for letter, is_on in on if is_on) or t("captcha_answers.none")
