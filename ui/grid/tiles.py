"""What the tiles are drawn from: many small pictures as plain data."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from ui.grid.data import check_words, plain

#: The words that tiles need.
TILE_WORD_KEYS = ("positive", "negative", "low", "high", "chosen", "wall")
Scale = Literal["diverging", "sequential"]


def tiles_payload(
    images: np.ndarray,
    captions: Sequence[str],
    *,
    words: Mapping[str, str],
    chosen: int | None = None,
    scale: Scale = "diverging",
    labels: Sequence[str] | None = None,
    limit: float | None = None,
    smooth: bool = False,
    large: bool = False,
    compact: bool = False,
    each: bool = False,
    legend: bool = True,
    columns: int | None = None,
    title: str = "",
    note: str = "",
) -> dict[str, Any]:
    """Turn many small pictures into the plain data that the browser draws.

    Parameters
    ----------
    images : ndarray, (n, h, w)
        One picture for each tile.
    captions : sequence of str
        The line under each.
    words : mapping
        All of ``TILE_WORD_KEYS``.
    chosen : int, optional
        The tile to begin with.
    scale : {"diverging", "sequential"}
        Around 0, or from the smallest number to the largest; the same for all tiles.
    labels : sequence of str, optional
        What a screen reader says of each tile; the caption if left out.
    limit : float, optional
        The number that gets full colour; the largest if left out.
    smooth : bool
        Blend neighbouring pixels.
    large : bool
        Bigger tiles, for a projector.
    compact : bool
        Small tiles without a line under them, for a wall of 32 or 64 maps; a screen reader and the
        mouse still get each tile's label.
    each : bool
        Every tile on a scale of its own, so that a faint one can be seen as well as a strong one;
        the legend then names no numbers.
    legend : bool
        Whether the legend is drawn.
    columns : int, optional
        Exactly so many tiles in a row, so that walls under each other align; on a phone the wall
        is then scrolled sideways.  As many as there is room for if left out.
    title, note : str
        What the wall is called, and a remark, at the left end of the legend's line.

    Returns
    -------
    dict
        Pictures as base64 of one byte a pixel; 128 is zero where the scale is diverging.

    Raises
    ------
    ValueError
        If words are missing, there is not one caption for each picture, the columns are less than
        one, or a limit for all is wanted together with a scale for each.
    """
    check_words(words, TILE_WORD_KEYS)
    images = np.asarray(images, dtype=np.float64)
    if images.ndim != 3 or len(captions) != len(images):
        raise ValueError(
            f"tiles_payload expected images of shape (n, h, w) and n captions, but got "
            f"{images.shape} and {len(captions)}"
        )
    if columns is not None and columns < 1:
        raise ValueError(f"tiles_payload expected at least 1 column, but got {columns}")
    if each and limit is not None:
        raise ValueError(
            f"tiles_payload expected no limit where each tile has its own, but got {limit}: "
            f"leave out limit or each"
        )
    groups = np.split(images, len(images)) if each and len(images) else [images]
    painted = [_painted(group, scale, limit) for group in groups]
    return {
        "kind": "tiles",
        "height": images.shape[1],
        "width": images.shape[2],
        "scale": scale,
        "low": None if each else plain(painted[0][1]),
        "high": None if each else plain(painted[0][2]),
        "smooth": smooth,
        "compact": compact,
        "legend": legend,
        "columns": columns,
        "title": title,
        "note": note,
        "tiles": [
            {
                "pixels": base64.b64encode(image.tobytes()).decode(),
                "caption": caption,
                "label": label,
            }
            for image, caption, label in zip(
                (image for pixels, _, _ in painted for image in pixels),
                captions,
                labels or captions,
                strict=True,
            )
        ],
        "words": {key: words[key] for key in TILE_WORD_KEYS},
        "chosen": None if chosen is None else str(chosen),
        "large": large,
    }


def _painted(
    images: np.ndarray, scale: Scale, limit: float | None
) -> tuple[np.ndarray, float, float]:
    """Return pictures on one scale as bytes, and the scale's two ends."""
    finite = images[np.isfinite(images)]
    if scale == "diverging":
        high = limit or float(np.abs(finite).max(initial=0.0)) or 1.0
        return signed_bytes(images, high), -high, high
    low = float(finite.min()) if finite.size else 0.0
    high = limit if limit is not None else (float(finite.max()) if finite.size else 1.0)
    pixels = np.rint(np.clip((images - low) / ((high - low) or 1.0), 0, 1) * 255)
    return np.nan_to_num(pixels).astype(np.uint8), low, high


def signed_bytes(values: np.ndarray, limit: float) -> np.ndarray:
    """Return numbers as bytes: 128 is zero and what is no number, 255 is ``limit``, 1 its minus."""
    pixels = np.rint(np.clip(values, -limit, limit) / limit * 127) + 128
    return np.nan_to_num(pixels, nan=128).astype(np.uint8)
