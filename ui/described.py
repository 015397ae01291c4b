"""Pictures with words for those who cannot see them: printed under them, or only spoken."""

from __future__ import annotations

import base64
import html

import numpy as np
import streamlit as st

CLASS = "described"
_SMALL = "font-size:0.875rem;text-align:center;opacity:0.75;padding-top:0.25rem"


def show_picture(
    pixels: np.ndarray,
    words: str,
    *,
    width: int | None = None,
    printed: bool = False,
    palette: np.ndarray | None = None,
) -> None:
    """Draw a picture.

    Streamlit's own has words that are only spoken from a release on that is newer than what the
    in-browser build carries, and its captions do not count as such: without them a screen reader
    says the file's name.

    Parameters
    ----------
    pixels : ndarray of uint8, (H, W) or (H, W, 3 or 4)
    words : str
        What there is to see, in plain letters: Markdown's stars would be printed.
    width : int, optional
        In pixels, where there is room for them; as wide as its place if left out.
    printed : bool
        Whether the words stand under it for everybody.
    palette : ndarray of uint8, (256, 3), optional
        The colours that the pixels, (H, W), are numbers of.
    """
    st.html(
        described(pixels, words, width, printed=printed, palette=palette),
        width="stretch" if width is None else width,
    )


def described(
    pixels: np.ndarray,
    words: str,
    width: int | None,
    *,
    printed: bool,
    palette: np.ndarray | None = None,
) -> str:
    """Return what ``show_picture`` draws, as HTML."""
    from ui.pictures import write_png  # in a browser Pillow is fetched for the first picture

    wide = "100%" if width is None else f"{width}px"
    data = base64.b64encode(write_png(np.ascontiguousarray(pixels), palette)).decode()
    said = html.escape(words)
    picture = (
        f'<img class="{CLASS}" alt="{"" if printed else said}" src="data:image/png;base64,{data}" '
        f'style="display:block;width:{wide};max-width:100%;height:auto">'
    )
    if not printed:
        return picture
    caption = f'<figcaption style="{_SMALL}">{said}</figcaption>'
    return f'<figure style="margin:0">{picture}{caption}</figure>'
