"""Servers that die, lines that are slow or break, tabs that sleep: a learner can always go on."""

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import IO

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.server import running
from tests.browser import quadrant_page
from tests.browser.conftest import DESKTOP, PAGES, settle
from tests.browser.line import Line, line_to
from tests.browser.mnist_page import images_learned, wait_until_it_learns
from tests.browser.quadrant_page import step_of, wait_for_step
from ui.i18n import parts, strings

ENGLISH = strings("en")
TRAINING = "recipe=mlp&layers=800&epochs=50"  # an epoch takes longer than the tests
ENDLESS = "/quadrants?steps=100000&speed=2"
KEPT = 2  # seconds for which a server keeps the visit of somebody who has gone, if asked to
FORGETFUL = {"STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": str(KEPT)}


class Server:
    """A server that can be killed and started again, and the line that leads to it."""

    def __init__(self, stack: ExitStack, log: IO[str], more: dict[str, str]) -> None:
        self.stack, self.log, self.more = stack, log, more
        self.line: Line = stack.enter_context(line_to(self.start()))

    def start(self) -> int:
        """Start it on a new port; return the port."""
        address, self.process = self.stack.enter_context(running(self.log, more=self.more))
        return int(address.rpartition(":")[2])

    def die(self) -> None:
        """Kill it in the middle of whatever it does, and start another one."""
        self.process.kill()
        self.process.wait(10)
        self.line.server = self.start()


