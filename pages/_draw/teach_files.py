"""The learner's drawings as files: a sheet to look at (PNG), a table (CSV), and back again."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.digit_sheet import MOST_COLUMNS, read_sheet, write_sheet
from core.digits import Digits
from core.digits_error import DIGIT_SIDE, DigitsError, errors_in
from core.digits_text import write_digits_csv
from core.digits_upload import read_digits
from pages._draw.settings import LESSON
from pages._draw.teach_kept import MOST_KEPT, add, kept, note
from ui.digits import digits_sentence
from ui.files import brought_file, when_asked
from ui.i18n import t
from ui.pictures import PictureError, on_white, picture_sentence, read_picture, write_png
from ui.state import redraw

MOST_SHEET_MEGABYTES = 20
PNG_START = b"\x89PNG"


def show_files() -> None:
    """Draw the way out and the way in."""
    digits = kept()
    with st.container(horizontal=True, gap="small"):
        if len(digits):
            stem = f"digits-{len(digits)}"
            for name, build in (
                (f"{stem}.png", lambda: sheet_file(digits)),
                (f"{stem}.csv", lambda: write_digits_csv(digits)),
            ):
                st.download_button(
                    name,
                    when_asked(build),
                    name,
                    key=f"{LESSON}.download{name[-4:]}",
                    icon=":material/download:",
                    on_click="ignore",
                )
        with st.popover(t("draw_teach.load"), icon=":material/upload:"):
            _show_uploader()


def sheet_file(digits: Digits) -> bytes:
    """Return drawings as a PNG: ten rows, one for each digit."""
    return write_png(write_sheet(digits))


def take_file(name: str, content: bytes) -> None:
    """Add the drawings of a file to those that are there; leave a sentence about it."""
    try:
        digits = _read(name, content)
    except DigitsError as error:
        note("error", digits_sentence(error))
        return
    except PictureError as error:
        note("error", picture_sentence(error))
        return
    count = add(digits)
    kind = "success" if count else "warning"
    note(kind, t("draw_teach.loaded", n=count, of=len(digits), most=MOST_KEPT))


def _show_uploader() -> None:
    st.markdown(t("draw_teach.load_lead"))
    found = brought_file(
        f"{LESSON}.sheet", t("draw_teach.load"), ["png", "csv", "txt"], MOST_SHEET_MEGABYTES
    )
    if found is not None:
        take_file(*found)
        redraw()


def _read(name: str, content: bytes) -> Digits:
    megabytes = len(content) / 1e6
    if megabytes > MOST_SHEET_MEGABYTES:  # the uploader's limit is only the browser's promise
        raise PictureError("bytes", name, f"{megabytes:.1f}", str(MOST_SHEET_MEGABYTES))
    with errors_in(name):
        if not content.startswith(PNG_START):
            return read_digits([(name, content)])
        picture = on_white(read_picture(name, content, MOST_COLUMNS * DIGIT_SIDE))
        return read_sheet(np.ascontiguousarray(picture[..., 0]))
