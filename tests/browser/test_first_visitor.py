"""Somebody comes straight to a lesson, on a server that nobody has visited yet."""

import re

import pytest
from playwright.sync_api import expect

from scripts.server import running
from ui.i18n import language_names, parts, strings
from ui.lessons import LESSONS


@pytest.fixture
def fresh_server(tmp_path):
    """Start a server of its own; yield its address."""
    path = tmp_path / "log.txt"
    with path.open("w", encoding="utf-8") as log, running(log) as (address, _):
        yield address
    assert "Traceback" not in path.read_text(encoding="utf-8", errors="replace")


def test_a_link_to_a_lesson_leads_through_the_door(browser, fresh_server, settle):
    context = browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    try:
        page.goto(f"{fresh_server}/quadrants?seed=7")
        title = parts("quadrants", "zh")["title"].title
        expect(page.get_by_role("heading", level=1)).to_contain_text(title)
        settle(page)
        expect(page.get_by_test_id("stSidebarNavLink")).to_have_count(1 + len(LESSONS))
        for link, lesson in zip(
            page.get_by_test_id("stSidebarNavLink").all(), ("home", "quadrants"), strict=False
        ):
            expect(link).to_contain_text(strings("zh")[f"lesson.{lesson}"])
        expect(page).to_have_url(re.compile("seed=7"))
        expect(page).to_have_title(re.compile("Glassnet"))
        page.get_by_test_id("stSidebar").get_by_text(language_names()["en"]).click()
        english = parts("quadrants", "en")["title"].title
        expect(page.get_by_role("heading", level=1)).to_contain_text(english)
        expect(page).to_have_url(re.compile("(?=.*lang=en)(?=.*seed=7)"))
    finally:
        context.close()
