"""A convolutional network's computation for one image as a trace, forwards and backwards.

As in ``core.trace_network`` the values are the layers' own, and beside every value stands the sum
it came from.  Every plane of an image, of a kernel and of what the layers make of them is a grid.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.conv import Conv2d
from core.layers import Dropout, Flatten, Layer, Linear, Sequential
from core.pool import AvgPool2d, MaxPool2d
from core.sequential import leaves
from core.trace import Terms, Trace
from core.trace_conv import write_convolution, write_convolution_backward
from core.trace_parts import (
    ACTIVATIONS,
    write_activation,
    write_activation_backward,
    write_affine,
    write_affine_gradients,
    write_affine_passed_on,
    write_loss,
    write_softmax,
)
from core.trace_pool import write_pool, write_pool_backward
from core.trace_writer import Rule, TraceWriter

Names = tuple[str, ...]  # of grids: one for every channel, or that of the row


def trace_image(model: Sequential, image: np.ndarray, target: int | None = None) -> Trace:
    """Run a small network once on one image, and write every number down.

    Parameters
    ----------
    model : Sequential
        First ``Conv2d``, ``MaxPool2d`` and ``AvgPool2d``, then ``Flatten``, then ``Linear``;
        activations anywhere.  Softmax and cross entropy come by themselves, ``Dropout`` is
        asleep.  The model is not changed, its gradients neither.
    image : ndarray, (C, H, W)
        The image.
    target : int, optional
        The right class; without it the trace ends at the probabilities p.

    Returns
    -------
    Trace
        With the grids, for the layers with parameters k = 1, 2, … (0 stands for what comes before
        the first), output channels o and input channels c = 0, 1, …

        ===================  ===========  =======================================================
        x_c                  H × W        the image
        qk_c                 padded size  what layer k sees, with its border of zeros, if it pads
        wk_o_c, bk           kH × kW      kernels and biases (bk is 1 × out)
        zk_o                 H' × W'      feature maps
        ak_o                 as before    what an activation made of them
        pk_o, sharek         smaller      what pooling made of them; for a mean 1/(how many)
        f                    1 × n        the flattened row: channel by channel, row by row
        wk, bk, zk, ak       in × out     linear layers (all but wk are 1 × out)
        max, shifted, exp,   1 × C, 1     softmax, as in ``trace_network``
        sum, p
        t, n, nll, loss      1 × C, 1     the loss, as in ``trace_network``
        d and one of these   as above     ∂L/∂ each: dzk_o, dwk_o_c, dbk, …, last layer first,
        names                             down to dx_c; none of q, share and softmax's steps
        ===================  ===========  =======================================================

        The second activation after layer k has a letter more, ``akb_o``, the third is ``akc_o``,
        and so on; poolings alike, ``pkb_o`` with ``sharekb``.  What is 0 by itself has no terms: a
        border, and the gradient of a pixel that no blame reaches.

    Raises
    ------
    TypeError, ValueError
        If a layer is of another kind; if the layers' order, the image or the target do not fit.

    Examples
    --------
    >>> model = Sequential(Conv2d(1, 1, 2, bias=False), Flatten())
    >>> model[0].params["weight"][...] = [[1, 0], [0, 1]]
    >>> trace = trace_image(model, np.array([[[1, 2, 3], [4, 5, 6]]]))
    >>> trace.formula("z1_0.0.1")
    '2×1 + 3×0 + 5×0 + 6×1 = 8'
    """
    layers = _in_order(copy.deepcopy(model))
    run = TraceWriter()
    values = _one_image(image, layers)
    names: Names = tuple(run.put(f"x_{c}", "given", plane) for c, plane in enumerate(values[0]))
    steps = list(_steps(layers))
    with np.errstate(all="ignore"):
        for step in steps:
            step.given, values = names, step.layer.forward(values)
            names = step.made = _write_step(run, step, values)
        (logits,) = names
        write_softmax(run, logits)
        if target is not None:
            slopes: Names = (write_loss(run, logits, _right_class(target, values.shape[1])),)
            dy = run.arrays[slopes[0]]
            for step in reversed(steps):
                dy = step.layer.backward(dy)
                slopes = _write_step_back(run, step, slopes, dy)
    return run.trace()


@dataclass
class _Step:
    """One layer, what tells its grids from others (k and a letter), what went in and came out."""

    layer: Layer
    number: int
    letter: str
    given: Names = ()
    made: Names = ()

    @property
    def tag(self) -> str:
        return f"{self.number}{self.letter}"


def _in_order(model: Sequential) -> list[Layer]:
    """Return the layers that compute something, or say which one does not fit."""
    found = [layer for layer in leaves(model) if not isinstance(layer, Dropout)]
    flat = False
    for layer in found:
        name = type(layer).__name__
        if isinstance(layer, Conv2d | MaxPool2d | AvgPool2d | Flatten):
            if flat:
                raise ValueError(f"trace_image expected one Flatten, and no {name} after it")
            flat = isinstance(layer, Flatten)
        elif isinstance(layer, Linear):
            if not flat:
                raise ValueError("trace_image expected a Flatten before the first Linear")
        elif type(layer) not in ACTIVATIONS:
            raise TypeError(
                "trace_image expected Conv2d, MaxPool2d, AvgPool2d, Flatten, Linear, ReLU, "
                f"Sigmoid, Tanh, Step and Dropout, but got {name}"
            )
    if not flat:
        raise ValueError("trace_image needs a Sequential with a Flatten: softmax takes a row")
    return found


def _steps(layers: list[Layer]) -> Iterator[_Step]:
    """Yield the layers numbered, with letters where more than one of a kind follows layer k."""
    k = 0
    used: Counter[tuple[int, bool]] = Counter()
    for layer in layers:
        k += bool(layer.params)
        if layer.params or isinstance(layer, Flatten):
            yield _Step(layer, k, "")
            continue
        kind = k, type(layer) in ACTIVATIONS
        yield _Step(layer, k, _letter(used[kind]))
        used[kind] += 1


def _letter(earlier: int) -> str:
    """Return the letter of a grid with so many earlier ones: none, b, c, …, y, z, zb and so on."""
    whole, rest = divmod(earlier, 25)
    return "z" * whole + ["", *"bcdefghijklmnopqrstuvwxy"][rest]


def _one_image(image: np.ndarray, layers: list[Layer]) -> np.ndarray:
    """Return the image as a batch of one, (1, C, H, W), in the layers' precision."""
    values = np.asarray(image)
    if values.ndim != 3 or not values.size:
        raise ValueError(
            f"trace_image expected an image of shape (C, H, W), but got {values.shape}"
        )
    if values.dtype.kind != "f":
        theirs = [array.dtype for layer in layers for array in layer.params.values()]
        values = values.astype(np.result_type(np.float32, *theirs))
    return values[None]


