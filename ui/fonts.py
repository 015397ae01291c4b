"""The fonts that come with the app, read once for all visitors."""

from __future__ import annotations

import streamlit as st

from core.captcha import CaptchaFont, load_fonts
from ui.assets import at_hand
from ui.i18n import ASSETS


@st.cache_resource(show_spinner=False)
def fonts(names: tuple[str, ...]) -> list[CaptchaFont]:
    """Return fonts by the names of their files in assets/fonts.

    Raises
    ------
    OSError, CaptchaError
        If one is missing or damaged.
    """
    return load_fonts({name: at_hand(ASSETS / "fonts" / name).read_bytes() for name in names})
