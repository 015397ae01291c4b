"""Linked number grids: move over a number and see what it is made of, and where it goes.

The one front-end component of our own for step-throughs.  ``payload`` turns a trace into plain
data, ``number_grids`` draws it and answers with what was chosen.  Hovering, playing and stepping
happen in the browser; Python hears only of a number that was pinned and of a gradient that is to
be checked.

Every word comes from Python: ``words`` must hold all of ``WORD_KEYS``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from ui.component import component
from ui.grid.data import SPARSE_ABOVE, WORD_KEYS, Band, payload, side, stack
from ui.grid.tiles import TILE_WORD_KEYS, tiles_payload

__all__ = [
    "SPARSE_ABOVE",
    "TILE_WORD_KEYS",
    "WORD_KEYS",
    "Band",
    "number_grids",
    "payload",
    "side",
    "stack",
    "tiles_payload",
]


def number_grids(
    payload: Mapping[str, Any],
    *,
    key: str,
    on_choose: Callable[[str | None], None] | None = None,
    on_check: Callable[[str], None] | None = None,
) -> None:
    """Draw a payload.

    Parameters
    ----------
    payload : mapping
        From ``payload`` or ``tiles_payload``.
    key : str
        The widget's key; the reader's choice survives as long as it stays the same.
    on_choose : callable, optional
        Called before the rerun with the pinned cell's id (or the tile's number, as a string), or
        None when it was let go.
    on_check : callable, optional
        Called before the rerun with the id of the gradient to check: the place to compute the
        answer, so that the payload of this very rerun can hold it.
    """

    def chosen() -> None:
        if on_choose is not None:
            on_choose(_said(key, "chosen"))

    def check() -> None:
        cell, _, _ = str(_said(key, "check") or "").partition(" ")  # then comes the time
        if on_check is not None and cell:
            on_check(cell)

    component("glassnet_grid", folder=Path(__file__).parent)(
        key=key,
        data=dict(payload),
        default={"chosen": payload.get("chosen")},
        on_chosen_change=chosen,
        on_check_change=check,
    )


def _said(key: str, name: str) -> Any:
    """Return what the browser said last."""
    answer = st.session_state.get(key)
    return answer.get(name) if isinstance(answer, Mapping) else getattr(answer, name, None)
