"""Figures and pictures for what rests: arrays in, a picture out; nothing here calls Streamlit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

import ui.graph_objects as go
from ui.curves import ACCENT
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
    return go.Figure(
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
        ),
        {
            "height": height,
            "margin": {"l": 30, "r": 10, "t": 10, "b": 30},
            "xaxis": {"constrain": "domain", "zeroline": True, "title": "x"},
            "yaxis": {"scaleanchor": "x", "constrain": "domain", "zeroline": True, "title": "y"},
        },
    )


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


def bars(
    names: Sequence[str], values: Sequence[float], *, dark: bool, height: int = 260
) -> go.Figure:
    """Draw a bar for each name, with its number on it.

    Parameters
    ----------
    names : sequence of str
        From left to right.
    values : sequence of float
        From 0.
    dark : bool
        Whether the page is dark.
    height : int
        In pixels.
    """
    theme = "dark" if dark else "light"
    return go.Figure(
        go.Bar(
            x=list(names),
            y=[float(value) for value in values],
            text=[f"{value:,}" for value in values],
            textposition="outside",
            cliponaxis=False,
            marker={"color": ACCENT[theme]},
            hovertemplate="%{x}: %{text}<extra></extra>",
        ),
        {
            "height": height,
            "margin": {"l": 10, "r": 10, "t": 24, "b": 30},
            "bargap": 0.25,
            "xaxis": {"type": "category", "fixedrange": True},
            "yaxis": {"visible": False, "rangemode": "tozero", "fixedrange": True},
        },
    )


def scales(
    names: Sequence[str],
    marks: Sequence[Mapping[str, float]],
    *,
    dark: bool,
    height: int = 220,
) -> go.Figure:
    """Draw number lines one below the other, each with the same marks at other places.

    Parameters
    ----------
    names : sequence of str
        One for each line, from the top.
    marks : sequence of mapping
        For each line the places of the marks, by their names; from the lowest to the highest
        place of a line reaches a bar.
    dark : bool
        Whether the page is dark.
    height : int
        In pixels.
    """
    theme = "dark" if dark else "light"
    along: list[float | None] = []
    down: list[str] = []
    for name, places in zip(names, marks, strict=True):
        along += [min(places.values()), max(places.values()), None]  # here the bar ends
        down += [name] * 3
    bars = go.Scatter(
        x=along,
        y=down,
        mode="lines",
        line={"color": ACCENT[theme], "width": 9},
        opacity=0.3,
        hoverinfo="skip",
        showlegend=False,
    )
    symbols = ("square-open", "line-ns-open", "diamond", "square")
    signs = [
        go.Scatter(
            x=[places[what] for places in marks],
            y=list(names),
            name=what,
            mode="markers",
            marker={
                "symbol": symbol,
                "size": 13,
                "color": ACCENT[theme],
                "line": {"width": 3 if symbol.endswith("open") else 0, "color": ACCENT[theme]},
            },
            hovertemplate=f"{what}: %{{x:.4g}}<extra></extra>",
        )
        for what, symbol in zip(marks[0], symbols, strict=False)
    ]
    layout = {
        "height": height,
        "margin": {"l": 10, "r": 10, "t": 10, "b": 30},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "xaxis": {"zeroline": True, "fixedrange": True},
        "yaxis": {"autorange": "reversed", "automargin": True, "fixedrange": True},
    }
    return go.Figure([bars, *signs], layout)


def sheet(images: np.ndarray, marked: np.ndarray, columns: int, zoom: int = 4) -> np.ndarray:
    """Lay digits out in rows, as ink on paper, each with a little room; some on tinted paper.

    Parameters
    ----------
    images : ndarray of uint8, (N, H, W)
        0 is paper, 255 is ink.
    marked : ndarray of bool, (N,)
        Which ones get tinted paper.
    columns : int
        How many in a row; N should be a multiple of it.
    zoom : int
        Screen pixels for each pixel.

    Returns
    -------
    ndarray of uint8, (height, width, 3)
    """
    ink = np.pad(images, ((0, 0), (2, 2), (2, 2))).astype(np.float32)[..., None] / 255.0
    paper = np.where(marked[:, None], [246.0, 196.0, 140.0], [251.0, 251.0, 249.0])
    tiles = (1 - ink) * paper[:, None, None, :] + ink * np.array([29.0, 36.0, 48.0])
    count, height, width, _ = tiles.shape
    rows = tiles.reshape(count // columns, columns, height, width, 3).swapaxes(1, 2)
    flat = rows.reshape(count // columns * height, columns * width, 3)
    return flat.repeat(zoom, axis=0).repeat(zoom, axis=1).astype(np.uint8)
