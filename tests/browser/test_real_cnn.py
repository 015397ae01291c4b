"""The lesson on a real CNN in a real browser: pointing, choosing by keyboard, playing, a phone."""

import re

from playwright.sync_api import Page, expect

from ui.i18n import strings

ENGLISH = strings("en")


def open_lesson(page: Page, settle, query: str = "lang=en") -> None:
    page.goto(f"/real_cnn?{query}")
    page.locator(".field canvas.map").first.wait_for()
    settle(page)


def test_a_map_and_a_number_are_chosen(page: Page, settle):
    open_lesson(page, settle)
    wall = page.locator(".st-key-overview .wall")
    expect(wall).to_have_count(5)
    wall.nth(2).locator(".tile").nth(10).click()
    expect(page).to_have_url(re.compile(r"stage=2&map=10"))
    settle(page)
    spoken = page.locator(".field .says")
    drawn = page.locator(".field canvas.map")
    box = drawn.bounding_box()
    # The frame follows the pointer at once; only a click tells the server.
    drawn.hover(position={"x": box["width"] * 0.05, "y": box["height"] * 0.05})
    expect(spoken).to_contain_text("row 1, column 1")
    expect(spoken).to_contain_text("sees rows 1–10, columns 1–10")
    assert "row=" not in page.url
    drawn.click(position={"x": box["width"] * 0.95, "y": box["height"] * 0.05})
    expect(page).to_have_url(re.compile(r"row=0&column=9"))
    settle(page)
    drawn.focus()
    page.keyboard.press("ArrowDown")
    expect(spoken).to_contain_text("row 2, column 10")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"row=1&column=9"))


def test_the_training_is_played_to_its_end(page: Page, settle):
    open_lesson(page, settle, "lang=en&view=why")  # a view whose pictures are pointed at as well
    page.get_by_text(ENGLISH["real_cnn_view.learned"], exact=True).click()
    play = page.locator(".st-key-real_cnn-play_course button")
    play.click()
    expect(play).to_contain_text(ENGLISH["grid.pause"])
    expect(page.get_by_test_id("stMetricValue")).not_to_have_text("99.23%")
    expect(play).to_contain_text(ENGLISH["grid.play"], timeout=30_000)
    expect(page.get_by_test_id("stMetricValue")).to_have_text("99.23%")
