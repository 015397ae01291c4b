"""Convolution: the same small weighted sum at every place of an image."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.init import Initializer, RandomSource, as_generator, fan_in_uniform
from core.layer import NO_DX, Layer
from core.memory import Pair, columns_first, four_axes, overlap, pair, places


class Conv2d(Layer):
    """A convolution: kernels that slide over images and answer how well each place fits.

    y[n, o, h, w] = b[o] + Σ_c Σ_i Σ_j x[n, c, h·stride + i, w·stride + j] · W[o, c, i, j],
    where x has ``padding`` rows and columns of zeros on each side.  (Strictly it is a
    cross-correlation: the kernels are not turned over.  Everybody calls it a convolution.)

    Parameters
    ----------
    in_channels, out_channels : int
        How many planes an image has before and after; at least 1.
    kernel_size, stride, padding : int or (int, int)
        One number for height and width, or (height, width).  Without padding the images shrink
        by kernel_size − 1; with padding = (kernel_size − 1)/2 they keep their size.
    bias : bool
        Whether b is learned.
    rng : Generator, RandomState, int or None
        Where the first weights come from.
    init : Initializer
        How they are drawn; see ``core.init``.
    dtype : dtype
        float32 to train, float64 to check.

    Notes
    -----
    ``params["weight"]`` has shape (out_channels, in_channels, kH, kW), ``params["bias"]``
    (out_channels,).  x has shape (N, in_channels, H, W), y (N, out_channels, H', W') with
    H' = ⌊(H + 2·padding − kH)/stride⌋ + 1, and W' alike.

    The sums are one matrix product.  The numbers under the kernel, for every place where it can
    stand, are written as a column of a matrix X; with the weights as a matrix M of one row per
    kernel, y = M X + b.  Backwards, ∂L/∂M = dy Xᵀ, and ∂L/∂X = Mᵀ dy, of which all copies of a
    pixel are added up.  How X is made with few copies is told in ``_unfold`` and ``core.memory``.
    Chellapilla et al., "High Performance Convolutional Neural Networks for Document Processing",
    2006, section 4.
    """

    by_image = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Pair,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        bias: bool = True,
        *,
        rng: RandomSource = None,
        init: Initializer = fan_in_uniform,
        dtype: Any = np.float32,
    ) -> None:
        super().__init__()
        if in_channels < 1 or out_channels < 1:
            raise ValueError(
                f"Conv2d needs at least one channel in and one out, got {in_channels} and "
                f"{out_channels}"
            )
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = pair(kernel_size, "Conv2d's kernel_size")
        self.stride = pair(stride, "Conv2d's stride")
        self.padding = pair(padding, "Conv2d's padding", smallest=0)
        weight, start = init((out_channels, in_channels, *self.kernel_size), as_generator(rng))
        # In memory the weights lie as (kW, kH, in, out), the order in which _unfold lays out the
        # pixels: so the matrix of the weights is a view.
        self.params = {"weight": weight.astype(dtype, order="F")}
        if bias:
            self.params["bias"] = start.astype(dtype)
        self.grads = {name: np.zeros_like(array) for name, array in self.params.items()}

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """Return y of shape (N, out_channels, H', W') for x of shape (N, in_channels, H, W).

        Raises
        ------
        ValueError
            If x has another shape, or the kernel does not fit into the padded image.
        """
        four_axes(x, "Conv2d", self.in_channels)
        height, width = self._output_size(x.shape[2:])
        weight = self.params["weight"]
        if x.dtype.kind != "f":
            x = x.astype(weight.dtype)
        columns = self._unfold(x.swapaxes(0, 3), height, width)
        matrix = weight.T.reshape(-1, self.out_channels).T
        dtype = np.result_type(matrix, columns)
        y = self._empty("y", (width, self.out_channels, columns.shape[2]), dtype)
        np.matmul(matrix, columns, out=y)
        if "bias" in self.params:
            y += self.params["bias"][:, None]
        self._cache = columns, x.shape, (len(x), self.out_channels, height, width)
        return y.reshape(width, self.out_channels, height, len(x)).swapaxes(0, 3)

    def backward(self, dy: np.ndarray, *, need_dx: bool = True) -> np.ndarray:
        """Fill ``grads`` and return dx of x's shape for dy of y's shape."""
        columns, x_shape, y_shape = self._recall(dy, () if self._cache is None else self._cache[2])
        if need_dx:
            bordered, blame = self._with_border(dy.swapaxes(0, 3), x_shape[3])
        else:
            blame = columns_first(dy).reshape(y_shape[3], self.out_channels, -1)
        size = len(columns), columns.shape[1], self.out_channels
        shares = self._empty("shares", size, np.result_type(columns, dy))
        np.matmul(columns, blame.swapaxes(1, 2), out=shares)  # one for each picture column
        weight = self.grads["weight"].T
        weight[...] = np.add.reduce(shares, axis=0).reshape(weight.shape)
        if "bias" in self.params:
            np.add.reduce(blame, axis=(0, 2), out=self.grads["bias"])
        return self._fold(bordered, x_shape, dy.shape[2]) if need_dx else NO_DX

    def _unfold(self, x: np.ndarray, height: int, width: int) -> np.ndarray:
        """Lay out the numbers under the kernel, for every place where it can stand.

        Takes x as (W, C, H, N).  Returns (W', kW·kH·C, H'·N), to be read only: for each picture
        column w' a matrix whose columns are the places (h', n) and whose rows are the pixels
        (j, i, c) under the kernel there.

        The well-known "im2col" copies every pixel kH·kW times.  Here each is copied kH times, once
        for each row of the kernel in which it can be.  As picture columns lie end to end, the kW of
        them that are under a kernel are one piece of memory.
        """
        cols, channels, rows, images = x.shape
        (top, left), (stride, _), kernel_h = self.padding, self.stride, self.kernel_size[0]
        shape = cols + 2 * left, kernel_h, channels, height, images
        strips = self._zeros("strips", shape, x.dtype)  # and zeros the padding stays
        for i in range(kernel_h):
            windows, pixels = overlap(i, height, stride, top, rows)
            strips[left : left + cols, i, :, windows] = x[:, :, pixels]
        strips = strips.reshape(cols + 2 * left, kernel_h * channels, height * images)
        return sliding(strips, self.kernel_size[1], width, self.stride[1])

    def _with_border(self, dy: np.ndarray, cols: int) -> tuple[np.ndarray, np.ndarray]:
        """Copy dy, as (W', O, H', N), to where the kernels stood on W columns; the rest is zero.

        Returns (W + 2·padding + kW − 1, O, H'·N) and the view of it that is dy.
        """
        width, channels, height, images = dy.shape
        before = self.kernel_size[1] - 1
        shape = cols + 2 * self.padding[1] + before, channels, height, images
        bordered = self._zeros("bordered", shape, dy.dtype)
        there = places(before, width, self.stride[1])
        bordered[there] = dy
        bordered = bordered.reshape(*shape[:2], height * images)
        return bordered, bordered[there]

    def _fold(self, bordered: np.ndarray, x_shape: tuple[int, ...], height: int) -> np.ndarray:
        """Return dx: for every pixel, the blame of all places that saw it.

        Picture column w was seen from the columns w − kW + 1 to w of y.  They lie end to end too,
        so their sum is again one product with a sliding view, now with the kernels turned around.
        What is left to add up are the kH copies that ``_unfold`` made.
        """
        images, channels, rows, cols = x_shape
        (kernel_h, kernel_w), (top, left) = self.kernel_size, self.padding
        turned = self.params["weight"].T[::-1].transpose(1, 2, 0, 3)
        matrix = turned.reshape(kernel_h * channels, kernel_w * self.out_channels)
        seen_from = sliding(bordered, kernel_w, cols + 2 * left, 1)[left : left + cols]
        dtype = np.result_type(matrix, bordered)
        strips = self._empty("dstrips", (cols, len(matrix), bordered.shape[2]), dtype)
        np.matmul(matrix, seen_from, out=strips)
        strips = strips.reshape(cols, kernel_h, channels, height, images)
        dx = self._empty("dx", (cols, channels, rows, images), dtype)
        dx[...] = 0
        for i in range(kernel_h):
            windows, pixels = overlap(i, height, self.stride[0], top, rows)
            dx[:, :, pixels] += strips[:, i, :, windows]
        return dx.swapaxes(0, 3)

    def _output_size(self, size: tuple[int, ...]) -> Pair:
        """Return (H', W') for (H, W)."""
        room = [n + 2 * p for n, p in zip(size, self.padding, strict=True)]
        if room[0] < self.kernel_size[0] or room[1] < self.kernel_size[1]:
            raise ValueError(
                f"Conv2d expected images of at least {self.kernel_size[0]} × "
                f"{self.kernel_size[1]} pixels, the size of its kernel, but got {room[0]} × "
                f"{room[1]}, padding included"
            )
        height, width = (
            (n - k) // s + 1 for n, k, s in zip(room, self.kernel_size, self.stride, strict=True)
        )
        return height, width


def sliding(blocks: np.ndarray, length: int, count: int, stride: int) -> np.ndarray:
    """Return every run of ``length`` neighbouring blocks as one block: a view, not a copy.

    Parameters
    ----------
    blocks : ndarray
        Contiguous, of shape (how many, rows, columns).
    length, count, stride : int
        How many blocks make a run, how many runs there are, and how far apart they begin.

    Returns
    -------
    ndarray
        Of shape (count, length · rows, columns), to be read only: what two runs share is in memory
        once.
    """
    _, rows, columns = blocks.shape
    steps = [stride * rows * columns, columns, 1]
    shape = count, length * rows, columns
    return np.ndarray(shape, blocks.dtype, blocks, strides=[n * blocks.itemsize for n in steps])
