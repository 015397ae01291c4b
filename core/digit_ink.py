"""Ink and paper in a picture of one digit, even where the light is not the same everywhere.

A canvas has one paper and one ink.  A photo has a lamp on one side, dark corners, the shadow of a
hand.  So the paper is looked for around every place, and ink is what is darker than the paper
there: light that falls on both cancels out in their ratio.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.binary import otsu
from core.digit_pieces import Box, box_around, main_pieces
from core.surroundings import block_mean, box_mean, extreme_around, outermost

EVEN = 0.8  # Otsu's measure of how well two brightnesses explain a picture, 0 to 1, of an even one
ONE_SIDED = 0.8  # the share of the border that must be paper for the border to decide
EVEN_WINDOW = 1 / 2  # of the longer side: wider than any stroke
WINDOWS = (1 / 5, 1 / 8)  # of the longer side: wider than a pen's stroke, narrower than a shadow
DARKEST_PAPER = 24.0  # of 255: below, a ratio would only enlarge noise
BLANK_CONTRAST, FAINT_CONTRAST = 8.0, 16.0  # of 255
BLANK_NOISE = 5.0  # deviations of the paper's noise: what differs less is nothing drawn
CALM = 1.5  # of 255: the deviation of noise that does no harm
BOX_INK = 0.1  # fainter ink, such as the lines of ruled paper, does not widen the box
COARSE = 100  # pixels of the longer side at which it is decided whether ink is dark or light
SHEET_SIDE, SHEET_EDGE = 0.4, 0.9  # the least of a picture's shorter side, of its own outline
SHEET_MARGINS = (0.04, 0.08, 0.12)  # of its shorter side


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


def find_ink(grey: np.ndarray) -> FoundInk:
    """Tell ink from paper.

    1. Is the ink dark or light?  ``ink_is_light`` says; light ink is inverted, x = 255 − grey.
    2. What is the paper's brightness p around each pixel?  ``paper_under`` says.
    3. c = 255·(1 − x/p): light and shadow, which fall on both, cancel out.
    4. Otsu's threshold t of c tells ink from paper, hysteresis (J. Canny, "A Computational Approach
       to Edge Detection", 1986) keeps what is half as strong but hangs together with it.
    5. With the middle m₀ of the paper and the mean m₁ of the ink, the edges stay soft: 0 up to
       m₀ + 0.2·(m₁ − m₀), 1 from m₀ + 0.8·(m₁ − m₀), a straight line between.
    6. Specks, and what comes in from the border of a photo, are paper: see ``main_pieces``.

    A light sheet on a darker table is found first, and then looked at by itself.

    Parameters
    ----------
    grey : ndarray of float32, (H, W)
        Brightness, 0 to 255.
    """
    calm = _calmed(grey)
    small = block_mean(calm, COARSE)
    inverted, even = ink_is_light(small)
    if inverted and even and (sheet := _sheet_in(small)):
        left, top, right, bottom = (place * -(-max(grey.shape) // COARSE) for place in sheet)
        on_sheet = find_ink(grey[top:bottom, left:right])
        if not on_sheet.blank:
            return on_sheet
    if inverted:
        calm, small = 255.0 - calm, 255.0 - small
    found = _under_even_light(calm, small) if even else _under_uneven_light(calm)
    paper, noise, reach = found.levels()
    if reach < max(BLANK_CONTRAST, BLANK_NOISE * noise):
        everything = (0, 0, *grey.shape[::-1])
        return FoundInk(grey, np.zeros_like(grey), everything, inverted, reach, True)
    low = paper + max((found.level - paper) / 2, 3 * noise)
    weak = found.strength > min(int(low), found.level)
    kept = main_pieces(weak, found.strength > found.level, framed=not even)
    # What each of the 256 strengths becomes: looking it up is faster than working it out.
    soft = (np.arange(256) - (paper + 0.2 * reach)) / (0.6 * reach)
    ink = soft.clip(0, 1).astype(np.float32).take(found.strength)
    ink *= extreme_around(np.maximum, kept.astype(np.uint8), 2)
    return FoundInk(grey, ink, box_around(ink > BOX_INK), inverted, reach, False)


def _calmed(grey: np.ndarray) -> np.ndarray:
    """Return the picture with its noise averaged away, as far as there is any.

    The difference of two neighbours has √2 times the deviation of the noise, and the median of its
    size is 0.6745 deviations; strokes are too rare to matter.  A mean over n×n pixels leaves 1/n.
    Small pictures, where strokes are few pixels wide, stay as they are.
    """
    rows = grey[:: max(1, len(grey) // 60)]
    noise = float(np.median(np.abs(np.diff(rows.ravel())))) / (0.6745 * np.sqrt(2))
    radius = min(int(np.ceil((noise / CALM - 1) / 2)), max(grey.shape) // COARSE)
    return box_mean(grey, radius) if radius > 0 else grey


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
    is_dark = grey <= otsu(grey)
    share = float(is_dark.mean())
    if share in (0.0, 1.0):
        return False, True
    apart = float(grey[is_dark].mean() - grey[~is_dark].mean())
    explained = share * (1 - share) * apart**2 / float(grey.var())
    at_border = float(outermost(is_dark).mean())
    one_sided = max(at_border, 1 - at_border) >= ONE_SIDED
    if explained > EVEN and one_sided and (at_border > 0.5) == (share > 0.5):
        return at_border > 0.5, True
    skewness = 0.0
    for part in (1 / 16, 1 / 8, 1 / 4):
        rest = grey - box_mean(grey, max(1, int(max(grey.shape) * part)))
        skewness += float((rest**3).mean() / ((rest**2).mean() ** 1.5 + 1e-9))
    return skewness > 0, False


def _sheet_in(small: np.ndarray) -> Box | None:
    """Return where a sheet of paper lies that would be taken for light ink, or None.

    On a photo of a sheet on a table, the table is all around, and the sheet is what is drawn on it:
    broad, large and filled up to its edges, as no digit is.  What is returned is the largest of a
    few boxes inside whose outline is on the sheet, which may be turned a little.
    """
    is_ink = small > otsu(small)
    left, top, right, bottom = box_around(is_ink)
    shorter = min(right - left, bottom - top)
    if shorter < SHEET_SIDE * min(small.shape):
        return None
    for part in SHEET_MARGINS:
        margin = round(part * shorter)
        inside = left + margin, top + margin, right - margin, bottom - margin
        if outermost(is_ink[inside[1] : inside[3], inside[0] : inside[2]]).mean() >= SHEET_EDGE:
            return inside
    return None


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
    border = [float(outermost(way.strength > way.level).mean()) for way in found]
    found = [way for way, share in zip(found, border, strict=True) if share <= min(border) + 0.02]
    explained = [way.explained() for way in found]
    return next(
        way for way, eta in zip(found, explained, strict=True) if eta >= max(explained) - 0.03
    )


class _Parted(NamedTuple):
    """How much darker than the paper each pixel is, c as uint8, and the threshold of ink."""

    strength: np.ndarray
    level: int
    counts: np.ndarray  # how many pixels have c = 0, 1, ..., 255

    def explained(self) -> float:
        """Return Otsu's η: which part of the variance is that between ink and paper."""
        values, weights = np.arange(256), self.counts / self.counts.sum()
        mean, share = values @ weights, weights[: self.level + 1].sum()
        below = values[: self.level + 1] @ weights[: self.level + 1]
        total = (values - mean) ** 2 @ weights
        between = (mean * share - below) ** 2
        return float(between / max(share * (1 - share) * total, 1e-9))

    def levels(self) -> tuple[float, float, float]:
        """Return the paper's middle and noise, and how much stronger the mean of the ink is."""
        values, paper, ink = np.arange(256), *np.split(self.counts, [self.level + 1])
        if not ink.any():
            return float(self.level), 0.0, 0.0
        middle = _weighted_median(values[: len(paper)], paper)
        # 1.4826 times the median distance from the median is the deviation of normal noise.
        noise = 1.4826 * _weighted_median(np.abs(values[: len(paper)] - middle), paper)
        return middle, noise, float(values[len(paper) :] @ ink / ink.sum()) - middle


