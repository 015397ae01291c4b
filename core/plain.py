"""Convolution and pooling as a textbook writes them: loops, and one small sum in the middle.

``core.conv`` and ``core.pool`` compute the same numbers very much faster; there one has to look
twice to see the formula, here it is all there is.
"""

from __future__ import annotations

import numpy as np

from core.memory import Pair, four_axes, pair


def conv2d_plainly(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
) -> np.ndarray:
    """Let every kernel stand at every place, and add up the products of what is under it.

    y[n, o, h, w] = b[o] + Σ_c Σ_i Σ_j x[n, c, h·stride + i, w·stride + j] · W[o, c, i, j],
    where x has ``padding`` rows and columns of zeros on each side.

    Parameters
    ----------
    x : ndarray, (N, C, H, W)
        The images.
    weight : ndarray, (O, C, kH, kW)
        The kernels.
    bias : ndarray, (O,), optional
        What is added to each kernel's sums.
    stride, padding : int or (int, int)
        As in ``Conv2d``.

    Returns
    -------
    ndarray, (N, O, H', W')
        With H' = ⌊(H + 2·padding − kH)/stride⌋ + 1, and W' alike.

    Raises
    ------
    ValueError
        If x has other axes or channels, or the kernel does not fit into the padded image.
    """
    four_axes(x, "conv2d_plainly", weight.shape[1])
    (down, right), (top, left) = pair(stride, "stride"), pair(padding, "padding", smallest=0)
    kernel_h, kernel_w = weight.shape[2:]
    height = _how_many(x.shape[2], kernel_h, down, top)
    width = _how_many(x.shape[3], kernel_w, right, left)
    with_border = np.pad(x, ((0, 0), (0, 0), (top, top), (left, left)))
    y = np.zeros((len(x), len(weight), height, width), np.result_type(x, weight))
    for n in range(len(x)):
        for o in range(len(weight)):
            for h in range(height):
                for w in range(width):
                    rows = slice(h * down, h * down + kernel_h)
                    columns = slice(w * right, w * right + kernel_w)
                    y[n, o, h, w] = (with_border[n, :, rows, columns] * weight[o]).sum()
                    if bias is not None:
                        y[n, o, h, w] += bias[o]
    return y


def conv2d_plainly_backward(
    dy: np.ndarray,
    x: np.ndarray,
    weight: np.ndarray,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Let every place of every kernel hand its blame on: to the pixels under it, weights and bias.

    Each y[n, o, h, w] is a sum of products.  So its blame dy goes, times the other factor, to both
    factors of each, which collect what all sums say that they are in:

    ∂L/∂x[n, c, h·stride + i, w·stride + j] += dy[n, o, h, w] · W[o, c, i, j]
    ∂L/∂W[o, c, i, j] += dy[n, o, h, w] · x[n, c, h·stride + i, w·stride + j]
    ∂L/∂b[o] += dy[n, o, h, w]

    Parameters
    ----------
    dy : ndarray, (N, O, H', W')
        ∂L/∂y.
    x, weight, stride, padding
        As ``conv2d_plainly`` had them.

    Returns
    -------
    tuple of ndarray
        (dx, dweight, dbias) in the shapes of x, weight and bias.

    Raises
    ------
    ValueError
        As ``conv2d_plainly``, or if dy is not of the shape that it answers.
    """
    four_axes(x, "conv2d_plainly_backward", weight.shape[1])
    (down, right), (top, left) = pair(stride, "stride"), pair(padding, "padding", smallest=0)
    kernel_h, kernel_w = weight.shape[2:]
    height = _how_many(x.shape[2], kernel_h, down, top)
    width = _how_many(x.shape[3], kernel_w, right, left)
    if dy.shape != (len(x), len(weight), height, width):
        raise ValueError(
            "conv2d_plainly_backward expected dy of shape "
            f"{(len(x), len(weight), height, width)}, as y had, but got {dy.shape}"
        )
    with_border = np.pad(x, ((0, 0), (0, 0), (top, top), (left, left)))
    dtype = np.result_type(dy, x, weight)
    dborder, dweight = np.zeros(with_border.shape, dtype), np.zeros(weight.shape, dtype)
    dbias = np.zeros(len(weight), dtype)
    for n in range(len(x)):
        for o in range(len(weight)):
            for h in range(height):
                for w in range(width):
                    rows = slice(h * down, h * down + kernel_h)
                    columns = slice(w * right, w * right + kernel_w)
                    blame = dy[n, o, h, w]
                    dborder[n, :, rows, columns] += blame * weight[o]
                    dweight[o] += blame * with_border[n, :, rows, columns]
                    dbias[o] += blame
    dx = dborder[:, :, top : top + x.shape[2], left : left + x.shape[3]]
    return dx, dweight, dbias


def max_pool2d_plainly(
    x: np.ndarray,
    kernel_size: int | Pair,
    stride: int | Pair | None = None,
    padding: int | Pair = 0,
    ceil_mode: bool = False,
) -> np.ndarray:
    """Let a window stand at every place, and keep the largest number in it.

    y[n, c, h, w] = max_ij x[n, c, h·stride + i − padding, w·stride + j − padding], over those
    pixels that exist.

    Parameters
    ----------
    x : ndarray, (N, C, H, W)
        The images.
    kernel_size, stride, padding, ceil_mode
        As in ``MaxPool2d``.

    Returns
    -------
    ndarray, (N, C, H', W')
        With H' = ⌊(H + 2·padding − kH)/stride⌋ + 1, or ⌈…⌉ in ``ceil_mode``, and W' alike.

    Raises
    ------
    ValueError
        If x has other axes, the padding is more than half the window, or the window does not fit
        into the padded image.
    """
    four_axes(x, "max_pool2d_plainly")
    kernel_h, kernel_w = pair(kernel_size, "kernel_size")
    down, right = (kernel_h, kernel_w) if stride is None else pair(stride, "stride")
    top, left = pair(padding, "padding", smallest=0)
    if 2 * top > kernel_h or 2 * left > kernel_w:
        raise ValueError(
            "max_pool2d_plainly expected a padding of at most half the kernel size "
            f"{(kernel_h, kernel_w)}, but got {(top, left)}"
        )
    height = _how_many(x.shape[2], kernel_h, down, top, ceil_mode)
    width = _how_many(x.shape[3], kernel_w, right, left, ceil_mode)
    y = np.zeros((*x.shape[:2], height, width), x.dtype)
    for n in range(x.shape[0]):
        for c in range(x.shape[1]):
            for h in range(height):
                for w in range(width):
                    row, column = h * down - top, w * right - left
                    rows = slice(max(0, row), row + kernel_h)
                    columns = slice(max(0, column), column + kernel_w)
                    y[n, c, h, w] = x[n, c, rows, columns].max()
    return y


def _how_many(size: int, kernel: int, stride: int, padding: int, ceil_mode: bool = False) -> int:
    """Return at how many places along ``size`` pixels a kernel can stand."""
    room = size + 2 * padding - kernel
    if room < 0:
        raise ValueError(
            f"the kernel needs {kernel} pixels, but the image has {size + 2 * padding}, padding "
            "included"
        )
    count = room // stride + 1
    # One more may hang over the edge, if it begins before the padding behind the image.
    hangs_over = ceil_mode and room % stride > 0 and count * stride < size + padding
    return count + hangs_over
