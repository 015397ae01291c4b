"""The same curves once more, for when nothing moves: people want to hover and zoom.

While something runs Plotly would build its figure anew at every picture, and flicker.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import ui.graph_objects as go
from ui.curves import ACCENT, Band, Line, Panel

TITLE = {  # over the middle
    "font": {"size": 16},
    "showarrow": False,
    "x": 0.5,
    "xref": "paper",
    "xanchor": "center",
    "y": 1,
    "yref": "paper",
    "yanchor": "bottom",
}


def figure(panel: Panel, *, dark: bool) -> go.Figure:
    """Draw a panel to hover and zoom."""
    theme = "dark" if dark else "light"
    traces = [*_band_traces(panel.band, theme), *(_trace(line, theme) for line in panel.lines)]
    layout = {
        "height": 330,
        "margin": {"l": 40, "r": 10, "t": 40, "b": 40},
        "legend": {"orientation": "h", "y": -0.22},
        "hovermode": "x unified",
        "xaxis": {
            "title": {"text": panel.x_label},
            "range": [0, 1.015 * panel.x_end],
            "zeroline": False,
        },
        "yaxis": {
            "range": [panel.y_low, panel.y_high],
            "tickformat": ".1%" if panel.percent else None,
            "zeroline": False,
        },
        "annotations": [{**TITLE, "text": panel.title}],
    }
    # All in one: every later change of a figure costs Plotly as much as the figure.
    return go.Figure(traces, layout)


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
