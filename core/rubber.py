"""Smooth random displacements, as of a rubber sheet that is pulled here and there."""

from __future__ import annotations

import numpy as np


class RubberSheet:
    """Draws displacement fields: d = α · (G * u), u uniform from −1 to 1.

    Each pixel draws how far it goes down and to the right; a Gaussian G of standard deviation σ
    smooths both fields, so that neighbours move together; α says how far.  Beyond the edge
    nothing is drawn, so the field grows weaker there.  Simard, Steinkraus and Platt, "Best
    Practices for Convolutional Neural Networks Applied to Visual Document Analysis", 2003,
    section 2.

    Parameters
    ----------
    height, width : int
        The images' size.
    alpha, sigma : float
        In pixels; sigma is greater than 0.
    rng : Generator
        Where u comes from.
    """

    def __init__(
        self, height: int, width: int, alpha: float, sigma: float, rng: np.random.Generator
    ) -> None:
        # A byte k stands for u = (k + ½) / 128: 256 levels are plenty, as hundreds are averaged.
        self.down = (alpha / 128.0 * _gaussian_matrix(height, sigma)).astype(np.float32)
        self.across = _gaussian_matrix(width, sigma).astype(np.float32)
        self.rng = rng

    def __call__(self, n: int) -> np.ndarray:
        """Return the displacements of n images, (2, n, H, W): rows, then columns, in pixels."""
        height, width = len(self.down), len(self.across)
        drawn = np.frombuffer(self.rng.bytes(2 * n * height * width), np.int8)
        field = drawn.astype(np.float32)
        field += np.float32(0.5)
        # A Gaussian of two variables is a product of two of one.  The fields lie side by side, row
        # by row: so two plain matrix products smooth all of them.
        smooth = (self.down @ field.reshape(height, -1)).reshape(-1, width) @ self.across
        return smooth.reshape(height, 2, n, width).transpose(1, 2, 0, 3)


def _gaussian_matrix(length: int, sigma: float) -> np.ndarray:
    """Return G with G_ij = exp(−(i−j)²/2σ²) / Σ, cut off at 4σ: it smooths a vector."""
    radius = int(4.0 * sigma + 0.5)
    total = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2).sum()
    distance = np.abs(np.arange(length)[:, None] - np.arange(length))
    return np.where(distance <= radius, np.exp(-0.5 * (distance / sigma) ** 2) / total, 0.0)
