"""A map, and the picture that it is about: point at a number and see which piece it means.

For a feature map and the receptive field of each of its numbers, for what covering a patch does
to an answer, for a gradient with a number for every pixel.  Pointing happens in the browser; Python
hears only of a number that was chosen.
"""

from __future__ import annotations

import base64
import string
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from core.trace import format_number
from ui.component import component
from ui.grid.tiles import signed_bytes

Span = tuple[int, int]

PLACE_FIELDS = frozenset({"row", "column", "value"})
FIELDS = PLACE_FIELDS | {"top", "bottom", "left", "right"}


def map_on_picture(
    values: np.ndarray,
    picture: np.ndarray,
    rows: Sequence[Span],
    columns: Sequence[Span],
    *,
    key: str,
    label: str,
    titles: tuple[str, str],
    says: str,
    says_none: str = "{value}",
    chosen: tuple[int, int] | None = None,
    limit: float | None = None,
    on_choose: Callable[[int, int], None] | None = None,
    large: bool = False,
) -> None:
    """Draw a picture, and a map of numbers that are each about a piece of it.

    Parameters
    ----------
    values : ndarray, (h, w)
        The map, drawn around 0; what is no number stays blank.
    picture : ndarray of uint8, (H, W)
        0 is paper, 255 is ink.
    rows, columns : sequence of (int, int), h and w of them
        The number in row r and column c is about ``picture[top:bottom, left:right]``, where
        ``top, bottom = rows[r]`` and ``left, right = columns[c]``.  Two equal ends: about nothing.
    key : str
        The widget's key.
    label : str
        What the whole is, for a screen reader.
    titles : (str, str)
        What stands over the picture and over the map.
    says : str
        What to say of a number; its fields are ``FIELDS``, counted from 1, both ends included.
    says_none : str
        The same for a number that is about nothing; its fields are ``PLACE_FIELDS``.
    chosen : (int, int), optional
        Row and column of the number that is chosen; one that the map does not have, say because it
        was chosen in a larger map, counts as none.
    limit : float, optional
        The number that gets full colour; the largest if left out.
    on_choose : callable, optional
        Called before the rerun with the row and the column of the number that was chosen.
    large : bool
        Bigger pictures, for a projector.

    Raises
    ------
    ValueError
        If map, picture, rows and columns do not fit together, the limit is not above zero, or a
        text asks for a field that there is not.
    """
    data = _payload(values, picture, rows, columns, limit)
    _check_fields(says, FIELDS)
    _check_fields(says_none, PLACE_FIELDS)
    height, width = data["height"], data["width"]
    there = chosen is not None and 0 <= chosen[0] < height and 0 <= chosen[1] < width

    def changed() -> None:
        answer: Any = st.session_state.get(key)
        got = answer.get("picked") if isinstance(answer, Mapping) else None
        said = getattr(answer, "picked", None) if got is None else got
        place, _, _ = str(said).partition(" ")  # then comes the time
        row, _, column = place.partition(".")
        if not (row.isdecimal() and column.isdecimal()) or on_choose is None:
            return
        if int(row) < height and int(column) < width:
            on_choose(int(row), int(column))

    component("glassnet_field", folder=Path(__file__).parent)(
        key=key,
        data={
            **data,
            "label": label,
            "titles": list(titles),
            "says": says,
            "says_none": says_none,
            "chosen": f"{chosen[0]}.{chosen[1]}" if chosen is not None and there else None,
            "large": large,
        },
        on_picked_change=changed,
    )


def _payload(
    values: np.ndarray,
    picture: np.ndarray,
    rows: Sequence[Span],
    columns: Sequence[Span],
    limit: float | None,
) -> dict[str, Any]:
    """Return the map, the picture and the pieces as plain data."""
    values, picture = np.asarray(values, dtype=np.float64), np.asarray(picture)
    if values.ndim != 2 or not values.size:
        raise ValueError(f"map_on_picture expected values of shape (h, w), but got {values.shape}")
    if picture.ndim != 2 or not picture.size or picture.dtype != np.uint8:
        raise ValueError(
            f"map_on_picture expected a picture of shape (H, W) and uint8, but got "
            f"{picture.shape} and {picture.dtype}"
        )
    if limit is not None and not 0 < limit < np.inf:
        raise ValueError(f"map_on_picture expected a limit above 0, but got {limit}")
    finite = np.where(np.isfinite(values), values, 0.0)
    top = limit or float(np.abs(finite).max()) or 1.0
    return {
        "height": values.shape[0],
        "width": values.shape[1],
        "pixels": base64.b64encode(signed_bytes(finite, top).tobytes()).decode(),
        "texts": [format_number(value) for value in values.ravel().tolist()],
        "ends": [format_number(-top), "0", format_number(top)],
        "rows": _spans("rows", rows, values.shape[0], picture.shape[0]),
        "columns": _spans("columns", columns, values.shape[1], picture.shape[1]),
        "picture": base64.b64encode(picture.tobytes()).decode(),
        "picture_height": picture.shape[0],
        "picture_width": picture.shape[1],
    }


def _spans(name: str, spans: Sequence[Span], expected: int, size: int) -> list[list[int]]:
    """Return pieces along one side as lists, if there are as many as numbers and they lie inside.

    ``expected`` is how many there should be, ``size`` the picture's height or width.
    """
    if len(spans) != expected:
        raise ValueError(
            f"map_on_picture expected {expected} {name}, one for each of the map's, but got "
            f"{len(spans)}"
        )
    for start, end in spans:
        if not 0 <= start <= end <= size:
            raise ValueError(
                f"map_on_picture expected {name} between 0 and {size}, but got ({start}, {end})"
            )
    return [[int(start), int(end)] for start, end in spans]


def _check_fields(text: str, fields: frozenset[str]) -> None:
    """Raise if a text asks for what a number does not have."""
    asked = {
        name if not (spec or conversion) else f"{name}{conversion or ''}:{spec}"
        for _, name, spec, conversion in string.Formatter().parse(text)
        if name is not None
    }
    if not asked <= fields:
        raise ValueError(
            f"map_on_picture expected a text with plain fields out of "
            f"{', '.join(sorted(fields))}, but got {text!r}"
        )
