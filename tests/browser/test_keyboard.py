"""Every lesson by keyboard alone: what it is for is reached, seen, done, and stays in hand."""

import re

from playwright.sync_api import Page, expect

from tests.browser.keys import go_to, wait_at
from tests.browser.quadrant_page import address, part, step_of, wait_for_step
from ui.i18n import strings

ENGLISH = strings("en")


def open_lesson(page: Page, settle, path: str) -> None:
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    settle(page)


def test_a_network_is_trained_held_and_given_a_point(page: Page, settle):
    open_lesson(page, settle, "/quadrants?view=playground&steps=100000&speed=10")
    go_to(page, ".st-key-quadrants-play")
    page.keyboard.press("Enter")
    wait_for_step(page, 20)
    wait_at(page, ".st-key-quadrants-play")
    page.keyboard.press("Space")
    expect(page.locator(".st-key-quadrants-train")).to_be_visible()
    settle(page)
    wait_at(page, ".st-key-quadrants-play")
    rested = step_of(page)
    settle(page, steady=400)
    assert step_of(page) == rested
    go_to(page, ".st-key-quadrants-tool")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    settle(page)
    go_to(page, ".plane [data-part=handle]", "Shift+Tab")
    before = part(page, "handle").get_attribute("aria-valuetext")
    page.keyboard.press("Shift+ArrowLeft")
    expect(part(page, "handle")).not_to_have_attribute("aria-valuetext", before)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("data=own"))
    assert address(page)["points"]
    wait_at(page, ".plane [data-part=handle]")


def test_digits_are_learned_and_it_is_held(page: Page, settle):
    open_lesson(page, settle, "/mnist?layers=16&epochs=20&view=network")
    go_to(page, ".st-key-mnist-play")
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-mnist-pause")).to_be_visible()
    wait_at(page, ".st-key-mnist-play")
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-mnist-train")).to_be_visible()
    settle(page)
    wait_at(page, ".st-key-mnist-play")
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-mnist-pause")).to_be_visible()
    go_to(page, ".st-key-mnist-stop")
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-mnist-one_more")).to_be_visible()
    settle(page)
    wait_at(page, ".st-key-mnist-play, .st-key-mnist-start_again")  # the stopped one cannot stop


def test_a_cnn_is_gone_through_number_by_number(page: Page, settle):
    open_lesson(page, settle, "/cnn")
    count = page.locator(".glassnet .position")
    go_to(page, ".glassnet td.c")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("cell="))
    wait_at(page, ".glassnet td.c.on")
    first = page.url
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(first)
    settle(page)
    wait_at(page, ".glassnet td.c.on")
    go_to(page, ".glassnet .bar .forth")
    before = count.inner_text()
    page.keyboard.press("Enter")
    expect(count).not_to_have_text(before)
    wait_at(page, ".glassnet .bar .forth")


def test_a_map_of_a_real_cnn_and_a_number_of_it_are_chosen(page: Page, settle):
    open_lesson(page, settle, "/real_cnn")
    go_to(page, ".st-key-overview >> .tile")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("map="))
    settle(page)
    wait_at(page, ".st-key-overview >> .tile.on")
    go_to(page, ".field canvas.map")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("row="))
    settle(page)
    wait_at(page, ".field canvas.map")


def test_a_captcha_is_read(page: Page, settle):
    open_lesson(page, settle, "/captcha?view=reader")
    go_to(page, ".st-key-captcha-another")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"picture=\d"))
    settle(page)
    wait_at(page, ".st-key-captcha-another")
    expect(page.locator(".st-key-reader")).to_contain_text(re.compile(r"\d{3}"))


def test_a_digit_is_drawn_read_and_taken_back(page: Page, settle):
    open_lesson(page, settle, "/draw?view=tasks")
    go_to(page, ".st-key-draw-example")
    page.keyboard.press("Enter")
    says = ENGLISH["draw.says"].partition("**")[0]
    expect(page.locator(".st-key-verdict")).to_contain_text(says)
    settle(page)
    wait_at(page, ".st-key-draw-example")
    go_to(page, ".st-key-draw-clear", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-verdict")).to_contain_text(ENGLISH["draw.first"])
    wait_at(page, ".st-key-draw-example")  # there is nothing left to clear


def test_a_walk_is_begun_gone_and_left(page: Page, settle):
    open_lesson(page, settle, "/captcha")
    go_to(page, ".st-key-walk-start")
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-walk")).to_contain_text("1/")
    wait_at(page, ".st-key-walk-next")
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-walk")).to_contain_text("2/")
    wait_at(page, ".st-key-walk-next")
    settle(page)
    go_to(page, ".st-key-walk-leave")
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-walk")).to_be_hidden()
    wait_at(page, ".st-key-walk-start")


def test_a_lesson_that_is_opened_begins_at_its_title(page: Page, settle):
    open_lesson(page, settle, "/")
    go_to(page, ".st-key-home-open-cnn")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/cnn"))
    wait_at(page, "h1")
