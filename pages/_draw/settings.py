"""What can be set in the lesson on drawn digits, with its ranges; a link holds all of it."""

from __future__ import annotations

from dataclasses import dataclass

from ui.state import choice, number, text, whole

LESSON = "draw"
VIEWS = ("steps", "networks", "inside", "wish", "teach", "tasks")
NETWORKS = ("classic", "mlp", "cnn", "own")
AUTO = -1  # of a class or a neuron: the network's answer, the neuron that says it
FARTHEST = 4  # pixels that the finished image can be moved: as much margin as a box of 20 leaves
LONGEST_DRAWING = 2400  # characters in a link


@dataclass(frozen=True)
class Settings:
    """The drawing, how it is prepared, who reads it, and what of that is looked at."""

    drawing: str = text("", LONGEST_DRAWING)  # the strokes, as ``ui.strokes`` writes them
    own: str = text("", 1200)  # or a picture that was brought, as ``ui.digits`` writes its digit
    pen: int = whole(22, 6, 44)  # pixels of the canvas
    crop: int = whole(1, 0, 1)  # the three steps; 0: left out
    scale: int = whole(1, 0, 1)
    centre: int = whole(1, 0, 1)
    down: int = whole(0, -FARTHEST, FARTHEST)  # pixels that the finished image is moved
    right: int = whole(0, -FARTHEST, FARTHEST)
    network: str = choice("cnn", NETWORKS)
    threshold: float = number(0.6, 0.0, 1.0)  # below, an answer does not count
    k: int = whole(10, 1, 30)  # neighbours
    label: int = whole(AUTO, AUTO, 9)  # the digit that is asked about
    layer: int = whole(0, 0, 3)  # of the network whose sums are opened
    neuron: int = whole(AUTO, AUTO, 1023)
    wish: int = whole(8, 0, 9)  # what the drawing shall become
    smooth: int = whole(0, 0, 1)  # 1: in strokes rather than in single pixels
    moment: int = whole(100, 0, 100)  # of the way there; beyond the last: the last
    truth: int = whole(AUTO, AUTO, 9)  # what a drawing should have been
    mix: int = whole(80, 0, 95)  # per cent of MNIST's digits among those that are taught
    rounds: int = whole(20, 1, 50)
    view: str = choice("steps", VIEWS)
