"""Files of ``assets`` that are large: natively they lie there, in a browser they are fetched.

The in-browser site leaves them out of what it loads at start.  Whoever reads one says so with
``at_hand``, which natively does nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import streamlit as st

from ui.i18n import ASSETS, t

#: Whether Python runs in a browser: with one thread, without BLAS, far from its large files.
IN_BROWSER = sys.platform == "emscripten"


class NotFetchedError(OSError):
    """A file, or a package, that a browser could not get."""


def at_hand(path: Path) -> Path:
    """Return the path of a file of ``assets`` that can be read now.

    In a browser it is fetched, unless it has been; the page shows how far that is.

    Raises
    ------
    NotFetchedError
        If it did not come.
    """
    if IN_BROWSER and not path.exists():
        import_module("in_browser").fetch(f"assets/{path.relative_to(ASSETS).as_posix()}")
    return path


def is_there(path: Path) -> bool:
    """Tell whether there is such a file of ``assets``, fetched or not."""
    if IN_BROWSER and not path.exists():
        name = f"assets/{path.relative_to(ASSETS).as_posix()}"
        return bool(import_module("in_browser").is_on_the_site(name))
    return path.is_file()


@contextmanager
def said_if_not_fetched() -> Iterator[None]:
    """Draw a sentence and a button, not an exception, where something could not be fetched."""
    try:
        yield
    except NotFetchedError:
        st.error(t("app.not_fetched"))
        st.button(t("app.fetch_again"), key="fetch_again")
