"""Other visitors of the in-browser site: with a phone, an old browser, a broken connection."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PHONE
from tests.browser.handwriting import SHAPES
from tests.browser.intruder import REFUSED, break_in, note_refusals, refusals
from tests.browser.pen import canvas, draw_with_a_finger
from tests.browser.static_site import BOOT, PATIENCE, there, watch
from ui.i18n import strings
from web.build import OUT


@pytest.fixture
def stranger(browser: Browser) -> Iterator[Page]:
    """Give a page of another visitor, whose errors are what the test is about."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


def test_a_phone_finishes_the_quadrants_and_reads_its_owners_digit(browser, site, settle):
    context = browser.new_context(**PHONE, locale="zh-CN", color_scheme="dark")
    context.set_default_timeout(PATIENCE)
    complaints: list[str] = []
    watch(context, site, complaints)
    page = context.new_page()
    page.goto(f"{site}quadrants?lang=zh&steps=2000&speed=100")
    there(page)
    page.locator(".st-key-quadrants-train button").tap()
    verified = strings("zh")["player.verify"].partition("{")[0].replace("**", "")
    found = page.get_by_test_id("stMarkdown").filter(has_text=verified)
    expect(found).to_be_visible(timeout=BOOT)  # it has come to its end
    answers = found.locator("td:last-child")
    expect(answers).to_have_count(4)
    assert len(set(answers.all_inner_texts())) == 4, "each of the four is in another quadrant"
    settle(page, timeout=PATIENCE)
    page.get_by_test_id("stExpandSidebarButton").tap()
    page.get_by_test_id("stSidebarNavLink").filter(has_text=strings("zh")["lesson.draw"]).tap()
    canvas(page).wait_for()
    settle(page, timeout=PATIENCE)
    draw_with_a_finger(page, SHAPES["7 plain"][1])
    expect(page.locator(".st-key-verdict")).to_contain_text("7", timeout=PATIENCE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
    assert not complaints


def test_an_old_browser_is_told_what_it_lacks(stranger: Page, site: str):
    stranger.add_init_script("delete window.DecompressionStream")
    stranger.goto(site)
    expect(stranger.locator("#start-failed")).to_contain_text("WebAssembly")
    expect(stranger.locator("#start-retry")).to_be_hidden()
    expect(stranger.locator("#start-title")).to_contain_text("看得透")


def test_nothing_foreign_runs_or_leaves(stranger: Page, site: str):
    note_refusals(stranger.context)
    stranger.goto(site)
    assert break_in(stranger) == []
    assert refusals(stranger) == REFUSED


def test_a_broken_connection_is_told_and_can_be_tried_again(stranger: Page, site: str):
    stranger.context.route("**/libraries.tar.gz", lambda route: route.abort())
    stranger.goto(site)
    expect(stranger.locator("#start-failed")).to_contain_text("网络连接", timeout=PATIENCE)
    expect(stranger.locator("#start-retry")).to_be_visible()
    assert stranger.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_licences_of_all_parts_lie_beside_the_site(site):
    text = (OUT / "licences.txt").read_text("utf-8")
    for name in (
        "Glassnet",
        "@stlite/browser",
        "pyodide",
        "numpy",
        "streamlit",
        "Fonts:",
        "MNIST:",
    ):
        assert re.search(rf"^(# )?{re.escape(name)}", text, re.MULTILINE), name
    assert text.count("Permission is hereby granted") > 5
    assert not list(OUT.glob("assets/fonts/further*"))
