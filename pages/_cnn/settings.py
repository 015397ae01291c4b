"""What can be set in the CNN lesson, with its ranges; a link holds all of it."""

from __future__ import annotations

from dataclasses import dataclass

from ui.state import choice, number, text, whole

LESSON = "cnn"
VIEWS = ("numbers", "compare", "loops")
MOST = 12  # rows and columns of an image: what a projector shows in one piece
MOST_KERNEL = 7
MOST_CLASSES = 6
NONE = 0  # as the target: no class is the right one, so nothing goes backwards

# Fields for tables hold the largest one, each number with all its digits: 25 characters.
IMAGE = "0,1,1,0,0/0,1,1,0,0/0,1,1,0,0/0,0,0,0,0/0,0,0,0,0"
KERNEL = "1,0,1/0,1,0/1,0,1"


@dataclass(frozen=True)
class Settings:
    """The worked example and how it is looked at; the defaults are the course notes' numbers."""

    image: str = text(IMAGE, 4_000)
    kernel: str = text(KERNEL, 1_300)
    bias: float = number(0.0, -1000.0, 1000.0)
    stride: int = whole(1, 1, 5)
    padding: int = whole(0, 0, 3)
    pool: str = choice("max", ("max", "average"))
    pool_size: int = whole(2, 1, 5)
    pool_stride: int = whole(2, 1, 5)
    ceil: int = whole(1, 0, 1)
    weights: str = text("", 10_000)  # empty: 0.1, 0.2, 0.3, … as in the notes
    biases: str = text("", 200)  # empty: all 0
    target: int = whole(NONE, 0, MOST_CLASSES)
    other: str = text("0,0,1,1,0/0,0,1,1,0/0,0,1,1,0/0,0,0,0,0/0,0,0,0,0", 4_000)
    lr: float = number(0.1, 1e-6, 1000.0)
    cell: str = text("", 24)  # the number that was chosen last
    view: str = choice("numbers", VIEWS)