def _right_class(target: int, classes: int) -> np.ndarray:
    """Return the right class as a batch of one."""
    if not isinstance(target, int | np.integer) or not 0 <= target < classes:
        raise ValueError(
            f"trace_image expected a target from 0 to {classes - 1}, but got {target!r}"
        )
    return np.array([target])


def _planes(values: np.ndarray) -> np.ndarray:
    """Return what is shown as a table each: the channels of (1, C, H, W), or the row (1, n)."""
    return values[0] if values.ndim == 4 else values[None]


def _write_step(run: TraceWriter, step: _Step, y: np.ndarray) -> Names:
    """Write down what one layer made, y; return the names of its grids."""
    layer, k, given = step.layer, step.number, step.given
    if isinstance(layer, Conv2d):
        return write_convolution(run, k, layer, given, y)
    if isinstance(layer, MaxPool2d | AvgPool2d):
        return write_pool(run, step.tag, layer, given, y)
    if isinstance(layer, Flatten):
        return _write_row(run, given, y)
    if isinstance(layer, Linear):
        return (write_affine(run, k, layer, given[0], y),)
    row = y.ndim == 2
    return tuple(
        write_activation(
            run, f"a{step.tag}" + ("" if row else f"_{o}"), layer, source, plane, batch=row
        )
        for o, (source, plane) in enumerate(zip(given, _planes(y), strict=True))
    )


def _write_step_back(run: TraceWriter, step: _Step, slopes: Names, dx: np.ndarray) -> Names:
    """Write down a layer's gradients and what it passed back, dx; return the names of the last."""
    layer, k, given = step.layer, step.number, step.given
    if isinstance(layer, Conv2d):
        return write_convolution_backward(run, k, layer, given, slopes, dx)
    if isinstance(layer, MaxPool2d | AvgPool2d):
        return write_pool_backward(run, step.tag, layer, given, slopes, dx)
    if isinstance(layer, Flatten):
        return _write_unrolled(run, given, slopes[0], dx)
    if isinstance(layer, Linear):
        write_affine_gradients(run, k, layer, given[0], slopes[0])
        return (write_affine_passed_on(run, k, layer, given[0], slopes[0], dx),)
    return tuple(
        write_activation_backward(run, layer, z, a, da, plane, batch=dx.ndim == 2)
        for z, a, da, plane in zip(given, step.made, slopes, _planes(dx), strict=True)
    )


def _write_row(run: TraceWriter, given: Names, row: np.ndarray) -> Names:
    """Write down all planes end to end as f."""
    height, width = run.arrays[given[0]].shape
    if row.shape != (1, len(given) * height * width):
        raise ValueError(f"trace_image expected Flatten to make one row, but got {row.shape}")

    def taken(_: int, place: int) -> Terms:
        c, r, s = np.unravel_index(place, (len(given), height, width))
        return ((f"{given[c]}.{r}.{s}",),)

    return (run.put("f", "activation", row, "same", taken, batch=True),)


def _write_unrolled(run: TraceWriter, given: Names, slope: str, dx: np.ndarray) -> Names:
    """Write down the row of gradients as planes again."""

    def taken(c: int) -> Rule:
        return lambda r, s: ((f"{slope}.0.{np.ravel_multi_index((c, r, s), dx.shape[1:])}",),)

    return tuple(
        run.put("d" + source, "gradient", plane, "same", taken(c))
        for c, (source, plane) in enumerate(zip(given, dx[0], strict=True))
    )