@pytest.fixture
def frail(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Give a server that may be killed; a test may add to its environment."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as log:
        with ExitStack() as stack:
            yield Server(stack, log, getattr(request, "param", {}))
        log.seek(0)
        assert "Uncaught app execution" not in log.read()


@pytest.fixture
def visit(
    browser: Browser, frail: Server, request: pytest.FixtureRequest
) -> Iterator[Callable[[str], Page]]:
    """Give a function that opens an address on that server."""
    pages = request.node.stash.setdefault(PAGES, [])

    def open_page(path: str) -> Page:
        context = browser.new_context(base_url=frail.line.address, locale="en-US", **DESKTOP)
        context.set_default_timeout(40_000)
        page = context.new_page()
        pages.append(page)
        page.goto(path)
        settle(page)
        return page

    yield open_page
    for page in pages:
        page.context.close()


@pytest.fixture
def open_page(new_page: Callable[..., Page]) -> Callable[[str], Page]:
    """Give a function that opens an address on the server that all tests share."""

    def open_one(path: str) -> Page:
        page = new_page()
        page.goto(path)
        settle(page)
        return page

    return open_one


def press(page: Page, name: str) -> None:
    page.locator(f".st-key-mnist-{name} button").first.click()


def test_a_server_that_dies_in_mid_training_is_found_again_and_the_loss_is_said(frail, visit):
    page = visit(f"/mnist?{TRAINING}")
    press(page, "train")
    wait_until_it_learns(page)
    frail.die()
    frail.line.cut()
    expect(page.get_by_text(ENGLISH["training.lost"].partition("**")[0])).to_be_visible()
    settle(page)
    press(page, "train")
    wait_until_it_learns(page)


def test_a_run_that_was_saved_goes_on_after_the_server_has_died(frail, visit, tmp_path):
    page = visit(f"/mnist?{TRAINING}&view=code")
    press(page, "train")
    wait_until_it_learns(page)
    press(page, "pause")
    with page.expect_download() as download:
        page.locator(".st-key-mnist-code-run button").click()
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    images = images_learned(page)
    [step] = re.findall(r"step_(\d+)", saved.name)
    frail.die()
    frail.line.cut()
    page.reload()  # at rest a page does not notice before the next click
    expect(page.get_by_text(ENGLISH["mnist.from_link"].partition("{")[0])).to_be_visible()
    settle(page)
    page.locator(".st-key-mnist-code-file input[type=file]").set_input_files(saved)
    said = ENGLISH["mnist_code.goes_on"].partition("**")[0].partition("{step}")[2]
    expect(page.get_by_text(f"{int(step):,}{said.rstrip()}")).to_be_visible()
    settle(page)
    assert images_learned(page) == images
    press(page, "train")
    wait_until_it_learns(page)


def test_a_slow_and_lossy_line_only_takes_longer_and_may_break(frail, visit):
    page = visit("/cnn?target=1")
    frail.line.delay, frail.line.lost = 0.2, 0.05
    main = page.get_by_test_id("stMain")
    for _ in range(2):
        before = main.inner_text()
        page.locator(".st-key-cnn-learn button").first.click()
        expect(main).not_to_have_text(before, use_inner_text=True)
        settle(page, steady=600)
    page.goto(ENDLESS)
    settle(page, steady=1000)
    quadrant_page.press(page, "quadrants.train")
    step = wait_for_step(page, 1)
    frail.line.cut()  # and it is there again at once: nothing is lost
    wait_for_step(page, step + 100)
    expect(page.get_by_text(ENGLISH["training.lost"].partition("**")[0])).to_have_count(0)
    quadrant_page.press(page, "quadrants.pause")
    expect(page.locator(".st-key-quadrants-train button")).to_be_visible()


@pytest.mark.parametrize("frail", [FORGETFUL], indirect=True)
def test_tabs_that_have_slept_for_long_say_what_was_lost(frail, visit):
    resting = visit(ENDLESS)
    resting.locator(".st-key-quadrants-one button").click()
    wait_for_step(resting, 1)
    settle(resting)
    page = visit(f"/mnist?{TRAINING}")
    press(page, "train")
    wait_until_it_learns(page)
    frail.line.down = True
    frail.line.cut()
    page.wait_for_timeout(1000 * (KEPT + 2))
    frail.line.down = False
    lost = ENGLISH["training.lost"].partition("**")[0]
    expect(page.get_by_text(lost)).to_be_visible(timeout=90_000)  # it asks ever more rarely
    settle(page)
    press(page, "train")
    wait_until_it_learns(page)
    # The other has asked for nothing so far; its first click brings what its address says.
    play = resting.locator(".st-key-quadrants-train button")
    expect(play).to_be_enabled(timeout=90_000)
    play.click()
    settle(resting)
    wait_for_step(resting, 1)
    play.click()
    wait_for_step(resting, 2)


def test_two_tabs_of_one_learner_leave_each_other_alone(open_page):
    one, other = open_page(ENDLESS), open_page(ENDLESS)
    quadrant_page.press(one, "quadrants.train")
    wait_for_step(one, 1)
    quadrant_page.press(other, "quadrants.train")
    expect(other.get_by_text(ENGLISH["training.turns"].partition("{n}")[2][:30])).to_be_visible()
    wait_for_step(other, 1)
    wait_for_step(one, step_of(one) + 1)
    quadrant_page.press(one, "quadrants.pause")
    expect(one.locator(".st-key-quadrants-train button")).to_be_visible()
    wait_for_step(other, step_of(other) + 1)


def assert_shows_what_it_says(page: Page) -> str:
    """Compare the address with the title; return the lesson."""
    settle(page)
    lesson = page.url.partition("?")[0].rpartition("/")[2]
    title = parts(lesson, "en")["title"].title
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    return lesson


def test_back_and_forward_lead_through_the_lessons(open_page):
    page = open_page("/quadrants")
    links = page.get_by_test_id("stSidebarNavLink")
    for place, lesson in ((3, "cnn"), (2, "mnist")):
        links.nth(place).click()
        page.wait_for_url(re.compile(f"/{lesson}"))
        assert assert_shows_what_it_says(page) == lesson
    for step, end in ((page.go_back, "quadrants"), (page.go_forward, "mnist")):
        seen = []
        while end not in seen:
            assert len(seen) < 8, f"it never came to {end}, only to {seen}"
            step()
            seen.append(assert_shows_what_it_says(page))
        assert "cnn" in seen


def test_a_double_click_starts_training_and_does_not_end_it(open_page):
    page = open_page(f"/mnist?{TRAINING}")
    page.locator(".st-key-mnist-train button").dblclick()
    wait_until_it_learns(page)
    wait_until_it_learns(page)
    expect(page.locator(".st-key-mnist-pause button")).to_be_visible()
    page.locator(".st-key-mnist-pause button").dblclick()
    expect(page.locator(".st-key-mnist-train button")).to_be_visible()
    settle(page)
