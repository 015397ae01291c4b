"""Move digits a little: turned, shifted, zoomed, slanted or bent, a digit is still the same digit.

A network that learns from moved copies sees more handwriting than there is.  All movements are
done by ``core.resample``, about the middle of the image, and all at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.config import Config
from core.images import check_images, is_number
from core.init import RandomSource, as_generator
from core.resample import resample
from core.rubber import RubberSheet
from core.threads import one_core

PerImage = float | np.ndarray  # one number for all images, or an array with one for each

LARGEST = 1e4  # of the ranges that have no natural end: far more than any image needs


def affine_matrix(
    degrees: PerImage = 0.0,
    rows: PerImage = 0.0,
    columns: PerImage = 0.0,
    scale: PerImage = 1.0,
    shear: PerImage = 0.0,
) -> np.ndarray:
    """Return [A | b] for ``core.resample``: from a place in the result back to the original.

    First slanted, then zoomed and turned, then shifted, as by torchvision's ``affine``:
    p = s·R·S·q + t, and so q = A·p + b with A = (1/s)·S⁻¹·R⁻¹ and b = −A·t, where

        R⁻¹ = [ cos θ  sin θ]        S⁻¹ = [ 1      0]
              [−sin θ  cos θ]              [ tan φ  1]

    Parameters
    ----------
    degrees : number or array, (N,)
        θ, counter-clockwise.
    rows, columns : number or array, (N,)
        t in pixels: down, to the right.
    scale : number or array, (N,)
        s: 2 makes everything twice as large.
    shear : number or array, (N,)
        φ: how far an upright stroke leans to the right, in degrees between −90 and 90.

    Returns
    -------
    ndarray, (2, 3) or (N, 2, 3)
    """
    theta, down, right, factor, lean = (
        np.asarray(value, np.float64) for value in (degrees, rows, columns, scale, shear)
    )
    cosine, sine, slope = _cosine(theta), _cosine(theta - 90.0), np.tan(np.radians(lean))
    shape = np.broadcast_shapes(*(value.shape for value in (theta, down, right, factor, lean)))
    matrices = np.empty((*shape, 2, 3))
    matrices[..., 0, 0], matrices[..., 0, 1] = cosine / factor, sine / factor
    matrices[..., 1, 0] = (slope * cosine - sine) / factor
    matrices[..., 1, 1] = (slope * sine + cosine) / factor
    matrices[..., 2] = -matrices[..., 0] * down[..., None] - matrices[..., 1] * right[..., None]
    return matrices


def _cosine(degrees: np.ndarray) -> np.ndarray:
    """Return the cosine, exact for right angles, so that a quarter turn blurs nothing."""
    cosine = np.cos(np.radians(degrees))
    return np.where(np.fmod(degrees, 90.0) == 0.0, np.round(cosine), cosine)


def affine(images: np.ndarray, matrices: np.ndarray, *, cval: float = 0.0) -> np.ndarray:
    """Move images by [A | b], (2, 3) or (N, 2, 3): see ``core.resample.resample``."""
    return resample(images, matrices, cval=cval, where="affine")


def rotate(images: np.ndarray, degrees: PerImage, *, cval: float = 0.0) -> np.ndarray:
    """Turn images counter-clockwise about their middle, by one angle or by one each.

    The same numbers as ``scipy.ndimage.rotate(image, degrees, order=1, reshape=False,
    cval=cval)`` gives for each image.

    Parameters
    ----------
    images : ndarray of uint8 or float, (N, H, W)
    degrees : number or array, (N,)
    cval : float
        What comes in from outside.

    Returns
    -------
    ndarray of float32, (N, H, W)
    """
    _check_per_image(images, "rotate", degrees=degrees)
    return resample(images, affine_matrix(degrees), cval=cval, where="rotate")


def shift(
    images: np.ndarray, rows: PerImage, columns: PerImage, *, cval: float = 0.0
) -> np.ndarray:
    """Shift images down by ``rows`` and to the right by ``columns``, in pixels or parts of them."""
    _check_per_image(images, "shift", rows=rows, columns=columns)
    return resample(images, affine_matrix(rows=rows, columns=columns), cval=cval, where="shift")


def zoom(images: np.ndarray, factor: PerImage, *, cval: float = 0.0) -> np.ndarray:
    """Enlarge what is in the images ``factor`` times, greater than 0; below 1 it shrinks."""
    _check_per_image(images, "zoom", factor=factor)
    if not np.all(np.asarray(factor) > 0):
        raise ValueError("zoom expected factors greater than 0")
    return resample(images, affine_matrix(scale=factor), cval=cval, where="zoom")


def shear(images: np.ndarray, degrees: PerImage, *, cval: float = 0.0) -> np.ndarray:
    """Slant images until an upright stroke leans to the right by ``degrees``, −90 to 90."""
    _check_per_image(images, "shear", degrees=degrees)
    if not np.all(np.abs(degrees) < 90):
        raise ValueError("shear expected degrees between -90 and 90")
    return resample(images, affine_matrix(shear=degrees), cval=cval, where="shear")


def _check_per_image(images: np.ndarray, where: str, **values: PerImage) -> None:
    """Raise unless every value is one finite number, or one for each image."""
    check_images(images, where)
    for name, value in values.items():
        if np.shape(value) not in ((), (len(images),)):
            raise ValueError(
                f"{where} expected {name} to be one number or one for each of the {len(images)} "
                f"images, but got shape {np.shape(value)}"
            )
        if not np.all(np.isfinite(value)):
            raise ValueError(f"{where} expected {name} to be finite, but got {value}")


def elastic(
    images: np.ndarray,
    alpha: float,
    sigma: float = 4.0,
    rng: RandomSource = None,
    *,
    cval: float = 0.0,
) -> np.ndarray:
    """Bend images as if they were drawn on rubber, each its own way; see ``core.rubber``.

    Parameters
    ----------
    images : ndarray of uint8 or float, (N, H, W)
    alpha : float
        How far, from 0: with sigma 4, 34 moves a pixel by 1.4 down or up, and as much sideways,
        in the root of the mean square.
    sigma : float
        How smoothly, in pixels, greater than 0: 4 makes waves, 1 makes ragged edges.
    rng : Generator, RandomState, int or None
        Where the displacements come from.

    Returns
    -------
    ndarray of float32, (N, H, W)
    """
    check_images(images, "elastic")
    _check_range("elastic", "alpha", float(alpha), LARGEST)
    _check_range("elastic", "sigma", float(sigma), LARGEST, above=True)
    sheet = RubberSheet(images.shape[1], images.shape[2], alpha, sigma, as_generator(rng))
    return resample(images, affine_matrix(), displace=sheet, cval=cval, where="elastic")


@dataclass(frozen=True)
class Augmentation(Config):
    """Random movements, each image its own, all of them in one resampling.

    Attributes
    ----------
    degrees : float
        Images are turned by −degrees to degrees; up to 180.
    translate : float
        They are shifted by −translate to translate pixels, down and to the right.
    scale : float
        They are zoomed by 1 − scale to 1 + scale; less than 1.
    shear : float
        They are slanted by −shear to shear degrees; less than 90.
    elastic : float
        They are bent with this alpha, see ``elastic``.
    sigma : float
        How smoothly they are bent, in pixels; greater than 0.
    """

    degrees: float = 0.0
    translate: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    elastic: float = 0.0
    sigma: float = 4.0

    def __post_init__(self) -> None:
        _check_range("Augmentation", "degrees", self.degrees, 180.0)
        _check_range("Augmentation", "translate", self.translate, LARGEST)
        _check_range("Augmentation", "scale", self.scale, 0.99)
        _check_range("Augmentation", "shear", self.shear, 89.0)
        _check_range("Augmentation", "elastic", self.elastic, LARGEST)
        _check_range("Augmentation", "sigma", self.sigma, LARGEST, above=True)

    def __call__(self, images: np.ndarray, rng: RandomSource = None) -> np.ndarray:
        """Return moved copies of the images; from outside comes 0, which is paper.

        Parameters
        ----------
        images : ndarray of uint8 or float, (N, H, W)
        rng : Generator, RandomState, int or None
            Where each image's movement comes from.

        Returns
        -------
        ndarray of float32, (N, H, W)
            With all ranges 0 an unchanged copy.
        """
        check_images(images, "Augmentation")
        if not any((self.degrees, self.translate, self.scale, self.shear, self.elastic)):
            return images.astype(np.float32)
        rng = as_generator(rng)
        degrees, rows, columns, scale, shear = rng.uniform(-1.0, 1.0, (5, len(images)))
        matrices = affine_matrix(
            self.degrees * degrees,
            self.translate * rows,
            self.translate * columns,
            1.0 + self.scale * scale,
            self.shear * shear,
        )
        sheet = None
        if self.elastic:
            sheet = RubberSheet(images.shape[1], images.shape[2], self.elastic, self.sigma, rng)
        # Its products are small: two cores would spend more time waiting for each other.
        with one_core():
            return resample(images, matrices, displace=sheet, where="Augmentation")


def _check_range(where: str, name: str, value: object, most: float, *, above: bool = False) -> None:
    """Raise unless ``value`` is a number from 0 to ``most``, or above 0 where that is asked."""
    if not is_number(value) or not 0 <= value <= most or (above and value == 0):
        least = "above 0" if above else "from 0"
        raise ValueError(f"{where} expected {name} to be {least} to {most:g}, but got {value!r}")
