"""What the walk's conditions may ask for."""

from __future__ import annotations

from typing import Any

from pages._cnn.kernels import name_of
from pages._cnn.settings import LESSON, MOST_KERNEL, Settings
from pages._cnn.tables import read_table
from ui.walk import deeds

DEEDS = (
    "chose_z1",
    "chose_p1",
    "chose_z2",
    "chose_p",
    "chose_da1",
    "chose_dw1",
    "checked",
    "learned",
)


def facts_of(settings: Settings) -> dict[str, Any]:
    """Return what a condition may ask for."""
    done = deeds(LESSON)
    kernel = read_table(settings.kernel, (MOST_KERNEL, MOST_KERNEL))
    return {
        "target": settings.target,
        "kernel": name_of(kernel),
        **{name: name in done for name in DEEDS},
    }
