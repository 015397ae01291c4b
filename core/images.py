"""From stored pixels to what a network takes.

Images are stored as whole numbers from 0 (paper) to 255 (ink).  Networks learn better from small
numbers, and each was trained with its own kind of them.  A ``Preparation`` says which, and travels
with the network, so that a digit drawn today meets it as the training digits did.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeGuard

import numpy as np

from core.config import Config

SHRINK_BLOCK = 256  # images that are shrunk at a time: as floats they fit into the cache


def check_images(images: np.ndarray, where: str) -> None:
    """Raise unless ``images`` are numbers of shape (N, H, W) with at least one pixel each."""
    if images.ndim != 3 or min(images.shape[1:]) < 1:
        raise ValueError(f"{where} expected images of shape (N, H, W), but got {images.shape}")
    if images.dtype.kind not in "fui":
        raise ValueError(f"{where} expected images of numbers, but got {images.dtype}")


def shrink(images: np.ndarray, size: int = 8) -> np.ndarray:
    """Average the pixels under each cell of a coarser grid: (N, H, W) → (N, size, size).

    Y = A X Bᵀ, where A_ij is the share of the output row i that the input row j covers, and B the
    same for columns.  Where a cell's edge cuts through a pixel, the pixel counts in part, so no
    ink is lost: the mean of Y is the mean of X.

    Parameters
    ----------
    images : ndarray, (N, H, W)
        Of any height and width from 1; smaller ones than ``size`` grow.
    size : int
        Rows and columns of the result, from 1.

    Returns
    -------
    ndarray of float32, (N, size, size)
        In the same range as the images.

    Raises
    ------
    ValueError
        If the shape or the size does not fit.
    """
    check_images(images, "shrink")
    if size < 1:
        raise ValueError(f"shrink expected a size of at least 1, but got {size}")
    count, height, width = images.shape
    rows, columns = _box_filter(height, size), _box_filter(width, size)
    small = np.empty((count, size, size), np.float32)
    for start in range(0, count, SHRINK_BLOCK):
        block = images[start : start + SHRINK_BLOCK].astype(np.float32)
        # Columns first, for all rows of all images in one product.
        narrow = (block.reshape(-1, width) @ columns.T).reshape(-1, height, size)
        np.matmul(rows, narrow, out=small[start : start + SHRINK_BLOCK])
    return small


def _box_filter(length: int, size: int) -> np.ndarray:
    """Return the share of each of ``size`` cells that each of ``length`` pixels covers."""
    edges = np.arange(size + 1) * (length / size)
    pixels = np.arange(length)
    left = np.maximum(edges[:-1, None], pixels)
    right = np.minimum(edges[1:, None], pixels + 1)
    return (np.maximum(right - left, 0.0) * (size / length)).astype(np.float32)


@dataclass(frozen=True)
class Preparation(Config):
    """How pixels become a network's input: y = x · scale + offset, in float32.

    Attributes
    ----------
    scale : float
        What a pixel of 0 to 255 is multiplied by; not zero.
    offset : float
        What is added then: the value of empty paper.
    size : int or None
        Rows and columns to shrink to first; None keeps the image as it is.
    """

    scale: float = 1.0 / 255.0
    offset: float = 0.0
    size: int | None = None

    def __post_init__(self) -> None:
        if not is_number(self.scale) or self.scale == 0:
            raise ValueError(f"Preparation expected a finite scale, not zero, got {self.scale!r}")
        if not is_number(self.offset):
            raise ValueError(f"Preparation expected a finite offset, but got {self.offset!r}")
        whole = isinstance(self.size, int) and not isinstance(self.size, bool)
        if self.size is not None and (not whole or self.size < 1):
            raise ValueError(
                f"Preparation expected None or a size of at least 1, but got {self.size!r}"
            )

    def __call__(self, images: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """Turn images of shape (N, H, W), 0 to 255, into inputs of shape (N, 1, H, W).

        Parameters
        ----------
        images : ndarray of uint8 or float32, (N, H, W)
        out : ndarray of float32, (N, 1, H, W), optional
            Where to write; a training loop gives the same memory for every batch.

        Returns
        -------
        ndarray of float32, (N, 1, H, W)
            ``out``, if it was given; H and W are ``size``, if that is set.

        Raises
        ------
        ValueError
            If a shape or type does not fit.
        """
        check_images(images, "Preparation")
        if self.size is not None and images.shape[1:] != (self.size, self.size):
            images = shrink(images, self.size)
        shape = (len(images), 1, *images.shape[1:])
        if out is None:
            out = np.empty(shape, np.float32)
        elif out.shape != shape or out.dtype != np.float32:
            raise ValueError(
                f"Preparation expected out to be float32 of shape {shape}, but got {out.dtype} "
                f"of shape {out.shape}"
            )
        y = out[:, 0]
        # Three plain passes: to multiply bytes by floats directly would make NumPy convert them
        # piece by piece in a buffer of its own, which takes longer.
        np.copyto(y, images, casting="same_kind")
        np.multiply(y, np.float32(self.scale), out=y)
        if self.offset:
            np.add(y, np.float32(self.offset), out=y)
        return out


def is_number(value: object) -> TypeGuard[float]:
    """Whether ``value`` is a finite number, as Python or JSON has them."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


# 0 to 1: the plainest choice.
UNIT_PIXELS = Preparation(scale=1.0 / 255.0)
# 0.01 to 1.00: with an input of zero a weight would never learn anything.
# Rashid, "Make Your Own Neural Network", 2016.
NOTES_PIXELS = Preparation(scale=0.99 / 255.0, offset=0.01)
# Mean 0 and standard deviation 1 over all of MNIST's training pixels, as by torchvision's
# ``Normalize((0.1307,), (0.3081,))`` after ``ToTensor()``.
STANDARD_PIXELS = Preparation(scale=1.0 / (255.0 * 0.3081), offset=-0.1307 / 0.3081)
