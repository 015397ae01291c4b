"""What moves by itself stands still for those who ask, and what changes is said, once."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.quadrant_page import open_lesson, part, press, step_of, wait_for_step
from ui.i18n import language_names, strings

ENGLISH = strings("en")
WATCH_SCROLLING = """() => {
    window.glides = [];
    for (const name of ["scrollIntoView", "scrollBy", "scrollTo"]) {
        const scroll = Element.prototype[name];
        Element.prototype[name] = function (...how) {
            if (how[0]?.behavior === "smooth") window.glides.push(name);
            return scroll.apply(this, how);
        };
    }
}"""
WATCH_BARS = """bars => {
    window.slides = 0;
    bars.getRootNode().addEventListener("transitionrun", () => { window.slides += 1; });
}"""


def test_nothing_glides_for_those_who_want_it_still(new_page, settle):
    page = new_page(motion=False)
    open_lesson(page, settle, "walk=3&speed=10&steps=100000")
    page.evaluate(WATCH_SCROLLING)
    part(page, "bars").evaluate(WATCH_BARS)
    assert what_moves(page, settle) == {"scrolling": False, "bars": False}
    page.emulate_media(reduced_motion="no-preference")
    assert what_moves(page, settle) == {"scrolling": True, "bars": True}


def what_moves(page: Page, settle) -> dict[str, bool]:
    """Train for a while and take a step of the walk; tell what glided meanwhile."""
    page.evaluate("() => { window.glides = []; window.slides = 0; }")
    press(page, "quadrants.train")
    wait_for_step(page, step_of(page) + 60)
    press(page, "quadrants.pause")
    settle(page)
    card = page.locator(".st-key-walk")
    before = card.inner_text()
    press(page, "walk.next")
    expect(card).not_to_have_text(before, use_inner_text=True)
    settle(page)
    glides, slides = page.evaluate("[window.glides.length, window.slides]")
    return {"scrolling": glides > 0, "bars": slides > 0}


WATCH_SPEECH = """region => {
    window.said = [];
    new MutationObserver(() => { if (region.textContent) window.said.push(region.textContent); })
        .observe(region, {subtree: true, childList: true, characterData: true});
}"""


def said(page: Page) -> list[str]:
    return page.evaluate("window.said")


def test_a_run_of_many_pictures_is_said_in_two_sentences(page: Page, settle):
    open_lesson(page, settle, "speed=10&steps=100000")
    part(page, "spoken").evaluate(WATCH_SPEECH)
    press(page, "quadrants.train")
    wait_for_step(page, 200)
    press(page, "quadrants.pause")
    settle(page)
    page.wait_for_function("window.said.length > 1")
    begun, ended = said(page)
    assert begun != ended == part(page, "status").inner_text()


def test_what_an_epoch_has_brought_is_said_when_it_ends(page: Page, settle):
    page.goto("/mnist?layers=8&epochs=1&train_size=2000&view=tasks")
    region = page.locator("[id='spoken-mnist.spoken']")
    region.wait_for(state="attached")
    settle(page)
    region.evaluate(WATCH_SPEECH)
    page.locator(".st-key-mnist-train button").click()
    expect(page.locator(".st-key-mnist-one_more")).to_be_visible()
    right = re.compile(r"Step \d+: loss .* test images right \d+\.\d+%")
    expect(region).to_contain_text(right)
    assert len(said(page)) <= 2


def test_what_a_drawing_is_read_as_is_said(page: Page, settle):
    page.goto("/draw?view=tasks")
    region = page.locator("[id='spoken-draw.spoken']")
    region.wait_for(state="attached")
    settle(page)
    assert region.inner_text() == ""
    page.locator(".st-key-draw-example button").click()
    expect(region).to_contain_text(re.compile(r"It says \d, \d+(\.\d+)?% sure"))


@pytest.mark.parametrize("phone", [False, True])
def test_the_document_says_which_language_it_is_in(new_page, settle, phone):
    page = new_page(locale="zh-CN", phone=phone, color_scheme="dark" if phone else "light")
    page.goto("/cnn")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.goto("/cnn?lang=en")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    if not phone:
        page.get_by_test_id("stSidebar").get_by_text(language_names()["zh"]).click()
        expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
