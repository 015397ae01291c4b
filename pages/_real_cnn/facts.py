"""What the walk's conditions may ask for."""

from __future__ import annotations

from typing import Any

from pages._real_cnn.settings import LESSON, Settings
from ui.walk import deeds

DEEDS = (
    "chose_digit",
    "chose_map",
    "chose_deep_map",
    "chose_source",
    "chose_place",
    "chose_neuron",
    "chose_patch",
    "chose_likes",
    "watched",
)


def facts_of(settings: Settings) -> dict[str, Any]:
    """Return what a condition may ask for."""
    done = deeds(LESSON)
    return {"target": settings.target, **{name: name in done for name in DEEDS}}
