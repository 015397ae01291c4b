"""The in-browser site in a real browser, under a sub-path, with nothing from elsewhere.

One visitor comes, waits for Python once, goes through all lessons and does in each what it is for;
then the network goes away, and the visitor comes back.  The tests depend on their order.
"""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.handwriting import SHAPES
from tests.browser.intruder import note_refusals, refusals
from tests.browser.pen import draw, picture_of_a_one
from tests.browser.static_site import PATIENCE, there, watch
from ui.i18n import language_names, parts, strings

ENGLISH = strings("en")


class Visit(NamedTuple):
    """A visitor's page, where the site is, what went wrong, and all that was asked for."""

    page: Page
    address: str
    complaints: list[str]
    asked: list[str]


@pytest.fixture(scope="module")
def visit(browser: Browser, site: str) -> Iterator[Visit]:
    """Open the site in a browser that has never seen it, and wait for its first page."""
    complaints: list[str] = []
    context = browser.new_context(
        locale="en-US", viewport={"width": 1440, "height": 1000}, accept_downloads=True
    )
    context.set_default_timeout(30_000)
    watch(context, site, complaints)
    note_refusals(context)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(site, wait_until="commit")
    yield Visit(page, site, complaints, asked)
    context.close()


@pytest.fixture(autouse=True)
def no_complaints(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test during which something was asked of the world, or an error was logged."""
    yield
    if "visit" in request.fixturenames:
        complaints = request.getfixturevalue("visit").complaints
        said, complaints[:] = list(complaints), []
        if said:
            pytest.fail("\n".join(said), pytrace=False)


def go(visit: Visit, settle, lesson: str) -> Page:
    """Go to a lesson through the menu."""
    page = visit.page
    page.get_by_test_id("stSidebarNavLink").filter(has_text=ENGLISH[f"lesson.{lesson}"]).click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text(parts(lesson, "en")["title"].title, timeout=PATIENCE)
    settle(page, timeout=PATIENCE)
    return page


def test_the_start_page_is_there_at_once_and_tells_how_far_it_is(visit: Visit, settle):
    page = visit.page
    expect(page.locator("#start-title")).to_be_visible()
    expect(page.locator("#start-now")).to_contain_text(re.compile(r"\d+\.\d of 1\d\.\d MB"))
    painted = page.evaluate(
        """() => performance.getEntriesByName("first-contentful-paint")[0].startTime
            - performance.getEntriesByType("navigation")[0].responseEnd"""
    )
    assert painted < 1000, f"the first thing was painted after {painted:.0f} ms"
    there(page)
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text(ENGLISH["home.title"])
    assert page.locator("img[src^='data:image/png']").count() == 6
    assert_nothing_was_fetched_too_early(visit)


def assert_nothing_was_fetched_too_early(visit: Visit) -> None:
    """Look that nothing has come that neither the home page nor the first lesson shows."""
    assert any(name.endswith("/app.tar.gz") for name in visit.asked)
    later = ("PlotlyChart", "/packages/", "/mnist/", "/weights/", "/fonts/")
    assert [name for name in visit.asked if any(part in name for part in later)] == []


def test_the_quadrant_network_learns_fluently_and_pauses(visit: Visit, settle):
    page = go(visit, settle, "quadrants")
    status = page.locator(".plane [data-part=status]")
    page.locator(".st-key-quadrants-train button").click()
    expect(status).to_contain_text(re.compile(r"[1-9]\d"), timeout=PATIENCE)
    seen = set()
    begin = time.monotonic()
    while time.monotonic() - begin < 3:
        seen.add(status.inner_text())
        page.wait_for_timeout(20)
    assert len(seen) >= 4, f"{len(seen)} pictures in 3 s"
    page.locator(".st-key-quadrants-pause button").click()
    expect(page.locator(".st-key-quadrants-train button")).to_be_visible()
    settle(page)
    rested = status.inner_text()
    settle(page, steady=600)
    assert status.inner_text() == rested
    assert_nothing_was_fetched_too_early(visit)


def go_in_a_hurry(visit: Visit, lesson: str) -> None:
    """Train, pause, go to a lesson and train there, each before the click before is answered."""
    page = visit.page
    page.locator(".st-key-quadrants-train button").click()
    page.wait_for_timeout(2500)
    page.locator(".st-key-quadrants-pause button").click()
    page.get_by_test_id("stSidebarNavLink").filter(has_text=ENGLISH[f"lesson.{lesson}"]).click()
    page.locator(f".st-key-{lesson}-train button").click(timeout=PATIENCE)


def test_mnist_is_fetched_with_progress_and_learned_within_a_minute(visit: Visit, settle):
    page = visit.page
    page.evaluate(
        """() => {
            window.told = new Set();
            const box = document.getElementById("fetching");
            new MutationObserver(() => box.hidden || told.add(box.innerText.trim()))
                .observe(box, {childList: true, subtree: true, attributes: true});
        }"""
    )
    go_in_a_hurry(visit, "mnist")
    told = page.evaluate("[...told]")
    assert len([line for line in told if "MNIST" in line and "of 9.6 MB" in line]) > 3, told
    begin = time.monotonic()
    page.wait_for_function(
        r"""() => {
            const text = document.querySelector(".st-key-player")?.innerText;
            return /right\s+9\d\.\d+%/.test(text);
        }""",
        timeout=2 * PATIENCE,
    )
    assert time.monotonic() - begin < 60
    if page.locator(".st-key-mnist-stop button").is_enabled():
        page.locator(".st-key-mnist-stop button").click()
    expect(page.locator(".st-key-mnist-one_more button")).to_be_visible(timeout=PATIENCE)
    settle(page)
    expect(page.locator(".st-key-player .js-plotly-plot")).to_have_count(2, timeout=PATIENCE)


def test_a_script_is_taken_home(visit: Visit, settle):
    page = visit.page
    page.locator(".st-key-mnist-view").get_by_text(ENGLISH["mnist_view.code"], exact=True).click()
    settle(page)
    with page.expect_download() as download:
        page.locator(".st-key-mnist-code-script button").click()
    assert Path(download.value.path()).read_text("utf-8").startswith('"""')


def test_the_cnn_is_gone_through_number_by_number(visit: Visit, settle):
    page = go(visit, settle, "cnn")
    cells = page.locator(".glassnet td.c")
    panel = page.locator(".glassnet .panel").first
    for place in (40, 45):  # of the feature map, and behind ReLU
        begin = time.monotonic()
        cells.nth(place).click()
        expect(panel).to_contain_text("= ")
        assert time.monotonic() - begin < 5
    expect(page).to_have_url(re.compile("cell="))
    settle(page)


def test_a_real_cnn_shows_its_maps(visit: Visit, settle):
    page = go(visit, settle, "real_cnn")
    wall = page.locator(".st-key-overview .wall")
    expect(wall).to_have_count(5)
    wall.nth(2).locator(".tile").nth(10).click()
    expect(page).to_have_url(re.compile(r"stage=2&map=10"))
    settle(page)


def test_captchas_are_read(visit: Visit, settle):
    page = go(visit, settle, "captcha")
    label = ENGLISH["captcha_view.reader"]
    page.locator(".st-key-captcha-view").get_by_text(label, exact=True).click()
    settle(page, timeout=PATIENCE)
    expect(page.locator(".st-key-reader img").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".st-key-reader")).to_contain_text(re.compile(r"\d{3}|[0-9A-Z]{3}"))


