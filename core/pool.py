"""Pooling: what a neighbourhood comes to, so that images shrink and small shifts do not matter."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.layer import NO_DX, Layer
from core.memory import Pair, columns_first, four_axes, images_first, inside, padded, pair, places


class _Pool2d(Layer):
    """A window that slides over every plane of every image, and makes one number of many."""

    by_image = True
    _border = 0.0  # what stands in the padding

    def __init__(
        self,
        kernel_size: int | Pair,
        stride: int | Pair | None = None,
        padding: int | Pair = 0,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.kernel_size = pair(kernel_size, f"{name}'s kernel_size")
        self.stride = self.kernel_size if stride is None else pair(stride, f"{name}'s stride")
        self.padding = pair(padding, f"{name}'s padding", smallest=0)
        self.ceil_mode = ceil_mode
        if any(2 * p > k for p, k in zip(self.padding, self.kernel_size, strict=True)):
            raise ValueError(
                f"{name} expected a padding of at most half the kernel size {self.kernel_size}, "
                f"but got {self.padding}"
            )

    def _start(self, x: np.ndarray) -> tuple[np.ndarray, Pair]:
        """Return x as (W, C, H, N) with room for all windows, and how many windows: (H', W')."""
        four_axes(x, type(self).__name__)
        if x.dtype.kind != "f":
            x = x.astype(np.float32)
        height, width = self._windows(x.shape[2], 0), self._windows(x.shape[3], 1)
        after = self._room_after(x.shape[2], height, 0), self._room_after(x.shape[3], width, 1)
        return padded(columns_first(x), self.padding, after, self._border), (height, width)

    def _windows(self, size: int, axis: int) -> int:
        """Return how many windows stand side by side on ``size`` pixels of one axis."""
        kernel, stride, padding = self.kernel_size[axis], self.stride[axis], self.padding[axis]
        room = size + 2 * padding - kernel
        if room < 0:
            raise ValueError(
                f"{type(self).__name__} expected images of at least {kernel} pixels, the size of "
                f"its window, but got {size + 2 * padding}, padding included"
            )
        if not self.ceil_mode:
            return room // stride + 1
        count = -(-room // stride) + 1
        # The last window may hang over the edge, but it must begin before the padding behind it.
        return count - 1 if (count - 1) * stride >= size + padding else count

    def _room_after(self, size: int, count: int, axis: int) -> int:
        """Return how many pixels beyond the image the last window of one axis reaches."""
        reach = (count - 1) * self.stride[axis] + self.kernel_size[axis]
        return max(0, reach - size - self.padding[axis])

    def _candidates(self, x: np.ndarray, axis: int, count: int) -> list[np.ndarray]:
        """Return, for each place in a window along one axis, what all windows have there."""
        side = 0 if axis == 2 else 1
        before = (slice(None),) * axis
        return [
            x[(*before, places(offset, count, self.stride[side]))]
            for offset in range(self.kernel_size[side])
        ]


class MaxPool2d(_Pool2d):
    """The largest number in each window: y[…, h, w] = max_ij x[…, h·stride + i, w·stride + j].

    Backwards, all blame goes to the number that was the largest; among equals to the first one,
    row by row, as in PyTorch.

    Parameters
    ----------
    kernel_size, stride, padding : int or (int, int)
        One number for height and width, or (height, width); ``stride`` is ``kernel_size`` if not
        given.  The padding is −∞, and at most half the kernel.
    ceil_mode : bool
        Whether a last window that hangs over the edge counts, if it begins inside.

    Notes
    -----
    x has shape (N, C, H, W), y (N, C, H', W') with H' = ⌊(H + 2·padding − kH)/stride⌋ + 1, or ⌈…⌉.
    """

    _border = -np.inf

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """Return the largest number of every window."""
        pixels, (height, width) = self._start(x)
        # The largest of a row's largest: along the rows first, where the memory is contiguous.
        wide = self._largest("wide", self._candidates(pixels, 0, width))
        y = self._largest("y", self._candidates(wide, 2, height))
        self._cache = pixels, wide, y, x.shape, (*x.shape[:2], height, width)
        return images_first(y)

    def backward(self, dy: np.ndarray, *, need_dx: bool = True) -> np.ndarray:
        """Return dx: dy where x was the largest of its window, 0 elsewhere."""
        pixels, wide, y, x_shape, _ = self._recall(
            dy, () if self._cache is None else self._cache[4]
        )
        if not need_dx:
            return NO_DX
        dwide = self._to_the_largest("dwide", columns_first(dy), y, wide, 2)
        dx = self._to_the_largest("dx", dwide, wide, pixels, 0)
        return images_first(inside(dx, self.padding, x_shape[2:]))

    def _largest(self, name: str, candidates: list[np.ndarray]) -> np.ndarray:
        """Return the largest of some arrays, number by number."""
        y = candidates[0]
        for other in candidates[1:]:
            y = np.maximum(y, other, out=self._empty(name, y.shape, y.dtype))
        return y

    def _to_the_largest(
        self, name: str, dy: np.ndarray, y: np.ndarray, x: np.ndarray, axis: int
    ) -> np.ndarray:
        """Pass dy on to the first of the candidates in x that equals y, along one axis."""
        side = 0 if axis == 2 else 1
        apart = self.stride[side] >= self.kernel_size[side]
        dx = self._zeros(name, x.shape, dy.dtype)
        if not apart:
            dx[...] = 0
        candidates = self._candidates(x, axis, y.shape[axis])
        targets = self._candidates(dx, axis, y.shape[axis])
        left = dy  # the blame that has found nobody yet; the last candidate takes what remains
        for candidate, target in zip(candidates[:-1], targets[:-1], strict=True):
            chosen = np.equal(candidate, y, out=self._empty(f"chosen {axis}", y.shape, np.bool_))
            given = np.multiply(left, chosen, out=target if apart else None)
            left = np.subtract(left, given, out=targets[-1] if apart else None)
            if not apart:
                target += given
        if not apart:
            targets[-1] += left
        elif left is dy:  # windows of one
            targets[-1][...] = dy
        return dx


class AvgPool2d(_Pool2d):
    """The mean of each window: y = Σ_ij x[n, c, h·stride + i, w·stride + j] / (how many).

    Parameters
    ----------
    kernel_size, stride, padding : int or (int, int)
        As in ``MaxPool2d``; the padding is 0.
    ceil_mode : bool
        Whether a last window that hangs over the edge counts, if it begins inside.
    count_include_pad : bool
        Whether the zeros of the padding count in the mean.  What lies beyond the padding, under a
        window that hangs over, never counts.

    Notes
    -----
    x has shape (N, C, H, W), y (N, C, H', W') with H' = ⌊(H + 2·padding − kH)/stride⌋ + 1, or ⌈…⌉.
    """

    def __init__(
        self,
        kernel_size: int | Pair,
        stride: int | Pair | None = None,
        padding: int | Pair = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode)
        self.count_include_pad = count_include_pad

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """Return the mean of every window."""
        pixels, (height, width) = self._start(x)
        wide = np.zeros((width, *pixels.shape[1:]), pixels.dtype)
        for j in range(self.kernel_size[1]):
            wide += pixels[places(j, width, self.stride[1])]
        y = np.zeros((*wide.shape[:2], height, wide.shape[3]), pixels.dtype)
        for i in range(self.kernel_size[0]):
            y += wide[:, :, places(i, height, self.stride[0])]
        share = self._share(x.shape, (height, width), y.dtype)
        y *= share
        self._cache = pixels.shape, share, x.shape, (*x.shape[:2], height, width)
        return images_first(y)

    def backward(self, dy: np.ndarray, *, need_dx: bool = True) -> np.ndarray:
        """Return dx: every number under a window gets the same share of its blame."""
        shape, share, x_shape, (*_, height, width) = self._recall(
            dy, () if self._cache is None else self._cache[3]
        )
        if not need_dx:
            return NO_DX
        blame = columns_first(dy) * share
        wide = np.zeros((width, *shape[1:]), dy.dtype)
        for i in range(self.kernel_size[0]):
            wide[:, :, places(i, height, self.stride[0])] += blame
        dx = np.zeros(shape, dy.dtype)
        for j in range(self.kernel_size[1]):
            dx[places(j, width, self.stride[1])] += wide
        return images_first(inside(dx, self.padding, x_shape[2:]))

    def _share(self, x_shape: tuple[int, ...], counts: Pair, dtype: Any) -> np.ndarray:
        """Return 1/(how many numbers a window averages), of shape (W', 1, H', 1)."""
        tall, wide = (
            self._covered(size, count, axis)
            for axis, (size, count) in enumerate(zip(x_shape[2:], counts, strict=True))
        )
        return (1 / (wide[:, None, None, None] * tall[:, None])).astype(dtype)

    def _covered(self, size: int, count: int, axis: int) -> np.ndarray:
        """Return how many pixels of one axis each window averages."""
        padding = self.padding[axis]
        first, last = (-padding, size + padding) if self.count_include_pad else (0, size)
        start = np.arange(count) * self.stride[axis] - padding
        stop = np.minimum(start + self.kernel_size[axis], last)
        return stop - np.maximum(start, first)
