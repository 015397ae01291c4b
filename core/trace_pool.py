"""Pooling of one image as grids: which numbers are in which window, and who gets the blame.

The layer computes, and these functions write down what came out, with the terms of every number.
Only pixels that exist are terms: padding and what hangs over the edge are left out.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from core.memory import Pair
from core.pool import AvgPool2d, MaxPool2d
from core.trace import Term, Terms
from core.trace_writer import Rule, TraceWriter


def write_pool(
    run: TraceWriter,
    tag: str,
    pool: MaxPool2d | AvgPool2d,
    sources: tuple[str, ...],
    y: np.ndarray,
) -> tuple[str, ...]:
    """Write down p = max of a window's pixels, or Σ pixel·share with share = 1/(how many).

    Parameters
    ----------
    run : TraceWriter
        Where to; the grids are p{tag}_c for each channel c and, for a mean, share{tag}, which
        all channels have in common: how many numbers a window averages may include padding.
    tag : str
        What tells this pooling from others.
    pool : MaxPool2d or AvgPool2d
        The layer.
    sources : tuple of str
        The grids that went in, one per channel.
    y : ndarray, (1, C, H', W')
        What the layer made of them.

    Returns
    -------
    tuple of str
        The names of the p.
    """
    size, counts = run.arrays[sources[0]].shape, y.shape[2:]
    mean = isinstance(pool, AvgPool2d)
    if isinstance(pool, AvgPool2d):
        run.put(f"share{tag}", "given", _shares(pool, size, counts))

    def pooled(source: str) -> Rule:
        def rule(h: int, w: int) -> Terms:
            pixels = [f"{source}.{r}.{s}" for r, s in _pixels(pool, size, h, w)]
            return tuple((pixel, f"share{tag}.{h}.{w}") if mean else (pixel,) for pixel in pixels)

        return rule

    op = "sum_of_products" if mean else "maximum"
    return tuple(
        run.put(f"p{tag}_{c}", "activation", plane, op, pooled(source))
        for c, (source, plane) in enumerate(zip(sources, y[0], strict=True))
    )


def write_pool_backward(
    run: TraceWriter,
    tag: str,
    pool: MaxPool2d | AvgPool2d,
    sources: tuple[str, ...],
    slopes: tuple[str, ...],
    dx: np.ndarray,
) -> tuple[str, ...]:
    """Write down what every pixel gets: Σ dp of the windows it won, or Σ dp·share of all it is in.

    Among equals the first one has won, row by row, as in ``MaxPool2d``.

    Parameters
    ----------
    run, tag, pool, sources
        As for ``write_pool``.
    slopes : tuple of str
        The grids that hold dp, one per channel.
    dx : ndarray, (1, C, H, W)
        What the layer passed back.

    Returns
    -------
    tuple of str
        The names of the gradients, each "d" + source.
    """

    def passed_on(source: str, slope: str) -> Rule:
        plane = run.arrays[source]
        blame: dict[tuple[int, int], list[Term]] = defaultdict(list)
        for h, w in np.ndindex(run.arrays[slope].shape):
            pixels = _pixels(pool, plane.shape, h, w)
            if isinstance(pool, MaxPool2d):
                # Of equals, max() takes the first.
                blame[max(pixels, key=plane.__getitem__)].append((f"{slope}.{h}.{w}",))
                continue
            for pixel in pixels:
                blame[pixel].append((f"{slope}.{h}.{w}", f"share{tag}.{h}.{w}"))
        return lambda r, s: tuple(blame[r, s])

    return tuple(
        run.put("d" + source, "gradient", plane, "sum_of_products", passed_on(source, slope))
        for source, slope, plane in zip(sources, slopes, dx[0], strict=True)
    )


def _pixels(
    pool: MaxPool2d | AvgPool2d, size: tuple[int, ...], h: int, w: int
) -> list[tuple[int, int]]:
    """Return the pixels of one window that exist, row by row."""
    rows, columns = (
        range(max(0, start), min(start + kernel, there))
        for start, kernel, there in zip(_start(pool, h, w), pool.kernel_size, size, strict=True)
    )
    return [(r, s) for r in rows for s in columns]


def _shares(pool: AvgPool2d, size: tuple[int, ...], counts: tuple[int, ...]) -> np.ndarray:
    """Return 1/(how many numbers a window averages), of shape (H', W')."""
    shares = np.empty(counts)
    for h, w in np.ndindex(counts):
        many = len(_pixels(pool, size, h, w))
        if pool.count_include_pad:  # up to the padding's end: nothing counts beyond it
            many = 1
            for axis, start in enumerate(_start(pool, h, w)):
                end = size[axis] + pool.padding[axis]
                many *= min(start + pool.kernel_size[axis], end) - start
        shares[h, w] = 1 / many
    return shares


def _start(pool: MaxPool2d | AvgPool2d, h: int, w: int) -> Pair:
    """Return the pixel at which a window begins; it may lie in the padding."""
    (down, right), (top, left) = pool.stride, pool.padding
    return h * down - top, w * right - left
