"""What several tries of each value gave: as SVG while they come in, with Plotly at rest.

Every try is a point, a bar reaches from the lowest to the highest, and a diamond marks the mean.
See ``ui.curves`` for why there are two.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from typing import NamedTuple

import ui.graph_objects as go
from ui.curves import ACCENT, BOTTOM, HEIGHT, INK, LEFT, RIGHT, THIRD, TOP, ticks

WIDE = 720  # of the picture, in the SVG's own units
ROOM = 0.12  # share of the axis that stays free on both sides of values in an order,
WIDE_ROOM = 0.8  # and of values without one, which look lost when they are far apart


class Cloud(NamedTuple):
    """All that was measured for one value."""

    label: str
    at: float  # where it stands on the axis, such as the value's logarithm
    points: Sequence[float]  # shares from 0 to 1
    best: bool = False

    @property
    def mean(self) -> float:
        """The mean of the points."""
        return sum(self.points) / len(self.points)


class Axes(NamedTuple):
    """What the axes are called, and whether the values have an order that a line may follow."""

    title: str
    x: str
    joined: bool = True


def spread_picture(clouds: Sequence[Cloud], axes: Axes, *, dark: bool, label: str) -> str:
    """Draw as HTML; ``label`` says in words what there is to see.  Clouds may be empty yet."""
    theme = "dark" if dark else "light"
    ink = INK[theme]
    low, high = _range(clouds)
    parts = [_text(LEFT, 18, axes.title, ink, size=14, weight=600, anchor="start")]
    for value in ticks(low, high):
        y = _down(value, low, high)
        parts.append(
            f'<path d="M{LEFT} {y:.1f}H{WIDE - RIGHT}" stroke="{ink}" stroke-opacity="0.13"/>'
        )
        parts.append(_text(LEFT - 6, y + 4, f"{100 * value:g}%", ink, anchor="end"))
    for cloud in clouds:
        x = _across(cloud, clouds, axes)
        parts.append(_text(x, HEIGHT - BOTTOM + 16, cloud.label, ink))
    parts.append(_text(WIDE - RIGHT, HEIGHT - 3, axes.x, ink, anchor="end"))
    filled = [cloud for cloud in clouds if cloud.points]
    if axes.joined and len(filled) > 1:
        line = " ".join(
            f"{_across(c, clouds, axes):.1f},{_down(c.mean, low, high):.1f}" for c in filled
        )
        parts.append(
            f'<polyline points="{line}" fill="none" stroke="{ACCENT[theme]}" stroke-width="1.6"/>'
        )
    for cloud in filled:
        parts += _cloud(cloud, _across(cloud, clouds, axes), low, high, theme)
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HEIGHT}" '
        f'font-family="system-ui, sans-serif">{"".join(parts)}</svg>'
    )
    data = base64.b64encode(drawn.encode()).decode()
    return (
        f'<img alt="{html.escape(label)}" src="data:image/svg+xml;base64,{data}" '
        f'style="width:100%;max-width:960px;aspect-ratio:{WIDE}/{HEIGHT}">'
    )


def spread_figure(
    clouds: Sequence[Cloud], axes: Axes, *, dark: bool, point: str, mean: str
) -> go.Figure:
    """Draw the same to hover and zoom; ``point`` and ``mean`` are the words of the legend."""
    theme = "dark" if dark else "light"
    low, high = _range(clouds)
    filled = [cloud for cloud in clouds if cloud.points]
    bars = [
        go.Scatter(
            x=[cloud.at] * 2,
            y=[min(cloud.points), max(cloud.points)],
            mode="lines",
            line={"color": _faint(ACCENT[theme]), "width": 16},
            hoverinfo="skip",
            showlegend=False,
        )
        for cloud in filled
    ]
    points = go.Scatter(
        x=[cloud.at for cloud in filled for _ in cloud.points],
        y=[value for cloud in filled for value in cloud.points],
        mode="markers",
        name=point,
        marker={"symbol": "circle-open", "size": 7, "color": INK[theme]},
        hovertemplate="%{y:.2%}<extra></extra>",
    )
    means = go.Scatter(
        x=[cloud.at for cloud in filled],
        y=[cloud.mean for cloud in filled],
        mode="lines+markers" if axes.joined else "markers",
        name=mean,
        line={"color": ACCENT[theme], "width": 2},
        marker={
            "symbol": "diamond",
            "size": [15 if cloud.best else 10 for cloud in filled],
            "color": [THIRD[theme] if cloud.best else ACCENT[theme] for cloud in filled],
        },
        text=[cloud.label for cloud in filled],
        hovertemplate="%{text}: %{y:.2%}<extra></extra>",
    )
    layout = {
        "xaxis": {
            "title": {"text": axes.x},
            "tickvals": [cloud.at for cloud in clouds],
            "ticktext": [cloud.label for cloud in clouds],
            "range": _edges(clouds, axes),
            "zeroline": False,
            "showgrid": False,
        },
        "yaxis": {"range": [low, high], "tickformat": ".1%", "zeroline": False},
        "title": {"text": axes.title, "font": {"size": 15}},
        "height": 360,
        "margin": {"l": 40, "r": 10, "t": 40, "b": 40},
        "legend": {"orientation": "h", "y": -0.25},
    }
    return go.Figure([*bars, points, means], layout)


def _cloud(cloud: Cloud, x: float, low: float, high: float, theme: str) -> list[str]:
    top, bottom = (_down(edge(cloud.points), low, high) for edge in (max, min))
    middle = _down(cloud.mean, low, high)
    size = 9 if cloud.best else 6
    colour = THIRD[theme] if cloud.best else ACCENT[theme]
    diamond = f"M{x:.1f} {middle - size:.1f}l{size} {size}l{-size} {size}l{-size} {-size}z"
    return [
        f'<path d="M{x:.1f} {top:.1f}V{bottom:.1f}" stroke="{ACCENT[theme]}" stroke-width="16" '
        'stroke-opacity="0.2"/>',
        f'<path d="{diamond}" fill="{colour}"/>',
        *(
            f'<circle cx="{x:.1f}" cy="{_down(value, low, high):.1f}" r="3.2" fill="none" '
            f'stroke="{INK[theme]}" stroke-width="1.4"/>'
            for value in cloud.points
        ),
    ]


def _text(
    x: float,
    y: float,
    text: str,
    ink: str,
    *,
    size: int = 12,
    weight: int = 400,
    anchor: str = "middle",
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}" fill="{ink}">{html.escape(text)}</text>'
    )


def _range(clouds: Sequence[Cloud]) -> tuple[float, float]:
    """Return between which shares the upright axis runs: a little more than there is."""
    values = [value for cloud in clouds for value in cloud.points]
    if not values:
        return 0.0, 1.0
    room = max(0.15 * (max(values) - min(values)), 0.01)
    return max(0.0, min(values) - room), min(1.0, max(values) + room)


def _edges(clouds: Sequence[Cloud], axes: Axes) -> tuple[float, float]:
    places = [cloud.at for cloud in clouds] or [0.0]
    room = (ROOM if axes.joined else WIDE_ROOM) * (max(places) - min(places)) or 1.0
    return min(places) - room, max(places) + room


def _across(cloud: Cloud, clouds: Sequence[Cloud], axes: Axes) -> float:
    left, right = _edges(clouds, axes)
    return LEFT + (WIDE - LEFT - RIGHT) * (cloud.at - left) / (right - left)


def _down(value: float, low: float, high: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / ((high - low) or 1.0)


def _faint(colour: str) -> str:
    r, g, b = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({r},{g},{b},0.2)"
