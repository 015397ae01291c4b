"""The CNN lesson in a real browser: painting, choosing by keyboard, checking, a phone."""

import re
from urllib.parse import quote

from playwright.sync_api import Page, expect

from ui.i18n import strings

ENGLISH = strings("en")


def open_lesson(page: Page, settle, query: str = "lang=en") -> None:
    page.goto(f"/cnn?{query}")
    grid(page, "feature map").first.wait_for()
    settle(page)


def grid(page: Page, note: str):
    """Return the cells of the grid that is described so."""
    what = page.locator("figcaption .note, .what .note").get_by_text(note, exact=True)
    return page.locator(".glassnet tbody, .glassnet figure").filter(has=what).locator("td.c")


def numbers(page: Page, note: str) -> list[str]:
    return grid(page, note).all_inner_texts()


def pixel(page: Page, place: int):
    """Return a pixel of the image that can be painted, counted row by row."""
    return page.locator(".st-key-cnn-image-paint td button").nth(place)


def with_first_row(row: str) -> re.Pattern[str]:
    """Return what an address with this image looks like, its commas written either way."""
    return re.compile(f"image=({re.escape(row)}|{re.escape(quote(row))})")


def test_pixels_are_painted_by_mouse_and_keyboard(page: Page, settle):
    open_lesson(page, settle)
    assert numbers(page, "feature map") == list("332221111")
    pixel(page, 0).click()
    expect(grid(page, "feature map").first).to_have_text("4")
    expect(page).to_have_url(with_first_row("1,1,1,0,0"))
    pixel(page, 0).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page).to_have_url(with_first_row("1,0,1,0,0"))
    page.locator(".st-key-cnn-undo_change button").click()
    expect(page).to_have_url(with_first_row("1,1,1,0,0"))


def test_a_number_is_chosen_by_keyboard_written_out_and_checked(page: Page, settle):
    open_lesson(page, settle, "lang=en&target=1")
    panel = page.locator(".glassnet .panel")
    grid(page, "feature map").first.focus()
    page.keyboard.press("Enter")
    expect(panel).to_contain_text("= 3")
    expect(page).to_have_url(re.compile(r"cell=z1_0\.0\.0"))
    assert page.locator(".glassnet td.op").count() == 19  # nine pixels, nine weights, the bias
    grid(page, "∂L/∂W").first.click()
    panel.locator("button.check").click()
    error = panel.locator(".checked tr", has_text=ENGLISH["grid.difference"]).locator("td")
    expect(error.last).to_contain_text("e")
    assert float(error.last.inner_text().replace("\u2212", "-").replace("×10", "e")) < 1e-6


def test_all_stages_stand_in_one_row(page: Page, settle):
    open_lesson(page, settle)
    tops = (
        page.locator(".band.beside")
        .first.locator("figure")
        .evaluate_all(
            "figures => figures.map((figure) => Math.round(figure.getBoundingClientRect().top))"
        )
    )
    assert len(tops) == 10
    assert max(tops) - min(tops) <= 2
