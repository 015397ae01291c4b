"""The quadrant lesson under a hand: mouse, keyboard, and a field that is emptied."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.quadrant_page import address, open_lesson, part, press, wait_for_step
from ui.i18n import parts, strings

ENGLISH = strings("en")


def middle_of(locator) -> tuple[float, float]:
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def plain(locator) -> str:
    return locator.inner_text().replace("\u2212", "-")


# --------------------------------------------------------------------------- hand and keyboard


def test_the_test_point_is_dragged_with_the_mouse(page, settle):
    open_lesson(page, settle)
    assert "px" not in address(page)
    x, y = middle_of(part(page, "handle"))
    page.mouse.move(x, y)
    page.mouse.down()
    for far in (20, 60, 110):
        page.mouse.move(x - far, y + far)
    page.mouse.up()
    assert middle_of(part(page, "handle")) == pytest.approx((x - 110, y + 110), abs=2)
    # The address follows, to the last place and not only to one on the way.
    where = [float(n) for n in re.findall(r"-?\d+\.?\d*", plain(part(page, "where")))][:2]
    expect(page).to_have_url(re.compile(r"px="))
    page.wait_for_function(
        """([x, y]) => {
            const query = new URL(location).searchParams;
            return Math.hypot(query.get("px") - x, query.get("py") - y) < 0.1;
        }""",
        arg=where,
        timeout=5000,
    )
    settle(page)
    # From (2, 2) as far to the left as down.
    place = address(page)
    assert float(place["px"]) == pytest.approx(float(place["py"]), abs=0.03)
    assert -3 < float(place["px"]) < 1.5
    assert middle_of(part(page, "handle")) == pytest.approx((x - 110, y + 110), abs=2)


def test_the_timeline_obeys_the_keyboard(page, settle):
    open_lesson(page, settle, "step=300")
    wait_for_step(page, 300)
    settle(page)
    last_loss = part(page, "lossValue").inner_text()
    timeline = part(page, "range")
    timeline.focus()
    timeline.press("Home")
    wait_for_step(page, 0, 0)
    assert part(page, "lossValue").inner_text() != last_loss
    for _ in range(3):
        timeline.press("ArrowRight")
    wait_for_step(page, 3, 3)
    # What lies below follows.
    expect(page.locator(".st-key-view")).to_contain_text(ENGLISH["numbers.shown"].format(step=3))
    timeline.press("End")
    wait_for_step(page, 300, 300)
    expect(page.locator(".st-key-view")).to_contain_text(ENGLISH["numbers.shown"].format(step=300))
    assert part(page, "lossValue").inner_text() == last_loss


def cells(page: Page, symbol: str):
    """Return the cells of the grid with this symbol."""
    caption = page.locator("th.caption b, figcaption b").get_by_text(symbol, exact=True)
    return page.locator(".glassnet tbody").filter(has=caption).locator("td.c")


def number_of(text: str) -> float:
    return float(text.replace("\u2212", "-").strip("()"))


def test_a_number_says_what_it_is_made_of_and_a_gradient_is_checked(page, settle):
    open_lesson(page, settle)
    z = cells(page, ENGLISH["symbol.z"].format(k="₁")).nth(4)
    z.hover()
    panel = page.locator(".glassnet .panel")
    result = panel.locator(".formula .result")
    expect(result).to_have_text(z.inner_text().strip())
    total = 0.0
    terms = panel.locator(".formula .term")
    assert terms.count() == 3, "two inputs and a bias"
    for place in range(terms.count()):
        product = 1.0
        for factor in terms.nth(place).locator(".factor").all_inner_texts():
            product *= number_of(factor)
        total += product
    assert total == pytest.approx(number_of(result.inner_text()), abs=0.005)
    # What it is made of lights up.
    assert page.locator(".glassnet td.op").count() >= 3
    gradient = cells(page, ENGLISH["symbol.dw"].format(k="₁")).nth(1)
    gradient.click()
    panel.locator("button.check").click()
    error = panel.locator(".checked tr", has_text=ENGLISH["grid.difference"]).locator("td")
    expect(error).to_have_text(re.compile(r"e.?\d+|^0"))
    assert number_of(error.inner_text()) < 1e-6


# --------------------------------------------------------------------------- the walk


def test_the_walk_goes_by_click_and_by_arrow_keys(page, settle):
    titles = [
        part.title for name, part in parts("quadrants", "en").items() if name.startswith("walk.")
    ]
    open_lesson(page, settle)
    press(page, "walk.start")
    card = page.locator(".st-key-walk")
    expect(card).to_contain_text(titles[0])
    press(page, "walk.next")
    expect(card).to_contain_text(titles[1])
    press(page, "walk-present")
    expect(page).to_have_url(re.compile("present=1"))
    settle(page)
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(card).to_contain_text(titles[2])
    settle(page)
    page.keyboard.press("ArrowRight")
    expect(card).to_contain_text(titles[3])
    settle(page)
    page.keyboard.press("ArrowLeft")
    expect(card).to_contain_text(titles[2])
    expect(page).to_have_url(re.compile("walk=3"))


def test_an_emptied_number_field_changes_nothing(page, settle):
    open_lesson(page, settle, "view=neurons&seed=5")
    weight = page.locator(".st-key-quadrants-weight-0 input")
    before, url = weight.input_value(), page.url
    weight.fill("")
    weight.press("Enter")
    settle(page)
    expect(weight).to_have_value(before)
    assert page.url == url
