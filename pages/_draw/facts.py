"""What the conditions of the walk and of the tasks may ask for."""

from __future__ import annotations

from typing import Any

import numpy as np

from pages._draw.networks import network_of, networks
from pages._draw.settings import LESSON, Settings
from pages._draw.sight import Sight
from ui.walk import deeds

DEEDS = (
    "drew",
    "skipped",
    "moved",
    "compared",
    "asked",
    "looked_inside",
    "wished",
    "kept",
    "taught",
)
NOBODY = -1  # where the networks do not agree, or there is nothing to say


def facts_of(settings: Settings, sight: Sight) -> dict[str, Any]:
    """Return what a condition may ask for."""
    done = deeds(LESSON)
    facts: dict[str, Any] = {name: name in done for name in DEEDS}
    facts |= {"truth": settings.truth, "agreed": NOBODY, "surest": 1.0, "flipped": False}
    if sight.image is None:
        return facts
    answers = [np.nan_to_num(network.sure(sight.image[None])[0]) for network in networks()]
    said = {int(sure.argmax()) for sure in answers}
    facts["agreed"] = said.pop() if len(said) == 1 else NOBODY
    facts["surest"] = max(float(sure.max()) for sure in answers)
    facts["flipped"] = flipped(settings, sight)
    return facts


def flipped(settings: Settings, sight: Sight) -> bool:
    """Whether the image is moved by just one pixel, and the answer is another one for it."""
    if abs(settings.down) + abs(settings.right) != 1 or sight.image is None:
        return False
    assert sight.prepared is not None
    pair = np.stack([sight.prepared.image, sight.image])
    before, after = np.nan_to_num(network_of(settings).sure(pair)).argmax(axis=1)
    return bool(before != after)
