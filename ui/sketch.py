"""A course over time as a tiny picture, as tall as a line of text or two."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence

from ui.curves import ACCENT, INK

WIDE, HIGH, MARGIN = 240, 48, 4  # in the SVG's own units


def sketch(shares: Sequence[float], *, dark: bool, label: str) -> str:
    """Draw shares from 0 to 1, evenly spaced in time, as HTML; ``label`` says it in words."""
    theme = "dark" if dark else "light"
    across, up = WIDE - 2 * MARGIN, HIGH - 2 * MARGIN
    last = max(1, len(shares) - 1)
    points = " ".join(
        f"{MARGIN + across * place / last:.1f},{MARGIN + up * (1 - share):.1f}"
        for place, share in enumerate(shares)
    )
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}">'
        f'<path d="M{MARGIN} {HIGH - MARGIN}H{WIDE - MARGIN}" stroke="{INK[theme]}" '
        f'stroke-opacity="0.25"/><polyline points="{points}" fill="none" '
        f'stroke="{ACCENT[theme]}" stroke-width="2.4" stroke-linejoin="round"/></svg>'
    )
    data = base64.b64encode(drawn.encode()).decode()
    return (
        f'<img alt="{html.escape(label)}" src="data:image/svg+xml;base64,{data}" '
        f'style="width:100%;max-width:{WIDE}px;aspect-ratio:{WIDE}/{HIGH}">'
    )
