"""The MNIST lesson in a real browser: what only a browser can tell, one test per risk."""

from playwright.sync_api import Page, expect

from tests.browser.mnist_page import images_learned, wait_for_images
from ui.i18n import language_names, parts, strings

ENGLISH = strings("en")


def press(page: Page, name: str) -> None:
    """Click a button of the lesson."""
    page.locator(f".st-key-mnist-{name} button").first.click()


def open_lesson(page: Page, settle, query: str = "") -> None:
    page.goto(f"/mnist?{query}")
    page.locator(".st-key-mnist-train button").wait_for()
    settle(page)


def test_training_goes_on_whatever_one_does_and_stops(page, settle):
    open_lesson(page, settle, "recipe=cnn-small&epochs=20&view=data")
    press(page, "train")
    images = wait_for_images(page, 1000)
    # Something else to look at.
    page.locator(".st-key-mnist-view button").nth(1).click()
    images = wait_for_images(page, images + 1000)
    # Another language.
    page.get_by_test_id("stSidebar").get_by_text(language_names()["zh"]).click()
    title = parts("mnist", "zh")["title"].title
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    # Away, where the sidebar keeps it going, and back.
    links = page.get_by_test_id("stSidebarNavLink")
    links.first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(strings("zh")["home.title"])
    page.wait_for_function("[...document.images].every(image => image.naturalWidth)")
    expect(page.get_by_test_id("stSidebar").get_by_role("progressbar")).to_be_visible()
    links.nth(2).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    images = wait_for_images(page, images + 1000)
    # And it can be held, go on, and be ended.
    press(page, "pause")
    expect(page.locator(".st-key-mnist-train button")).to_be_visible()
    settle(page)
    images = images_learned(page)
    page.wait_for_timeout(600)
    assert images_learned(page) == images
    press(page, "train")
    wait_for_images(page, images + 4000)
    press(page, "stop")
    expect(page.locator(".st-key-mnist-one_more button")).to_be_visible(timeout=20_000)


def test_the_curves_are_drawn_while_it_learns_and_can_be_explored_afterwards(page, settle):
    open_lesson(page, settle, "layers=64&epochs=50")
    press(page, "train")
    live = page.locator(".st-key-player img[src^='data:image/svg']")
    expect(live).to_have_count(2)
    sizes = live.evaluate_all("images => images.map(image => image.naturalWidth)")
    assert len(sizes) == 2
    assert all(sizes)
    press(page, "stop")
    expect(page.locator(".st-key-mnist-one_more button")).to_be_visible(timeout=60_000)
    expect(page.locator(".st-key-player .js-plotly-plot")).to_have_count(2)
    settle(page)
    expect(live).to_have_count(0)


def test_a_mistake_is_followed_from_the_table_to_its_numbers(page, settle):
    open_lesson(page, settle, "layers=16&epochs=1&train_size=5000&view=results")
    press(page, "train")
    expect(page.locator(".st-key-mnist-one_more button")).to_be_visible(timeout=60_000)
    settle(page)
    said = ENGLISH["mnist_results.field_wrong"].partition("{n}")[0].format(truth=4, said=9)
    page.get_by_role("button", name=said).click()
    settle(page)
    page.locator(".st-key-view [role=option], .st-key-view .tile").first.click()
    settle(page)
    assert "shown=" in page.url
    expect(page.get_by_text(ENGLISH["mnist_results.pixels"]).first).to_be_visible()
