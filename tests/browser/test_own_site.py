"""Every lesson at work talks to its own server only, and nothing foreign could run in its page."""

import re
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP
from tests.browser.handwriting import SHAPES
from tests.browser.intruder import REFUSED, break_in, note_refusals, refusals
from tests.browser.pen import draw, picture_of_a_one
from ui.i18n import language_names, strings
from ui.lessons import HOME, LESSONS

ENGLISH = strings("en")


def change_language(page: Page, settle) -> None:
    page.get_by_test_id("stSidebar").get_by_text(language_names()["zh"]).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(strings("zh")["home.title"])
    page.wait_for_function("() => [...document.images].every(image => image.naturalWidth)")


def train_quadrants(page: Page, settle) -> None:
    page.locator(".st-key-quadrants-train button").click()
    expect(page.locator(".plane [data-part=status]")).to_contain_text(re.compile(r"[1-9]\d"))
    page.locator(".st-key-quadrants-pause button").click()


def train_on_mnist(page: Page, settle) -> None:
    page.locator(".st-key-mnist-train button").click()
    expect(page.locator(".st-key-mnist-one_more button")).to_be_visible(timeout=60_000)
    expect(page.locator(".st-key-player .js-plotly-plot")).to_have_count(2)
    page.locator(".st-key-mnist-view").get_by_text(ENGLISH["mnist_view.code"], exact=True).click()
    settle(page)
    with page.expect_download():
        page.locator(".st-key-mnist-code-script button").click()


def ask_a_number(page: Page, settle) -> None:
    page.locator(".glassnet td.c").nth(40).click()
    expect(page.locator(".glassnet .panel").first).to_contain_text("= ")


def choose_a_map(page: Page, settle) -> None:
    page.locator(".st-key-overview .wall").nth(2).locator(".tile").nth(10).click()
    expect(page).to_have_url(re.compile(r"stage=2&map=10"))


def read_captchas(page: Page, settle) -> None:
    label = ENGLISH["captcha_view.reader"]
    page.locator(".st-key-captcha-view").get_by_text(label, exact=True).click()
    settle(page)
    expect(page.locator(".st-key-reader img").first).to_be_visible()


def draw_and_bring_a_digit(page: Page, settle) -> None:
    draw(page, SHAPES["7 plain"][1])
    expect(page.locator(".st-key-desk")).to_contain_text(re.compile(r"It says 7, \d"))
    settle(page)
    page.get_by_text(ENGLISH["draw.bring"]).click()
    page.locator("input[type=file]").first.set_input_files(picture_of_a_one())
    expect(page.locator(".st-key-desk")).to_contain_text(re.compile(r"It says 1, \d"))


# What each lesson is for, and the link to begin with.
DEEDS = {
    "home": ("", change_language),
    "quadrants": ("quadrants", train_quadrants),
    "mnist": ("mnist?layers=8&epochs=1&train_size=500", train_on_mnist),
    "cnn": ("cnn", ask_a_number),
    "real_cnn": ("real_cnn", choose_a_map),
    "captcha": ("captcha", read_captchas),
    "draw": ("draw", draw_and_bring_a_digit),
}


@pytest.fixture(scope="module")
def page(browser, server) -> Iterator[Page]:
    """Give one visitor's page, which goes through all lessons and notes what is refused."""
    context = browser.new_context(base_url=server, locale="en-US", **DESKTOP)
    note_refusals(context)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("lesson", [lesson.id for lesson in (HOME, *LESSONS)])
def test_a_lesson_asks_its_own_server_only(page, server, settle, lesson):
    link, do = DEEDS[lesson]
    asked: set[str] = set()

    def note(address: str) -> None:
        scheme, host, *_ = urlsplit(address)
        if host:  # what stands in the page itself, as data: or blob:, has none
            asked.add(f"{scheme}://{host}")

    page.context.on("request", lambda request: note(request.url))
    page.on("websocket", lambda socket: note(socket.url))
    page.goto(f"/{link}")
    page.get_by_test_id("stMain").get_by_role("heading", level=1).wait_for()
    settle(page)
    do(page, settle)
    settle(page)
    assert asked == {server, server.replace("http", "ws")}
    assert refusals(page) == set()


def test_nothing_foreign_runs_or_leaves(page, settle):
    page.goto("/cnn")
    page.get_by_role("heading", level=1).wait_for()
    settle(page)
    assert refusals(page) == set()
    assert break_in(page) == []
    assert refusals(page) == REFUSED


@pytest.mark.parametrize("path", ["/", "/mnist", "/_stcore/health"])
def test_every_answer_carries_the_headers(server, path):
    with urllib.request.urlopen(server + path) as answer:
        said = answer.headers
    assert said["X-Content-Type-Options"] == "nosniff"
    assert said["Referrer-Policy"] == "same-origin"
    (policy,) = said.get_all("Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert "'unsafe-eval'" not in policy
    assert "http" not in policy
    assert "frame-ancestors" not in policy  # a course's page may show a lesson
