"""A convolution of one image as grids: every product under every place of the kernel.

The layer computes, and these functions write down what came out, with the terms of every number.
k is the layer's number, o counts its kernels and c the planes of its input, both from 0.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.conv import Conv2d
from core.trace import Terms
from core.trace_writer import Rule, TraceWriter


def write_convolution(
    run: TraceWriter, k: int, conv: Conv2d, sources: tuple[str, ...], z: np.ndarray
) -> tuple[str, ...]:
    """Write down z_o = b_o + Σ_c Σ_ij x_c[h·stride + i, w·stride + j] · W_oc[i, j].

    Parameters
    ----------
    run : TraceWriter
        Where to; the grids are, with padding, the padded planes qk_c; the kernels wk_o_c, the
        biases bk (1 × out) and the feature maps zk_o.
    k : int
        The layer's number.
    conv : Conv2d
        The layer.
    sources : tuple of str
        The grids that went in, one per channel.
    z : ndarray, (1, out, H', W')
        What the layer made of them.

    Returns
    -------
    tuple of str
        The names of the feature maps.
    """
    _write_padded(run, k, conv, sources)
    for o, kernel in enumerate(conv.params["weight"]):
        for c, plane in enumerate(kernel):
            run.put(f"w{k}_{o}_{c}", "weight", plane)
    bias = "bias" in conv.params
    if bias:
        run.put(f"b{k}", "bias", conv.params["bias"][None, :])
    seen = _seen(k, conv, sources)

    def weighted(o: int) -> Rule:
        def rule(h: int, w: int) -> Terms:
            products = tuple(
                (f"{plane}.{r}.{s}", f"w{k}_{o}_{c}.{i}.{j}")
                for c, plane in enumerate(seen)
                for i, j, r, s in _under(conv, h, w)
            )
            return (*products, (f"b{k}.0.{o}",)) if bias else products

        return rule

    return tuple(
        run.put(f"z{k}_{o}", "activation", plane, "sum_of_products", weighted(o))
        for o, plane in enumerate(z[0])
    )


def write_convolution_backward(
    run: TraceWriter,
    k: int,
    conv: Conv2d,
    sources: tuple[str, ...],
    slopes: tuple[str, ...],
    dx: np.ndarray,
) -> tuple[str, ...]:
    """Write down the gradients of kernels, biases and input.

    ∂L/∂W_oc[i, j] = Σ_hw x_c[h·stride + i, w·stride + j] · dz_o[h, w], ∂L/∂b_o = Σ_hw dz_o[h, w],
    ∂L/∂x_c[r, s] = Σ W_oc[i, j] · dz_o[h, w] over all o and all places (h, w) that saw the pixel:
    with stride 1 a convolution of dz, padded all round, with the kernels turned by 180°.

    Parameters
    ----------
    run, k, conv, sources
        As for ``write_convolution``; the layer has been backwards, its gradients are read.
    slopes : tuple of str
        The grids that hold dz, one per kernel.
    dx : ndarray, (1, C, H, W)
        What the layer passed back.

    Returns
    -------
    tuple of str
        The names of the input's gradients, each "d" + source; the padding has none.
    """
    _write_gradients(run, k, conv, _seen(k, conv, sources), slopes)
    height, width = run.arrays[slopes[0]].shape

    def passed_on(c: int) -> Rule:
        def rule(r: int, s: int) -> Terms:
            return tuple(
                (f"w{k}_{o}_{c}.{i}.{j}", f"{slope}.{h}.{w}")
                for o, slope in enumerate(slopes)
                for h, i in _seen_from(conv, 0, r, height)
                for w, j in _seen_from(conv, 1, s, width)
            )

        return rule

    return tuple(
        run.put("d" + source, "gradient", plane, "sum_of_products", passed_on(c))
        for c, (source, plane) in enumerate(zip(sources, dx[0], strict=True))
    )


def _write_gradients(
    run: TraceWriter, k: int, conv: Conv2d, seen: tuple[str, ...], slopes: tuple[str, ...]
) -> None:
    """Write down ∂L/∂W and ∂L/∂b."""
    places = list(np.ndindex(run.arrays[slopes[0]].shape))
    (down, right), kernels = conv.stride, conv.grads["weight"]

    def weight(o: int, c: int) -> Rule:
        return lambda i, j: tuple(
            (f"{seen[c]}.{h * down + i}.{w * right + j}", f"{slopes[o]}.{h}.{w}") for h, w in places
        )

    def bias(_: int, o: int) -> Terms:
        return tuple((f"{slopes[o]}.{h}.{w}",) for h, w in places)

    for o, c in np.ndindex(kernels.shape[:2]):
        run.put(f"dw{k}_{o}_{c}", "gradient", kernels[o, c], "sum_of_products", weight(o, c))
    if "bias" in conv.params:
        run.put(f"db{k}", "gradient", conv.grads["bias"][None, :], "sum_of_products", bias)


def _write_padded(run: TraceWriter, k: int, conv: Conv2d, sources: tuple[str, ...]) -> None:
    """Write down every plane with its border of zeros, if there is one."""
    if not any(conv.padding):
        return
    top, left = conv.padding

    def inside(source: str, size: tuple[int, ...]) -> Rule:
        def rule(r: int, s: int) -> Terms:
            within = 0 <= r - top < size[0] and 0 <= s - left < size[1]
            return ((f"{source}.{r - top}.{s - left}",),) if within else ()

        return rule

    for source, name in zip(sources, _seen(k, conv, sources), strict=True):
        plane = run.arrays[source]
        bordered = np.pad(plane, ((top, top), (left, left)))
        run.put(name, "activation", bordered, "same", inside(source, plane.shape))


def _seen(k: int, conv: Conv2d, sources: tuple[str, ...]) -> tuple[str, ...]:
    """Return the grids over which the kernels slide: the padded ones, where there is padding."""
    return tuple(f"q{k}_{c}" for c in range(len(sources))) if any(conv.padding) else sources


def _under(conv: Conv2d, h: int, w: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield the places (i, j) of a kernel that stands at (h, w), and the cell under each."""
    for i, j in np.ndindex(conv.kernel_size):
        yield i, j, h * conv.stride[0] + i, w * conv.stride[1] + j


def _seen_from(conv: Conv2d, axis: int, pixel: int, count: int) -> Iterator[tuple[int, int]]:
    """Yield which of ``count`` kernel places along an axis see a pixel, and with which weight."""
    for place in range(count):
        offset = pixel + conv.padding[axis] - place * conv.stride[axis]
        if 0 <= offset < conv.kernel_size[axis]:
            yield place, offset
