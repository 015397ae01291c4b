"""What the tiles are drawn from: many small pictures as plain data."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from ui.grid.data import check_words, plain

#: The words that tiles need.
TILE_WORD_KEYS = ("positive", "negative", "low", "high", "chosen")


def tiles_payload(
    images: np.ndarray,
    captions: Sequence[str],
    *,
    words: Mapping[str, str],
    chosen: int | None = None,
    scale: Literal["diverging", "sequential"] = "diverging",
    labels: Sequence[str] | None = None,
    limit: float | None = None,
    smooth: bool = False,
    large: bool = False,
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

    Returns
    -------
    dict
        Pictures as base64 of one byte a pixel; 128 is zero where the scale is diverging.
    """
    check_words(words, TILE_WORD_KEYS)
    images = np.asarray(images, dtype=np.float64)
    if images.ndim != 3 or len(captions) != len(images):
        raise ValueError(
            f"tiles_payload expected images of shape (n, h, w) and n captions, but got "
            f"{images.shape} and {len(captions)}"
        )
    finite = images[np.isfinite(images)]
    if scale == "diverging":
        top = limit or float(np.abs(finite).max(initial=0.0)) or 1.0
        low, pixels = -top, np.rint(np.clip(images / top, -1, 1) * 127) + 128
    else:
        low = float(finite.min()) if finite.size else 0.0
        top = limit if limit is not None else (float(finite.max()) if finite.size else 1.0)
        pixels = np.rint(np.clip((images - low) / ((top - low) or 1.0), 0, 1) * 255)
    nothing = 128 if scale == "diverging" else 0
    pixels = np.nan_to_num(pixels, nan=nothing).astype(np.uint8)
    return {
        "kind": "tiles",
        "height": images.shape[1],
        "width": images.shape[2],
        "scale": scale,
        "low": plain(low),
        "high": plain(top),
        "smooth": smooth,
        "tiles": [
            {
                "pixels": base64.b64encode(image.tobytes()).decode(),
                "caption": caption,
                "label": label,
            }
            for image, caption, label in zip(pixels, captions, labels or captions, strict=True)
        ],
        "words": {key: words[key] for key in TILE_WORD_KEYS},
        "chosen": None if chosen is None else str(chosen),
        "large": large,
    }
