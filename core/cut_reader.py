"""Read a captcha that is cut: clean it, cut it, make every piece a small image, name each alone.

The images are prepared as MNIST's digits were, so any network that takes 28×28 pixels can name
them.  What is lost when characters touch, lines cross them or a cut is wrong, is lost for good:
that is what reading without cutting (``core.line_reader``) is measured against.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from core.architecture import build_network
from core.binary import ink_strength
from core.captcha import CAPTCHA_LOWER, CaptchaFont, draw_captcha
from core.captcha_style import any_style, difficulty
from core.cleaning import despeckle, dilate, erode
from core.cutting import METHODS_OF_CUTTING, Cutting, equal_slices
from core.images import UNIT_PIXELS, shrink
from core.init import RandomSource, as_generator, kaiming_normal
from core.losses import softmax
from core.otsu import otsu
from core.sequential import Sequential

GLYPH_SIDE = 28  # pixels of the image ...
GLYPH_BOX = 20  # ... and of the box within it that the ink fills
SPECK = 0.004  # of the squared height: smaller components are dust
TALL_ENOUGH = 32  # rows: in lower pictures strokes are no thicker than lines
HAIRLINE = 1  # pixels: thicker lines stay
KEPT_INK = 0.7  # of the ink, at least, when lines go
GLYPH_LAYERS = "16c3-max2-32c3-max2-96"  # see ``core.architecture``
GLYPH_DROPOUT = 0.2
ANY_GLYPH = 0.3  # how many of the glyphs to learn from are of any style
NARROW_MARGIN = 0.1  # picture heights

Classify = Callable[[np.ndarray], np.ndarray]


class CutReading(NamedTuple):
    """What was read in the pieces of a line.

    Attributes
    ----------
    text : str
        A piece without ink adds nothing to it.
    sureness : ndarray, (N,)
        The probability of each piece's character; 0 for a piece without ink.
    images : ndarray of uint8, (N, 28, 28)
        What the network saw.
    cutting : Cutting
    """

    text: str
    sureness: np.ndarray
    images: np.ndarray
    cutting: Cutting


def clean_ink(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a picture's ink without dust, as bools, and how strong all ink is, 0 to 255: (H, W).

    An opening (``dilate`` after ``erode``) takes away lines of one pixel, in pictures of 32 rows or
    more, whose characters have thicker strokes; unless it took more than 0.3 of the ink, which are
    no lines then.  Strengths tell more than bools of how the edge of a stroke runs.

    Parameters
    ----------
    picture : ndarray of numbers from 0 to 255, (H, W) or (H, W, 3)

    Raises
    ------
    ValueError
        As ``core.binary.ink_strength`` does.
    """
    strength = ink_strength(picture)
    smallest = round(SPECK * len(strength) ** 2)
    ink = despeckle(strength > otsu(strength), smallest)
    if len(ink) >= TALL_ENOUGH:
        opened = dilate(erode(ink, HAIRLINE + 1), HAIRLINE + 1)
        if opened.sum() > KEPT_INK * ink.sum():
            ink = despeckle(opened, smallest)
    return ink, strength


def piece_images(strength: np.ndarray, cutting: Cutting) -> np.ndarray:
    """Return each piece as an image of 28×28 pixels, as MNIST's digits are; see ``centred``.

    A piece is its own ink with the soft edge around it; ink of other pieces is left out even where
    it stands in the same box.

    Parameters
    ----------
    strength : ndarray of numbers from 0 to 255, (H, W)
        How much ink there is, as by ``core.binary.ink_strength``.
    cutting : Cutting

    Returns
    -------
    ndarray of uint8, (N, 28, 28)
        All 0 for a piece without ink.
    """
    images = np.zeros((len(cutting.cuts), GLYPH_SIDE, GLYPH_SIDE), np.uint8)
    for place, (image, cut) in enumerate(zip(images, cutting.cuts, strict=True), 1):
        around = np.s_[max(0, cut.top - 1) : cut.bottom + 1, max(0, cut.left - 1) : cut.right + 1]
        owner = cutting.owner[around]
        mine = owner == place
        edge = dilate(mine, 3) & (owner == 0)
        image[...] = centred(np.where(mine | edge, strength[around], 0))
    return images


