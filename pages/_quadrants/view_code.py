"""The code that ran, a script that does the same, and a link to this very state."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode, urlsplit

import streamlit as st

from core.layers import Linear
from core.losses import CrossEntropyLoss, softmax
from core.optim import OPTIMIZERS
from core.training import fit
from pages._quadrants.experiment import ACTIVATION_LAYERS
from pages._quadrants.script import program, script
from pages._quadrants.session import MOST_POINTS_IN_LINK, link_params
from pages._quadrants.settings import Settings
from ui.files import when_asked
from ui.i18n import language, t
from ui.source import show_source
from ui.training import Run


def show_code(settings: Settings, run: Run, classes: int) -> None:
    """Draw the view."""
    if len(run.settings.points) > MOST_POINTS_IN_LINK:
        st.warning(t("code.too_many_points"))
    st.markdown(t("code.link"))
    address = urlsplit(st.context.url or "")
    query = urlencode({"lang": language(), **link_params(settings, run)})
    st.code(
        f"{address.scheme}://{address.netloc}{address.path}?{query}", language=None, wrap_lines=True
    )
    st.markdown(t("code.script"))
    st.download_button(
        t("code.download"),
        when_asked(partial(script, run.settings, classes, run.step, run.changes)),
        file_name="glassnet_quadrants.py",
        mime="text/x-python",
        key="quadrants.download",
        icon=":material/download:",
        on_click="ignore",
    )
    st.code(program(run.settings, classes, run.step, run.changes), language="python")
    st.markdown(t("code.source"))
    parts = [Linear, CrossEntropyLoss, softmax, OPTIMIZERS[run.settings.optimizer], fit]
    if run.settings.hidden and run.settings.activation != "none":
        parts.insert(1, ACTIVATION_LAYERS[run.settings.activation])
    for part in parts:
        with st.expander(f"`{part.__module__}.{part.__name__}`"):
            show_source(part)
