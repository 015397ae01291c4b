"""What the walk's conditions may ask for."""

from __future__ import annotations

from typing import Any

from pages._captcha.settings import LESSON
from ui.walk import deeds

DEEDS = (
    "chose_slice",
    "other_network",
    "switched",
    "tried_repair",
    "mixed",
    "repaired",
    "drew",
)


def facts_of() -> dict[str, Any]:
    """Return what a condition may ask for."""
    done = deeds(LESSON)
    return {name: name in done for name in DEEDS}
