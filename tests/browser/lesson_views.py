"""What the buttons of a lesson's views say."""

import importlib

from ui.i18n import strings

WORDS = {"quadrants": "view"}  # the other lessons' begin with their name


def views(lesson: str, language: str) -> dict[str, str]:
    """Return a lesson's views, and what their buttons say."""
    words = WORDS.get(lesson, f"{lesson}_view")
    names = importlib.import_module(f"pages._{lesson}.settings").VIEWS
    return {name: strings(language)[f"{words}.{name}"] for name in names}
