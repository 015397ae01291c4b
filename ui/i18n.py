"""Words, in two languages.

Short strings lie in ``assets/i18n/<language>/``, a file per topic, a lesson's prose in
``assets/lessons/<lesson>.<language>.md``, cut into parts by lines ``## id | Title``.  Nothing else
in the project reads these files, and no other file contains words for people.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

ASSETS = Path(__file__).parent.parent / "assets"
LANGUAGES = ("en", "zh")


class Part(NamedTuple):
    """One part of a lesson's prose."""

    title: str
    body: str


def language() -> str:
    """Return "en" or "zh": the learner's choice, else the link's, else the browser's."""
    try:  # a page asks some hundred times, and Streamlit's state is slow to answer
        return str(st.session_state["lang"])
    except KeyError:
        asked = st.query_params.get("lang", "")
        if asked not in LANGUAGES:
            asked = "zh" if browser_locale().lower().startswith("zh") else "en"
        st.session_state["lang"] = asked
        return asked


def browser_locale() -> str:
    """Return the browser's language, such as "zh-CN"; empty where it does not say."""
    return st.context.locale or ""


def language_names() -> dict[str, str]:
    """Return each language's own name by its id."""
    return {lang: strings(lang)["app.name"] for lang in LANGUAGES}


def t(key: str, **values: Any) -> str:
    """Return the text of ``key`` in the learner's language, its ``{fields}`` filled in.

    Raises
    ------
    KeyError
        If there is no such text or a field has no value.
    """
    return strings(language())[key].format(**values)


def template(key: str) -> str:
    """Return the text of ``key`` with its ``{fields}`` left open: the browser fills them in."""
    return strings(language())[key]


def labels(prefix: str, ids: Iterable[str]) -> dict[str, str]:
    """Return the texts of ``prefix.id`` by id: a choice holds ids and shows these."""
    return {name: t(f"{prefix}.{name}") for name in ids}


def lesson(name: str) -> dict[str, Part]:
    """Return the parts of a lesson's prose in the learner's language, by id."""
    return parts(name, language())


@cache
def walk_data(name: str) -> dict[str, Any]:
    """Return what a lesson's walk and tasks consist of, whatever the language."""
    return tomllib.loads((ASSETS / "lessons" / f"{name}.walk.toml").read_text("utf-8"))


@cache
def strings(lang: str) -> dict[str, str]:
    """Return all short strings of one language."""
    return {
        f"{page}.{element}": text
        for path in sorted((ASSETS / "i18n" / lang).glob("*.toml"))
        for page, table in tomllib.loads(path.read_text("utf-8")).items()
        for element, text in table.items()
    }


@cache
def parts(name: str, lang: str) -> dict[str, Part]:
    """Cut a lesson's prose into its parts."""
    prose = (ASSETS / "lessons" / f"{name}.{lang}.md").read_text("utf-8")
    found = {}
    for chunk in re.split(r"^## ", prose, flags=re.MULTILINE)[1:]:
        head, _, body = chunk.partition("\n")
        identifier, _, title = head.partition("|")
        found[identifier.strip()] = Part(title.strip(), body.strip())
    return found
