"""Make digits harder to read, on purpose: to see how much a network bears before it fails."""

from __future__ import annotations

import math

import numpy as np

from core.images import check_images
from core.init import RandomSource, as_generator


def thicken(images: np.ndarray, amount: float) -> np.ndarray:
    """Let strokes grow by about ``amount`` pixels on each side; below 0 they get thinner.

    One step gives every pixel the largest value among itself and its four neighbours (a grey
    dilation by a cross), to thin the smallest (an erosion).  A part of a step is a blend.

    Parameters
    ----------
    images : ndarray of uint8 or float, (N, H, W)
    amount : float
        Steps, −100 to 100: 1.5 is halfway between one and two.

    Returns
    -------
    ndarray of float32, (N, H, W)
    """
    check_images(images, "thicken")
    if not abs(amount) <= 100:
        raise ValueError(f"thicken expected an amount from -100 to 100, but got {amount}")
    extreme = np.maximum if amount > 0 else np.minimum
    grown = images.astype(np.float32)
    whole, part = divmod(abs(amount), 1.0)
    for _ in range(int(whole)):
        grown = _cross(grown, extreme)
    if part:
        grown += np.float32(part) * (_cross(grown, extreme) - grown)
    return grown


def _cross(images: np.ndarray, extreme: np.ufunc) -> np.ndarray:
    """Return the extreme of each pixel and its neighbours above, below, left and right."""
    result = images.copy()
    for axis in (1, 2):
        source, target = np.swapaxes(images, 1, axis), np.swapaxes(result, 1, axis)
        extreme(target[:, 1:], source[:, :-1], out=target[:, 1:])
        extreme(target[:, :-1], source[:, 1:], out=target[:, :-1])
    return result


def add_noise(images: np.ndarray, sigma: float, rng: RandomSource = None) -> np.ndarray:
    """Add normal noise of standard deviation ``sigma`` to every pixel; stay within 0 to 255."""
    check_images(images, "add_noise")
    if not 0 <= sigma < math.inf:
        raise ValueError(f"add_noise expected a finite sigma from 0, but got {sigma}")
    noise = as_generator(rng).standard_normal(images.shape)
    return np.clip(images + sigma * noise, 0.0, 255.0).astype(np.float32)
