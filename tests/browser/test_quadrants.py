"""The quadrant lesson in a real browser: what only a browser can tell, one test per risk."""

import re

from playwright.sync_api import expect

from tests.browser.quadrant_page import (
    address,
    choose_view,
    open_lesson,
    part,
    press,
    step_of,
    wait_for_step,
)
from ui.i18n import language_names, parts, strings
from ui.plane import FEED

ENGLISH = strings("en")


# --------------------------------------------------------------------------- while it trains

WATCH = """() => {
    const roots = [...document.querySelectorAll("*")].map(node => node.shadowRoot);
    const status = roots.map(root => root?.querySelector("[data-part=status]")).find(Boolean);
    const canvas = status.getRootNode().querySelector("[data-part=canvas]");
    window.seen = {changed: 0, pressed: 0, canvas, sizes: new Set()};
    const look = () => {
        const {width, height} = canvas.getBoundingClientRect();
        window.seen.sizes.add(`${width.toFixed(1)}x${height.toFixed(1)} ${canvas.isConnected}`);
        requestAnimationFrame(look);
    };
    look();
    new MutationObserver(() => { window.seen.changed = performance.now(); })
        .observe(status, {subtree: true, childList: true, characterData: true});
    addEventListener("pointerdown", () => { window.seen.pressed = performance.now(); }, true);
}"""


def test_training_goes_on_whatever_one_does_and_stops_at_once(page, settle):
    open_lesson(page, settle, "data=quadrants&n=60&view=playground&steps=100000&speed=10")
    press(page, "quadrants.train")
    step = wait_for_step(page, 20)
    # Another setting waits; the run goes on.
    noise = page.locator(".st-key-quadrants-noise").get_by_role("slider").last
    noise.focus()
    noise.press("ArrowRight")
    expect(page.get_by_text(ENGLISH["controls.pending"])).to_be_visible()
    step = wait_for_step(page, step + 20)
    noise.press("ArrowLeft")
    expect(page.get_by_text(ENGLISH["controls.pending"])).to_be_hidden()
    # Another language.
    page.get_by_test_id("stSidebar").get_by_text(language_names()["zh"]).click()
    title = parts("quadrants", "zh")["title"].title
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    step = wait_for_step(page, step + 20)
    # Away and back.
    links = page.get_by_test_id("stSidebarNavLink")
    links.first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(strings("zh")["home.title"])
    page.wait_for_function("[...document.images].every(image => image.naturalWidth)")
    links.nth(1).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    step = wait_for_step(page, step + 1)
    # And it can be stopped.
    page.evaluate(WATCH)
    press(page, "quadrants.pause")
    expect(page.locator(".st-key-quadrants-train button")).to_be_visible()
    settle(page)
    went_on = page.evaluate("(window.seen.changed - window.seen.pressed) / 1000")
    assert went_on < 1.5, f"{went_on:.2f} s of training after the click on Pause"
    assert page.evaluate("window.seen.pressed") > 0
    rested = step_of(page)
    settle(page, steady=500)
    assert step_of(page) == rested > step


def test_the_picture_stays_where_it_is_while_it_changes(page, settle):
    open_lesson(page, settle, "steps=100000&speed=50")
    page.evaluate(WATCH)
    before = part(page, "canvas").screenshot()
    press(page, "quadrants.train")
    wait_for_step(page, 600)
    press(page, "quadrants.pause")
    settle(page)
    assert page.evaluate("window.seen.changed") > 0, "nothing was drawn"
    assert page.evaluate("[...window.seen.sizes].length") == 1, page.evaluate(
        "[...window.seen.sizes]"
    )
    assert page.evaluate("window.seen.canvas.isConnected")
    assert part(page, "canvas").count() == 1
    assert part(page, "canvas").screenshot() != before, "the picture never changed"


