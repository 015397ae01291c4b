"""From a picture of one handwritten digit to an image like MNIST's.

A network that learned from MNIST expects digits the way MNIST shows them: scaled until they just
fit into a box of 20×20 pixels, their proportions kept, with grey levels where an edge cuts through
a pixel; then laid into 28×28 pixels so that the centre of mass comes to the middle.  Source:
Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits" (1998).  Here every
one of these steps can be left out, to see what it is good for.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.augment import zoom
from core.digit_ink import FAINT_CONTRAST, find_ink
from core.digit_pieces import Box
from core.digits_error import DIGIT_SIDE
from core.distort import thicken
from core.images import shrink
from core.surroundings import block_mean

CHANNELS = ((), (1,), (3,), (4,))  # how a picture's shape may go on after (H, W)
SIDES = (4, 4096)  # pixels: the least and the most of a picture's height and width
SMALL_SIDE = 100  # pixels of the longer side: smaller pictures are made three times as large
WORKING_SIDE = 320  # pixels of the longer side on which ink is looked for
BOX_SIDE = 20  # pixels of the box into which MNIST's digits were scaled
THINNEST = 2.0  # pixels of that box: thinner strokes would turn grey or vanish
ONE_BRIGHTNESS = 48.0  # of 255: what spans less is a drawing in one colour

PICTURE_SENTENCES = {
    "shape": "expected a picture of bytes, (H, W) or (H, W, 1, 3 or 4), got {got}",
    "size": f"expected a picture of {SIDES[0]} to {SIDES[1]} pixels a side, got {{got}}",
    "blank": "expected a digit on the picture, got nothing but paper",
    "faint": "expected ink that takes at least {expected} % of the paper's light, got {got} %",
}


class DigitPictureError(ValueError):
    """A picture in which no digit can be looked for: what was expected and what came.

    Attributes
    ----------
    code : str
        What is wrong: a key of ``PICTURE_SENTENCES``, for sentences in other languages.
    got, expected : str
        What came, and what should have, where that is not always the same.
    """

    def __init__(self, code: str, got: str = "", expected: str = "") -> None:
        super().__init__(code, got, expected)
        self.code, self.got, self.expected = code, got, expected

    def __str__(self) -> str:
        return PICTURE_SENTENCES[self.code].format_map(vars(self))


class PreparedDigit(NamedTuple):
    """All steps from a picture to an image like MNIST's; see ``prepare_digit``.

    Attributes
    ----------
    grey : ndarray of float32, (H, W)
        Brightness, 0 to 255; large pictures are reduced to at most 320 pixels a side, small ones
        enlarged, and of a light sheet on a darker table only the sheet is kept.
    ink : ndarray of float32, (H, W)
        0 is paper, 1 is ink, without specks.
    box : (left, top, right, bottom)
        The rectangle around the ink; right and bottom are the first column and row beyond.
    cropped : ndarray of float32
        The ink in the box, or all of it.
    scaled : ndarray of float32, (20, 20)
        The same in MNIST's box, 0 to 1; without that step of another size, 28 at most.
    image : ndarray of uint8, (28, 28)
        0 is paper, 255 is ink.
    inverted : bool
        Whether the ink was lighter than the paper.
    share : float
        How much of the picture is ink, 0 to 1.
    stroke : float
        How wide the pen's stroke is in the box, in pixels of 20, before it is widened.
    """

    grey: np.ndarray
    ink: np.ndarray
    box: Box
    cropped: np.ndarray
    scaled: np.ndarray
    image: np.ndarray
    inverted: bool
    share: float
    stroke: float


def prepare_digit(
    picture: np.ndarray, *, crop: bool = True, scale: bool = True, centre: bool = True
) -> PreparedDigit:
    """Turn a picture of one digit into an image like MNIST's, step by step.

    Brightness (``grey``); ink and paper (``core.digit_ink.find_ink``); the box around the ink;
    scaling by averaging what falls on each pixel (``core.images.shrink``); and a shift by whole
    pixels, as MNIST's are, that brings the centre of mass Σ (row, column)·ink / Σ ink nearest to
    the middle of the image.  A stroke thinner than a tenth of the box would turn grey when it is
    scaled, which no stroke of MNIST's is: it is widened to that first.

    Parameters
    ----------
    picture : ndarray of uint8, (H, W) or (H, W, 1, 3 or 4)
        Dark on light or light on dark; see ``grey``.
    crop : bool
        Without it the whole picture becomes the 28×28 pixels, and ``scale`` means nothing.
    scale : bool
        Without it the digit stays as large in the image as it is in the picture.
    centre : bool
        Without it the middle of the box comes to the middle of the image; where nothing is cropped,
        nothing is moved.

    Raises
    ------
    DigitPictureError
        If the picture does not fit, or nothing is drawn on it, or too faintly.
    """
    found = find_ink(_workable(grey(picture)))
    if found.blank:
        raise DigitPictureError("blank")
    if found.contrast < FAINT_CONTRAST:
        per_cent = (f"{100 * contrast / 255:.0f}" for contrast in (found.contrast, FAINT_CONTRAST))
        raise DigitPictureError("faint", *per_cent)
    ink = found.ink
    left, top, right, bottom = found.box if crop else (0, 0, *ink.shape[::-1])
    cropped = ink[top:bottom, left:right]
    stroke = stroke_width(cropped) * BOX_SIDE / max(cropped.shape)
    if not crop:
        scaled = _fitted(cropped, DIGIT_SIDE)
    elif not scale:
        scaled = _fitted(cropped, max(1, round(DIGIT_SIDE * max(cropped.shape) / max(ink.shape))))
    else:
        scaled = _fitted(_widened(cropped, THINNEST - stroke), BOX_SIDE)
    image = _laid(scaled, centre, within=crop)
    share = float((ink > 0.5).mean())
    return PreparedDigit(
        found.grey, ink, found.box, cropped, scaled, image, found.inverted, share, stroke
    )


def grey(picture: np.ndarray) -> np.ndarray:
    """Return the brightness of each pixel: 0.299·R + 0.587·G + 0.114·B (ITU-R BT.601).

    Where a picture is transparent, paper shows through: g = α·g + (1 − α)·paper.  If all that is
    opaque has about one brightness, or if little is, it is the drawing, and the paper is black or
    white, whichever is farther from it.  Else the drawing's own paper is among it, and most of it.

    Parameters
    ----------
    picture : ndarray of uint8, (H, W) or (H, W, 1, 3 or 4)
        Grey, RGB, or RGB with α (0 transparent, 255 opaque); 4 to 4096 pixels a side.

    Returns
    -------
    ndarray of float32, (H, W)
        0 is black, 255 is white.

    Raises
    ------
    DigitPictureError
        "shape" or "size".
    """
    if picture.dtype != np.uint8 or picture.ndim not in (2, 3) or picture.shape[2:] not in CHANNELS:
        raise DigitPictureError("shape", f"{picture.dtype} of shape {picture.shape}")
    height, width = picture.shape[:2]
    if not SIDES[0] <= min(height, width) <= max(height, width) <= SIDES[1]:
        raise DigitPictureError("size", f"{width} × {height}")
    planes = picture.reshape(height, width, -1)
    if planes.shape[2] == 1:
        return planes[..., 0].astype(np.float32)
    brightness = np.zeros((height, width), np.float32)
    for plane, weight in enumerate((0.299, 0.587, 0.114)):
        brightness += planes[..., plane] * np.float32(weight)
    if planes.shape[2] == 4 and planes[..., 3].min() < 255:
        opacity = planes[..., 3] / np.float32(255)
        paper = _paper_behind(brightness, opacity)
        brightness = paper + opacity * (brightness - paper)
    return brightness


def _paper_behind(brightness: np.ndarray, opacity: np.ndarray) -> np.float32:
    """Return the brightness of the paper that shows where a picture is transparent."""
    opaque = brightness[opacity > 0.5]
    if opacity.mean() < 0.5 or np.ptp(opaque) < ONE_BRIGHTNESS:
        drawing = np.average(brightness, weights=opacity) if opacity.any() else 0.0
        return np.float32(255.0 if drawing < 128 else 0.0)
    return np.float32(np.median(opaque))


def _workable(brightness: np.ndarray) -> np.ndarray:
    """Reduce a large picture; enlarge a small one, as a box is as exact as pixels are small."""
    if max(brightness.shape) >= SMALL_SIDE:
        return block_mean(brightness, WORKING_SIDE)
    height, width = brightness.shape
    return zoom(np.pad(brightness, ((height,) * 2, (width,) * 2), mode="edge")[None], 3.0)[0]


def stroke_width(ink: np.ndarray) -> float:
    """Return how wide a pen's strokes are on average, in pixels.

    A stroke of length l and width w, much longer than wide, has the area A = l·w and the outline
    L = 2·l, so w = 2·A / L.  With N the numbers of neighbours of which one is ink and one is not,
    side by side, one above the other and along both diagonals,

        L = π/8 · (N_→ + N_↓ + (N_↘ + N_↙)/√2),

    within 5 % for a line in any direction: Crofton's formula with four directions.

    Parameters
    ----------
    ink : ndarray of float, (H, W)
        0 to 1; ink is what is above a half.
    """
    inside = np.pad(ink > 0.5, 1)
    straight = np.count_nonzero(inside[1:] != inside[:-1])
    straight += np.count_nonzero(inside[:, 1:] != inside[:, :-1])
    diagonal = np.count_nonzero(inside[1:, 1:] != inside[:-1, :-1])
    diagonal += np.count_nonzero(inside[1:, :-1] != inside[:-1, 1:])
    outline = np.pi / 8 * (straight + diagonal / np.sqrt(2))
    return float(2 * np.count_nonzero(inside) / max(outline, 1))


def _widened(ink: np.ndarray, missing: float) -> np.ndarray:
    """Widen strokes by so many pixels of the box, if any; the ink needs more room then."""
    amount = missing / 2 * max(ink.shape) / BOX_SIDE
    if amount < 0.25:
        return ink
    return thicken(np.pad(ink, int(np.ceil(amount)))[None], amount)[0]


def _fitted(ink: np.ndarray, side: int) -> np.ndarray:
    """Scale ink into a square, its proportions kept: paper is added to both sides of it."""
    height, width = ink.shape
    longest = max(height, width)
    square = np.zeros((longest, longest), np.float32)
    top, left = (longest - height) // 2, (longest - width) // 2
    square[top : top + height, left : left + width] = ink
    return shrink(square[None], side)[0]


def _laid(scaled: np.ndarray, centre: bool, within: bool) -> np.ndarray:
    """Lay ink into an image; ``within`` keeps the whole square in it, however the mass lies."""
    side = len(scaled)
    start = np.full(2, (DIGIT_SIDE - side) // 2)
    if centre:
        places, mass = np.arange(side) + 0.5, scaled.sum()
        middle = np.array([scaled.sum(axis=1) @ places, scaled.sum(axis=0) @ places]) / mass
        start = np.rint(DIGIT_SIDE / 2 - middle).astype(int)
        if within:
            start = np.clip(start, 0, DIGIT_SIDE - side)
    field = np.zeros((3 * DIGIT_SIDE, 3 * DIGIT_SIDE), np.float32)
    top, left = start + DIGIT_SIDE
    field[top : top + side, left : left + side] = scaled
    image = field[DIGIT_SIDE : 2 * DIGIT_SIDE, DIGIT_SIDE : 2 * DIGIT_SIDE]
    return np.rint(255 * image).astype(np.uint8)
