"""A phone in one hand: what is tapped answers, what is said is in sight."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import settle
from tests.browser.width import hangs_over
from ui.i18n import strings


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
    assert hangs_over(page) == 0


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
    assert hangs_over(page) == 0
