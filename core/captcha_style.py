"""How hard a captcha is to read: the parts of its difficulty, and one number for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from core.captcha_error import CaptchaError
from core.config import Config
from core.images import is_number
from core.init import RandomSource, as_generator

# The range of every part.  A box whose corners move by less than a quarter has no dent.
STYLE_RANGES: dict[str, tuple[float, float]] = {
    "rotation": (0.0, 60.0),
    "scale": (0.0, 0.5),
    "shear": (0.0, 45.0),
    "shift": (0.0, 0.5),
    "warp": (0.0, 0.24),
    "overlap": (0.0, 0.5),
    "gap": (0.0, 1.0),
    "wave": (0.0, 0.2),
    "period": (0.4, 8.0),
    "dots": (0.0, 0.2),
    "dot_size": (1, 6),
    "lines": (0, 8),
    "arcs": (0, 8),
    "stroke": (0.0, 0.15),
    "own": (0.0, 1.0),
    "blur": (0.0, 2.0),
    "grain": (0.0, 0.3),
    "texture": (0.0, 0.5),
    "colours": (0.0, 1.0),
    "each": (0.0, 1.0),
    "mixed": (0.0, 1.0),
    "contrast": (0.1, 1.0),
    "light": (0.0, 1.0),
    "smallest": (16, 200),
    "tallest": (16, 200),
    "fill_least": (0.3, 1.0),
    "fill_most": (0.3, 1.0),
    "margin": (0.0, 1.0),
}
WHOLE_PARTS = ("dot_size", "lines", "arcs", "smallest", "tallest")


@dataclass(frozen=True)
class CaptchaStyle(Config):
    """The parts of a captcha's difficulty; without any, white characters on a black ground.

    Attributes
    ----------
    rotation : float
        Every character is turned by −rotation to rotation degrees.
    scale : float
        Its width and height are multiplied by 1 − scale to 1 + scale, each by its own.
    shear : float
        It is slanted by −shear to shear degrees.
    shift : float
        It moves up or down by this share of the font size.
    warp : float
        The corners of its box move by this share of the box, each its own way.
    overlap, gap : float
        Each character's advance grows by ``gap`` of itself, and shrinks by up to ``overlap``.
    wave, period : float
        The picture is bent along a sine: its amplitude and about its period, in picture heights.
    dots, dot_size : float, int
        Share of the picture that dots cover, and the largest dot's side in pixels.
    lines, arcs : int
        How many straight and bent strokes cross the picture, or down to half as many.
    stroke : float
        Their largest width, as a share of the picture's height; one pixel at least.
    own : float
        How probable it is that a stroke or a dot wears the text's colour.
    blur : float
        Largest standard deviation of the blur, in pixels.
    grain, texture : float
        How far single pixels, and how far whole regions of the ground, are off their colour; 1 is
        from black to white.
    colours : float
        From grey, 0, to colours as strong as their brightness allows, 1.
    each, mixed : float
        How probable it is that every character has its own colour; its own font.
    contrast : float
        Least distance in brightness between text and ground; 1 is black and white.
    light : float
        How probable it is that the text is the lighter one.
    smallest, tallest : int
        Range of the picture's height in pixels, where its size is not given.
    fill_least, fill_most : float
        Range of the text's height, as a share of the picture's.
    margin : float
        Room to the left and right of the text, at most, in picture heights.

    ``STYLE_RANGES`` holds the range of every part.
    """

    rotation: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    shift: float = 0.0
    warp: float = 0.0
    overlap: float = 0.0
    gap: float = 0.0
    wave: float = 0.0
    period: float = 2.0
    dots: float = 0.0
    dot_size: int = 1
    lines: int = 0
    arcs: int = 0
    stroke: float = 0.0
    own: float = 0.0
    blur: float = 0.0
    grain: float = 0.0
    texture: float = 0.0
    colours: float = 0.0
    each: float = 0.0
    mixed: float = 0.0
    contrast: float = 1.0
    light: float = 1.0
    smallest: int = 24
    tallest: int = 24
    fill_least: float = 0.75
    fill_most: float = 0.75
    margin: float = 0.2

    def __post_init__(self) -> None:
        for name, (least, most) in STYLE_RANGES.items():
            value = getattr(self, name)
            whole = name not in WHOLE_PARTS or isinstance(value, int)
            if not is_number(value) or not whole or not least <= value <= most:
                kind = "a whole number" if name in WHOLE_PARTS else "a number"
                raise ValueError(
                    f"CaptchaStyle expected {name} to be {kind} from {least:g} to {most:g}, but "
                    f"got {value!r}"
                )
        for low, high in (("smallest", "tallest"), ("fill_least", "fill_most")):
            if getattr(self, low) > getattr(self, high):
                raise ValueError(f"CaptchaStyle expected {low} to be at most {high}")

    def bends(self) -> bool:
        """Whether characters are bent at all."""
        return any((self.rotation, self.scale, self.shear, self.shift, self.warp))


CLEAN = CaptchaStyle(gap=0.5)
MEDIUM = CaptchaStyle(
    rotation=12.0,
    scale=0.1,
    shear=6.0,
    shift=0.06,
    warp=0.04,
    overlap=0.2,
    gap=0.1,
    wave=0.03,
    period=2.5,
    dots=0.01,
    dot_size=2,
    lines=1,
    arcs=0,
    stroke=0.02,
    own=0.3,
    blur=0.4,
    grain=0.02,
    texture=0.05,
    colours=0.4,
    each=0.2,
    mixed=0.2,
    contrast=0.5,
    light=0.5,
    smallest=28,
    tallest=60,
    fill_least=0.5,
    fill_most=0.75,
    margin=0.4,
)
HARD = CaptchaStyle(
    rotation=30.0,
    scale=0.12,
    shear=6.0,
    shift=0.1,
    warp=0.07,
    overlap=0.22,
    gap=0.02,
    wave=0.04,
    period=1.5,
    dots=0.025,
    dot_size=3,
    lines=1,
    arcs=2,
    stroke=0.03,
    own=0.4,
    blur=0.6,
    grain=0.04,
    texture=0.1,
    colours=1.0,
    each=0.4,
    mixed=0.4,
    contrast=0.45,
    light=0.5,
    smallest=44,
    tallest=72,
    fill_least=0.6,
    fill_most=0.8,
    margin=0.4,
)
# The most that is drawn for training: any two or three of these still leave a text to be read.
WILD = replace(
    HARD,
    rotation=35.0,
    scale=0.3,
    shear=20.0,
    shift=0.2,
    warp=0.24,
    overlap=0.35,
    gap=0.6,
    wave=0.08,
    dots=0.06,
    dot_size=4,
    lines=3,
    arcs=3,
    stroke=0.08,
    own=1.0,
    blur=1.2,
    grain=0.12,
    texture=0.25,
    each=1.0,
    mixed=1.0,
    contrast=0.12,
    margin=1.0,
)


def difficulty(level: float) -> CaptchaStyle:
    """Return a style by one number: every part moves in a straight line between three styles.

    Parameters
    ----------
    level : float
        0 is clean, like a printed line; 0.5 is medium: characters that are turned a little and
        touch now and then, some dots, a thin line; 1 is hard: they overlap, turned by up to 30°,
        with arcs across them.

    Raises
    ------
    CaptchaError
        If ``level`` is no number from 0 to 1.
    """
    if not is_number(level) or not 0 <= level <= 1:
        raise CaptchaError("level", level)
    return blend_styles(
        *((CLEAN, MEDIUM, 2 * level) if level <= 0.5 else (MEDIUM, HARD, 2 * level - 1))
    )


def blend_styles(first: CaptchaStyle, second: CaptchaStyle, share: float) -> CaptchaStyle:
    """Return (1 − share) · first + share · second, part by part; counts are rounded."""
    one, other = asdict(first), asdict(second)
    parts = {name: (1.0 - share) * value + share * other[name] for name, value in one.items()}
    return _style(parts)


def any_style(rng: RandomSource = None) -> CaptchaStyle:
    """Draw a style in which every part has its own difficulty, for training.

    Captchas of other makers are hard in one way and easy in another: a network that should read
    them must not learn that strong waves come with many colours.  Most parts are absent in three
    pictures of ten, and otherwise anywhere up to ``WILD``, which is harder than hard.

    Parameters
    ----------
    rng : Generator, RandomState, int or None
        The same state draws the same style.
    """
    rng = as_generator(rng)
    wild = asdict(WILD)
    shares = (rng.uniform(-0.4, 1.0, len(wild)).clip(0.0) ** 0.7).tolist()
    clean = asdict(CaptchaStyle())
    parts = {
        name: value + share * (wild[name] - value)
        for share, (name, value) in zip(shares, clean.items(), strict=True)
    }
    parts |= {"period": rng.uniform(0.8, 4.0), "contrast": rng.uniform(0.12, 1.0)}
    parts |= {"light": 0.5, "smallest": 20, "tallest": 90}
    parts |= {"fill_least": 0.4, "fill_most": 0.95}
    return _style(parts)


def _style(parts: Mapping[str, float]) -> CaptchaStyle:
    """Return a style with its counts rounded."""
    rounded: dict[str, Any] = {k: round(v) if k in WHOLE_PARTS else v for k, v in parts.items()}
    return CaptchaStyle(**rounded)
