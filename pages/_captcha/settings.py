"""What can be set in the captcha lesson, with its ranges; a link holds all of it."""

from __future__ import annotations

from dataclasses import dataclass

from ui.state import choice, number, text, whole

LESSON = "captcha"
VIEWS = ("story", "repair", "answers", "reader", "race")
STORY_FONTS = ("sans", "sans-bold", "serif", "mono")  # of assets/fonts
ALPHABETS = ("digits", "alnum")
FONTS = ("known", "new")
METHODS = ("slices", "valleys", "components", "line")
AUTO, EVERY = -1, 10  # the digit that fails most; all ten


@dataclass(frozen=True)
class Settings:
    """The story of the notes, and the reader; the defaults of the first are the notes' numbers."""

    word: str = text("01234", 8)
    font: str = choice("sans", STORY_FONTS)
    size: int = whole(23, 10, 30)
    spaces: int = whole(1, 0, 3)
    trim: int = whole(0, 0, 1)  # 1: each slice is trimmed to its ink
    seed: int = whole(9, 0, 999)  # one of those that read 01214, as the notes' did
    epochs: int = whole(2, 1, 20)
    failing: int = whole(AUTO, AUTO, EVERY)  # the digit to be repaired; AUTO: the worst
    mix: int = whole(0, 0, 95)  # per cent of old samples among those of the repair
    samples: int = whole(1, 1, 100)  # captchas of five of the failing digit; the notes take one
    rounds: int = whole(1, 1, 20)  # how often each is shown
    neat: int = whole(0, 0, 1)  # the three answers to the notes' question
    longer: int = whole(0, 0, 1)
    printed: int = whole(0, 0, 1)
    alphabet: str = choice("digits", ALPHABETS)
    length: int = whole(5, 1, 8)
    level: float = number(0.5, 0.0, 1.0)
    fonts: str = choice("known", FONTS)
    picture: int = whole(1, 0, 999_999)  # which of all such pictures
    parts: str = text("", 400)  # parts of the difficulty that were set by hand
    clean: str = text("", 60)  # what is done to the ink before it is cut
    view: str = choice("story", VIEWS)
