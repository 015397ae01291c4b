"""The canvas on which people draw, with a mouse, a finger or a pen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from ui.strokes import SIDE, Stroke, canvas_drawing, strokes_of


def show_canvas(
    begun: Sequence[Stroke],
    *,
    key: str,
    pen: int,
    colour: str,
    on_draw: Callable[[tuple[Stroke, ...]], None],
) -> None:
    """Draw the canvas.

    Parameters
    ----------
    begun : sequence of Stroke
        What is on it when it comes onto the page; as long as the key stays, what is drawn stays.
    key : str
        The widget's key; another one is another sheet of paper.
    pen : int
        How wide the pen is, in pixels of the canvas.
    colour : str
        Of the pen.  The paper is the page's own.
    on_draw : callable
        Called before the rerun, after each stroke, with all strokes.
    """
    # The package registers itself with a running app, and with nothing else.
    from streamlit_drawable_canvas import st_canvas

    def drawn() -> None:
        answer: Any = st.session_state.get(key)
        drawing = answer.get("drawing") if isinstance(answer, Mapping) else None
        on_draw(strokes_of((drawing or {}).get("raw")))

    st_canvas(
        stroke_width=pen,
        stroke_color=colour,
        height=SIDE,
        width=SIDE,
        initial_drawing=canvas_drawing(begun, colour),
        key=key,
        on_change=drawn,
    )
