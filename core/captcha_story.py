"""The course notes read a captcha: draw, grey, cut, shrink to 8×8, ask the network.

The network has learned handwritten digits of 8×8 (``core.digits8``); so a picture of five printed
digits is cut into five slices, and each is shrunk to the size that the network knows.  Each step
is a function here, and ``read_story`` keeps what all of them returned.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from core.bicubic import shrink_bicubic
from core.captcha import CaptchaFont, notes_captcha
from core.classic import ThreeLayerNetwork
from core.digits8 import DIGITS8_PIXELS, DIGITS8_SIDE, Digits8
from core.images import NOTES_PIXELS
from core.init import RandomSource, as_generator

STORY_CUTS = ("equal", "trimmed")
STORY_SIZE = 23  # pixels: the notes' font
LEAST_INK = 32  # of 255: what is darker on the black ground is no ink
_ORDER_OF_WEIGHTS = np.array([19595, 38470, 7471])  # 0.299, 0.587 and 0.114 in units of 2⁻¹⁶


class Examples(NamedTuple):
    """What a network learns from or is tested with.

    Attributes
    ----------
    inputs : ndarray of float32, (N, 64)
        0.01 to 1, one row an 8×8 picture.
    labels : ndarray of int64, (N,)
        0 to 9.
    """

    inputs: np.ndarray
    labels: np.ndarray


class StoryReading(NamedTuple):
    """A captcha and what became of it, step by step.

    Attributes
    ----------
    grey : ndarray of uint8, (H, W)
    slices : ndarray of uint8, (n, H, W // n)
    pieces : list of ndarray of uint8
        What is shrunk: the slices, or the squares that their ink was put into.
    small : ndarray of uint8, (n, 8, 8)
    inputs : ndarray of float32, (n, 64)
        What the network is given.
    outputs : ndarray, (n, 10)
        What it answers: ten sigmoids for each slice.
    digits : ndarray of int64, (n,)
        Where the largest of the ten stands.
    """

    grey: np.ndarray
    slices: np.ndarray
    pieces: list[np.ndarray]
    small: np.ndarray
    inputs: np.ndarray
    outputs: np.ndarray
    digits: np.ndarray


def grey_of(picture: np.ndarray) -> np.ndarray:
    """Return brightness, 0.299 R + 0.587 G + 0.114 B, as Pillow's mode "L" rounds it.

    ITU-R Recommendation BT.601: eyes find green brighter than red, and red brighter than blue.

    Parameters
    ----------
    picture : ndarray of uint8, (H, W, 3)

    Returns
    -------
    ndarray of uint8, (H, W)

    Raises
    ------
    ValueError
        If the shape or the type does not fit.
    """
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8:
        raise ValueError(
            "grey_of expected a picture of uint8 and shape (H, W, 3), but got "
            f"{picture.dtype} and {picture.shape}"
        )
    return ((picture @ _ORDER_OF_WEIGHTS + (1 << 15)) >> 16).astype(np.uint8)


def cut_equally(grey: np.ndarray, count: int) -> np.ndarray:
    """Cut a picture into slices of equal width, whatever they cut through: (n, H, W // n).

    Columns that are left over on the right belong to no slice.

    Raises
    ------
    ValueError
        If the picture has no two axes, or fewer columns than there shall be slices.
    """
    if grey.ndim != 2 or not 1 <= count <= grey.shape[1]:
        raise ValueError(
            "cut_equally expected a picture of shape (H, W) and 1 to W slices, but got shape "
            f"{grey.shape} and {count}"
        )
    height, width = len(grey), grey.shape[1] // count
    return grey[:, : count * width].reshape(height, count, width).transpose(1, 0, 2).copy()


def trim_to_ink(piece: np.ndarray) -> np.ndarray:
    """Put the ink of a slice into the middle of the smallest square that holds it.

    So it fills the height of the picture as the handwritten digits do, and keeps its proportions.
    A slice without ink becomes one black pixel.

    Parameters
    ----------
    piece : ndarray of uint8, (H, W)
        Light ink on a black ground.

    Returns
    -------
    ndarray of uint8, (s, s)
    """
    rows = np.flatnonzero((piece >= LEAST_INK).any(axis=1))
    columns = np.flatnonzero((piece >= LEAST_INK).any(axis=0))
    if not len(rows):
        return np.zeros((1, 1), np.uint8)
    ink = piece[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    side = max(ink.shape)
    top, left = ((side - length) // 2 for length in ink.shape)
    square = np.zeros((side, side), np.uint8)
    square[top : top + len(ink), left : left + ink.shape[1]] = ink
    return square


def shrink_slices(slices: np.ndarray, cut: str = "equal") -> tuple[list[np.ndarray], np.ndarray]:
    """Return what is shrunk of each slice, and the results, uint8 of shape (n, 8, 8).

    Parameters
    ----------
    slices : ndarray of uint8, (n, H, W)
    cut : str
        "equal": the slice as it is, squeezed to a square; so do the notes.  "trimmed": its ink
        alone, see ``trim_to_ink``.

    Raises
    ------
    ValueError
        If there is no such cut.
    """
    if cut not in STORY_CUTS:
        raise ValueError(f"shrink_slices expected a cut of {STORY_CUTS}, but got {cut!r}")
    if cut == "equal":
        return list(slices), shrink_bicubic(slices, DIGITS8_SIDE)
    pieces = [trim_to_ink(piece) for piece in slices]
    small = np.empty((len(pieces), DIGITS8_SIDE, DIGITS8_SIDE), np.uint8)
    sides = np.array([len(piece) for piece in pieces])
    for side in np.unique(sides):  # those of the same size at once
        alike = np.flatnonzero(sides == side)
        small[alike] = shrink_bicubic(np.stack([pieces[i] for i in alike]), DIGITS8_SIDE)
    return pieces, small


def printed_inputs(small: np.ndarray) -> np.ndarray:
    """Turn bytes of shape (n, 8, 8) into inputs of shape (n, 64): x / 255 · 0.99 + 0.01."""
    return NOTES_PIXELS(small).reshape(len(small), -1)


def handwritten_examples(digits: Digits8) -> Examples:
    """Turn counts of ink into inputs, x / 16 · 0.99 + 0.01, with their labels."""
    return Examples(DIGITS8_PIXELS(digits.images).reshape(len(digits.images), -1), digits.labels)


def read_slices(network: ThreeLayerNetwork, inputs: np.ndarray) -> np.ndarray:
    """Return what the network answers to inputs of shape (n, 64): ten outputs each, (n, 10)."""
    return network.query(inputs)


def read_story(
    network: ThreeLayerNetwork, picture: np.ndarray, count: int = 5, cut: str = "equal"
) -> StoryReading:
    """Read a captcha as the notes do, and keep every step.

    Parameters
    ----------
    network : ThreeLayerNetwork
        From 64 inputs to 10 outputs.
    picture : ndarray of uint8, (H, W, 3)
        Light characters on a black ground, such as ``notes_captcha`` draws.
    count : int
        How many slices to cut.
    cut : str
        See ``shrink_slices``.

    Raises
    ------
    ValueError
        If the picture, the count or the cut does not fit.
    """
    grey = grey_of(picture)
    slices = cut_equally(grey, count)
    pieces, small = shrink_slices(slices, cut)
    inputs = printed_inputs(small)
    outputs = read_slices(network, inputs)
    return StoryReading(grey, slices, pieces, small, inputs, outputs, outputs.argmax(axis=1))


def printed_slices(
    fonts: Sequence[CaptchaFont],
    count: int,
    rng: RandomSource = None,
    *,
    digits: Sequence[int] = tuple(range(10)),
    length: int = 5,
    wobble: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw captchas as the notes do, and cut them: ``length`` slices a captcha, and their labels.

    With one digit, one captcha and no wobble these are the notes' five slices of "3 3 3 3 3".
    Where the labels are taken in rows of ``length``, each row is a captcha.

    Parameters
    ----------
    fonts : sequence of CaptchaFont
        One is drawn for each captcha.
    count : int
        How many captchas, from 1.
    rng : Generator, RandomState, int or None
    digits : sequence of int
        Which digits occur: all about equally often, in an order that is drawn.
    length : int
        Digits in a captcha, 1 to 8.
    wobble : int
        The font is up to so many pixels larger or smaller, and the text stands up to so many to
        the left, right, top or bottom; 0 to 4.

    Returns
    -------
    slices : ndarray of uint8, (count · length, 24, 20)
    labels : ndarray of int64, (count · length,)

    Raises
    ------
    ValueError
        If a number does not fit.
    """
    if count < 1 or not fonts or not digits or not 0 <= wobble <= 4:
        raise ValueError(
            "printed_slices expected a captcha, a font and a digit at least and a wobble of 0 to "
            f"4, but got {count}, {len(fonts)}, {len(digits)} and {wobble}"
        )
    rng = as_generator(rng)
    labels = np.asarray(digits, np.int64)[rng.permutation(count * length) % len(digits)]
    texts = labels.reshape(count, length).tolist()
    slices = [cut_equally(_notes_grey(text, fonts, wobble, rng), length) for text in texts]
    return np.concatenate(slices), labels


def printed_examples(slices: np.ndarray, labels: np.ndarray, cut: str = "equal") -> Examples:
    """Turn slices of captchas into examples; see ``shrink_slices``."""
    return Examples(printed_inputs(shrink_slices(slices, cut)[1]), labels)


def _notes_grey(
    digits: list[int], fonts: Sequence[CaptchaFont], wobble: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw one captcha in grey, a little larger and aside."""
    larger, right, down = (int(place * (2 * wobble + 1)) - wobble for place in rng.random(3))
    font = fonts[int(rng.random() * len(fonts))]
    grey = grey_of(notes_captcha("".join(map(str, digits)), font, STORY_SIZE + larger))
    if not wobble:
        return grey
    height, width = grey.shape
    top, left = wobble - down, wobble - right
    return np.pad(grey, wobble)[top : top + height, left : left + width]
