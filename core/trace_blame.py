"""One number of the way back, traced: who is to blame for it, and by how much.

``core.trace_unit`` answers where a number that a layer passes on comes from.  Here are the numbers
that it passes back, ∂L/∂x, and the gradients of its parameters.  The values are the layers' own,
such as ``core.blame`` collects for one image, and beside each stands the sum that it is.
"""

from __future__ import annotations

import numpy as np

from core.conv import Conv2d
from core.layers import Layer, Linear
from core.maps import twins
from core.memory import Pair
from core.pool import AvgPool2d, MaxPool2d
from core.trace import Terms
from core.trace_channels import write_sums
from core.trace_parts import ACTIVATIONS, write_activation, write_activation_backward
from core.trace_unit import UnitTrace, check_place, pixels_at, write_products
from core.trace_writer import TraceWriter

Place = tuple[int, ...]


def trace_blame(
    layer: Layer,
    x: np.ndarray,
    y: np.ndarray,
    dy: np.ndarray,
    dx: np.ndarray,
    place: Place,
    *,
    largest: int = 8,
) -> UnitTrace:
    """Write down how one number that a layer passes back came about, for one example.

    Parameters
    ----------
    layer : Linear, Conv2d, MaxPool2d, AvgPool2d, ReLU, Sigmoid, Tanh or Step
    x, y : ndarray
        What the layer was given and what it answered, without the batch's axis.
    dy, dx : ndarray
        ∂L/∂y, and what the layer made of it, ∂L/∂x.  dx is taken as it is.
    place : tuple of int
        Which number of dx: (input,) or (channel, row, column).
    largest : int
        As for ``trace_unit``.

    Returns
    -------
    UnitTrace
        Its last grid is dx, with one cell; d stands for numbers of dy.  What has no terms is 0.

        ===========  ==========================================================================
        Linear       dx_i = Σ_k dy_k·W_ki: d and w, and in a long sum p, d_rest, w_rest and rest
        Conv2d       d_o, kH × kW: the numbers of dy[o] in which the pixel took part, 0 where the
                     stride or the edge left no output; w_o: W[o, c] turned by 180°, so that what
                     is multiplied lies on each other; s, 1 × O: Σ d_o·w_o, of outputs that there
                     are; dx = Σ_o s_o
        MaxPool2d    d: dy of the windows that the pixel won, 1 × how many, if any; dx = Σ d
        AvgPool2d    d: dy of the windows that the pixel is in, share: 1/(how many a window
                     averages); dx = Σ d·share
        activations  x, y = f(x) and d, with one cell each; dx = d·f′(x)
        ===========  ==========================================================================

        ``places``, (numbers, axes of y), tells where in y the numbers of d stand, or those of d_0,
        d_1, … one after the other, row by row.  A row or column of −1 says: nowhere.

    Raises
    ------
    TypeError, ValueError
        If the layer is of another kind, or there is no such number.
    """
    traced = (Linear, Conv2d, MaxPool2d, AvgPool2d)
    if not isinstance(layer, traced) and type(layer) not in ACTIVATIONS:
        wanted = ", ".join(kind.__name__ for kind in (*traced, *ACTIVATIONS))
        raise TypeError(f"trace_blame expected {wanted}, but got {type(layer).__name__}")
    check_place(place, dx.shape, "trace_blame expected a place in a gradient")
    run, value = TraceWriter(), dx[place].reshape(1, 1)
    if isinstance(layer, Linear):
        weights, outputs = layer.params["weight"][:, place[0]], np.arange(dy.size)[:, None]
        terms, places = write_products(
            run, "d", "gradient", dy[None], weights[None], outputs, largest
        )
    elif isinstance(layer, Conv2d):
        terms, places = _write_planes(run, layer, dy, place)
    elif isinstance(layer, MaxPool2d | AvgPool2d):
        terms, places = _write_windows(run, layer, x, dy, place)
    else:
        _write_gate(run, layer, x[place], y[place], dy[place], value)
        return UnitTrace(run.trace(), np.array([place]))
    run.put("dx", "gradient", value, "sum_of_products", lambda r, c: terms)
    return UnitTrace(run.trace(), places)


def trace_weight(
    layer: Linear | Conv2d, x: np.ndarray, dy: np.ndarray, dw: np.ndarray, place: Place
) -> UnitTrace:
    """Write down how one number of a parameter's gradient came about, for one example.

    Parameters
    ----------
    layer : Linear or Conv2d
    x, dy : ndarray
        What the layer was given, and ∂L/∂(what it answered), without the batch's axis.
    dw : ndarray
        ∂L/∂weight or ∂L/∂bias, as the layer computed it for this example alone.
    place : tuple of int
        Which number of it: (k, i) or (o, c, i, j) of the weights, (k,) or (o,) of the biases.

    Returns
    -------
    UnitTrace
        Its last grid is dw or db, with one cell; d stands for numbers of dy.

        ===============  ======================================================================
        Linear, weight   x and d with one cell each; dw = x_i·d_k
        Conv2d, weight   x, H' × W': the pixels on which this number of the kernel lay, one for
                         each place where it stood, 0 in the padding; d, H' × W': dy[o];
                         dw = Σ x·d
        bias             d, one cell or H' × W'; db = Σ d
        ===============  ======================================================================

        ``places`` tells where the numbers of x, row by row, stand in what the layer was given,
        (numbers, axes of x), perhaps in the padding; for a bias, where those of d stand in y.

    Raises
    ------
    TypeError, ValueError
        If the layer is of another kind, or there is no such number.
    """
    if not isinstance(layer, Linear | Conv2d):
        raise TypeError(f"trace_weight expected Linear or Conv2d, but got {type(layer).__name__}")
    check_place(place, dw.shape, "trace_weight expected a place in a gradient")
    run = TraceWriter()
    slope = np.atleast_2d(dy[place[0]])
    cells = [f"{r}.{c}" for r, c in np.ndindex(slope.shape)]
    terms: Terms
    if len(place) == 1:
        name, terms = "db", tuple((f"d.{cell}",) for cell in cells)
        places = np.array([(place[0], *at) for at in np.ndindex(dy.shape[1:])])
    else:
        name, terms = "dw", tuple((f"x.{cell}", f"d.{cell}") for cell in cells)
        pixels, places = _touched(layer, x, place, slope.shape)
        run.put("x", "activation", pixels)
    run.put("d", "gradient", slope)
    value = dw[place].reshape(1, 1)
    run.put(name, "gradient", value, "sum_of_products", lambda r, c: terms)
    return UnitTrace(run.trace(), places)


