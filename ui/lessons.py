"""The lessons there are: the one table that the door, the home page and the tests read."""

from __future__ import annotations

from typing import NamedTuple


class Lesson(NamedTuple):
    """One lesson: its id names its file in ``pages`` and its words."""

    id: str
    icon: str

    @property
    def file(self) -> str:
        """The script that draws it."""
        return f"pages/{self.id}.py"


HOME = Lesson("home", ":material/home:")
LESSONS = (Lesson("quadrants", ":material/grid_view:"),)
