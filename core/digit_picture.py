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
from core.digit_ink import FAINT_CONTRAST, Paper, find_ink
from core.digit_pieces import NOWHERE, Box, box_around, places_in
from core.digits_error import DIGIT_SIDE
from core.surroundings import block_mean, fit_square, stroke_width, widened

CHANNELS = ((), (1,), (3,), (4,))  # how a picture's shape may go on after (H, W)
SIDES = (4, 4096)  # pixels: the least and the most of a picture's height and width
SMALL_SIDE = 100  # pixels of the longer side: smaller pictures are made three times as large
WORKING_SIDE = 320  # pixels of the longer side on which ink is looked for
BOX_SIDE = 20  # pixels of the box into which MNIST's digits were scaled
THINNEST = 2.0  # pixels of that box: thinner strokes would turn grey or vanish
WORD, RGB = "<u4", 0xFFFFFF  # a colour as one number: α·2²⁴ + B·2¹⁶ + G·2⁸ + R; all but α
ONE_BRIGHTNESS = 48.0  # of 255: what spans less is a drawing in one colour

PICTURE_SENTENCES = {
    "shape": "expected a picture of bytes, (H, W) or (H, W, 1, 3 or 4), got {got}",
    "size": f"expected a picture of {SIDES[0]} to {SIDES[1]} pixels a side, got {{got}}",
    "blank": "expected a digit on the picture, got nothing but paper",
    "faint": "expected ink that takes at least {expected} % of the paper's light, got {got} %",
    "dot": "expected a digit, got a dot",
    "scribble": "expected a digit, got a scribble",
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
    brightness, paper = _light(_as_planes(picture))
    workable = _workable(brightness)
    found = find_ink(workable, paper if workable is brightness else None)
    if found.blank:
        raise DigitPictureError("blank")
    if found.contrast < FAINT_CONTRAST:
        per_cent = (f"{100 * contrast / 255:.0f}" for contrast in (found.contrast, FAINT_CONTRAST))
        raise DigitPictureError("faint", *per_cent)
    return prepare_ink(
        found.grey, found.ink, found.box, found.inverted, crop=crop, scale=scale, centre=centre
    )


def prepare_ink(
    grey: np.ndarray,
    ink: np.ndarray,
    box: Box,
    inverted: bool,
    *,
    crop: bool = True,
    scale: bool = True,
    centre: bool = True,
) -> PreparedDigit:
    """Go on from ink that has been found: crop, scale, centre; see ``prepare_digit``.

    Parameters
    ----------
    grey, ink, box, inverted
        As in ``PreparedDigit``; there must be ink.
    """
    left, top, right, bottom = box if crop else (0, 0, *ink.shape[::-1])
    cropped = ink[top:bottom, left:right]
    is_ink = cropped > 0.5
    stroke = stroke_width(is_ink) * BOX_SIDE / max(cropped.shape)
    if not crop:
        scaled = fit_square(cropped, DIGIT_SIDE)
    elif not scale:
        side = round(DIGIT_SIDE * max(cropped.shape) / max(ink.shape))
        scaled = fit_square(cropped, max(1, side))
    else:
        scaled = fit_square(_thick_enough(cropped, stroke), BOX_SIDE)
    image = _laid(scaled, centre, within=crop)
    share = np.count_nonzero(is_ink) / ink.size
    return PreparedDigit(grey, ink, box, cropped, scaled, image, inverted, share, stroke)


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
    return _light(_as_planes(picture))[0]


def _as_planes(picture: np.ndarray) -> np.ndarray:
    """Return a picture as (H, W, 1, 3 or 4); raise unless it is one."""
    if picture.dtype != np.uint8 or picture.ndim not in (2, 3) or picture.shape[2:] not in CHANNELS:
        raise DigitPictureError("shape", f"{picture.dtype} of shape {picture.shape}")
    height, width = picture.shape[:2]
    if not SIDES[0] <= min(height, width) <= max(height, width) <= SIDES[1]:
        raise DigitPictureError("size", f"{width} × {height}")
    return picture.reshape(height, width, -1)


def _light(planes: np.ndarray) -> tuple[np.ndarray, Paper]:
    """Return the brightness, and what that says of the paper.

    Most of a drawing has the colour of its corner: only the others need to be worked out.
    """
    height, width, channels = planes.shape
    planes = np.ascontiguousarray(planes)
    cells = planes.view(WORD) if channels == 4 else planes
    box = box_around(cells.reshape(height, -1) != np.tile(cells[0, 0], width))
    left, top, right, bottom = box
    box = left // cells.shape[2], top, -(-right // cells.shape[2]), bottom
    corner, part = planes[0, 0], planes[places_in(box)]
    if channels == 1:
        return planes[..., 0].astype(np.float32), Paper(float(corner[0]), box)
    if channels == 4 and box != NOWHERE and min(corner[3], part[..., 3].min()) < 255:
        paper, inside = _seen_through(planes, box)
    else:
        paper, inside = Paper(float(_bright(corner)), box), _bright(part)
    brightness = np.full((height, width), paper.level, np.float32)
    brightness[places_in(paper.box)] = inside
    return brightness, paper


def _bright(colours: np.ndarray) -> np.ndarray:
    """Return 0.299·R + 0.587·G + 0.114·B of colours, (..., 3 or 4).

    Whole numbers are added up, which is exact in whatever order it is done: pixels of the same
    colour have exactly the same brightness.
    """
    weights = np.array([299, 587, 114, 0][: colours.shape[-1]], np.float32)
    return colours.astype(np.float32) @ weights / np.float32(1000)


def _seen_through(planes: np.ndarray, box: Box) -> tuple[Paper, np.ndarray]:
    """Return the paper behind a drawing, and how bright the drawing is on it."""
    height, width, _ = planes.shape
    if planes[0, 0, 3]:
        box = 0, 0, width, height  # what is clear lies within
    part = planes[places_in(box)]
    words = part.view(WORD)[..., 0]
    opacity = (words >> 24).astype(np.float32)
    opacity /= 255
    ink = words.max() & RGB  # the colour of what is most opaque
    if ((words & RGB == ink) | (words <= RGB)).all():
        drawing = float(_bright(ink[None].view(np.uint8)))
        level = 255.0 if drawing < 128 else 0.0
        return Paper(level, box, sure=True), level + opacity * (drawing - level)
    brightness = _bright(part)
    level, sure = _paper_behind(brightness, opacity, height * width)
    return Paper(level, box, sure), level + opacity * (brightness - level)


def _paper_behind(brightness: np.ndarray, opacity: np.ndarray, pixels: int) -> tuple[float, bool]:
    """Return the brightness that shows where a picture is transparent, and if it is all paper.

    Given are the pixels of a part outside of which all is transparent, and how many all are.
    """
    opaque, coverage = brightness[opacity > 0.5], float(opacity.sum())
    one_ink = not opaque.size or np.ptp(opaque) < ONE_BRIGHTNESS
    if one_ink or coverage < 0.5 * pixels:
        drawing = np.vdot(brightness, opacity) / max(coverage, 1e-9)
        return 255.0 if drawing < 128 else 0.0, bool(one_ink)
    return float(np.median(opaque)), False


def _workable(brightness: np.ndarray) -> np.ndarray:
    """Reduce a large picture; enlarge a small one, as a box is as exact as pixels are small."""
    if max(brightness.shape) >= SMALL_SIDE:
        return block_mean(brightness, WORKING_SIDE)
    height, width = brightness.shape
    return zoom(np.pad(brightness, ((height,) * 2, (width,) * 2), mode="edge")[None], 3.0)[0]


def _thick_enough(ink: np.ndarray, stroke: float) -> np.ndarray:
    """Widen strokes that are thinner than a digit's."""
    steps = (THINNEST - stroke) / 2 * max(ink.shape) / BOX_SIDE
    return widened(ink, steps) if steps >= 0.25 else ink


def _laid(scaled: np.ndarray, centre: bool, within: bool) -> np.ndarray:
    """Lay ink into an image; ``within`` keeps the whole square in it, however the mass lies."""
    side = len(scaled)
    top = left = (DIGIT_SIDE - side) // 2
    if centre:
        places, mass = np.arange(side) + 0.5, float(scaled.sum())
        top = round(DIGIT_SIDE / 2 - float(scaled.sum(axis=1) @ places) / mass)
        left = round(DIGIT_SIDE / 2 - float(scaled.sum(axis=0) @ places) / mass)
        if within:
            top, left = (min(max(place, 0), DIGIT_SIDE - side) for place in (top, left))
    rows, columns = (slice(max(-place, 0), DIGIT_SIDE - place) for place in (top, left))
    part = scaled[rows, columns]
    top, left = max(top, 0), max(left, 0)
    image = np.zeros((DIGIT_SIDE, DIGIT_SIDE), np.uint8)
    image[top : top + part.shape[0], left : left + part.shape[1]] = np.rint(255 * part)
    return image
