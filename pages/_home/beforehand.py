"""Pictures of the home page that were made when the in-browser site was built.

Natively there are none.  In a browser six networks take half a minute and what they learn from
would have to be fetched, before anybody has asked for it.
"""

from __future__ import annotations

import base64

import numpy as np
import streamlit as st

from ui.i18n import ASSETS

HIDDEN = 50  # neurons of the first lesson's network
FIRST = 1  # the seed of the first picture

Picture = tuple[np.ndarray, dict[str, str]]

FOLDER = ASSETS / "home"


def made_beforehand(name: str, seed: int) -> bool:
    """Tell whether there is such a picture."""
    return seed == FIRST and (FOLDER / f"{name}.png").is_file()


def show_beforehand(name: str) -> None:
    """Draw it as wide as its column, without what Streamlit needs to look into a picture."""
    content = base64.b64encode((FOLDER / f"{name}.png").read_bytes()).decode()
    st.html(f'<img style="width: 100%" alt="" src="data:image/png;base64,{content}">')
