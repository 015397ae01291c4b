"""What every method reaches against difficulty, as a command has measured it."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from pages._captcha.session import dark
from pages._captcha.settings import LESSON, METHODS
from ui.answers import Curve, strength_figure
from ui.i18n import ASSETS, t

KINDS = ("whole", "characters")
DASHES = {"slices": "dot", "valleys": "dashdot"}


@st.cache_resource(show_spinner=False)
def _measured() -> dict[str, Any]:
    """Return what `python scripts/captcha_scores.py` has written."""
    found: dict[str, Any] = json.loads((ASSETS / "captcha_scores.json").read_text("utf-8"))
    return found


def show_scores() -> None:
    """Draw accuracy against difficulty for all methods."""
    scores = _measured()
    st.header(t("captcha_scores.title"), anchor=False)
    st.markdown(t("captcha_scores.lead", n=scores["pictures"]))
    for column, kind in zip(st.columns(2, gap="large"), KINDS, strict=True):
        curves = [
            Curve(
                t(f"captcha_method.{method}"),
                scores["levels"],
                scores[kind][method],
                other=method != "line",
                dash=DASHES.get(method, "dash"),
            )
            for method in METHODS
        ]
        with column:
            st.markdown(f"**{t(f'captcha_scores.{kind}')}**")
            st.plotly_chart(
                strength_figure(curves, axis=t("captcha_read.level"), dark=dark()),
                key=f"{LESSON}.scores.{kind}",
                config={"displayModeBar": False},
            )
