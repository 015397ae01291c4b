"""One number of a feature map, traced channel by channel: what each input map adds to it.

``core.trace_unit`` sorts all products of a sum by size.  Here they stay where they are: a patch of
each input map beside the piece of the kernel that lies on it.
"""

from __future__ import annotations

import numpy as np

from core.conv import Conv2d
from core.layer import Layer
from core.trace import Terms, Trace
from core.trace_unit import check_place, inputs_of, write_bias, write_output
from core.trace_writer import TraceWriter


def trace_channels(
    conv: Conv2d,
    x: np.ndarray,
    z: np.ndarray,
    place: tuple[int, ...],
    activation: Layer | None = None,
    a: np.ndarray | None = None,
) -> Trace:
    """Write down how one output of a convolution came about, for one image.

    s[c] = Σ_ij x[c, h·stride + i, w·stride + j] · W[o, c, i, j], x with its padding of zeros, and
    z[o, h, w] = Σ_c s[c] + b[o].

    Parameters
    ----------
    conv : Conv2d
        The layer.
    x, z : ndarray, (C, H, W) and (O, H', W')
        What the layer was given and what it answered.  z is taken as it is, not computed again.
    place : (o, h, w)
        Which output: channel, row, column.
    activation, a : Layer and ndarray, optional
        What came after the layer, and its answer to z.

    Returns
    -------
    Trace
        With the grids, for the input channels c = 0, 1, …

        ===  =======  ==================================================================
        x_c  kH × kW  the patch under the kernel; zeros where the padding is
        w_c  kH × kW  the kernel, W[o, c]
        s    1 × C    what each channel adds, in the layer's precision
        b    1 × 1    the bias, if there is one
        z    1 × 1    the layer's own number
        a    1 × 1    what the activation made of it, if there was one
        ===  =======  ==================================================================

    Raises
    ------
    TypeError, ValueError
        If the layer or the activation is of another kind, or there is no such output.
    """
    if not isinstance(conv, Conv2d):
        raise TypeError(f"trace_channels expected Conv2d, but got {type(conv).__name__}")
    check_place(place, z.shape, "trace_channels expected a place in an output")
    kernels = conv.params["weight"][place[0]]
    patches = inputs_of(conv, x, place)[0].reshape(kernels.shape)
    run = TraceWriter()
    write_sums(run, "x", "activation", patches, kernels)
    terms = (*((f"s.0.{c}",) for c in range(len(kernels))), *write_bias(run, conv, place[0]))
    write_output(run, z, place, "sum_of_products", terms, activation, a)
    return run.trace()


def write_sums(
    run: TraceWriter,
    name: str,
    kind: str,
    planes: np.ndarray,
    kernels: np.ndarray,
    there: np.ndarray | None = None,
) -> None:
    """Write down, channel by channel, a plane, its kernel, and the sum of their products.

    Parameters
    ----------
    run : TraceWriter
        Where to; the grids are ``name``_c, w_c and, with one column for each channel, s.
    name, kind : str
        What the planes are called, and what they are.
    planes, kernels : ndarray, (C, kH, kW)
        What is multiplied, number by number.
    there : ndarray of bool, (kH, kW), optional
        Which products the sums consist of, if not of all.
    """
    for c, (plane, kernel) in enumerate(zip(planes, kernels, strict=True)):
        run.put(f"{name}_{c}", kind, plane)
        run.put(f"w_{c}", "weight", kernel)
    there = np.ones(kernels.shape[1:], bool) if there is None else there
    cells = [f"{i}.{j}" for i, j in np.argwhere(there)]

    def products(_: int, c: int) -> Terms:
        return tuple((f"{name}_{c}.{cell}", f"w_{c}.{cell}") for cell in cells)

    with np.errstate(all="ignore"):
        sums = (planes[:, there] * kernels[:, there]).sum(axis=1)
    run.put("s", kind, sums[None], "sum_of_products", products)