def _write_planes(
    run: TraceWriter, conv: Conv2d, dy: np.ndarray, place: Place
) -> tuple[Terms, np.ndarray]:
    """Write down d_o, w_o and s of a convolution; return the terms of dx, and where d stands."""
    rows, columns = (_seen_as(conv, axis, place[axis + 1], dy.shape[axis + 1]) for axis in (0, 1))
    turned = conv.params["weight"][:, place[0], ::-1, ::-1]
    planes, places = pixels_at(dy, range(len(turned)), rows, columns)
    there = (rows >= 0)[:, None] & (columns >= 0)
    write_sums(run, "d", "gradient", planes.reshape(turned.shape), turned, there)
    return tuple((f"s.0.{o}",) for o in range(len(turned))), places


def _write_windows(
    run: TraceWriter, pool: MaxPool2d | AvgPool2d, x: np.ndarray, dy: np.ndarray, place: Place
) -> tuple[Terms, np.ndarray]:
    """Write down d and, for a mean, share; return the terms of dx, and where d stands."""
    channel, *pixel = place
    rows, columns = (_seen_as(pool, axis, pixel[axis], dy.shape[axis + 1]) for axis in (0, 1))
    windows = np.array([(h, w) for h in rows[rows >= 0] for w in columns[columns >= 0]])
    if not len(windows):
        return (), np.empty((0, 3), int)
    share = _shares_of(pool, x[channel], windows, (pixel[0], pixel[1]))
    windows, share = windows[share != 0], share[share != 0]
    places = np.insert(windows, 0, channel, axis=1)
    if not len(windows):
        return (), places
    run.put("d", "gradient", dy[tuple(places.T)][None])
    if isinstance(pool, MaxPool2d):
        return tuple((f"d.0.{n}",) for n in range(len(windows))), places
    run.put("share", "given", share[None])
    return tuple((f"d.0.{n}", f"share.0.{n}") for n in range(len(windows))), places


def _shares_of(
    pool: MaxPool2d | AvgPool2d, plane: np.ndarray, windows: np.ndarray, pixel: Pair
) -> np.ndarray:
    """Return how the answer of each window, (row, column), follows one pixel of a plane.

    The layer itself is asked, with one copy of the plane for each window and a dy that is 1 there:
    it knows which of several equal pixels has won, and how many share a mean.
    """
    (twin,) = twins([pool])
    each = np.arange(len(windows))
    with np.errstate(all="ignore"):
        dy = np.zeros_like(twin.forward(np.repeat(plane[None, None], len(windows), axis=0)))
        dy[each, 0, windows[:, 0], windows[:, 1]] = 1
        return twin.backward(dy)[:, 0, pixel[0], pixel[1]]


def _write_gate(
    run: TraceWriter,
    layer: Layer,
    x: np.ndarray,
    y: np.ndarray,
    dy: np.ndarray,
    dx: np.ndarray,
) -> None:
    """Write down how an activation let one number of dy pass."""
    run.put("x", "activation", x.reshape(1, 1))
    write_activation(run, "y", layer, "x", y.reshape(1, 1), batch=False)
    run.put("d", "gradient", dy.reshape(1, 1))
    write_activation_backward(run, layer, "x", "y", "d", dx, batch=False)


def _seen_as(
    layer: Conv2d | MaxPool2d | AvgPool2d, axis: int, pixel: int, count: int
) -> np.ndarray:
    """Return from which of ``count`` places along an axis each number of the window saw a pixel.

    The window's last number comes first: that is the order in which the places lie.  −1 for none,
    because of the stride or of an edge.
    """
    offsets = np.arange(layer.kernel_size[axis])[::-1]
    places, apart = np.divmod(pixel + layer.padding[axis] - offsets, layer.stride[axis])
    return np.where((apart == 0) & (places >= 0) & (places < count), places, -1)


def _touched(
    layer: Linear | Conv2d, x: np.ndarray, place: Place, counts: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Return what one weight was multiplied with, as a table, and where that stands in x."""
    if isinstance(layer, Linear):
        return x[place[1]].reshape(1, 1), np.array([[place[1]]])
    rows, columns = (
        place[axis + 2] - layer.padding[axis] + layer.stride[axis] * np.arange(count)
        for axis, count in enumerate(counts)
    )
    return pixels_at(x, [place[1]], rows, columns)
