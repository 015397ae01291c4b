"""Click about at random, faster than the app answers, and tell what went wrong.

    python -m scripts.click_about                  visit the app, served from here
    python -m scripts.click_about --address URL    visit one that is running, such as make web's

Each seed is one visitor: a language, a desktop or a phone, and clicks on whatever there is to be
clicked, some in quick succession.  Wrong is an error in the browser's console, an exception on the
page or in the server's log, and a page that stays without a title.  A seed always draws the same
numbers, but which buttons there are by then depends on how fast the app was.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Error, Page, sync_playwright

from scripts.browser import ARGUMENTS, find
from scripts.server import running

WINDOWS = ({"width": 1440, "height": 900}, {"width": 390, "height": 844})
LANGUAGES = ("en-US", "zh-CN")
WAITS = (0.02, 0.06, 0.15, 0.4, 1.0)  # seconds between two clicks
PATIENCE = 20.0  # seconds after which a page must have a title
ELSEWHERE = 0.12  # share of the clicks that go to another page
TOLD = 20  # clicks that are told when something was wrong

LINKS = "[data-testid=stSidebarNavLink]"
THINGS = ", ".join(
    f"[data-testid=stMain] {one}"
    for one in ("button:not([disabled])", "label", "[role=slider]", "td.c", "summary")
)
CLICK = """([things, share]) => {
    const seen = [...document.querySelectorAll(things)].filter((one) => one.checkVisibility());
    const one = seen[Math.floor(share * seen.length)];
    if (!one) return "";
    const key = one.closest("[class*=st-key-]")?.className.match(/st-key-\\S+/)?.[0] ?? "";
    const name = (one.innerText || one.getAttribute("aria-label") || one.tagName).slice(0, 40);
    one.scrollIntoView({ block: "center" });
    one.click();
    return `${key} ${name}`;
}"""


def visit(browser: Browser, address: str, seed: int, seconds: float) -> list[str]:
    """Click about as one visitor; return what went wrong, and the clicks that led to it."""
    rng = random.Random(seed)
    context = browser.new_context(locale=rng.choice(LANGUAGES), viewport=rng.choice(WINDOWS))
    page, wrong = context.new_page(), []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    clicks: list[str] = []
    try:
        page.goto(address)
        page.locator("h1").first.wait_for(timeout=180_000)  # Python comes along, in the browser
        end = time.monotonic() + seconds
        while time.monotonic() < end and not wrong:
            clicks.append(click(page, rng))
            page.wait_for_timeout(1000 * rng.choice(WAITS))
            wrong += page.get_by_test_id("stException").all_inner_texts()
        page.locator("h1").first.wait_for(timeout=1000 * PATIENCE)
    except Error as error:
        wrong.append(f"{page.url}: {error.message}")
    context.close()
    return [*clicks[-TOLD:], *wrong] if wrong else []


def click(page: Page, rng: random.Random) -> str:
    """Click on something that is to be seen; return what it was."""
    kind = LINKS if rng.random() < ELSEWHERE else THINGS
    said: str = page.evaluate(CLICK, [kind, rng.random()])
    return said


@contextmanager
def served(address: str) -> Iterator[str]:
    """Yield the address, or one where the app is served until then; its log must be clean."""
    if address:
        yield address
        return
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        with running(log) as (own, _):
            yield own
        log.seek(0)
        said = log.read()
    if "Traceback" in said:
        sys.exit(f"The server's log has an exception:\n{said[-5000:]}")


def main() -> None:
    """Let visitors come one after the other; end with 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--address", default="", help="of an app that is running")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each visitor")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    chosen = parser.parse_args()
    failed, executable = False, find()
    with served(chosen.address) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        for seed in chosen.seeds:
            wrong = visit(browser, address, seed, chosen.seconds)
            print(f"visitor {seed}: {'something went wrong' if wrong else 'all well'}", flush=True)
            print("\n".join(f"    {line}" for line in wrong))
            failed = failed or bool(wrong)
        browser.close()
    sys.exit(failed)


if __name__ == "__main__":
    main()
