"""Every page in every language: it draws, it says who it is, and it speaks one language."""

import re

import pytest

from pages._quadrants.settings import VIEWS
from ui.i18n import LANGUAGES, language_names, parts, strings
from ui.lessons import HOME, LESSONS
from ui.walk import walk_data

PAGES = [HOME.id, *(lesson.id for lesson in LESSONS)]
LOCALES = {"en": "en-GB", "zh": "zh-CN"}
OTHER = {"en": "zh", "zh": "en"}
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+")


def title_of(page, language):
    if page == "home":
        return strings(language)["home.title"]
    return parts(page, language)["title"].title


def spoken(language):
    """Return the pieces of text that only this language has: without fields, marks, names."""
    words = {**strings(language)}
    others = strings(OTHER[language])
    for lesson in LESSONS:
        for name, part in parts(lesson.id, language).items():
            words[f"{lesson.id}:{name}"] = f"{part.title}\n{part.body}"
    found = set()
    for key, text in words.items():
        for piece in re.split(r"\{\w*\}|\*\*|[*`$\n]", text):
            piece = piece.strip(" .,:;()|·○✓-")
            if len(piece) >= 12 and " " in piece and piece not in others.get(key, ""):
                found.add(piece)
    return found


ENGLISH = spoken("en")


def assert_speaks(visitor, language):
    """Fail if the page shows anything in the other language."""
    assert visitor.lang == language
    if language == "en":
        said = visitor.text().replace(language_names()["zh"], "")
        assert not CHINESE.findall(said)
    else:
        said = visitor.text(code=False)
        assert CHINESE.search(said)
        assert [piece for piece in ENGLISH if piece in said] == []


def test_there_is_english_to_look_for():
    assert len(ENGLISH) > 200
    assert "Bring back the last run" in ENGLISH


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_its_title_and_its_language(visit, page, language):
    visitor = visit(page, locale=LOCALES[language])
    assert [title.value for title in visitor.at.title] == [title_of(page, language)]
    assert_speaks(visitor, language)
    assert visitor.params["lang"] == language
    # The link's language wins over the browser's.
    visitor = visit(page, locale=LOCALES[OTHER[language]], lang=language)
    assert [title.value for title in visitor.at.title] == [title_of(page, language)]


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_view_speaks_one_language(visit, language):
    visitor = visit(lang=language, hidden="3,3", data="moons", test=0.25)
    for name in VIEWS:
        visitor.view(name)
        assert visitor.settings.view == visitor.params.get("view", "numbers") == name
        assert_speaks(visitor, language)
    visitor.press("quadrants.play")
    assert_speaks(visitor, language)
    visitor.go("home")
    assert_speaks(visitor, language)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_goes_wrong_is_said_in_one_language(visit, language):
    wild = {"seed": "x", "hidden": "0", "view": "?", "lr": "1e9", "points": "x" * 13_000}
    visitor = visit(lang=language, activation="sigmoid", init="zeros", changes="?", **wild)
    assert len(visitor.complaints()) >= 7
    assert_speaks(visitor, language)
    visitor = visit(lang=language, data="own", points="1,2,banana", activation="none")
    assert len(visitor.complaints()) == 2
    assert_speaks(visitor, language)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_walk_speaks_one_language(visit, language):
    visitor = visit(lang=language, walk=1, present=1)
    assert_speaks(visitor, language)
    visitor.press("walk-present")
    for _ in walk_data("quadrants")["step"]:
        assert "walk" in visitor.drawn()
        assert_speaks(visitor, language)
        visitor.press("walk.next")
    assert "walk" not in visitor.drawn()


@pytest.mark.slow
def test_the_language_switch_keeps_run_and_settings(visit):
    visitor = visit(seed=7, hidden="5", data="xor", view="playground").press("quadrants.play")
    visitor.look()
    run, settings = visitor.run, visitor.settings
    assert run.playing
    step = run.step
    visitor.language("zh")
    assert_speaks(visitor, "zh")
    assert visitor.params["lang"] == "zh"
    visitor.language("en")
    assert_speaks(visitor, "en")
    assert visitor.run is run
    assert visitor.settings == settings
    assert run.playing
    assert run.step > step
    values = [("slider", "n", 200), ("selectbox", "data", "xor"), ("number_input", "seed", 7)]
    for kind, name, value in values:
        assert getattr(visitor.at, kind)(key=f"quadrants.{name}").value == value


@pytest.mark.slow
def test_a_language_that_is_clicked_away_stays(visit):
    visitor = visit("home", locale="zh-CN")
    visitor.put("button_group", "language", None)
    assert visitor.lang == "zh"
    assert_speaks(visitor, "zh")


@pytest.mark.slow
def test_the_home_pages_doors_lead_to_the_lesson(visit):
    visitor = visit("home", locale="zh-CN").press("home.open.quadrants")
    assert [title.value for title in visitor.at.title] == [title_of("quadrants", "zh")]
    assert "walk" not in visitor.drawn()
    visitor = visit("home").press("home.walk.quadrants")
    assert [title.value for title in visitor.at.title] == [title_of("quadrants", "en")]
    assert "walk" in visitor.drawn()


def pictures(visitor):
    """Return the page's pictures."""
    return re.findall(r'src="(data:image/[^"]+)"', visitor.text())


@pytest.mark.slow
def test_the_home_pages_network_is_trained_anew(visit):
    visitor = visit("home")
    first = pictures(visitor)
    right = strings("en")["home.live_quadrants"].partition("{seconds}")[0]
    assert right in visitor.text()
    visitor.press("home.again.quadrants")
    second = pictures(visitor)
    assert len(first) == len(second) == len(LESSONS)
    assert first[0] != second[0]
    assert first[1:] == second[1:]


@pytest.mark.slow
def test_the_lesson_can_be_left_and_comes_back_as_it_was(visit):
    visitor = visit(seed=7, hidden="5", data="xor", view="neurons")
    visitor.press("quadrants.one")
    run, settings = visitor.run, visitor.settings
    visitor.go("home").go("quadrants")
    assert visitor.run is run
    assert visitor.settings == settings
    assert visitor.params["seed"] == "7"


@pytest.mark.slow
def test_a_run_goes_on_while_one_is_elsewhere(visit):
    visitor = visit().press("quadrants.play")
    visitor.go("home")
    step = visitor.run.step
    visitor.look().look()
    assert visitor.run.step > step
    visitor.press("monitor.pause.quadrants")
    step = visitor.run.step
    visitor.look()
    assert visitor.run.step == step
    assert not visitor.run.playing
