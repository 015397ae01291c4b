"""The words, as they are written and as the code asks for them.

The words are in assets/i18n/{en,zh}/*.toml and assets/lessons/<id>.{en,zh}.md.  The code is read
(AST), not run: a key is used where it stands as a string, or where an f-string can spell it.
"""

import ast
import re
import string
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("en", "zh")
TABLES = {language: ROOT / "assets" / "i18n" / language for language in LANGUAGES}
LESSONS = ROOT / "assets" / "lessons"

# Keys that the code puts together in a way that neither a string nor an f-string shows: what they
# begin with, and where that happens.
DYNAMIC_PREFIXES: dict[str, str] = {}

CHINESE = re.compile("[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
HEADING = re.compile(r"^##[ \t]+([^|\n]+?)[ \t]*(?:\|.*)?$", re.MULTILINE)
SLOT = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
# What is the same in every language: code, formulas, fields, slots, addresses, tags.
SAME_ANYWHERE = re.compile(r"`[^`]*`|\$[^$]*\$|\{[^{}]*\}|\w+://\S+|<[^>]*>|\]\([^)]*\)")
WORD = re.compile(r"\b[a-z]{3,}\b")


# --------------------------------------------------------------------------- the words, as written


def flat(table: dict, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield key and text; a table inside counts as the first part of its keys."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


@cache
def strings(language: str) -> dict[str, str]:
    """Return the short strings of a language by key."""
    tables = [tomllib.loads(p.read_text(encoding="utf-8")) for p in files(language)]
    if not tables:
        pytest.fail(f"{TABLES[language].name} has no words", pytrace=False)
    return {key: text for table in tables for key, text in flat(table)}


def files(language: str) -> list[Path]:
    """Return the files with the short strings of a language."""
    return sorted(TABLES[language].glob("*.toml"))


def fields(text: str) -> set[str]:
    """Return the names of a string's ``{named}`` fields; raise ValueError if it has no sense."""
    found = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    names = {re.split(r"[.\[]", name)[0] for name in found}
    if wrong := [name for name in names if not name.isidentifier()]:
        raise ValueError(f"a field is called {wrong[0]!r}: write a literal brace twice")
    return names


@cache
def lessons() -> dict[str, dict[str, str]]:
    """Return the lessons' texts, by id and language, without their blocks of code."""
    if not LESSONS.is_dir() or not list(LESSONS.glob("*.md")):
        pytest.fail("assets/lessons/<id>.<language>.md: there is no such file", pytrace=False)
    texts: dict[str, dict[str, str]] = {}
    for path in sorted(LESSONS.glob("*.md")):
        lesson, _, language = path.stem.rpartition(".")
        texts.setdefault(lesson, {})[language] = FENCE.sub("", path.read_text(encoding="utf-8"))
    return texts


def looks_english(text: str) -> bool:
    """Tell whether a text for the Chinese page was left in English: three plain words in it."""
    plain = SAME_ANYWHERE.sub(" ", text)
    return not CHINESE.search(plain) and len(WORD.findall(plain)) >= 3


# -------------------------------------------------------------------------- the words, as asked for


@cache
def trees() -> dict[str, ast.Module]:
    """Return the parsed files that may ask for words, by path from the root."""
    paths = [ROOT / "app.py", *(ROOT / "pages").rglob("*.py"), *(ROOT / "ui").rglob("*.py")]
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(paths)
        if path.is_file()
    }


def said_in(tree: ast.AST) -> Iterator[str]:
    """Yield every string constant and every name of a field or argument."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.keyword | ast.arg) and node.arg:
            yield node.arg


def spelled_in(tree: ast.AST) -> Iterator[re.Pattern]:
    """Yield a pattern for every f-string that can spell a key, with its open parts as groups.

    Two kinds can: one that begins like a key, ``f"mnist.{name}"``, wherever it stands, and any
    that is given to ``t`` itself, as in ``t(f"{key}.help")``.
    """
    given = {id(node.args[0]) for node in ast.walk(tree) if is_t(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [
                re.escape(part.value) if isinstance(part, ast.Constant) else r"([\w.-]+)"
                for part in node.values
            ]
            if re.match(r"[a-z]\w*\\\.", parts[0]) or id(node) in given:
                yield re.compile("".join(parts))


def is_t(node: ast.AST) -> bool:
    """Tell whether this is a call of ``t`` or ``i18n.t`` with a key."""
    if not isinstance(node, ast.Call) or not node.args:
        return False
    return ast.unparse(node.func).split(".")[-2:] in (["t"], ["i18n", "t"])


def unused(keys: Iterable[str], sources: Iterable[ast.AST]) -> list[str]:
    """Return the keys that no source can ask for.

    An f-string that begins like a key may end in anything, since what it ends in may be made up
    anywhere; one that begins with an open part only asks for what is said somewhere.
    """
    sources = list(sources)
    said = {text for tree in sources for text in said_in(tree)}
    spelled = [pattern for tree in sources for pattern in spelled_in(tree)]

    def is_spelled(key: str, pattern: re.Pattern) -> bool:
        match = pattern.fullmatch(key)
        return match is not None and (
            not pattern.pattern.startswith("(") or said.issuperset(match.groups())
        )

    return [
        key
        for key in keys
        if key not in said
        and not key.startswith(tuple(DYNAMIC_PREFIXES))
        and not any(is_spelled(key, pattern) for pattern in spelled)
    ]


def wrong_calls(name: str, tree: ast.AST, table: dict[str, str]) -> list[str]:
    """Return the calls of ``t`` that would raise: an unknown key, a field without a value."""
    found = []
    for call in filter(is_t, ast.walk(tree)):
        key = getattr(call.args[0], "value", None)
        if not isinstance(key, str):
            continue
        given = {keyword.arg for keyword in call.keywords}
        if key not in table:
            found.append(f"{name}:{call.lineno}: there is no {key}")
        elif None not in given and (missing := fields(table[key]) - given):
            found.append(f"{name}:{call.lineno}: {key} needs {', '.join(sorted(missing))}")
    return found
