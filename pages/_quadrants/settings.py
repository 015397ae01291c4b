"""What can be set in the quadrant lesson, with its ranges; a link holds all of it."""

from __future__ import annotations

from dataclasses import dataclass

from core.datasets import DATASETS
from core.init import INITIALIZERS
from core.optim import OPTIMIZERS
from ui.state import choice, number, text, whole, wholes

LESSON = "quadrants"
ACTIVATIONS = ("none", "step", "sigmoid", "tanh", "relu")
VIEWS = ("numbers", "neurons", "playground", "tasks", "code")
SPEEDS = (0, 1, 10, 50, 250, 1000)
MOST_STEPS = 100_000


@dataclass(frozen=True)
class Settings:
    """One experiment and how it is looked at; the defaults are the course notes' network."""

    data: str = choice("four_points", (*DATASETS, "own"))
    classes: int = whole(4, 2, 6)
    n: int = whole(200, 20, 2000)
    noise: float = number(0.1, 0.0, 1.0)
    test: float = number(0.0, 0.0, 0.5)
    points: str = text("", 12_000)
    seed: int = whole(1, 0, 9999)
    hidden: tuple[int, ...] = wholes((50,), 1, 64, 4)
    activation: str = choice("relu", ACTIVATIONS)
    init: str = choice("standard_normal", tuple(INITIALIZERS))
    optimizer: str = choice("sgd", tuple(OPTIMIZERS))
    lr: float = number(0.001, 1e-6, 1000.0)
    batch: int = whole(0, 0, 2000)
    l2: float = number(0.001, 0.0, 1.0)
    steps: int = whole(10_000, 1, MOST_STEPS)
    speed: int = whole(0, 0, 1000)
    px: float = number(2.0, -100.0, 100.0)
    py: float = number(2.0, -100.0, 100.0)
    view: str = choice("numbers", VIEWS)
    step: int = whole(0, 0, MOST_STEPS)
    changes: str = text("", 4_000)


# What a run is built from: another value of one of these needs another run.  The learning rate is
# not among them, it can be changed in the middle.
EXPERIMENT = (
    *("data", "classes", "n", "noise", "test", "points", "seed"),
    *("hidden", "activation", "init", "optimizer", "batch", "l2"),
)


def same_experiment(one: Settings, other: Settings) -> bool:
    """Whether two settings lead to the same run, number for number."""
    return all(getattr(one, name) == getattr(other, name) for name in EXPERIMENT)
