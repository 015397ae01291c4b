"""Ink and paper in a picture of one digit, even where the light is not the same everywhere.

A canvas has one paper and one ink: what is not exactly as bright as the paper is drawn.  A photo
has a lamp on one side, dark corners, the shadow of a hand.  There the paper is looked for around
every place, and ink is what is darker than the paper there: light that falls on both cancels out in
their ratio.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.binary import is_one_piece
from core.digit_pieces import NOWHERE, Box, box_around, main_pieces, places_in, sheet_in
from core.otsu import GREYS, Levels, levels_of_counts, otsu
from core.surroundings import block_mean, box_mean, calmed, extreme_around, outermost, paper_under

EVEN = 0.8  # Otsu's measure of how well two brightnesses explain a picture, 0 to 1, of an even one
ONE_SIDED = 0.8  # the share of the border that must be paper for the border to decide
LEAST_PAPER = 0.3  # of a drawing's pixels
EVEN_WINDOW = 1 / 2  # of the longer side: wider than any stroke
WINDOWS = (1 / 5, 1 / 8)  # of the longer side: wider than a pen's stroke, narrower than a shadow
DARKEST_PAPER = 24.0  # of 255: below, a ratio would only enlarge noise
BLANK_CONTRAST, FAINT_CONTRAST = 8.0, 16.0  # of 255
BLANK_NOISE = 5.0  # deviations of the paper's noise: what differs less is nothing drawn
BOX_INK = 0.1  # fainter ink, such as the lines of ruled paper, does not widen the box
COARSE = 100  # pixels of the longer side at which it is decided whether ink is dark or light


class FoundInk(NamedTuple):
    """What ``find_ink`` found.

    Attributes
    ----------
    grey : ndarray of float32, (H, W)
        The brightness in which it was looked for: all of the picture, or the sheet on it.
    ink : ndarray of float32, (H, W)
        0 is paper, 1 is ink; between them at the edges of strokes.
    box : (left, top, right, bottom)
        The rectangle around it; right and bottom are the first column and row beyond.
    inverted : bool
        Whether the ink is lighter than the paper.
    contrast : float
        How much of the paper's brightness the ink takes away, 0 to 255.
    blank : bool
        Whether there is nothing but paper; then ``ink`` is 0 and ``box`` the whole picture.
    """

    grey: np.ndarray
    ink: np.ndarray
    box: Box
    inverted: bool
    contrast: float
    blank: bool


class Paper(NamedTuple):
    """What is known of a drawing's paper: exactly so bright, beyond a box around all else.

    It is ``sure`` if it can be nothing else: one sees through to it.
    """

    level: float
    box: Box
    sure: bool = False


def find_ink(grey: np.ndarray, paper: Paper | None = None) -> FoundInk:
    """Tell ink from paper.

    1. Is the ink dark or light?  ``ink_is_light`` says; light ink is inverted, x = 255 − grey.
    2. What is the paper's brightness p around each pixel?  ``paper_under`` says.
    3. c = 255·(1 − x/p): light and shadow, which fall on both, cancel out.
    4. Otsu's threshold t of c tells ink from paper, hysteresis (J. Canny, "A Computational Approach
       to Edge Detection", 1986) keeps what is half as strong but hangs together with it.
    5. With the middle m₀ of the paper and the mean m₁ of the ink, the edges stay soft: 0 up to
       m₀ + 0.2·(m₁ − m₀), 1 from m₀ + 0.8·(m₁ − m₀), a straight line between.
    6. Specks, and what comes in from the border of a photo, are paper: see ``main_pieces``.

    Whoever draws on a canvas leaves most of it, and of its border, exactly as it was.  So if most
    pixels are exactly alike, 1 and 2 are answered: that is the paper, everywhere, and the ink is
    what differs from it.  Nothing needs to be done outside of the box around that.

    A light sheet on a darker table is found first, and then looked at by itself.

    Parameters
    ----------
    grey : ndarray of float32, (H, W)
        Brightness, 0 to 255.
    paper : Paper, optional
        If it is known already how bright the corner is, and where all is that is not.
    """
    if paper is None:
        paper = Paper(float(grey[0, 0]), box_around(grey != grey[0, 0]))
    if paper.box == NOWHERE:
        return _nothing(grey, False, 0.0)
    drawn = _drawn_on(grey, paper)
    return _photographed(grey) if drawn is None else drawn


def _drawn_on(grey: np.ndarray, paper: Paper) -> FoundInk | None:
    """Return the ink of a drawing, or None if this seems to be something else.

    Something else is what differs from the corner nearly everywhere, or in both directions, or in
    too many steps, or is a sheet of paper.
    """
    level, box, sure = paper
    if not sure and not _mostly(grey, level, box):
        return None
    part = grey[places_in(box)]
    # Some hundred rows and columns tell what the ink is like as well as all of them.
    sample = part[:: 1 + len(part) // COARSE, :: 1 + part.shape[1] // COARSE] - np.float32(level)
    darkest, lightest = float(sample.min()), float(sample.max())
    inverted = lightest > -darkest
    factor = 255 / (255 - level if inverted else -max(level, DARKEST_PAPER))
    sample *= np.float32(factor)
    levels = _levels_of_drawing(_whole(sample), grey.size / part.size)
    if min(-darkest, lightest) >= BLANK_CONTRAST or levels.explained < EVEN:
        return None
    found = _Parted(part, levels, level, factor)
    if not sure and inverted and sheet_in(found.strong(), grey.shape):
        return None
    return _cut_out(grey, found, box, inverted)


def _levels_of_drawing(strength: np.ndarray, times: float) -> Levels:
    """Return the levels of a picture that is so many times as large as this sample of its ink."""
    most = int(strength.max())
    if 2 * np.count_nonzero(strength == most) > np.count_nonzero(strength):
        return Levels(most // 2, 0.0, 0.0, most, 1.0)  # one ink, and hardly any edges
    counts = _counts(strength)
    counts[0] += round((times - 1) * strength.size)
    return levels_of_counts(counts)


def _mostly(grey: np.ndarray, level: float, box: Box) -> bool:
    """Whether enough of a picture and of its border is as bright as all that is beyond the box."""
    left, top, right, bottom = box
    height, width = grey.shape
    inner = left > 0 and top > 0 and right < width and bottom < height
    if inner and (right - left) * (bottom - top) <= (1 - LEAST_PAPER) * grey.size:
        return True  # without having to look
    border = outermost(grey)
    at_border, overall = np.count_nonzero(border == level), np.count_nonzero(grey == level)
    return bool(at_border >= ONE_SIDED * len(border) and overall >= LEAST_PAPER * grey.size)


def _photographed(grey: np.ndarray) -> FoundInk:
    """Return the ink where the paper must be looked for."""
    calm = calmed(grey, max(grey.shape) // COARSE)
    small = block_mean(calm, COARSE)
    inverted, even = ink_is_light(small)
    if inverted and even and (sheet := sheet_in(small > otsu(small), small.shape)):
        left, top, right, bottom = (place * -(-max(grey.shape) // COARSE) for place in sheet)
        on_sheet = find_ink(grey[top:bottom, left:right])
        if not on_sheet.blank:
            return on_sheet
    if inverted:
        calm, small = 255.0 - calm, 255.0 - small
    found = _under_even_light(calm, small) if even else _under_uneven_light(calm)
    # Noise hides where ink ends: what is next to ink is kept, however faint.
    return _cut_out(grey, found, _everything(grey), inverted, framed=not even, near=2)


def _cut_out(
    grey: np.ndarray,
    found: _Parted,
    box: Box,
    inverted: bool,
    *,
    framed: bool = False,
    near: int = 0,
) -> FoundInk:
    """Return the ink among the pixels of a box, which have been parted; all others are paper."""
    threshold, paper, noise, reach, _ = found.levels
    if reach < max(BLANK_CONTRAST, BLANK_NOISE * noise):
        return _nothing(grey, inverted, reach)
    low = paper + max((threshold - paper) / 2, 3 * noise)
    kept = weak = found.stronger(min(int(low), threshold))
    if not is_one_piece(weak):
        kept = main_pieces(weak, found.strong(), framed=framed, picture=grey.shape)
    part = found.soft()
    if near:
        part *= extreme_around(np.maximum, kept.view(np.uint8), near)
    elif kept is not weak:
        part *= kept
    ink = np.zeros(grey.shape, np.float32)
    ink[places_in(box)] = part
    left, top, right, bottom = box_around(part > BOX_INK)
    place = left + box[0], top + box[1], right + box[0], bottom + box[1]
    return FoundInk(grey, ink, place, inverted, reach, False)


def _everything(grey: np.ndarray) -> Box:
    return 0, 0, grey.shape[1], grey.shape[0]


def _nothing(grey: np.ndarray, inverted: bool, reach: float) -> FoundInk:
    """Return that there is only paper."""
    return FoundInk(grey, np.zeros_like(grey), _everything(grey), inverted, reach, True)


def ink_is_light(grey: np.ndarray) -> tuple[bool, bool]:
    """Return whether the ink is lighter than the paper, and whether the light is even.

    Where two brightnesses explain the picture, which Otsu's η = σ²_B / σ²_T tells, the paper is
    the one on most of the border *and* on most of the picture.  Where they do not, or disagree, ink
    is the exception among its neighbours: with r = x − (mean of x in a window), and windows of an
    eighth, a quarter and half of the picture, the skewness E[r³] / E[r²]^(3/2) is negative
    for dark strokes, while a slope or the edge of a shadow has as much of both signs.

    Parameters
    ----------
    grey : ndarray of float32, (H, W)
    """
    grey = block_mean(grey, COARSE)
    levels = levels_of_counts(_counts(_whole(grey.copy())))
    is_dark = grey <= levels.threshold + 0.5
    share = float(is_dark.mean())
    if share in (0.0, 1.0):
        return False, True
    at_border = float(outermost(is_dark).mean())
    one_sided = max(at_border, 1 - at_border) >= ONE_SIDED
    if levels.explained > EVEN and one_sided and (at_border > 0.5) == (share > 0.5):
        return at_border > 0.5, True
    skewness = 0.0
    for part in (1 / 16, 1 / 8, 1 / 4):
        rest = grey - box_mean(grey, max(1, int(max(grey.shape) * part)))
        skewness += float((rest**3).mean() / ((rest**2).mean() ** 1.5 + 1e-9))
    return skewness > 0, False


def _under_even_light(dark: np.ndarray, small: np.ndarray) -> _Parted:
    """Return how much darker than the paper each pixel is, if the paper hardly changes.

    So it is enough to look at it coarsely: ``small`` is the same picture, reduced.
    """
    times, (height, width) = -(-max(dark.shape) // COARSE), dark.shape
    paper = paper_under(small, EVEN_WINDOW).repeat(times, axis=0).repeat(times, axis=1)
    return _parted(dark, paper[:height, :width])


def _under_uneven_light(dark: np.ndarray) -> _Parted:
    """Return how much darker than the paper around it each pixel is, with the window that serves.

    With a window too wide a shadow is taken for ink.  That shows: it reaches the border, and two
    levels do not explain the picture as well.
    """
    found = [_parted(dark, paper_under(dark, window, beyond=True)) for window in WINDOWS]
    border = [float(outermost(way.strong()).mean()) for way in found]
    found = [way for way, share in zip(found, border, strict=True) if share <= min(border) + 0.02]
    most = max(way.levels.explained for way in found)
    return next(way for way in found if way.levels.explained >= most - 0.03)


class _Parted(NamedTuple):
    """How much darker than the paper each pixel is: c = factor·(values − zero), 0 to 255."""

    values: np.ndarray
    levels: Levels
    zero: float = 0.0
    factor: float = 1.0

    def stronger(self, level: float) -> np.ndarray:
        """Return where c is greater than a level."""
        value = np.float32(self.zero + (level + 0.5) / self.factor)  # as if c were rounded
        return self.values > value if self.factor > 0 else self.values < value

    def strong(self) -> np.ndarray:
        """Return what certainly is ink."""
        return self.stronger(self.levels.threshold)

    def soft(self) -> np.ndarray:
        """Return the ink from 0 to 1, with soft edges."""
        start, slope = self.levels.paper + 0.2 * self.levels.reach, 1 / (0.6 * self.levels.reach)
        ink = self.values * np.float32(slope * self.factor)
        ink -= np.float32(slope * (start + self.factor * self.zero))
        return ink.clip(0, 1, out=ink)


def _parted(dark: np.ndarray, paper: np.ndarray) -> _Parted:
    """Return c = 255·(1 − x/p), with paper so bright under each pixel, as whole numbers."""
    strength = dark * (np.float32(-255) / np.maximum(paper, np.float32(DARKEST_PAPER)))
    strength += 255
    whole = _whole(strength)
    return _Parted(whole, levels_of_counts(_counts(whole)))


def _whole(values: np.ndarray) -> np.ndarray:
    """Round to bytes, in place of the values."""
    values += np.float32(0.5)
    return values.clip(0, 255, out=values).astype(np.uint8)


def _counts(values: np.ndarray) -> np.ndarray:
    return np.bincount(values.ravel(), minlength=GREYS)
