"""Files that learners bring and take, with a server's memory in mind: thirty share it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TypeVar
from weakref import WeakValueDictionary

import numpy as np
import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from ui.assets import IN_BROWSER
from ui.state import redraw, say, show_said_at

T = TypeVar("T")

#: The largest file that can be brought, in MB: all of MNIST as a table is 110.  The same number
#: stands in .streamlit/config.toml, where the server reads it.
MOST_MEGABYTES = 128

PICTURE_ENDINGS = ["png", "jpg", "jpeg", "webp", "gif", "bmp"]

_ARRAYS: WeakValueDictionary[bytes, np.ndarray] = WeakValueDictionary()


def contents(files: Sequence[UploadedFile]) -> list[tuple[str, bytes]]:
    """Return name and content of uploaded files."""
    return [(file.name, file.getvalue()) for file in files]


def forget(files: Sequence[UploadedFile]) -> None:
    """Let the server forget uploaded files now; by itself it keeps them as long as the visit."""
    context = get_script_run_ctx()
    if context is not None and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        for file in files:
            context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)


def bring_picture(
    lesson: str, label: str, most_megabytes: int, take: Callable[[str, bytes], str]
) -> None:
    """Draw an uploader for pictures, and below it what was wrong with the one brought last.

    ``take`` gets name and content of what is brought, just once, and returns what is wrong with it,
    or nothing.
    """
    place = f"{lesson}.files"
    found = brought_file(lesson, label, PICTURE_ENDINGS, most_megabytes)
    if found is not None:
        wrong = take(*found)
        if wrong:
            say("error", wrong, at=place)
        redraw()
    show_said_at(place)


def brought_file(
    name: str, label: str, endings: list[str], most_megabytes: int
) -> tuple[str, bytes] | None:
    """Draw an uploader; return name and content of what was brought, just once.

    The next uploader is an empty one, and the server forgets the file.

    Parameters
    ----------
    name : str
        Of the uploader; the widget's key begins with it.
    label : str
        What it is for, for a screen reader.
    endings : list of str
        Of the files that can be chosen; what they hold is somebody else's to check.
    most_megabytes : int
        The largest file.
    """
    visits = f"{name}.visit"
    visit = st.session_state.get(visits, 0)
    files = st.file_uploader(
        label,
        endings,
        accept_multiple_files=True,
        key=f"{name}.files.{visit}",
        max_upload_size=most_megabytes,
        label_visibility="collapsed",
    )
    if not files:
        return None
    found = contents(files)[-1]
    forget(files)
    st.session_state[visits] = visit + 1
    return found


def shared(array: np.ndarray) -> np.ndarray:
    """Return the array, or one of the same kind, shape and bytes that another visitor brought.

    A class that loads its teacher's file needs the memory once.  Nobody may write to it any more.
    """
    key = hashlib.sha256(f"{array.dtype.str} {array.shape}".encode())
    key.update(np.ascontiguousarray(array).data)
    kept = _ARRAYS.setdefault(key.digest(), array)
    kept.flags.writeable = False
    return kept


def when_asked(build: Callable[[], T]) -> Callable[[], T] | T:
    """Return what ``st.download_button`` takes: a file that is only built when it is clicked.

    A file that is built at once gets an address, which the page asks whether it is there: where
    runs follow each other quickly, the next one has taken it away by then.

    In the browser there is no second thread that could build it later, so it is built at once.
    """
    return build() if IN_BROWSER else build
