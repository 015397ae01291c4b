"""Parts of a captcha's difficulty that were set by hand, as a link writes them."""

from __future__ import annotations

from collections.abc import Mapping

from core.captcha_style import STYLE_RANGES, WHOLE_PARTS

#: The parts that can be set on the page, in this order.
SHOWN_PARTS = (
    *("rotation", "scale", "shear", "shift", "overlap", "warp", "wave"),
    *("dots", "lines", "arcs", "stroke", "blur", "colours", "contrast"),
)


def read_parts(text: str) -> dict[str, float]:
    """Read what ``write_parts`` wrote; what is no part or out of its range is left out."""
    found: dict[str, float] = {}
    for piece in text.split(","):
        name, _, written = piece.partition(":")
        if name not in SHOWN_PARTS:
            continue
        try:
            value = float(written)
        except ValueError:
            continue
        least, most = STYLE_RANGES[name]
        if least <= value <= most:
            found[name] = round(value) if name in WHOLE_PARTS else value
    return found


def write_parts(parts: Mapping[str, float]) -> str:
    """Write parts for a link: "rotation:30.0,arcs:2"."""
    return ",".join(f"{name}:{value!r}" for name, value in parts.items())