def centred(piece: np.ndarray) -> np.ndarray:
    """Return one character as MNIST has its digits: 20 pixels large, its weight in the middle.

    What is empty around the ink goes; the shorter side gets paper on both sides until the piece is
    a square, which is shrunk to 20×20 pixels; these are laid into 28×28 so that the centre of mass,
    Σ x·v / Σ v, is in the middle, as far as all fits in; the most ink becomes 255.  Source:
    LeCun, Cortes, Burges, "The MNIST Database of Handwritten Digits", 1998.

    Parameters
    ----------
    piece : ndarray of numbers from 0 to 255, (H, W)

    Returns
    -------
    ndarray of uint8, (28, 28)
        All 0 if there is no ink.
    """
    image = np.zeros((GLYPH_SIDE, GLYPH_SIDE), np.uint8)
    rows, columns = np.flatnonzero(piece.any(axis=1)), np.flatnonzero(piece.any(axis=0))
    if not len(rows):
        return image
    tight = piece[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    longest = max(tight.shape)
    before = [(longest - length) // 2 for length in tight.shape]
    after = [longest - length - first for length, first in zip(tight.shape, before, strict=True)]
    square = np.pad(tight, list(zip(before, after, strict=True)))
    small = shrink(square[None], GLYPH_BOX)[0]
    top, left = _begin(small.sum(axis=1)), _begin(small.sum(axis=0))
    full = np.rint(small * (255.0 / small.max()))
    image[top : top + GLYPH_BOX, left : left + GLYPH_BOX] = full
    return image


def small_slices(grey: np.ndarray, cutting: Cutting, size: int = 8) -> np.ndarray:
    """Return what lies in each box, shrunk to size×size pixels, as the course notes do it.

    Nothing is trimmed, centred or kept in proportion: the boxes become squares.

    Parameters
    ----------
    grey : ndarray of numbers from 0 to 255, (H, W)
        More is more ink.
    cutting : Cutting
        The notes' is ``equal_slices(ink, 5, whole=True)``.

    Returns
    -------
    ndarray of float32, (N, size, size)
    """
    boxes = [grey[c.top : c.bottom, c.left : c.right] for c in cutting.cuts]
    return np.concatenate([shrink(box[None], size) for box in boxes])


def read_pieces(
    picture: np.ndarray,
    classify: Classify,
    count: int | None = None,
    method: str = "components",
    alphabet: str = CAPTCHA_LOWER,
) -> CutReading:
    """Clean a picture, cut it and read its pieces.

    Parameters
    ----------
    picture : ndarray of numbers from 0 to 255, (H, W) or (H, W, 3)
    classify : callable
        From images (N, 1, 28, 28), 0 to 1, to logits (N, C): a network's ``forward``.
    count : int, optional
        How many characters there are; None estimates it.
    method : str
        A key of ``core.cutting.METHODS_OF_CUTTING``.
    alphabet : str
        What the first outputs stand for; others do not count.

    Raises
    ------
    CuttingError
        If there is no ink, the count does not fit or the picture is too large.
    ValueError
        If the picture is none.
    """
    ink, strength = clean_ink(picture)
    return name_pieces(strength, METHODS_OF_CUTTING[method](ink, count), classify, alphabet)


def name_pieces(
    strength: np.ndarray, cutting: Cutting, classify: Classify, alphabet: str = CAPTCHA_LOWER
) -> CutReading:
    """Read the pieces of a picture that is cut already.

    Parameters
    ----------
    strength : ndarray of numbers from 0 to 255, (H, W)
        How much ink there is; 255·ink will do.
    cutting : Cutting
    classify, alphabet
        As for ``read_pieces``.
    """
    images = piece_images(strength, cutting)
    logits = classify(UNIT_PIXELS(images))[:, : len(alphabet)]
    # A piece without ink is no character, whatever a network makes of it.
    sureness = np.where(images.any(axis=(1, 2)), softmax(logits).max(axis=1), 0.0)
    named = zip(logits.argmax(axis=1), sureness, strict=True)
    text = "".join(alphabet[label] for label, sure in named if sure)
    return CutReading(text, sureness, images, cutting)


def glyph_network(rng: RandomSource = None, dropout_rng: RandomSource = None) -> Sequential:
    """Return the network that names the pieces: 28×28 pixels in, a logit for each of 36 out."""
    return build_network(
        GLYPH_LAYERS,
        dropout=GLYPH_DROPOUT,
        init=kaiming_normal,
        classes=len(CAPTCHA_LOWER),
        rng=rng,
        dropout_rng=dropout_rng,
    )


class Glyphs(NamedTuple):
    """Images of single characters, uint8 (N, 28, 28), and their places in the alphabet, (N,)."""

    images: np.ndarray
    labels: np.ndarray


def glyph_pictures(
    rng: RandomSource,
    n: int,
    fonts: Sequence[CaptchaFont],
    alphabet: str = CAPTCHA_LOWER,
) -> Glyphs:
    """Draw single characters as they come out of captchas, to learn from.

    Each is a captcha of one character, of any difficulty or of any style, cleaned and prepared like
    a piece of a longer one; so lines, dots and blur are in it too.  Those of which cleaning leaves
    nothing are drawn again.

    Parameters
    ----------
    rng : Generator, RandomState, int or None
    n : int
        How many.
    fonts : sequence of CaptchaFont
    alphabet : str

    Raises
    ------
    CaptchaError
        If a font lacks a character, or there is no font.
    """
    rng = as_generator(rng)
    images = np.zeros((n, GLYPH_SIDE, GLYPH_SIDE), np.uint8)
    labels = (rng.random(n) * len(alphabet)).astype(np.intp)
    for image, label in zip(images, labels, strict=True):
        while not image.any():
            image[...] = _glyph(rng, alphabet[label], fonts)
    return Glyphs(images, labels)


def _glyph(rng: np.random.Generator, character: str, fonts: Sequence[CaptchaFont]) -> np.ndarray:
    """Draw one character and return its image, or an empty one if cleaning left nothing."""
    style = any_style(rng) if rng.random() < ANY_GLYPH else difficulty(rng.random())
    # In a piece of a longer text there is little beside the character.
    style = replace(style, margin=NARROW_MARGIN)
    ink, strength = clean_ink(draw_captcha(character, style, fonts, rng))
    if not ink.any():
        return np.zeros((GLYPH_SIDE, GLYPH_SIDE), np.uint8)
    return piece_images(strength, equal_slices(ink, 1))[0]


def _begin(weights: np.ndarray) -> int:
    """Return where a line begins whose centre of mass is in the middle, all of it inside."""
    middle = float(weights @ (np.arange(len(weights)) + 0.5) / weights.sum())
    return int(np.clip(round(GLYPH_SIDE / 2 - middle), 0, GLYPH_SIDE - len(weights)))
