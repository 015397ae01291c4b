"""Both languages say the same: same keys, fields, headings and slots; nothing unused or missing."""

import ast
import re
import tomllib
import unicodedata
from collections.abc import Iterable

import pytest

from tests.words import (
    CHINESE,
    HEADING,
    LANGUAGES,
    ROOT,
    SLOT,
    fields,
    files,
    lessons,
    looks_english,
    strings,
    trees,
    unused,
    wrong_calls,
)


def assert_none(wrongs: Iterable[str]) -> None:
    """Fail with all that is wrong, a line each, unless nothing is."""
    if listed := list(wrongs):
        pytest.fail("\n".join(listed), pytrace=False)


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


def stays_plain(text: str) -> Iterable[str]:
    """Yield what stands between double asterisks and is not drawn bold (CommonMark, section 6.2).

    A mark opens only if no punctuation follows, unless a gap or punctuation is before it; it closes
    likewise the other way round.  Chinese has no gaps, so a full stop goes behind the marks.
    """

    def is_mark(character: str) -> bool:
        return unicodedata.category(character)[0] in "PS"

    parts = re.sub(r"\{\w*\}", "x", text).split("**")
    for place in range(1, len(parts) - 1, 2):
        before, inside, after = parts[place - 1][-1:], parts[place], parts[place + 1][:1]
        opens = not is_mark(inside[0]) or not before or before.isspace() or is_mark(before)
        closes = not is_mark(inside[-1]) or not after or after.isspace() or is_mark(after)
        if not (opens and closes):
            yield inside


def test_what_is_meant_to_be_bold_is_bold():
    assert list(stays_plain("a **b.** c, **d** and **(e)**")) == []
    assert list(stays_plain("a **b.**c")) == ["b."]
    assert list(stays_plain("a**(b)** c")) == ["(b)"]
    texts = [text for language in LANGUAGES for text in strings(language).values()]
    prose = [text for lesson in lessons().values() for text in lesson.values()]
    lines = [line for text in (*texts, *prose) for line in text.splitlines()]
    assert_none(f"not bold: {text}" for line in lines for text in stays_plain(line))


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


@pytest.mark.slow
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
