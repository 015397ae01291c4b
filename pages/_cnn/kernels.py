"""Kernels to choose from, by name."""

from __future__ import annotations

import numpy as np

from pages._cnn.settings import KERNEL
from pages._cnn.tables import read_table

# The edges are Prewitt's: the difference of three pixels on one side and three on the other.  The
# blur is the mean of nine pixels, the nearer ones counting for more: powers of 2, so no rounding.
KERNELS: dict[str, np.ndarray] = {
    "notes": read_table(KERNEL, (3, 3)),
    "vertical": np.array([[-1.0, 0.0, 1.0]] * 3),
    "horizontal": np.array([[-1.0] * 3, [0.0] * 3, [1.0] * 3]),
    "blur": np.array([[0.0625, 0.125, 0.0625], [0.125, 0.25, 0.125], [0.0625, 0.125, 0.0625]]),
    "sharpen": np.array([[0.0, -1.0, 0.0], [-1.0, 5.0, -1.0], [0.0, -1.0, 0.0]]),
    "identity": np.array([[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]),
}
OWN = "own"


def name_of(kernel: np.ndarray) -> str:
    """Return the name of a kernel, or "own"."""
    return next((name for name, known in KERNELS.items() if np.array_equal(known, kernel)), OWN)
