"""Figures and pictures for what rests: arrays in, a picture out; nothing here calls Streamlit."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from ui.plane import CLASS_COLOURS

# Signed values, everywhere: blue is negative, orange positive, the background zero.
NEGATIVE, POSITIVE = "rgb(42, 111, 151)", "rgb(230, 126, 34)"


def field(
    values: np.ndarray, extent: float, *, dark: bool, name: str, height: int = 380
) -> go.Figure:
    """Draw a function over the plane as a heat map on the diverging scale.

    Parameters
    ----------
    values : ndarray, shape (size, size)
        The first row is the top of the plane, the first column its left edge.
    extent : float
        The plane runs from −extent to extent on both axes.
    dark : bool
        Whether the page is dark: zero has the page's colour.
    name : str
        What the values are, for the text that appears on hovering.
    height : int
        In pixels.
    """
    size = len(values)
    edge = extent * (1 - 1 / size)
    along = np.linspace(-edge, edge, size)
    middle = "#14171c" if dark else "#fbfbf9"
    limit = float(np.nanmax(np.abs(values))) or 1.0
    figure = go.Figure(
        go.Heatmap(
            x=along,
            y=along[::-1],
            z=values,
            zmin=-limit,
            zmax=limit,
            colorscale=[(0, NEGATIVE), (0.5, middle), (1, POSITIVE)],
            zsmooth="best",
            hovertemplate=f"x %{{x:.2f}}, y %{{y:.2f}}<br>{name} %{{z:.4g}}<extra></extra>",
            colorbar={"thickness": 12, "len": 0.9},
        )
    )
    figure.update_layout(
        height=height,
        margin={"l": 30, "r": 10, "t": 10, "b": 30},
        xaxis={"constrain": "domain", "zeroline": True, "title": "x"},
        yaxis={"scaleanchor": "x", "constrain": "domain", "zeroline": True, "title": "y"},
    )
    return figure


def regions(p: np.ndarray) -> np.ndarray:
    """Paint decision regions: the hue says which class, the opacity how sure.

    Parameters
    ----------
    p : ndarray, shape (size², C)
        Class probabilities, row by row from the top.

    Returns
    -------
    ndarray of uint8, shape (size, size, 4)
        RGBA.
    """
    size = round(len(p) ** 0.5)
    colours = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in CLASS_COLOURS])
    surety = (p.max(axis=1) - 1 / p.shape[1]) / (1 - 1 / p.shape[1])
    pixels = np.column_stack([colours[p.argmax(axis=1)], 200 * surety])
    return pixels.astype(np.uint8).reshape(size, size, 4)
