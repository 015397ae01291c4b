"""One number of a large network, traced: the weighted sum behind it, and its activation.

``core.trace_network`` writes all numbers of a small network down.  A network that reads images has
a million of them, so here is only the one that was asked for: its largest terms one by one, all
others as one sum.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.conv import Conv2d
from core.layers import Layer, Linear
from core.losses import softmax
from core.pool import AvgPool2d, MaxPool2d
from core.trace import Terms, Trace
from core.trace_parts import ACTIVATIONS, write_activation
from core.trace_writer import TraceWriter

SHORT_SUM = 25  # a sum of up to so many products is written out: a kernel of 5×5


@dataclass(frozen=True, eq=False)
class UnitTrace:
    """One number's trace.

    Attributes
    ----------
    trace : Trace
        A short sum has the grids x, w (not for pooling), b (if there is a bias) and z.  A long one
        has the products of its largest terms too, p = x·w, largest first, and ``rest``: the sum of
        all other products, which are in ``x_rest`` and ``w_rest``.  With an activation, a = f(z).
    places : ndarray of int
        Where the inputs in grid x, row by row, stand in the layer's input: (terms, 1) for
        ``Linear``; (terms, 3) for images: channel, row, column, which may lie in the padding,
        outside the image.  ``core.trace_blame`` has other grids, and says what these are for them.
    """

    trace: Trace
    places: np.ndarray


def trace_unit(
    layer: Layer,
    x: np.ndarray,
    z: np.ndarray,
    place: tuple[int, ...],
    activation: Layer | None = None,
    a: np.ndarray | None = None,
    *,
    largest: int = 8,
) -> UnitTrace:
    """Write down how one output of a layer came about, for one example.

    Parameters
    ----------
    layer : Linear, Conv2d, MaxPool2d or AvgPool2d
    x, z : ndarray
        What the layer was given and what it answered, without the batch's axis: (features,) for
        ``Linear``, (C, H, W) for the others.  z is taken as it is, not computed again.
    place : tuple of int
        Which output: (neuron,) or (channel, row, column).
    activation, a : Layer and ndarray, optional
        What came after the layer, and its answer to z.
    largest : int
        How many terms of a sum of more than ``SHORT_SUM`` are written one by one.

    Raises
    ------
    TypeError, ValueError
        If the layer or the activation is of another kind, or there is no such output.
    """
    if not isinstance(layer, Linear | Conv2d | MaxPool2d | AvgPool2d):
        raise TypeError(
            "trace_unit expected Linear, Conv2d, MaxPool2d or AvgPool2d, but got "
            f"{type(layer).__name__}"
        )
    check_place(place, z.shape, "trace_unit expected a place in an output")
    run = TraceWriter()
    inputs, places = inputs_of(layer, x, place)
    if isinstance(layer, Linear | Conv2d):
        weights = layer.params["weight"][place[0]].reshape(inputs.shape)
        terms, places = write_products(run, "x", "activation", inputs, weights, places, largest)
        terms, op = (*terms, *write_bias(run, layer, place[0])), "sum_of_products"
    else:
        run.put("x", "activation", inputs)
        terms = tuple((f"x.{r}.{c}",) for r, c in np.ndindex(inputs.shape))
        op = "maximum" if isinstance(layer, MaxPool2d) else "mean"
    write_output(run, z, place, op, terms, activation, a)
    return UnitTrace(run.trace(), places)


def trace_softmax(logits: np.ndarray) -> Trace:
    """Write down how the logits of one example, (C,), become probabilities.

    The grids are z, max, shifted = z − max, exp, sum and p = exp/sum, each with one row.
    """
    run = TraceWriter()
    z = logits.reshape(1, -1)

    def row_of(name: str) -> Terms:
        return tuple((f"{name}.0.{c}",) for c in range(z.shape[1]))

    with np.errstate(all="ignore"):
        run.put("z", "activation", z)
        largest = z.max(axis=1, keepdims=True)
        run.put("max", "activation", largest, "maximum", lambda r, c: row_of("z"))
        run.each("shifted", z - largest, "minus", "z", "max", kind="activation")
        e = np.exp(run.arrays["shifted"])
        run.each("exp", e, "exp", "shifted", kind="activation")
        total = e.sum(axis=1, keepdims=True)
        run.put("sum", "activation", total, "sum_of_products", lambda r, c: row_of("exp"))
        run.each("p", softmax(z), "divide", "exp", "sum", kind="activation")
    return run.trace()


def check_place(place: tuple[int, ...], shape: tuple[int, ...], expected: str) -> None:
    """Raise a ValueError that begins with ``expected`` unless there is such a place in a shape."""
    if len(place) != len(shape) or not all(0 <= i < n for i, n in zip(place, shape, strict=True)):
        raise ValueError(f"{expected} of {shape}, but got {place}")


def inputs_of(
    layer: Linear | Conv2d | MaxPool2d | AvgPool2d, x: np.ndarray, place: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the inputs of one output as a table, and where each stands in x.

    For images the table's rows are those of the window, channel after channel.
    """
    if isinstance(layer, Linear):
        return x.reshape(1, -1), np.arange(x.size)[:, None]
    channels = range(x.shape[0]) if isinstance(layer, Conv2d) else [place[0]]
    rows, columns = (
        place[axis + 1] * layer.stride[axis] - layer.padding[axis] + np.arange(size)
        for axis, size in enumerate(layer.kernel_size)
    )
    if isinstance(layer, MaxPool2d | AvgPool2d):
        zeros = isinstance(layer, AvgPool2d) and layer.count_include_pad  # the padding counts, too
        top, left = layer.padding if zeros else (0, 0)
        rows = rows[_within(rows + top, x.shape[1] + 2 * top)]
        columns = columns[_within(columns + left, x.shape[2] + 2 * left)]
    return pixels_at(x, channels, rows, columns)