def test_a_reload_in_full_course_keeps_settings_and_seed(page, settle):
    open_lesson(page, settle, "data=xor&n=60&hidden=5&view=playground&steps=100000")
    seed = page.locator(".st-key-quadrants-seed input")
    seed.fill("77")
    seed.press("Enter")
    expect(page).to_have_url(re.compile("seed=77"))
    press(page, "quadrants.train")
    wait_for_step(page, 1)
    page.reload()
    expect(part(page, "status")).to_contain_text(re.compile(r"\d"))
    expect(seed).to_have_value("77")
    wanted = {"data": "xor", "n": "60", "hidden": "5", "seed": "77", "steps": "100000"}
    assert wanted.items() <= address(page).items()


# --------------------------------------------------------------------------- links


def test_a_link_from_the_code_view_opens_the_same_state_elsewhere(new_page, settle):
    page = new_page()
    open_lesson(page, settle, "seed=3&hidden=6&data=moons&n=40&step=400&view=code")
    wait_for_step(page, 400)
    settle(page)
    # Meddle with it, and go one step on.
    rate = page.locator(".st-key-quadrants-lr input")
    rate.fill("0.05")
    rate.press("Enter")
    settle(page)
    press(page, "quadrants.one")
    wait_for_step(page, 401)
    settle(page)
    link = page.locator(".st-key-view code").filter(has_text="http").first.inner_text().strip()
    assert "changes=" in link
    other = new_page(locale="zh-CN")
    other.goto(link)
    expect(part(other, "status")).to_contain_text(re.compile(r"\d"))
    wait_for_step(other, 401)
    settle(other)
    for name in ("status", "lossValue", "accuracyValue", "where"):
        assert part(other, name).inner_text() == part(page, name).inner_text()
    assert part(other, "canvas").screenshot() == part(page, "canvas").screenshot()


def test_a_link_cannot_put_a_picture_from_elsewhere_into_the_page(page, settle):
    open_lesson(
        page, settle, "view=![](http://example.org/x.png)&changes=![](http://example.org/y)"
    )
    expect(page.get_by_test_id("stAlert").first).to_be_visible()
    settle(page)
    assert page.locator("img[src*='example.org']").count() == 0


# --------------------------------------------------------------------------- a busy browser


TWICE = """async source => {
    const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const { default: feed } = await import(address);
    const got = [];
    document.addEventListener("glassnet-plane-feed", ({ detail }) => got.push(detail.scene));
    const ask = () => document.dispatchEvent(
        new CustomEvent("glassnet-plane-wanted", { detail: { player: "me" } }));
    const place = document.body.appendChild(document.createElement("p"));
    const given = { data: { player: "me", name: "me-scene", scene: 7 }, parentElement: place };
    const leave = [feed(given), feed(given)];
    for (const one of leave) one?.();
    got.length = 0;
    ask();
    place.remove();
    ask();
    return got;
}"""


def test_a_plane_that_comes_after_its_data_gets_them(page):
    """Under load Streamlit gives a component the same data twice, and clears up after both."""
    page.goto("/_stcore/health")
    assert page.evaluate(TWICE, FEED) == [7]


# --------------------------------------------------------------------------- sizes and colours


def test_dark_is_dark_and_quiet(new_page, settle):
    """That nothing is logged and nobody else is asked, new_page sees for itself."""
    page = new_page(color_scheme="dark")
    page.goto("/")
    settle(page)
    open_lesson(page, settle, "hidden=4")
    for name in ("neurons", "playground"):
        choose_view(page, settle, name)
    press(page, "quadrants.one")
    settle(page)
    ground = page.get_by_test_id("stApp").evaluate("node => getComputedStyle(node).backgroundColor")
    assert max(int(number) for number in re.findall(r"\d+", ground)[:3]) < 80
    ink = page.get_by_role("heading", level=1).evaluate("node => getComputedStyle(node).color")
    assert min(int(number) for number in re.findall(r"\d+", ink)[:3]) > 170
