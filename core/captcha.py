"""Draw captchas: a text that people read and programs should not, here to show how they do.

The only file of core that uses Pillow, which draws characters from font files; what needs none is
in the files named after it.  No file is opened: fonts come as bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from core.captcha_colours import choose_colours, noise_colours, rough_ground
from core.captcha_error import CAPTCHA_HEIGHTS, CAPTCHA_WIDTHS, MAX_CAPTCHA, CaptchaError
from core.captcha_layout import CaptchaLine, bent_boxes, corners_of, homographies, lay_out
from core.captcha_noise import roughen, strokes
from core.captcha_style import CaptchaStyle
from core.init import RandomSource, as_generator

CAPTCHA_DIGITS = "0123456789"
CAPTCHA_LOWER = CAPTCHA_DIGITS + "abcdefghijklmnopqrstuvwxyz"
CAPTCHA_ALL = CAPTCHA_LOWER + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

# File names of assets/fonts: a reader learns from the first, and is tried on the others too.
TRAINING_FONTS = (
    *("sans.ttf", "sans-bold.ttf", "sans-black.ttf", "sans-italic.ttf", "condensed.ttf"),
    *("serif.ttf", "serif-bold.ttf", "serif-italic.ttf", "slab.otf", "typewriter.otf"),
    *("mono.ttf", "mono-bold.ttf", "round.ttf", "comic.otf", "marker.ttf", "script.otf"),
)
HELD_OUT_FONTS = (
    *("other-sans.otf", "other-serif.ttf", "other-mono.ttf"),
    *("other-narrow.otf", "other-brush.otf"),
)

MEASURED = 64  # pixels: font size at which characters are measured
MASK_STEP = 4  # pixels: a bent character is made from a mask of the next such size, and shrunk


class Glyph(NamedTuple):
    """A character as pixels, with one empty pixel all around, and where it stands.

    Attributes
    ----------
    mask : Image
        0 is paper, 255 is ink.
    left, top : int
        Of the mask, from where the pen stands on the baseline.
    advance : float
        How far the pen goes on.
    """

    mask: Image.Image
    left: int
    top: int
    advance: float


class CaptchaFont:
    """A font that remembers the characters it has drawn.

    Parameters
    ----------
    name : str
        Any name, such as the file's.
    content : bytes
        Of a TrueType or OpenType file.

    Raises
    ------
    CaptchaError
        If Pillow cannot read it.
    """

    def __init__(self, name: str, content: bytes) -> None:
        self.name, self.content = name, content
        self._faces: dict[int, ImageFont.FreeTypeFont] = {}
        self._glyphs: dict[tuple[str, int], Glyph] = {}
        self._known: set[str] = set()
        try:
            self._missing = bytes(self.face(32).getmask("\uffff"))
        except OSError as error:
            raise CaptchaError("font", name) from error

    def face(self, size: int) -> ImageFont.FreeTypeFont:
        """Return Pillow's font of a size in pixels."""
        if size not in self._faces:
            # Basic: the other layout engine is not in every Pillow, and would place differently.
            self._faces[size] = ImageFont.truetype(
                io.BytesIO(self.content), size, layout_engine=ImageFont.Layout.BASIC
            )
        return self._faces[size]

    def lacks(self, text: str) -> set[str]:
        """Return the characters that the font shows as blank or as missing."""
        for character in set(text) - self._known:
            drawn = bytes(self.face(32).getmask(character))
            if drawn != self._missing and any(drawn):
                self._known.add(character)
        return set(text) - self._known

    def glyph(self, character: str, size: int) -> Glyph:
        """Return a character in a size, drawn once."""
        key = (character, size)
        if key not in self._glyphs:
            face = self.face(size)
            # Wide enough for whatever leans out of its own advance.
            paper = Image.new("L", (4 * size, 4 * size))
            ImageDraw.Draw(paper).text((size, 2 * size), character, 255, face, anchor="ls")
            left, top, right, bottom = paper.getbbox() or (size, size, size + 1, size + 1)
            mask = paper.crop((left - 1, top - 1, right + 1, bottom + 1))
            place = (left - 1 - size, top - 1 - 2 * size)
            self._glyphs[key] = Glyph(mask, *place, face.getlength(character))
        return self._glyphs[key]


Letter = tuple[CaptchaFont, str]
Placed = tuple[Image.Image, tuple[int, int]]  # a mask, and where its upper left corner goes


def load_fonts(contents: Mapping[str, bytes]) -> list[CaptchaFont]:
    """Return fonts from the bytes of their files, by name; see ``CaptchaFont``."""
    return [CaptchaFont(name, content) for name, content in contents.items()]


def random_text(rng: RandomSource, length: int, alphabet: str = CAPTCHA_DIGITS) -> str:
    """Draw a text of 1 to 8 characters, each as probable as every other.

    Raises
    ------
    CaptchaError
        If the length or the alphabet does not fit.
    """
    if not alphabet:
        raise CaptchaError("alphabet", alphabet)
    if not 1 <= length <= MAX_CAPTCHA:
        raise CaptchaError("length", length)
    places = as_generator(rng).random(length) * len(alphabet)
    return "".join(alphabet[int(place)] for place in places)


