"""Nothing serious that axe-core finds, in any view of any lesson, by day and by night."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from pages._draw.examples import example
from tests.browser.axe import findings, skipped_headings
from tests.browser.conftest import settle
from tests.browser.lesson_views import views
from ui.i18n import parts
from ui.lessons import LESSONS
from ui.strokes import write_strokes

IDS = [lesson.id for lesson in LESSONS]
AT_NIGHT = ("color-contrast", "target-size", "scrollable-region-focusable")
THREE = write_strokes(example(3, 20, np.random.default_rng(1)))
# A step of each walk that stands beside parts of ours with colours of their own.
NIGHT_STEPS = {"quadrants": 9, "mnist": 1, "cnn": 6, "real_cnn": 4, "captcha": 4}
BEGUN = {  # so that there is something to see
    "quadrants": "&step=50",
    "cnn": "&target=1&cell=z1_0.0.0",
    "mnist": "&layers=8&epochs=1&train_size=500",
    "draw": f"&drawing={THREE}",
}


def look(page: Page, where: str, **what: object) -> list[str]:
    """Return what is found on the page as it is now; ``what`` is passed to ``findings``."""
    settle(page, steady=120)
    told = [*findings(page, **what), *skipped_headings(page)]
    return [f"{where}: {one}" for one in told]


def assert_none(told: list[str]) -> None:
    if told:
        pytest.fail("\n".join(told), pytrace=False)


def test_the_first_page(page):
    page.goto("/")
    assert_none(look(page, "home"))


@pytest.mark.parametrize("lesson", IDS)
def test_every_view_by_day(page, lesson):
    told = []
    for number, (name, label) in enumerate(views(lesson, "en").items()):
        if number == 0:
            page.goto(f"/{lesson}?view={name}{BEGUN.get(lesson, '')}")
            expect(page.get_by_role("heading", level=1)).to_contain_text(
                parts(lesson, "en")["title"].title
            )
            if lesson == "mnist":
                page.locator(".st-key-mnist-train button").click()
                page.locator(".st-key-mnist-one_more").wait_for()
        else:
            page.get_by_test_id("stMain").get_by_role("radio", name=label, exact=True).click()
            expect(page).to_have_url(re.compile(f"view={name}"))
        told += look(page, name, part=".st-key-view" if number else "")
    assert_none(told)


@pytest.mark.parametrize("lesson", NIGHT_STEPS)
def test_the_walk_on_a_phone_at_night(new_page, lesson):
    page = new_page(phone=True, locale="zh-CN", color_scheme="dark")
    page.goto(f"/{lesson}?walk={NIGHT_STEPS[lesson]}{BEGUN.get(lesson, '')}")
    page.locator(".st-key-walk").wait_for()
    assert_none(look(page, "walk", rules=AT_NIGHT))
