"""Drawing with a real mouse and with a finger: what is drawn is read, kept, undone, shared."""

import re

from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.browser.handwriting import SHAPES
from tests.browser.pen import draw, draw_with_a_finger
from ui.i18n import strings

ENGLISH = strings("en")
BLANK = ENGLISH["draw.first"]


def open_lesson(page: Page, settle, query: str = "lang=en") -> None:
    page.goto(f"/draw?{query}")
    page.locator("canvas.upper-canvas").wait_for()
    settle(page)


def desk(page: Page):
    return page.locator(".st-key-desk")


def press(page: Page, key: str) -> None:
    """Press a button that lays a new sheet, and wait until it is there to be drawn on."""
    page.locator("canvas.upper-canvas").evaluate("canvas => { canvas.dataset.old = 'yes'; }")
    page.locator(f".st-key-{key} button").click()
    page.locator("canvas.upper-canvas[data-old]").wait_for(state="detached")
    page.locator("canvas.upper-canvas").wait_for()


def answer(page: Page, digit: int):
    return desk(page).get_by_text(re.compile(rf"It says {digit}, \d"))


def says(page: Page, digit: int) -> None:
    expect(answer(page, digit)).to_be_visible()


def test_one_digit_after_the_other_is_read(page: Page, settle):
    open_lesson(page, settle, "lang=en&view=tasks")  # the view that is drawn fastest
    wrong = []
    for name in ("0 narrow", "4 open", "7 with a bar"):
        digit, lines = SHAPES[name]
        draw(page, lines)
        try:  # a digit of two strokes is answered twice
            answer(page, digit).wait_for(timeout=10_000)
        except PlaywrightTimeout:
            wrong.append(name)
        press(page, "draw-clear")
        desk(page).get_by_text(BLANK).wait_for()
        settle(page, steady=100)
    assert wrong == []


def test_a_drawing_is_undone_kept_by_the_link_and_by_the_other_language(
    new_page, page: Page, settle
):
    open_lesson(page, settle)
    seven, bar = SHAPES["7 with a bar"][1]
    draw(page, [seven], height=110, left=170, top=160)
    says(page, 7)
    settle(page)
    one = page.url
    draw(page, [bar], height=110, left=170, top=160)
    expect(page).not_to_have_url(one)
    settle(page)
    two = page.url
    press(page, "draw-undo")
    expect(page).not_to_have_url(two)
    settle(page)
    says(page, 7)
    assert page.url == one
    # A new stroke on the sheet that the undo has laid there adds to what is on it.
    draw(page, [bar], height=110, left=170, top=160)
    expect(page).not_to_have_url(one)
    settle(page)
    says(page, 7)
    another = new_page(locale="zh-CN")
    another.goto(two.replace("lang=en", "lang=zh"))
    expect(another.locator(".st-key-desk")).to_contain_text(re.compile("7"))
    settle(another)
    pixels = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v > 0)"
    assert another.locator("canvas.lower-canvas.dc-canvas").evaluate(pixels)


def test_a_drawing_is_there_after_a_look_at_another_page(page: Page, settle):
    open_lesson(page, settle)
    draw(page, SHAPES["3 round"][1])
    says(page, 3)
    page.get_by_role("link", name=ENGLISH["lesson.mnist"]).click()
    expect(page).to_have_url(re.compile("/mnist"))
    settle(page)
    page.get_by_role("link", name=ENGLISH["lesson.draw"]).click()
    page.locator("canvas.upper-canvas").wait_for()
    settle(page)
    says(page, 3)
    draw(page, [[(0.0, 1.1), (0.9, 1.1)]])  # and it can be gone on with
    expect(desk(page)).not_to_contain_text(BLANK)


def test_a_finger_draws_and_the_page_does_not_scroll(new_page, settle):
    page = new_page(phone=True, locale="zh-CN", color_scheme="dark")
    page.goto("/draw")
    page.locator("canvas.upper-canvas").wait_for()
    settle(page)
    scrolled = "document.querySelector('[data-testid=stMain]').scrollTop"
    page.locator("canvas.upper-canvas").scroll_into_view_if_needed()
    before = page.evaluate(scrolled)
    draw_with_a_finger(page, SHAPES["1 slanted"][1])
    expect(page).to_have_url(re.compile("drawing="))
    expect(page.locator(".st-key-verdict")).to_contain_text("1")
    settle(page)
    assert page.evaluate(scrolled) == before
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