def notes_captcha(text: str, font: CaptchaFont, size: int = 23, spaces: int = 1) -> np.ndarray:
    """Draw a text as the course notes do: white on black, spaces between the characters.

    24 pixels high and 20 wide for each character: 100 for five.  The text begins at (5, 0).

    Parameters
    ----------
    text : str
        1 to 8 characters.
    font : CaptchaFont
        The notes use Arial.
    size : int
        Of the font, from 6 to 60 pixels.
    spaces : int
        Between two characters, from 0 to 4.

    Returns
    -------
    ndarray of uint8, (24, W, 3)

    Raises
    ------
    CaptchaError
        If the text, the size or the spaces do not fit.
    """
    _check_text(text, [font])
    if not 6 <= size <= 60:
        raise CaptchaError("font_size", size, "6 to 60")
    if not 0 <= spaces <= 4:
        raise CaptchaError("spaces", spaces, "0 to 4")
    picture = Image.new("RGB", (20 * len(text), 24))
    spread = (" " * spaces).join(text)
    ImageDraw.Draw(picture).text((5, 0), spread, font=font.face(size), fill="white")
    return np.array(picture)


def draw_captcha(
    text: str,
    style: CaptchaStyle,
    fonts: Sequence[CaptchaFont],
    rng: RandomSource = None,
    size: tuple[int, int] | None = None,
) -> np.ndarray:
    """Draw a captcha.

    Parameters
    ----------
    text : str
        1 to 8 characters that all fonts have.
    style : CaptchaStyle
        How hard it is; see also ``core.captcha_style.difficulty``.
    fonts : sequence of CaptchaFont
        One is drawn for the text, or one for each character.
    rng : Generator, RandomState, int or None
        The same state draws the same picture.
    size : (int, int), optional
        Width, 16 to 1000, and height, 16 to 200, in pixels.  Without it, the style says how high
        the picture is, and the text how wide.

    Returns
    -------
    ndarray of uint8, (H, W, 3)

    Raises
    ------
    CaptchaError
        If the text, the fonts or the size do not fit.
    """
    _check_text(text, fonts)
    for side, (least, most) in zip(size or (), (CAPTCHA_WIDTHS, CAPTCHA_HEIGHTS), strict=False):
        if not least <= side <= most:
            raise CaptchaError("size", side, f"{least} to {most}")
    rng = as_generator(rng)
    letters = _letters(text, style, fonts, rng)
    boxes, advances = _measure(letters, MEASURED)
    line = lay_out(boxes / MEASURED, advances / MEASURED, style, rng, size)
    paper, inks = choose_colours(len(text), style, rng)
    image = _ground(line, paper, style, rng)
    bends = style.bends()
    masks = _bent_masks(letters, line, style, rng) if bends else _sharp_masks(letters, line)
    for (mask, place), ink in zip(masks, inks.tolist(), strict=True):
        image.paste(tuple(ink), place, mask)
    spots = noise_colours(8, inks, style, rng)
    draw = ImageDraw.Draw(image)
    for points, width, colour in strokes(line.width, line.height, spots, style, rng):
        draw.line(points, colour, width, joint="curve")
    return roughen(np.asarray(image), spots, style, rng)


def _check_text(text: str, fonts: Sequence[CaptchaFont]) -> None:
    """Raise unless the fonts can draw the text."""
    if not text:
        raise CaptchaError("empty")
    if len(text) > MAX_CAPTCHA:
        raise CaptchaError("too_long", len(text))
    if not fonts:
        raise CaptchaError("fonts")
    for font in fonts:
        if lacking := font.lacks(text):
            raise CaptchaError("letter", repr(min(lacking)))


def _letters(
    text: str, style: CaptchaStyle, fonts: Sequence[CaptchaFont], rng: np.random.Generator
) -> list[Letter]:
    """Return a font for each character: the same, or one each."""
    places = (rng.random(len(text)) * len(fonts)).astype(int)
    if rng.random() >= style.mixed:
        places[:] = places[0]
    return [(fonts[place], character) for place, character in zip(places, text, strict=True)]


def _measure(letters: Sequence[Letter], size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return left, top, right and bottom of masks from their pens, (n, 4), and advances, (n,)."""
    glyphs = [font.glyph(character, size) for font, character in letters]
    table = np.array([(g.left, g.top, *g.mask.size, g.advance) for g in glyphs])
    table[:, 2:4] += table[:, :2]
    return table[:, :4], table[:, 4]


def _ground(
    line: CaptchaLine, paper: np.ndarray, style: CaptchaStyle, rng: np.random.Generator
) -> Image.Image:
    """Return an empty picture, of one colour or of colours that flow into each other."""
    rough = Image.fromarray(rough_ground(paper, style.texture, rng))
    return rough.resize((line.width, line.height), Image.Resampling.BICUBIC)


def _sharp_masks(letters: Sequence[Letter], line: CaptchaLine) -> Iterator[Placed]:
    """Yield upright characters at whole pixels, as sharp as the font draws them."""
    for (font, character), pen in zip(letters, line.pens, strict=True):
        glyph = font.glyph(character, max(1, int(line.em)))
        yield glyph.mask, (round(pen) + glyph.left, round(line.baseline) + glyph.top)


def _bent_masks(
    letters: Sequence[Letter], line: CaptchaLine, style: CaptchaStyle, rng: np.random.Generator
) -> Iterator[Placed]:
    """Yield characters that are bent, each in its own way, by one projection of its mask."""
    size = MASK_STEP * math.ceil(line.em / MASK_STEP)
    boxes, advances = _measure(letters, size)
    targets = bent_boxes(boxes / size, advances / size, line, style, rng)
    low = np.floor(targets.min(axis=1)).astype(int)
    extents = np.ceil(targets.max(axis=1)).astype(int) - low
    # From the picture back to the mask: where does this pixel come from?
    sources = corners_of(boxes) - boxes[:, None, :2]
    maps = homographies(targets - low[:, None], sources)
    for (font, character), (x, y), (width, height), numbers in zip(
        letters, low.tolist(), extents.tolist(), maps.tolist(), strict=True
    ):
        mask = font.glyph(character, size).mask.transform(
            (width, height), Image.Transform.PERSPECTIVE, numbers, Image.Resampling.BILINEAR
        )
        yield mask, (x, y)
