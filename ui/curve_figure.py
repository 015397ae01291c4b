"""The same curves once more, for when nothing moves: people want to hover and zoom.

While something runs Plotly would build its figure anew at every picture, and flicker.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import ui.graph_objects as go
from ui.curves import ACCENT, Band, Line, Panel

GAP = 0.07  # between two panels, as a share of the whole width
LAYOUT = {
    "height": 330,
    "margin": {"l": 40, "r": 10, "t": 40, "b": 40},
    "legend": {"orientation": "h", "y": -0.22},
    "hovermode": "x unified",
}


def figure(panels: Sequence[Panel], *, dark: bool) -> go.Figure:
    """Draw panels side by side, to hover and zoom."""
    theme = "dark" if dark else "light"
    named: set[str] = set()
    traces, layout = [], dict(LAYOUT)
    for number, panel in enumerate(panels, start=1):
        axes = {"xaxis": f"x{number}", "yaxis": f"y{number}"}
        drawn = [*_band_traces(panel.band, theme), *(_trace(line, theme) for line in panel.lines)]
        for trace in drawn:
            if name := trace.get("name"):  # on several axes, it is one line of the legend
                trace |= {"legendgroup": name, "showlegend": name not in named}
                named.add(name)
            traces.append(trace | axes)
        layout |= _axes(panel, number, len(panels))
    layout["annotations"] = [_title(panel, k, len(panels)) for k, panel in enumerate(panels, 1)]
    # All in one: every later change of a figure costs Plotly as much as the figure.
    return go.Figure(traces, layout)


def _axes(panel: Panel, number: int, count: int) -> dict[str, Any]:
    """Describe the axes of one of several panels side by side."""
    return {
        f"xaxis{number}": {
            "anchor": f"y{number}",
            "domain": _domain(number, count),
            "title": {"text": panel.x_label},
            "range": [0, 1.015 * panel.x_end],
            "zeroline": False,
        },
        f"yaxis{number}": {
            "anchor": f"x{number}",
            "range": [panel.y_low, panel.y_high],
            "tickformat": ".1%" if panel.percent else None,
            "zeroline": False,
        },
    }


def _title(panel: Panel, number: int, count: int) -> dict[str, Any]:
    """Describe the title over the middle of one of several panels."""
    return {
        "text": panel.title,
        "font": {"size": 16},
        "showarrow": False,
        "x": sum(_domain(number, count)) / 2,
        "xref": "paper",
        "xanchor": "center",
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
    }


def _domain(number: int, count: int) -> tuple[float, float]:
    """Return from where to where the panel with a number reaches, as shares of the width."""
    width = (1 - GAP * (count - 1)) / count
    left = (number - 1) * (width + GAP)
    return left, min(left + width, 1.0)


def _trace(line: Line, theme: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": np.asarray(line.x),
        "y": np.asarray(line.y),
        "name": line.name,
        "mode": "lines+markers" if line.dots else "lines",
        "line": {"color": line.colour(theme), "dash": line.stroke},
    }


def _band_traces(band: Band | None, theme: str) -> list[dict[str, Any]]:
    if band is None:
        return []
    edge = {"type": "scatter", "x": band.x, "mode": "lines", "line": {"width": 0}}
    edge["hoverinfo"] = "skip"
    r, g, b = (int(ACCENT[theme][place : place + 2], 16) for place in (1, 3, 5))
    between = {"name": band.name, "fill": "tonexty", "fillcolor": f"rgba({r},{g},{b},0.2)"}
    return [
        {**edge, "y": band.low, "showlegend": False},
        {**edge, "y": band.high, **between},
    ]
