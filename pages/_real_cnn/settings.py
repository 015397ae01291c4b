"""What can be set in the lesson on a real CNN, with its ranges; a link holds all of it."""

from __future__ import annotations

from dataclasses import dataclass

from ui.state import choice, text, whole

LESSON = "real_cnn"
VIEWS = ("maps", "answer", "why", "likes", "learned")
NETWORKS = ("best", "course")
SCALES = ("map", "layer", "all")
FILLS = ("paper", "grey", "ink")
AUTO = -1  # of a map, a place, a class: the one that is worth a look first
FIRST = 18  # of the test images: a 3


@dataclass(frozen=True)
class Settings:
    """The digit, the network and what of it is looked at; neurons and maps are counted from 0."""

    digit: int = whole(FIRST, 0, 9999)  # which of MNIST's test images
    own: str = text("", 1200)  # a digit that somebody brought, as ``ui.digits`` writes it
    network: str = choice("best", NETWORKS)
    moment: int = whole(99, 0, 99)  # of the course; beyond the last one: the last
    stage: int = whole(0, 0, 20)
    map: int = whole(AUTO, AUTO, 511)
    row: int = whole(AUTO, AUTO, 27)
    column: int = whole(AUTO, AUTO, 27)
    source: int = whole(AUTO, AUTO, 511)  # the map of the stage before whose part is shown
    kernel_row: int = whole(0, 0, 6)
    kernel_column: int = whole(0, 0, 6)
    scale: str = choice("layer", SCALES)
    before: int = whole(0, 0, 1)  # 1: the maps as they are before the activation
    target: int = whole(AUTO, AUTO, 9)  # the right digit, for the way back; AUTO: forwards only
    label: int = whole(AUTO, AUTO, 9)  # the digit that is asked about; AUTO: the answer
    neuron: int = whole(AUTO, AUTO, 4095)
    patch: int = whole(5, 1, 14)
    fill: str = choice("paper", FILLS)
    view: str = choice("maps", VIEWS)