def pixels_at(
    x: np.ndarray, channels: Iterable[int], rows: np.ndarray, columns: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return some channels, rows and columns of (C, H, W) as a table, and where each number stands.

    The table has the given rows, channel after channel; outside the image it holds zeros.
    """
    mesh = np.meshgrid(np.array(list(channels)), rows, columns, indexing="ij")
    places = np.stack(mesh, axis=-1).reshape(-1, 3)
    inside = _within(places[:, 1], x.shape[1]) & _within(places[:, 2], x.shape[2])
    values = np.zeros(len(places), x.dtype)
    values[inside] = x[tuple(places[inside].T)]
    return values.reshape(-1, len(columns)), places


def write_bias(run: TraceWriter, layer: Layer, output: int) -> Terms:
    """Write down one output's bias as b, if the layer has any; return the term that it is."""
    if "bias" not in layer.params:
        return ()
    run.put("b", "bias", layer.params["bias"][output].reshape(1, 1))
    return (("b.0.0",),)


def write_output(
    run: TraceWriter,
    z: np.ndarray,
    place: tuple[int, ...],
    op: str,
    terms: Terms,
    activation: Layer | None,
    a: np.ndarray | None,
) -> None:
    """Write down one output of a layer as z and, if an activation came after it, a = f(z)."""
    run.put("z", "activation", z[place].reshape(1, 1), op, lambda r, c: terms)
    if activation is None or a is None:
        return
    if type(activation) not in ACTIVATIONS:
        raise TypeError(
            "a trace of one number expected ReLU, Sigmoid, Tanh or Step as the activation, but got "
            f"{type(activation).__name__}"
        )
    write_activation(run, "a", activation, "z", a[place].reshape(1, 1))


def write_products(
    run: TraceWriter,
    name: str,
    kind: str,
    factors: np.ndarray,
    weights: np.ndarray,
    places: np.ndarray,
    largest: int,
) -> tuple[Terms, np.ndarray]:
    """Write down the factors and the weights of a sum: all, or the largest products and the rest.

    Parameters
    ----------
    run : TraceWriter
        Where to; the grids are ``name`` and w, for a long sum p, ``name``_rest, w_rest and rest
        too, see ``UnitTrace``.
    name, kind : str
        What the factors are called, and what they are.
    factors, weights : ndarray, (rows, columns)
        What is multiplied, number by number.
    places : ndarray, (rows · columns, ...)
        Where the factors come from.
    largest : int
        How many products of a sum of more than ``SHORT_SUM`` are written one by one.

    Returns
    -------
    Terms, ndarray
        The sum's, and the places of the factors that are in grid ``name``.
    """
    if factors.size <= max(SHORT_SUM, largest):
        run.put(name, kind, factors)
        run.put("w", "weight", weights)
        cells = [f"{r}.{c}" for r, c in np.ndindex(factors.shape)]
        return tuple((f"{name}.{cell}", f"w.{cell}") for cell in cells), places
    x, w = factors.ravel(), weights.ravel()
    with np.errstate(all="ignore"):
        products = x.astype(np.float64) * w
    order = np.argsort(-np.nan_to_num(np.abs(products), nan=np.inf), kind="stable")
    first, others = order[:largest], order[largest:]
    run.put(name, kind, x[None, first])
    run.put("w", "weight", w[None, first])
    run.put(f"{name}_rest", kind, x[None, others])
    run.put("w_rest", "weight", w[None, others])

    def product(_: int, c: int) -> Terms:
        return ((f"{name}.0.{c}", f"w.0.{c}"),)

    run.put("p", kind, products[None, first], "sum_of_products", product)
    rest = tuple((f"{name}_rest.0.{c}", f"w_rest.0.{c}") for c in range(len(others)))
    total = _exact_sum(products[others])
    run.put("rest", kind, total, "sum_of_products", lambda r, c: rest)
    return (*((f"p.0.{c}",) for c in range(len(first))), ("rest.0.0",)), places[first]


def _within(numbers: np.ndarray, size: int) -> np.ndarray:
    return (numbers >= 0) & (numbers < size)


def _exact_sum(numbers: np.ndarray) -> np.ndarray:
    """Return the sum as a table of one cell, rounded only once where all numbers are finite."""
    finite = np.isfinite(numbers).all()
    return np.array([[math.fsum(numbers) if finite else np.sum(numbers)]])
