"""Look at images through a moved grid: the one loop behind turning, shifting and bending them.

To move an image one does not push its pixels: they would leave gaps and overlap.  One asks for
every pixel of the *result* where it comes from, a place between four pixels, and blends these:

    Y(p) = X(q),    q = A·p + b + d(p)

p and q are (row, column), counted from the middle of the image.  A and b turn, zoom, slant and
shift; d bends.  Everything is done in one step, since every blending blurs a little.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.images import check_images

# How much is done at a time: with all that belongs to it, it fits into the cache of one core.
PIXELS_PER_BLOCK = 19_000  # 24 digits, where each has its own places
PIXELS_PER_BLOCK_ALIKE = 45_000  # where all share them, which takes less memory
MOST_PIXELS = 1 << 24  # of one image with its frame: float32 counts no further
LARGEST_ENTRY = 1e6  # of a matrix, and cval: more than any image needs, and no sum overflows

Displace = Callable[[int], np.ndarray]


def resample(
    images: np.ndarray,
    matrices: np.ndarray,
    *,
    displace: Displace | None = None,
    cval: float = 0.0,
    where: str = "resample",
) -> np.ndarray:
    """Sample every image at q = A·p + b + d(p), blending the four nearest pixels.

    A place outside of the image, that is outside of the centres of its outermost pixels, gets
    ``cval``; nothing is blended with it.  So does SciPy's ``affine_transform`` with ``order=1``
    and ``mode="constant"``.

    Parameters
    ----------
    images : ndarray of uint8 or float, (N, H, W)
    matrices : ndarray, (2, 3) or (N, 2, 3)
        [A | b], for all images or one for each, in pixels.
    displace : callable, optional
        d: asked for n, it returns the displacements of the next n images, of shape
        (2, n, H, W): rows, then columns, in pixels.
    cval : float
        The value outside.
    where : str
        Whose name an error shall carry.

    Returns
    -------
    ndarray of float32, (N, H, W)

    Raises
    ------
    ValueError
        If a shape does not fit or a number is not finite.
    """
    check_images(images, where)
    count, height, width = images.shape
    matrices = np.asarray(matrices, np.float64)
    if matrices.shape not in ((2, 3), (count, 2, 3)):
        raise ValueError(
            f"{where} expected matrices of shape (2, 3) or ({count}, 2, 3), "
            f"but got {matrices.shape}"
        )
    if not (np.abs(matrices) <= LARGEST_ENTRY).all():
        raise ValueError(f"{where} expected finite matrices with entries up to {LARGEST_ENTRY:g}")
    if not abs(cval) <= LARGEST_ENTRY:
        raise ValueError(f"{where} expected a finite cval up to {LARGEST_ENTRY:g}, but got {cval}")
    if (height + 2) * (width + 2) > MOST_PIXELS:
        raise ValueError(
            f"{where} expected images of less than {MOST_PIXELS:,} pixels, "
            f"but got {height} by {width}"
        )
    moved = np.empty(images.shape, np.float32)
    if matrices.ndim == 2 and displace is None:
        _sample_alike(images, matrices, cval, moved)
        return moved
    matrices = np.broadcast_to(_to_corner(matrices, height, width), (count, 2, 3))
    by_axis = np.ascontiguousarray(matrices.swapaxes(0, 1))  # as BLAS wants it
    size = max(1, PIXELS_PER_BLOCK // (height * width))
    sampler = _Sampler(min(size, count), height, width, cval)
    for start in range(0, count, size):
        block = slice(start, start + size)
        displacement = None if displace is None else displace(len(images[block]))
        sampler(images[block], by_axis[:, block], displacement, moved[block])
    return moved


def _grid(height: int, width: int) -> np.ndarray:
    """Return (row, column, 1) of all pixels, counted from the middle: shape (3, H·W)."""
    rows, columns = np.indices((height, width)).reshape(2, -1)
    return np.stack([rows - (height - 1) / 2, columns - (width - 1) / 2, np.ones(rows.shape)])


def _to_corner(matrices: np.ndarray, height: int, width: int) -> np.ndarray:
    """Let q count from the corner of a frame of one pixel around the image, as an index does."""
    matrices = np.array(matrices)
    matrices[..., 2] += [(height + 1) / 2, (width + 1) / 2]
    return matrices


class _Sampler:
    """Samples blocks of images, always in the same memory, which so stays in the cache.

    Images get a frame of one pixel with the value cval.  A place outside of the image must not
    blend the two: it is sent to row 0 of the frame, where all that can be blended is cval.
    """

    def __init__(self, size: int, height: int, width: int, cval: float) -> None:
        shape = (2, size, height * width)
        self.grid, self.last = _grid(height, width), (height, width)
        self.framed = np.full((size, height + 2, width + 2), cval, np.float32)
        self.starts = np.empty(shape[1:], np.float32)
        self.starts[:] = np.arange(size)[:, None] * ((height + 2) * (width + 2))
        self.places, self.clipped = np.empty((2, *shape))
        self.is_inside = np.empty(shape, bool)
        self.fractions, self.spare = np.empty((2, *shape), np.float32)
        self.index = np.empty(shape[1:], np.intp)

    def __call__(
        self,
        images: np.ndarray,
        matrices: np.ndarray,
        displacement: np.ndarray | None,
        out: np.ndarray,
    ) -> None:
        """Fill ``out`` with the images, of shape (n, H, W), n up to the size of a block.

        The matrices have shape (2, n, 3): those of the rows, then those of the columns.
        """
        n, height, width = images.shape
        self.framed[:n, 1:-1, 1:-1] = images
        places = self.places[:, :n]
        np.matmul(matrices, self.grid, out=places)
        if displacement is not None:
            places.reshape(2, n, height, width)[...] += displacement
        self._bring_inside(n)
        self._split(n)
        self._blend(n, out.reshape(n, -1))

    def _bring_inside(self, n: int) -> None:
        """Send the places outside to row 0.  At an edge rounding would decide: hence float64."""
        places, clipped, is_inside = self.places[:, :n], self.clipped[:, :n], self.is_inside[:, :n]
        for axis, last in enumerate(self.last):
            np.clip(places[axis], 1.0, last, out=clipped[axis])
        np.equal(places, clipped, out=is_inside)
        np.logical_and(is_inside[0], is_inside[1], out=is_inside[0])
        fractions = self.fractions[:, :n]
        np.copyto(fractions, clipped, casting="same_kind")
        fractions[0] *= is_inside[0]

    def _split(self, n: int) -> None:
        """Split places into the index of the pixel before them and a fraction, 0 to 1."""
        fractions, floors = self.fractions[:, :n], self.spare[:, :n]
        np.floor(fractions, out=floors)
        fractions -= floors
        rows, columns = floors
        rows *= self.framed.shape[2]
        rows += columns
        rows += self.starts[:n]
        np.copyto(self.index[:n], rows, casting="unsafe")

    def _blend(self, n: int, out: np.ndarray) -> None:
        """Blend four pixels each: along the upper row, along the lower row, then between them."""
        pixels, stride, index = self.framed.reshape(-1), self.framed.shape[2], self.index[:n]
        (down, right), (lower, other) = self.fractions[:, :n], self.spare[:, :n]
        for row, first in ((out, 0), (lower, stride)):
            # The same index into a view that begins later asks for the neighbour.  A mode other
            # than "raise" lets take write into out directly; no index is ever outside.
            pixels[first:].take(index, out=row, mode="wrap")
            pixels[first + 1 :].take(index, out=other, mode="wrap")
            other -= row
            other *= right
            row += other
        lower -= out
        lower *= down
        out += lower


def _sample_alike(images: np.ndarray, matrix: np.ndarray, cval: float, out: np.ndarray) -> None:
    """Sample all images at the same places, which are worked out once.

    A block is laid out pixel by pixel: all images' first pixel, all images' second, ...  Then one
    index asks for the same pixel of every image, which lie next to each other.
    """
    count, height, width = images.shape
    places = _to_corner(matrix, height, width) @ _grid(height, width)
    is_outside = ((places < 1) | (places > [[height], [width]])).any(axis=0)
    floors = np.clip(places, 1, [[height], [width]]) // 1
    down, right = np.where(is_outside, 0, places - floors).astype(np.float32)[..., None]
    rows, columns = floors.astype(np.intp)
    index = np.where(is_outside, 0, rows * (width + 2) + columns)
    size = max(1, PIXELS_PER_BLOCK_ALIKE // (height * width))
    framed = np.full((height + 2, width + 2, min(size, count)), cval, np.float32)
    corners = np.empty((3, height * width, min(size, count)), np.float32)
    for start in range(0, count, size):
        block = images[start : start + size]
        n = len(block)
        if n < framed.shape[2]:
            framed, corners = np.array(framed[..., :n]), np.array(corners[..., :n])
        framed[1:-1, 1:-1] = block.transpose(1, 2, 0)
        pixels = framed.reshape(-1, n)
        upper, lower, other = corners
        for side, first in ((upper, 0), (lower, width + 2)):
            pixels[first:].take(index, axis=0, out=side, mode="wrap")
            pixels[first + 1 :].take(index, axis=0, out=other, mode="wrap")
            other -= side
            other *= right
            side += other
        lower -= upper
        lower *= down
        upper += lower
        out[start : start + size] = upper.T.reshape(block.shape)
