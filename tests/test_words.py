"""Both languages say the same: same keys, fields, headings and slots; nothing unused or missing.

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


def assert_none(wrongs: Iterable[str]) -> None:
    """Fail with all that is wrong, a line each, unless nothing is."""
    if listed := list(wrongs):
        pytest.fail("\n".join(listed), pytrace=False)


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


# -------------------------------------------------------------------------------- the short strings


def test_both_languages_have_the_same_files_and_no_table_lies_in_two():
    names = [[path.name for path in files(language)] for language in LANGUAGES]
    assert names[0] == names[1]
    for language in LANGUAGES:
        tables = [list(tomllib.loads(path.read_text("utf-8"))) for path in files(language)]
        assert len(sum(tables, [])) == len(set(sum(tables, [])))


def test_both_languages_have_the_same_keys():
    en, zh = set(strings("en")), set(strings("zh"))
    assert_none(
        [
            *(f"only in English: {key}" for key in sorted(en - zh)),
            *(f"only in Chinese: {key}" for key in sorted(zh - en)),
        ]
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_string_is_a_text_with_named_fields(language):
    wrong = []
    for key, text in strings(language).items():
        try:
            if not isinstance(text, str) or not text.strip():
                raise ValueError("not a text")
            fields(text)
        except ValueError as error:
            wrong.append(f"{key}: {error}")
    assert_none(wrong)


def test_both_languages_have_the_same_fields():
    en, zh = strings("en"), strings("zh")
    assert_none(
        f"{key}: English has {sorted(fields(en[key]))}, Chinese {sorted(fields(zh[key]))}"
        for key in en
        if key in zh and fields(en[key]) != fields(zh[key])
    )


def test_every_key_is_used():
    core = [ast.parse(path.read_text("utf-8")) for path in sorted((ROOT / "core").rglob("*.py"))]
    sources = [*trees().values(), *core]  # core asks for nothing, but says the names of its things
    assert_none(f"nobody asks for {key}" for key in unused(strings("en"), sources))


def test_every_key_that_is_asked_for_exists_and_gets_its_values():
    assert_none(
        wrong for name, tree in trees().items() for wrong in wrong_calls(name, tree, strings("en"))
    )


def test_chinese_strings_are_chinese():
    zh = strings("zh")
    assert_none(f"still English: {key} = {zh[key]}" for key in zh if looks_english(zh[key]))
    assert sum(bool(CHINESE.search(text)) for text in zh.values()) > len(zh) / 2


# -------------------------------------------------------------------------------------- the lessons


def test_every_lesson_is_there_in_both_languages():
    assert_none(
        f"{lesson} is there in {', '.join(texts)}, and should be in {', '.join(LANGUAGES)}"
        for lesson, texts in lessons().items()
        if set(texts) != set(LANGUAGES)
    )


@pytest.mark.parametrize(
    ("what", "pattern"), [("headings", HEADING), ("slots", SLOT)], ids=["headings", "slots"]
)
def test_both_languages_have_the_same(what, pattern):
    assert_none(
        f"{lesson}: {what} differ\n  en: {found[0]}\n  zh: {found[1]}"
        for lesson, texts in lessons().items()
        if set(texts) == set(LANGUAGES)
        for found in [[pattern.findall(texts[language]) for language in LANGUAGES]]
        if found[0] != found[1]
    )


def test_no_heading_comes_twice():
    assert_none(
        f"{lesson}.{language}: {heading} comes twice"
        for lesson, texts in lessons().items()
        for language, text in texts.items()
        for heading in set(HEADING.findall(text))
        if HEADING.findall(text).count(heading) > 1
    )


def test_chinese_lessons_are_chinese():
    wrong = []
    for lesson, texts in lessons().items():
        for paragraph in re.split(r"\n\s*\n", texts.get("zh", "")):
            if looks_english(HEADING.sub("", paragraph)):
                wrong.append(f"{lesson}.zh.md, still English: {paragraph.strip()[:60]}")
    assert_none(wrong)
    assert_none(
        f"{lesson}.zh.md has no Chinese"
        for lesson, texts in lessons().items()
        if not CHINESE.search(texts.get("zh", ""))
    )


# ----------------------------------------------------------------------------------------- the code


def test_no_chinese_in_code():
    paths = [path for path in ROOT.rglob("*.py") if path.relative_to(ROOT).parts[0] != "tests"]
    own = [path for path in paths if not path.relative_to(ROOT).parts[0].startswith(".")]
    assert own
    assert_none(
        f"{path.relative_to(ROOT).as_posix()}:{number}: words belong in assets/i18n: {line.strip()}"
        for path in own
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if CHINESE.search(line)
    )


# -------------------------------------------------------------------- and these tests do see things


def test_fields_are_found():
    assert fields("{a} of {b:.2f} {{c}} {d.e}") == {"a", "b", "d"}
    with pytest.raises(ValueError, match="brace"):
        fields("x_{1}")


def test_what_was_left_in_english_is_seen():
    assert looks_english("Press the button now")
    assert not looks_english("Adam")
    assert not looks_english("`import numpy as np` $\\text{loss of this}$")
    assert not looks_english("\u6309 the red button")


def test_headings_and_slots_are_found():
    text = "# Title\n## first\n{{grid}}\n## second | The second one\n### no\n{{ plot }}\n"
    assert HEADING.findall(text) == ["first", "second"]
    assert SLOT.findall(text) == ["grid", "plot"]


def test_use_is_seen():
    source = ast.parse(
        't("a.one"); label = "a.two"; t(f"b.{name}"); t(f"b.{name}.title"); t(f"{label}.help")'
    )
    keys = ["a.one", "a.two", "a.two.help", "b.x", "b.x.title"]
    assert unused(keys, [source]) == []
    assert unused(["a.three", "a.three.help", "c.x"], [source]) == [
        "a.three",
        "a.three.help",
        "c.x",
    ]


@pytest.mark.parametrize("call", ['t("a.none")', 't("a.one")', 'i18n.t("a.one", m=1)'])
def test_a_wrong_call_is_seen(call):
    assert len(wrong_calls("x.py", ast.parse(call), {"a.one": "{n} cells"})) == 1


@pytest.mark.parametrize(
    "call", ['t("a.one", n=1)', 't("a.one", **values)', "t(key)", "s.split('.')"]
)
def test_a_right_call_passes(call):
    assert wrong_calls("x.py", ast.parse(call), {"a.one": "{n} cells"}) == []
