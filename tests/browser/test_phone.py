"""Every view of every lesson on a phone: nothing hangs over its edge."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import settle
from tests.browser.lesson_views import views
from ui.i18n import strings

# Whose locale the phone has, the link, and what is pressed so that there is something to see.
LESSONS = {
    "quadrants": ("en", "walk=4", None),
    "mnist": ("zh", "layers=8&epochs=1&train_size=500", "mnist-train"),
    "cnn": ("en", "target=2&padding=1", None),
    "real_cnn": ("zh", "stage=3&target=4", None),
    "captcha": ("en", "", None),
    "draw": ("zh", "view=tasks", "draw-example"),
}
HANGS_OVER = """() => Math.max(
    ...[document.documentElement, document.querySelector("[data-testid=stMain]")]
        .map((node) => node.scrollWidth - node.clientWidth))"""


@pytest.fixture
def phone(new_page):
    """Give a function that returns a phone: an English one by day, a Chinese one at night."""

    def give(language: str) -> Page:
        look = {"en": ("en-US", "light"), "zh": ("zh-CN", "dark")}[language]
        return new_page(phone=True, locale=look[0], color_scheme=look[1])

    return give


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_first_page_hangs_over_nowhere(phone, language):
    page = phone(language)
    page.goto("/")
    settle(page)
    assert page.evaluate(HANGS_OVER) <= 0


@pytest.mark.parametrize("lesson", LESSONS)
def test_no_view_hangs_over(phone, lesson):
    language, link, key = LESSONS[lesson]
    page = phone(language)
    page.goto(f"/{lesson}?{link}")
    page.get_by_role("heading", level=1).wait_for()
    settle(page)
    wide = {"first": page.evaluate(HANGS_OVER)}
    if key:
        page.locator(f".st-key-{key} button").tap()
    if lesson == "mnist":
        expect(page.locator(".st-key-mnist-one_more")).to_be_visible(timeout=60_000)
    for view, label in views(lesson, language).items():
        chosen = page.locator(f".st-key-{lesson}-view").get_by_role("radio", name=label, exact=True)
        chosen.tap()
        expect(chosen).to_be_checked()
        settle(page)
        wide[view] = page.evaluate(HANGS_OVER)
    assert {view: found for view, found in wide.items() if found > 0} == {}


def test_what_is_wrong_with_a_file_is_said_where_it_was_brought(phone):
    page = phone("en")
    page.goto("/draw?view=tasks")
    settle(page)
    page.get_by_text(strings("en")["draw.bring"], exact=True).tap()
    file = {"name": "cat.png", "mimeType": "image/png", "buffer": b"no picture"}
    page.locator("input[type=file]").first.set_input_files(file)
    expect(page.get_by_text("cat.png")).to_be_in_viewport(ratio=1)
    settle(page)
    expect(page.get_by_text("cat.png")).to_be_in_viewport(ratio=1)


def test_a_tap_on_a_number_shows_its_sum(phone):
    page = phone("zh")
    page.goto("/cnn?target=2")
    cell = page.locator(".glassnet td.c").nth(40)  # of the feature map
    cell.wait_for()
    settle(page)
    cell.tap()
    expect(page.locator(".glassnet .panel")).to_contain_text("= ")
    assert page.evaluate(HANGS_OVER) <= 0