def _parted(dark: np.ndarray, paper: np.ndarray) -> _Parted:
    """Return c = 255·(1 − x/p), whole, with Otsu's threshold."""
    ratio = dark / np.maximum(paper, np.float32(DARKEST_PAPER))
    strength = np.rint(np.clip(255 - 255 * ratio, 0, 255)).astype(np.uint8)
    counts = np.bincount(strength.ravel(), minlength=256)
    return _Parted(strength, otsu(strength), counts)


def _weighted_median(values: np.ndarray, counts: np.ndarray) -> float:
    """Return the median of values of which each occurs so many times."""
    order = np.argsort(values, kind="stable")
    total = np.cumsum(counts[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])


def paper_under(dark: np.ndarray, window: float, *, beyond: bool = False) -> np.ndarray:
    """Return how bright the paper is under each pixel, strokes included, if ink is dark.

    A grey closing: first every pixel takes the brightest value in a square around it, and strokes
    narrower than the square are gone; then the darkest of those, and the edges of broad shadows
    are back where they were.  Source: S. R. Sternberg, "Grayscale Morphology", 1986.

    Parameters
    ----------
    dark : ndarray of float32, (H, W)
        Brightness, 0 to 255.
    window : float
        The square's side, in longer sides of the picture.
    beyond : bool
        Whether the picture's edge goes on outside: a slope then keeps its slope at the border, but
        a stroke along the border becomes paper.

    Returns
    -------
    ndarray of uint8, (H, W)
    """
    values = np.rint(dark).astype(np.uint8)
    radius = max(1, int(max(dark.shape) * window / 2))
    margin = 2 * radius if beyond else 0
    values = np.pad(values, margin, mode="edge")
    closed = extreme_around(np.minimum, extreme_around(np.maximum, values, radius), radius)
    height, width = dark.shape
    return closed[margin : margin + height, margin : margin + width]
