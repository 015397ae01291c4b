"""The colours of a captcha: its ground, its characters and whatever disturbs them."""

from __future__ import annotations

import numpy as np

from core.captcha_style import CaptchaStyle

LUMINANCE = np.array([0.299, 0.587, 0.114])  # of red, green and blue: ITU-R BT.601


def colours_of(brightness: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Draw colours of a given brightness.

    A random colour c differs from its own grey by d = c − L(c), where L is the luminance; d has
    luminance 0.  So g + k·d has the brightness g for every k; the largest k that keeps all three
    parts within 0 to 1 is the strongest colour of this kind.

    Parameters
    ----------
    brightness : ndarray, (n,)
        g, from 0 to 1.
    strength : float
        From grey, 0, to the strongest colours, 1.
    rng : Generator

    Returns
    -------
    ndarray of uint8, (n, 3)
        Red, green, blue.
    """
    drawn = rng.random((len(brightness), 3))
    d = drawn - (drawn @ LUMINANCE)[:, None]
    grey = brightness[:, None]
    room = np.where(d > 0, 1.0 - grey, grey) / np.maximum(np.abs(d), 1e-9)
    colours = grey + strength * room.min(axis=1, keepdims=True) * d
    return np.rint(255.0 * colours).clip(0, 255).astype(np.uint8)


def choose_colours(
    count: int, style: CaptchaStyle, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the ground's colour and the characters' colours.

    Parameters
    ----------
    count : int
        Of characters.
    style : CaptchaStyle
    rng : Generator

    Returns
    -------
    ndarray of uint8, (3,), and ndarray of uint8, (count, 3)
    """
    is_light = rng.random() < style.light
    kinds = count if rng.random() < style.each else 1
    # Squared: most texts are not much clearer than they must be.
    distance = style.contrast + (1.0 - style.contrast) * rng.random(kinds) ** 2
    ground = rng.random() * (1.0 - distance.max())
    brightness = np.concatenate([[ground], ground + distance])
    if not is_light:
        brightness = 1.0 - brightness
    colours = colours_of(brightness, style.colours * rng.uniform(0.3, 1.0), rng)
    return colours[0], colours[1:].repeat(count // kinds, axis=0)


def noise_colours(
    count: int, inks: np.ndarray, style: CaptchaStyle, rng: np.random.Generator
) -> np.ndarray:
    """Draw colours for strokes or dots, (count, 3): the text's, or any."""
    any_colours = colours_of(rng.random(count), style.colours, rng)
    texts = inks[(rng.random(count) * len(inks)).astype(int)]
    return np.where(rng.random((count, 1)) < style.own, texts, any_colours)


def rough_ground(colour: np.ndarray, texture: float, rng: np.random.Generator) -> np.ndarray:
    """Return a few pixels about a colour, (2 to 7, 2 to 7, 3) in uint8, to be enlarged smoothly."""
    rows, columns = 2 + (6 * rng.random(2)).astype(int)
    # Every other ground is uneven in brightness alone.
    channels = 3 if rng.random() < 0.5 else 1
    change = 255.0 * texture * rng.random() * rng.uniform(-1.0, 1.0, (rows, columns, channels))
    return (colour + change).clip(0, 255).astype(np.uint8)
