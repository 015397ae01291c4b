"""The quadrant lesson in a real browser: what only a browser can tell, one test per risk."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from ui.i18n import LANGUAGES, language_names, parts, strings

ENGLISH = strings("en")


def press(page: Page, key: str) -> None:
    """Click the button of a key."""
    page.locator(f".st-key-{re.sub(r'[^a-zA-Z0-9_-]', '-', key)} button").first.click()


def part(page: Page, name: str):
    """Return a part of the plane."""
    return page.locator(f".plane [data-part={name}]")


def step_of(page: Page) -> int:
    """Return the step that the plane shows."""
    number = re.search(r"\d[\d,]*", part(page, "status").inner_text())
    return int(number.group().replace(",", "")) if number else -1


def wait_for_step(page: Page, least: int, most: float = float("inf")) -> int:
    """Wait until the plane shows a step from ``least`` to ``most``; return it."""
    for _ in range(400):
        step = step_of(page)
        if least <= step <= most:
            return step
        page.wait_for_timeout(50)
    pytest.fail(f"still at step {step}, not from {least} to {most}")


def open_lesson(page: Page, settle, query: str = "") -> None:
    page.goto(f"/quadrants?{query}")
    expect(part(page, "status")).to_contain_text(re.compile(r"\d"))
    if "step=" not in query:
        settle(page)


def choose_view(page: Page, settle, name: str, language: str = "en") -> None:
    label = strings(language)[f"view.{name}"]
    page.locator(".st-key-quadrants-view").get_by_text(label, exact=True).click()
    settle(page)


def middle_of(locator) -> tuple[float, float]:
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def plain(locator) -> str:
    return locator.inner_text().replace("\u2212", "-")


def address(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


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


# --------------------------------------------------------------------------- sizes and colours

OVERFLOW = """() => [document.documentElement, document.querySelector('[data-testid="stMain"]')]
    .map(node => node.scrollWidth - node.clientWidth)"""
VIEWS = ("numbers", "neurons", "playground", "tasks", "code")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phone_never_scrolls_sideways(new_page, settle, language):
    page = new_page(phone=True, locale={"en": "en-US", "zh": "zh-CN"}[language])
    page.goto("/")
    settle(page)
    wide = {"home": page.evaluate(OVERFLOW)}
    open_lesson(page, settle, "walk=4")
    wide["walk"] = page.evaluate(OVERFLOW)
    for name in VIEWS:
        choose_view(page, settle, name, language)
        wide[name] = page.evaluate(OVERFLOW)
    assert {name: found for name, found in wide.items() if max(found) > 0} == {}


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
