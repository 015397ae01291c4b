"""Our own front-end components: inline HTML, CSS and JavaScript, registered once."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager

Mount = Callable[..., Any]


def component(name: str, *, folder: Path | None = None, js: str | None = None) -> Mount:
    """Return the command that mounts a component.

    Parameters
    ----------
    name : str
        Unique in the app.
    folder : Path, optional
        Where ``<last word of the name>.html``, ``.css`` and ``.js`` lie.
    js : str, optional
        Or the script alone.
    """
    return _registered(get_bidi_component_manager(), name, folder, js)


# A server has one registry; a test that runs apps without a server has one for each of them.
@lru_cache(maxsize=16)
def _registered(_registry: object, name: str, folder: Path | None, js: str | None) -> Mount:
    make = st.components.v2.component
    if folder is None:
        return make(name, js=js)
    stem = name.rpartition("_")[2]
    html, css, js = (
        (folder / f"{stem}.{kind}").read_text("utf-8") for kind in ("html", "css", "js")
    )
    return make(name, html=html, css=css, js=js)
