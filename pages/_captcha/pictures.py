"""Captchas as pictures: with their cuts, and with the columns that made each character."""

from __future__ import annotations

import numpy as np

from core.cutting import Cutting
from ui.answers import paint
from ui.ink import ink_picture

GOLD = np.array([227, 160, 8], np.uint8)
WIDE = 480  # pixels across, about


def enlarged(picture: np.ndarray) -> np.ndarray:
    """Return a picture with each pixel as a square, so that it is about as wide as the others."""
    times = max(1, WIDE // picture.shape[1])
    return picture.repeat(times, axis=0).repeat(times, axis=1)


def with_cuts(ink: np.ndarray, cutting: Cutting, *, dark: bool) -> np.ndarray:
    """Paint ink, (H, W), and golden frames around the pieces."""
    times = max(2, WIDE // ink.shape[1])
    painted = ink_picture(np.where(ink, 255, 0), dark=dark, size=times * len(ink))
    for cut in cutting.cuts:
        left, top = times * cut.left, times * cut.top
        right, bottom = times * cut.right - 1, times * cut.bottom - 1
        painted[top : bottom + 1, [left, right]] = GOLD
        painted[[top, bottom], left : right + 1] = GOLD
    return painted


def heat(columns: np.ndarray, *, dark: bool) -> np.ndarray:
    """Paint which columns made each character: a row for each, (S, T)."""
    shares = columns / columns.max(axis=1, keepdims=True)
    # Four times as wide as high: then a row is about as high as a line of small print.
    return paint(shares.repeat(3, axis=0).repeat(4, axis=1), dark=dark, size=WIDE)
