"""The walks and tasks as data: complete, true to their page, and in both languages."""

import pytest

from pages._captcha import actions as captcha_actions
from pages._captcha import facts as captcha_facts
from pages._captcha import settings as captcha_settings
from pages._cnn import actions as cnn_actions
from pages._cnn import facts as cnn_facts
from pages._cnn import settings as cnn_settings
from pages._draw import actions as draw_actions
from pages._draw import facts as draw_facts
from pages._draw import settings as draw_settings
from pages._draw.sight import Sight
from pages._mnist import actions as mnist_actions
from pages._mnist import facts as mnist_facts
from pages._mnist import settings as mnist_settings
from pages._mnist.run import DigitsRun
from pages._quadrants import actions, facts, settings
from pages._quadrants.experiment import build_run
from pages._real_cnn import actions as real_actions
from pages._real_cnn import facts as real_facts
from pages._real_cnn import settings as real_settings
from ui.conditions import holds, names_in
from ui.digits import mnist
from ui.i18n import ASSETS, LANGUAGES, parts, walk_data
from ui.lessons import LESSONS

WALKS = sorted(path.name.removesuffix(".walk.toml") for path in ASSETS.glob("lessons/*.walk.toml"))
STEPS = [(walk, step) for walk in WALKS for step in walk_data(walk)["step"]]
TASKS = [(walk, task) for walk in WALKS for task in walk_data(walk).get("task", [])]
ACTIONS_OF = {
    "quadrants": actions.ACTIONS,
    "mnist": mnist_actions.ACTIONS,
    "cnn": cnn_actions.ACTIONS,
    "real_cnn": real_actions.ACTIONS,
    "captcha": captcha_actions.ACTIONS,
    "draw": draw_actions.ACTIONS,
}
VIEWS_OF = {
    "quadrants": settings.VIEWS,
    "mnist": mnist_settings.VIEWS,
    "cnn": cnn_settings.VIEWS,
    "real_cnn": real_settings.VIEWS,
    "captcha": captcha_settings.VIEWS,
    "draw": draw_settings.VIEWS,
}


def name_of(case):
    return case["id"] if isinstance(case, dict) else case


@pytest.fixture(scope="module")
def known():
    """What each lesson says of itself at its very beginning."""
    plain = settings.Settings()
    recipe = mnist_settings.base_of({})
    return {
        "quadrants": facts.facts_of(plain, build_run(plain)),
        "mnist": mnist_facts.facts_of(recipe, DigitsRun(recipe, *mnist())),
        "cnn": cnn_facts.facts_of(cnn_settings.Settings()),
        "real_cnn": real_facts.facts_of(real_settings.Settings()),
        "captcha": captcha_facts.facts_of(),
        "draw": draw_facts.facts_of(draw_settings.Settings(), Sight(None)),
    }


def test_every_lesson_has_its_walk():
    assert sorted(lesson.id for lesson in LESSONS) == WALKS == sorted(ACTIONS_OF)


@pytest.mark.parametrize("walk", WALKS)
def test_a_walk_is_neither_short_nor_long_and_its_steps_differ(walk):
    steps = [step["id"] for step in walk_data(walk)["step"]]
    assert 6 <= len(steps) <= 12
    assert len(set(steps)) == len(steps)
    tasks = [task["id"] for task in walk_data(walk).get("task", [])]
    assert len(set(tasks)) == len(tasks)


@pytest.mark.parametrize(("walk", "step"), STEPS + TASKS, ids=name_of)
def test_a_condition_asks_for_what_the_page_knows(walk, step, known):
    assert names_in(step["done"]) <= known[walk].keys()
    # What is already done when one comes teaches nothing; and all of it must be readable.
    assert holds(step["done"], known[walk]) is False


@pytest.mark.parametrize(("walk", "step"), STEPS, ids=name_of)
def test_a_step_has_only_what_is_read(walk, step):
    assert {"id", "focus", "done"} <= step.keys() <= {"id", "focus", "done", "show", "view"}
    assert step.get("view") in (None, *VIEWS_OF[walk])


@pytest.mark.parametrize("walk", WALKS)
def test_each_action_is_there_and_each_is_used(walk):
    used = {step["show"] for step in walk_data(walk)["step"] if "show" in step}
    assert used == ACTIONS_OF[walk].keys()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("walk", WALKS)
def test_the_words_are_there(walk, language):
    words = parts(walk, language)
    data = walk_data(walk)
    wanted = [f"walk.{step['id']}" for step in data["step"]]
    wanted += [f"{kind}.{task['id']}" for task in data.get("task", []) for kind in ("task", "hint")]
    for name in wanted:
        assert words[name].title
        assert words[name].body
    told = [name for name in words if name.startswith(("walk.", "task.", "hint."))]
    assert sorted(told) == sorted(wanted), "words that belong to no step"
    in_order = [name for name in words if name.startswith("walk.")]
    assert in_order == [name for name in wanted if name.startswith("walk.")]
