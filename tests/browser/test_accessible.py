"""Nothing serious that axe-core finds, and nothing over the edge of a phone, in any view."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from pages._draw.examples import example
from tests.browser.axe import findings, skipped_headings
from tests.browser.conftest import settle
from tests.browser.lesson_views import views
from tests.browser.width import hangs_over
from ui.i18n import parts
from ui.lessons import LESSONS
from ui.strokes import write_strokes

IDS = [lesson.id for lesson in LESSONS]
AT_NIGHT = ("color-contrast", "target-size", "scrollable-region-focusable")
THREE = write_strokes(example(3, 20, np.random.default_rng(1)))
# A step of each walk that stands beside parts of ours with colours of their own.
NIGHT_STEPS = {"quadrants": 9, "mnist": 1, "cnn": 6, "real_cnn": 4, "captcha": 4}
BEGUN = {  # so that there is something to see
    "quadrants": "step=50",
    "mnist": "layers=8&epochs=1&train_size=500",
    "cnn": "target=1&padding=1&cell=z1_0.0.0",
    "real_cnn": "stage=3&target=4",
    "draw": f"drawing={THREE}",
}


def look(page: Page, where: str, **what: object) -> list[str]:
    """Return what is found on the page as it is now; ``what`` is passed to ``findings``."""
    settle(page, steady=120)
    told = [*findings(page, **what), *skipped_headings(page)]
    if wide := hangs_over(page):
        told.append(f"{wide} pixels hang over the edge")
    return [f"{where}: {one}" for one in told]


def assert_none(told: list[str]) -> None:
    if told:
        pytest.fail("\n".join(told), pytrace=False)


def test_the_first_page(page):
    page.goto("/")
    assert_none(look(page, "home"))


@pytest.mark.parametrize("lesson", IDS)
def test_every_view_on_a_phone_by_day(new_page, lesson):
    page, (first, *others) = new_page(phone=True), views(lesson, "en").items()
    page.goto(f"/{lesson}?view={first[0]}&{BEGUN.get(lesson, '')}")
    title = parts(lesson, "en")["title"].title
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    if lesson == "mnist":
        page.locator(".st-key-mnist-train button").tap()
        page.locator(".st-key-mnist-one_more").wait_for()
    told = look(page, first[0])
    for name, label in others:
        page.get_by_test_id("stMain").get_by_role("radio", name=label, exact=True).tap()
        expect(page).to_have_url(re.compile(f"view={name}"))
        told += look(page, name, part=".st-key-view")
    assert_none(told)


@pytest.mark.parametrize("lesson", NIGHT_STEPS)
def test_the_walk_on_a_phone_at_night(new_page, lesson):
    page = new_page(phone=True, locale="zh-CN", color_scheme="dark")
    page.goto(f"/{lesson}?walk={NIGHT_STEPS[lesson]}&{BEGUN.get(lesson, '')}")
    page.locator(".st-key-walk").wait_for()
    assert_none(look(page, "walk", rules=AT_NIGHT))
