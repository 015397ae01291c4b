"""How a network answers, as pictures: bars with numbers, curves, painted numbers.

Arrays in, a figure, HTML or pixels out; nothing here calls Streamlit.
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

import ui.graph_objects as go
from ui.curves import ACCENT, INK, THIRD

GROUND = {"light": (251, 251, 249), "dark": (20, 23, 28)}
BELOW = {"light": (30, 104, 160), "dark": (88, 166, 220)}
ABOVE = {"light": (224, 118, 20), "dark": (240, 146, 62)}


class Bar(NamedTuple):
    """One bar: its name, its length from 0 to 1 (NaN for none), what stands behind it."""

    name: str
    share: float
    text: str
    note: str = ""
    strong: bool = False


class Curve(NamedTuple):
    """One curve of shares, 0 to 1, over some strength."""

    name: str
    x: Sequence[float] | np.ndarray
    y: Sequence[float] | np.ndarray
    other: bool = False  # drawn dashed, as what is compared with
    dash: str = "dash"  # and how: "dash", "dot", "dashdot"


def bars(rows: Sequence[Bar], *, low: float = 0.0) -> str:
    """Draw bars as an HTML table, which is its own text twin.

    ``low`` is the share at which the bars begin, so that small differences can be seen.
    """
    lines = []
    for row in rows:
        share = 0.0 if math.isnan(row.share) else max(0.0, (row.share - low) / (1 - low))
        weight, opacity = ("700", "1") if row.strong else ("400", "0.5")
        lines.append(
            f'<tr style="font-weight:{weight}">'
            f'<th scope="row" style="{_CELL}width:1%;text-align:right">{html.escape(row.name)}</th>'
            f'<td style="{_CELL}width:48%"><div style="height:1em;border-radius:4px;'
            f'background:rgba(128,128,128,0.14)"><div style="height:100%;border-radius:4px;'
            f'width:{100 * share:.1f}%;background:rgba(53,128,173,{opacity})"></div></div></td>'
            f'<td style="{_CELL}"><span style="display:inline-block;min-width:3.8em;'
            f'text-align:right;white-space:nowrap">{html.escape(row.text)}</span> '
            f'<span style="display:inline-block;opacity:0.8;font-size:0.9em;padding-left:4px">'
            f"{html.escape(row.note)}</span></td>"
            "</tr>"
        )
    return (
        '<table style="border-collapse:collapse;width:100%;max-width:50rem;'
        f'font-variant-numeric:tabular-nums">{"".join(lines)}</table>'
    )


_CELL = "border:0;padding:3px 8px 3px 0;font-weight:inherit;"


def paint(values: np.ndarray, *, dark: bool, size: int = 168) -> np.ndarray:
    """Paint signed numbers (H, W) on the diverging scale; zero, and what is no number, is ground.

    Returns
    -------
    ndarray of uint8, (H·k, W·k, 3)
        Each number k pixels wide: about ``size`` pixels for the longer side.
    """
    theme = "dark" if dark else "light"
    finite = np.where(np.isfinite(values), values, 0.0)
    shares = finite / (np.abs(finite).max(initial=0.0) or 1.0)
    ground = np.array(GROUND[theme], float)
    ends = np.where((shares < 0)[..., None], BELOW[theme], ABOVE[theme])
    return _enlarged(ground + (ends - ground) * np.abs(shares)[..., None], size)


def mosaic(maps: np.ndarray) -> np.ndarray:
    """Lay maps (C, H, W) side by side in a nearly square picture, with a gap of NaN between them.

    Numbers without an order in space, (n,), are laid out line by line.
    """
    if maps.ndim == 1:
        across = math.ceil(math.sqrt(len(maps)))
        padded = np.full(across * -(-len(maps) // across), np.nan)
        padded[: len(maps)] = maps
        return padded.reshape(-1, across)
    count, height, width = maps.shape
    across = math.ceil(math.sqrt(count))
    picture = np.full((-(-count // across) * (height + 1) - 1, across * (width + 1) - 1), np.nan)
    for place, one in enumerate(maps):
        top, left = place // across * (height + 1), place % across * (width + 1)
        picture[top : top + height, left : left + width] = one
    return picture


def strength_figure(curves: Sequence[Curve], *, axis: str, dark: bool) -> go.Figure:
    """Draw accuracy against the strength of something that makes reading hard."""
    theme = "dark" if dark else "light"
    across = {"title": {"text": axis}, "zeroline": False}
    up = {"range": [0, 1.04], "tickformat": ".0%", "zeroline": False}
    traces = [_share_trace(curve, theme) for curve in curves]
    return go.Figure(traces, {**_LAYOUT, "xaxis": across, "yaxis": up})


def threshold_figure(curve: Curve, *, at: float, axis: str, dark: bool) -> go.Figure:
    """Draw a share against the threshold, and a line where the threshold is now."""
    theme = "dark" if dark else "light"
    known = np.asarray(curve.y)[np.isfinite(curve.y)]
    low = max(0.0, float(known.min(initial=0.99)) - 0.005)
    now = {"color": THIRD[theme], "width": 2}
    layout = {
        "xaxis": {"title": {"text": axis}, "range": [0, 1], "tickformat": ".0%", "zeroline": False},
        "yaxis": {
            "range": [low, 1 + 0.03 * (1 - low)],
            "tickformat": ".0%" if low < 0.9 else ".1%",
            "zeroline": False,
        },
        "shapes": [
            {"x0": at, "x1": at, "y0": 0, "y1": 1, "xref": "x", "yref": "y domain", "line": now}
        ],
    }
    return go.Figure(_share_trace(curve, theme), {**_LAYOUT, **layout})


_LAYOUT = {
    "height": 300,
    "margin": {"l": 44, "r": 10, "t": 16, "b": 40},
    # At the picture's lower edge: under the plot it would rise into the axis's name on a phone.
    "legend": {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom"},
    "hovermode": "x unified",
    "dragmode": False,
    "showlegend": True,
}


def _share_trace(curve: Curve, theme: str) -> go.Scatter:
    return go.Scatter(
        x=np.asarray(curve.x),
        y=np.asarray(curve.y),
        name=curve.name,
        mode="lines+markers" if len(curve.x) < 40 else "lines",
        line={
            "color": (INK if curve.other else ACCENT)[theme],
            "dash": curve.dash if curve.other else "solid",
            "width": 2.4,
        },
        hovertemplate="%{y:.1%}",
    )


def _enlarged(pixels: np.ndarray, size: int) -> np.ndarray:
    """Repeat each pixel so often that the longer side has about ``size`` of them."""
    times = max(1, round(size / max(pixels.shape[:2])))
    return np.rint(pixels).astype(np.uint8).repeat(times, axis=0).repeat(times, axis=1)


def percent(share: float) -> str:
    """Write a share so that only certainty is 100%; one that is none is a dash."""
    if not math.isfinite(share):
        return "\u2013"
    if 0.9995 <= share < 1:
        return f"{math.floor(share * 1e4) / 100:.2f}%"
    return f"{share:.1%}"
