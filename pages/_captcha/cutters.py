"""Reading in pieces: clean the ink, cut it, and ask a small CNN what each piece is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from core.checkpoint import load
from core.cleaning import deskew, despeckle, dilate, erode
from core.cut_reader import CutReading, clean_ink, glyph_network, name_pieces
from core.cutting import METHODS_OF_CUTTING
from core.cutting_error import CuttingError
from core.layers import Sequential
from core.line_reader import ALPHABETS
from pages._captcha.settings import Settings
from ui.assets import at_hand
from ui.i18n import ASSETS, t

LARGE_SPECK = 0.02  # of the picture's height squared, in pixels
CLEANINGS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "despeckle": lambda ink: despeckle(ink, round(LARGE_SPECK * len(ink) ** 2)),
    "erode": lambda ink: erode(ink, 2),
    "dilate": lambda ink: dilate(ink, 2),
    "deskew": lambda ink: deskew(ink)[0],
}


@st.cache_resource(show_spinner=False)
def glyph_reader() -> Sequential:
    """Return the network for single characters that came trained with the app."""
    state, _ = load(at_hand(ASSETS / "weights" / "glyphs.npz"))
    model = glyph_network(0)
    model.load_state_dict(state)
    return model


def read_in_pieces(
    picture: np.ndarray, method: str, count: int | None, settings: Settings
) -> tuple[np.ndarray, CutReading] | str:
    """Return the cleaned ink and what was read in its pieces, or a sentence if it cannot be cut."""
    ink, strength = clean_ink(picture)
    for name, clean in CLEANINGS.items():
        if name in settings.clean.split(","):
            ink = clean(ink)
            strength = np.where(ink, 255, 0)
    try:
        cutting = METHODS_OF_CUTTING[method](ink, count)
    except CuttingError as error:
        return t(f"captcha_cut.{error.code}", got=error.got, expected=error.expected)
    alphabet = ALPHABETS[settings.alphabet]
    return ink, name_pieces(strength, cutting, glyph_reader().forward, alphabet)
