"""How much of a run on the page is training: the lesson in a real browser beside a plain script.

Both train the same recipe with the same seed, test after every epoch, and end with the same
numbers.  The browser runs on the same machine and takes its share of it.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from playwright.sync_api import Browser, sync_playwright

from benchmarks.rounds import ratio, take_turns
from core.digits import Digits, load_mnist
from core.recipes import RECIPES, Learner
from scripts.browser import ARGUMENTS, find
from scripts.server import ROOT, running

DONE = re.compile(r"Done after ([\d.]+) s")


def run(quick: bool) -> Iterator[str]:
    """Yield one line per recipe."""
    rounds, executable = (2 if quick else 5), find()
    epochs = {"mlp": 3} if quick else {"mlp": 5, "cnn-small": 1}
    with (
        tempfile.TemporaryFile("w+") as log,
        running(log) as (address, _),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        for name, count in epochs.items():
            seen: list[float] = []
            jobs = {
                "page": lambda name=name, count=count, seen=seen: seen.append(
                    on_the_page(browser, f"{address}/mnist?lang=en&recipe={name}&epochs={count}")
                ),
                "script": lambda name=name, count=count: in_a_script(name, count),
            }
            timings = take_turns(jobs, rounds)
            # What the page says of itself; the timing also has opening and closing it.
            timings["page"].seconds[:] = seen[1:]
            share = ratio(timings, "script", "page")
            yield (
                f"{name}, {count} epochs: script {timings['script'].median:.2f} s, page "
                f"{timings['page'].median:.2f} s from click to end: {share:.0%} of the page's "
                f"time is what the script needs (median of {rounds} rounds)"
            )
        browser.close()


def on_the_page(browser: Browser, address: str) -> float:
    """Open the lesson, press Train, wait for the end; return the seconds from click to end."""
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    page.goto(address)
    page.wait_for_selector(".st-key-mnist-train button")
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.click(".st-key-mnist-train button")
    page.wait_for_selector(".st-key-mnist-one_more button", timeout=600_000)
    text = page.inner_text(".st-key-bars")
    page.close()
    found = DONE.search(text)
    if found is None:
        raise RuntimeError(f"the page should say how long it took, but says {text!r}")
    return float(found[1])


@cache
def digits() -> tuple[Digits, Digits]:
    """Read MNIST once: a server does so before the first visitor presses anything."""
    return load_mnist(ROOT / "assets" / "mnist")


def in_a_script(name: str, epochs: int) -> None:
    """Train and test as the page does, without a page."""
    train, test = digits()
    learner = Learner(replace(RECIPES[name], epochs=epochs), seed=1)
    data, checked = (train.images, train.labels), (test.images, test.labels)
    for _ in learner.fit(data, validation=checked):
        pass
