"""What one network makes of one digit, and how the blame runs back; and what of it is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from core.blame import Blame, backward_maps
from core.conv import Conv2d
from core.layer import Layer
from core.maps import feature_maps, partial_sums
from core.recipes import Learner
from core.stages import Stage, stages, strongest
from pages._real_cnn.settings import AUTO, Settings


@dataclass(frozen=True)
class Sight:
    """One digit seen by one network; nothing of it is written to.

    Attributes
    ----------
    learner : Learner
    image : ndarray of uint8, (28, 28)
    truth : int or None
        What the digit is, if anybody knows.
    x : ndarray, (1, 28, 28)
        The image, prepared.
    answers : list of (Layer, ndarray)
    stages : list of Stage
    sure : ndarray, (10,)
        The probabilities.
    blame : Blame or None
        The way back, if a right answer was named.
    """

    learner: Learner
    image: np.ndarray
    truth: int | None
    x: np.ndarray
    answers: list[tuple[Layer, np.ndarray]]
    stages: list[Stage]
    sure: np.ndarray
    blame: Blame | None

    @property
    def said(self) -> int:
        """The answer."""
        return int(self.sure.argmax())

    @property
    def outputs(self) -> np.ndarray:
        """The logits, (10,)."""
        return self.stages[-1].out

    @property
    def pictured(self) -> list[Stage]:
        """The stages that answer with maps."""
        return [stage for stage in self.stages if stage.out.ndim == 3]

    def slope(self, place: int) -> np.ndarray:
        """Return the gradient of what layer ``place`` answers; −1 stands for the image."""
        assert self.blame is not None
        return self.blame.dx if place < 0 else self.blame.slopes[place]


def look(learner: Learner, image: np.ndarray, truth: int | None, target: int) -> Sight:
    """Let a network look at a digit; with a ``target``, other than AUTO, the blame runs back."""
    x = learner.prepare(image[None])[0]
    blame = None if target == AUTO else backward_maps(learner.model, x, target)
    answers = feature_maps(learner.model, x) if blame is None else blame.answers
    sure = learner.confidences(answers[-1][1][None])[0]
    return Sight(learner, image, truth, x, answers, stages(x, answers), sure, blame)


class Focus(NamedTuple):
    """The number that is looked at: its stage, its map, its place; the source beside it."""

    place: int  # of the stage among those with maps
    stage: Stage
    map: int
    row: int
    column: int
    source: int  # which map of the stage before; 0 for pooling

    @property
    def at(self) -> tuple[int, int, int]:
        """Where it stands in the stage's answer."""
        return self.map, self.row, self.column


def focus_of(settings: Settings, sight: Sight) -> Focus:
    """Return what the settings choose; what is not there in this network becomes the strongest."""
    pictured = sight.pictured
    place = min(settings.stage, len(pictured) - 1)
    stage = pictured[place]
    values = shown_values(settings, sight, stage)
    channel = settings.map
    if not 0 <= channel < len(values):
        channel = int(np.abs(np.nan_to_num(values)).max(axis=(1, 2)).argmax())
    row, column = settings.row, settings.column
    if not (0 <= row < values.shape[1] and 0 <= column < values.shape[2]):
        row, column = strongest(values[channel])
    return Focus(place, stage, channel, row, column, _source(settings, stage, channel, row, column))


def shown_values(settings: Settings, sight: Sight, stage: Stage) -> np.ndarray:
    """Return the numbers of a stage's maps as they are shown: answers or their gradients."""
    before = bool(settings.before) and stage.activation is not None
    if sight.blame is not None:
        place = stage.place if before or stage.activation is None else stage.activation_place
        return sight.slope(place)
    return stage.z if before else stage.out


def _source(settings: Settings, stage: Stage, channel: int, row: int, column: int) -> int:
    """Return the input map that is chosen, or the one that adds most to this number."""
    if not isinstance(stage.layer, Conv2d):
        return channel
    if 0 <= settings.source < len(stage.x):
        return settings.source
    parts = partial_sums(stage.layer, stage.x, channel)[:, row, column]
    return int(np.abs(np.nan_to_num(parts)).argmax())