def test_a_drawn_digit_is_read(visit: Visit, settle):
    page = go(visit, settle, "draw")
    page.locator("canvas.upper-canvas").wait_for()
    draw(page, SHAPES["7 plain"][1])
    begin = time.monotonic()
    expect(page.locator(".st-key-desk")).to_contain_text(
        re.compile(r"It says 7, \d"), timeout=PATIENCE
    )
    assert time.monotonic() - begin < 20
    settle(page)


def test_a_picture_is_brought(visit: Visit, settle):
    page = visit.page
    page.locator(".st-key-draw-clear button").click()
    settle(page)
    page.get_by_text(ENGLISH["draw.bring"]).click()
    page.locator("input[type=file]").first.set_input_files(picture_of_a_one())
    expect(page.locator(".st-key-desk")).to_contain_text(
        re.compile(r"It says 1, \d"), timeout=PATIENCE
    )
    settle(page)


def test_the_language_and_the_colours_change(visit: Visit, settle):
    page = visit.page
    page.get_by_test_id("stSidebar").get_by_text(language_names()["zh"]).click()
    title = parts("draw", "zh")["title"].title
    expect(page.get_by_role("heading", level=1)).to_contain_text(title, timeout=PATIENCE)
    settle(page)
    ground = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    light = page.evaluate(ground)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"light => {ground} !== light", arg=light)
    page.emulate_media(color_scheme="light")
    settle(page)


def test_python_may_not_ask_another_host(visit: Visit):
    assert refusals(visit.page) == set()  # in all the lessons so far
    (engine,) = visit.page.workers
    refused = engine.evaluate(
        """() => new Promise((done) => {
            self.addEventListener("securitypolicyviolation", (event) => done(event.blockedURI));
            fetch("https://elsewhere.invalid/").catch(() => {});
        })"""
    )
    assert refused == "https://elsewhere.invalid/"
    visit.complaints.clear()  # the browser's own, of this one request


def test_a_link_of_the_menu_can_be_opened_elsewhere(visit: Visit):
    link = visit.page.get_by_test_id("stSidebarNavLink").nth(1)
    link.hover()
    assert link.get_attribute("href") == f"{visit.address}quadrants"


def test_without_a_network_a_link_to_a_lesson_opens_as_it_was_left(visit: Visit, settle):
    page = visit.page
    page.context.set_offline(True)
    page.goto(f"{visit.address}quadrants?lang=zh&seed=7&hidden=5", wait_until="commit")
    there(page)
    settle(page)
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text(parts("quadrants", "zh")["title"].title, timeout=PATIENCE)
    expect(page).to_have_url(re.compile(r"/web/quadrants\?.*hidden=5"))
    page.locator(".st-key-quadrants-train button").click()
    status = page.locator(".plane [data-part=status]")
    expect(status).to_contain_text(re.compile(r"[1-9]\d"), timeout=PATIENCE)
