"""Curves over time as SVG, for while something runs: each picture replaces the last in one go."""

from __future__ import annotations

import base64
import html
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

WIDTH, HEIGHT = 460, 280  # of a panel, in the SVG's own units
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 30, 34
BINS = 200  # points that a line has at most: about as many as it has pixels
ACCENT = {"light": "#2a6f97", "dark": "#6fb7dd"}
INK = {"light": "#1d2430", "dark": "#e9ebee"}
THIRD = {"light": "#9a5b13", "dark": "#f2b35b"}
FOURTH = {"light": "#8a3b8f", "dark": "#dd9be3"}
DASHES = {"dash": "4 3", "dot": "1.5 4", "dashdot": "9 4 1.5 4"}


class Line(NamedTuple):
    """One curve.

    ``tone`` is "accent", "ink", "third" or "fourth", in both themes; a line with ``dots`` is dashed
    and marks its points, so that the two are told apart without colours.  ``dash`` says otherwise:
    "solid", "dash", "dot" or "dashdot".
    """

    name: str
    x: Sequence[float] | np.ndarray
    y: Sequence[float] | np.ndarray
    tone: str = "accent"
    dots: bool = False
    dash: str = ""

    @property
    def stroke(self) -> str:
        """How it is dashed."""
        return self.dash or ("dash" if self.dots else "solid")

    def colour(self, theme: str) -> str:
        """Return its colour where the page is "light" or "dark"."""
        tones = {"accent": ACCENT, "ink": INK, "third": THIRD, "fourth": FOURTH}
        return tones[self.tone][theme]


class Band(NamedTuple):
    """Between which numbers something moved."""

    name: str
    x: np.ndarray
    low: np.ndarray
    high: np.ndarray


class Panel(NamedTuple):
    """One pair of axes: a title, what lies in it, and how far the axes reach."""

    title: str
    lines: Sequence[Line]
    x_label: str
    x_end: float
    y_low: float
    y_high: float
    band: Band | None = None
    percent: bool = False


def smoothed(
    x: Sequence[float], y: Sequence[float], name: str, raw_name: str
) -> tuple[Line, Band | None]:
    """Return a line through the means of neighbouring numbers, and the band that they fill.

    Both have at most ``BINS`` points; with fewer numbers than that, the line takes them all.
    """
    xs, ys = np.asarray(x, float), np.asarray(y, float)
    if len(xs) <= BINS // 4:
        return Line(name, xs, ys), None
    edges = np.linspace(0, len(xs), min(BINS, len(xs) // 4) + 1).astype(int)
    starts, sizes = edges[:-1], np.diff(edges)
    mean = np.add.reduceat(ys, starts) / sizes
    middle = np.add.reduceat(xs, starts) / sizes
    band = Band(raw_name, middle, np.minimum.reduceat(ys, starts), np.maximum.reduceat(ys, starts))
    width = 9
    kernel = np.hanning(width + 2)[1:-1]
    around = np.pad(mean, width // 2, mode="edge")
    mean = np.convolve(around, kernel / kernel.sum(), mode="valid")
    return Line(name, middle, mean), band


def pictures(panels: Sequence[Panel], *, dark: bool, label: str) -> str:
    """Draw panels as HTML: side by side, or one under the other where the page is narrow.

    The SVGs are in images, because Streamlit lets no other SVG through.  ``label`` says in words
    what there is to see, for those who cannot.
    """
    theme = "dark" if dark else "light"
    images = []
    for panel in panels:
        drawn = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'font-family="system-ui, sans-serif">{_panel(panel, theme)}</svg>'
        )
        data = base64.b64encode(drawn.encode()).decode()
        images.append(
            f'<img alt="{html.escape(label)}" src="data:image/svg+xml;base64,{data}" '
            f'style="flex:1 1 300px;min-width:0;aspect-ratio:{WIDTH}/{HEIGHT}">'
        )
        label = ""  # once is enough
    return f'<div style="display:flex;flex-wrap:wrap;gap:8px">{"".join(images)}</div>'


def _panel(panel: Panel, theme: str) -> str:
    ink = INK[theme]
    parts = [
        f'<text x="{LEFT}" y="18" font-size="14" font-weight="600" fill="{ink}">'
        f"{html.escape(panel.title)}</text>",
        _legend(panel, theme),
    ]
    for value in ticks(panel.y_low, panel.y_high):
        y = _y(panel, value)
        text = f"{100 * value:g}%" if panel.percent else f"{value:g}"
        parts.append(
            f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{ink}" stroke-opacity="0.13"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" font-size="11" text-anchor="end" fill="{ink}" '
            f'fill-opacity="0.75">{text}</text>'
        )
    for value in ticks(0, panel.x_end):
        parts.append(
            f'<text x="{_x(panel, value):.1f}" y="{HEIGHT - BOTTOM + 16}" font-size="11" '
            f'text-anchor="middle" fill="{ink}" fill-opacity="0.75">{value:g}</text>'
        )
    parts.append(
        f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 4}" font-size="11" text-anchor="end" '
        f'fill="{ink}" fill-opacity="0.75">{html.escape(panel.x_label)}</text>'
    )
    if panel.band is not None and len(panel.band.x) > 1:
        edge = [*zip(panel.band.x, panel.band.high, strict=True)]
        back = [*zip(panel.band.x, panel.band.low, strict=True)][::-1]
        points = " ".join(_point(panel, x, y) for x, y in edge + back)
        parts.append(f'<polygon points="{points}" fill="{ACCENT[theme]}" fill-opacity="0.2"/>')
    parts += [_curve(panel, line, theme) for line in panel.lines if len(line.x)]
    return "".join(parts)


def _legend(panel: Panel, theme: str) -> str:
    parts, x = [], WIDTH - RIGHT
    for line in reversed(panel.lines):
        x -= 8 * _width(line.name) + 26
        dashes = _dashes(line)
        parts.append(
            f'<path d="M{x} 14h18" stroke="{line.colour(theme)}" stroke-width="2.4"{dashes}/>'
            f'<text x="{x + 22}" y="18" font-size="12" fill="{INK[theme]}">'
            f"{html.escape(line.name)}</text>"
        )
    return "".join(parts)


def _curve(panel: Panel, line: Line, theme: str) -> str:
    points = [_point(panel, x, y) for x, y in zip(line.x, line.y, strict=True)]
    colour = line.colour(theme)
    dashes = _dashes(line)
    drawn = (
        f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" '
        f'stroke-width="2.2" stroke-linejoin="round"{dashes}/>'
    )
    if line.dots:
        for point in points:
            x, y = point.split(",")
            drawn += f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"/>'
    return drawn


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Return round numbers between low and high, at most ``most`` and one."""
    if not high > low:
        return [low]
    rough = (high - low) / most
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


def _x(panel: Panel, value: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * value / (panel.x_end or 1.0)


def _y(panel: Panel, value: float) -> float:
    share = (value - panel.y_low) / ((panel.y_high - panel.y_low) or 1.0)
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(max(share, 0.0), 1.0)


def _point(panel: Panel, x: float, y: float) -> str:
    return f"{_x(panel, float(x)):.1f},{_y(panel, float(y)):.1f}"


def _dashes(line: Line) -> str:
    return f' stroke-dasharray="{DASHES[line.stroke]}"' if line.stroke in DASHES else ""


def _width(text: str) -> int:
    """Return about how many narrow letters a text is wide: Chinese ones count twice."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)
