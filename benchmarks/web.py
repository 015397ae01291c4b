"""The in-browser site beside a plain stlite site of the same app and the same parts, in one run.

How many bytes come, packed by gzip, and how many seconds pass, until the first lesson can be used:
by a browser that has never been there, and by one that comes back.
"""

from __future__ import annotations

import gzip
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from statistics import median

from playwright.sync_api import BrowserContext, Page, sync_playwright

from benchmarks.plain_site import build_plain
from scripts.browser import ARGUMENTS, find
from ui.i18n import strings
from web.build import OUT, build
from web.serve import Handler

LONG = 300_000  # milliseconds after which a page counts as stuck
ENGLISH = strings("en")


class Counting(Handler):
    """Serves files and adds up what they weigh."""

    bytes = 0
    lock = threading.Lock()

    def copyfile(self, source, outputfile):
        size = packed_size(Path(source.name))
        with self.lock:
            Counting.bytes += size
        super().copyfile(source, outputfile)


@cache
def packed_size(path: Path) -> int:
    """Return what a file weighs when the host packs it, where that makes it lighter."""
    content = path.read_bytes()
    return min(len(content), len(gzip.compress(content, 6)))


def run(quick: bool) -> Iterator[str]:
    """Yield what was measured, line by line."""
    rounds, executable = (1 if quick else 3), find()
    plain = OUT.parent / "plain"
    build(OUT)
    build_plain(plain)
    seen: dict[str, list[tuple[float, float]]] = {}
    with sync_playwright() as playwright:
        for _ in range(rounds):
            for name, folder in (("plain", plain), ("ours", OUT)):
                with serving(folder) as address, tempfile.TemporaryDirectory() as profile:
                    for visit in ("cold", "warm"):
                        context = playwright.chromium.launch_persistent_context(
                            profile, executable_path=executable, args=ARGUMENTS, locale="en-US"
                        )
                        took = first_lesson(context, address)
                        seen.setdefault(f"{name} {visit}", []).append(took)
                        context.close()
        with serving(OUT) as address:
            context = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
            yield from lessons(context.new_page(locale="en-US"), address)
            context.close()
    shutil.rmtree(plain)
    middle = {name: [median(column) for column in zip(*values)] for name, values in seen.items()}  # noqa: B905
    for name, (weight, seconds) in middle.items():
        yield f"{name}: {weight / 1e6:.1f} MB, {seconds:.1f} s (median of {rounds})"
    for visit in ("cold", "warm"):
        ours, theirs = middle[f"ours {visit}"], middle[f"plain {visit}"]
        weight = f"{ours[0] / theirs[0]:.2f} of the bytes, " if theirs[0] else ""
        yield f"{visit}: {weight}{ours[1] / theirs[1]:.2f} of the seconds"


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder; yield its address."""
    Counting.bytes = 0
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Counting, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def first_lesson(context: BrowserContext, address: str) -> tuple[int, float]:
    """Open the site, go to the first lesson; return bytes and seconds until it can be used."""
    before, begin = Counting.bytes, time.monotonic()
    page = context.new_page()
    page.set_default_timeout(LONG)
    page.goto(address)
    open_lesson(page, "quadrants")
    page.locator(".plane [data-part=status]").filter(has_text=re.compile(r"\d")).wait_for()
    return Counting.bytes - before, time.monotonic() - begin


def open_lesson(page: Page, name: str) -> None:
    """Go to a lesson through the menu."""
    link = page.get_by_test_id("stSidebarNavLink").filter(has_text=ENGLISH[f"lesson.{name}"])
    link.click()
    page.wait_for_url(re.compile(rf"/{name}\b"))


def lessons(page: Page, address: str) -> Iterator[str]:
    """Yield how fast the lessons are."""
    page.set_default_timeout(LONG)
    page.goto(address)
    open_lesson(page, "quadrants")
    status = page.locator(".plane [data-part=status]")
    page.locator(".st-key-quadrants-train button").click()
    page.wait_for_timeout(4000)  # it begins with single steps
    pictures, begin = set(), time.monotonic()
    while time.monotonic() - begin < 10:
        pictures.add(status.inner_text())
        page.wait_for_timeout(15)
    yield f"quadrants: {len(pictures) / 10:.1f} pictures a second"
    page.locator(".st-key-quadrants-pause button").click()
    yield mnist(page)
    yield cnn(page)
    yield drawing(page)


def mnist(page: Page) -> str:
    """Train as the lesson does by itself; say when it reads nine of ten test digits."""
    open_lesson(page, "mnist")
    page.locator(".st-key-mnist-train button").click()
    begin = time.monotonic()
    page.wait_for_function(
        r"""() => /right\s+9\d\.\d+%/.test(document.querySelector(".st-key-player")?.innerText)"""
    )
    took = time.monotonic() - begin
    page.locator(".st-key-mnist-one_more button").wait_for()
    figures = page.locator(".st-key-player").inner_text().replace("\n", " ")
    speed = re.search(r"a second ([\d,]+)", figures)
    return (
        f"mnist: 90 % of the test digits after {took:.1f} s, {speed and speed[1]} images a second"
    )


def cnn(page: Page) -> str:
    """Choose numbers in the step-through; say how long its sum takes to be there."""
    open_lesson(page, "cnn")
    cells = page.locator(".glassnet td.c")
    cells.first.wait_for()
    page.wait_for_timeout(3000)
    took = []
    for place in (40, 41, 42, 45, 46):
        before = page.locator(".glassnet .panel").first.inner_text()
        begin = time.monotonic()
        cells.nth(place).click()
        panel = page.locator(".glassnet .panel").first
        while panel.inner_text() == before and time.monotonic() - begin < 30:
            page.wait_for_timeout(5)
        took.append(time.monotonic() - begin)
        page.wait_for_timeout(1500)
    return f"cnn: {median(took):.2f} s a step"


def drawing(page: Page) -> str:
    """Draw a digit; say how long the answer takes."""
    open_lesson(page, "draw")
    canvas = page.locator("canvas.upper-canvas")
    canvas.wait_for()
    page.wait_for_timeout(3000)
    box = canvas.bounding_box() or {"x": 0, "y": 0}
    lines = [(80, 55), (200, 55), (130, 250)]
    page.mouse.move(box["x"] + lines[0][0], box["y"] + lines[0][1])
    page.mouse.down()
    for x, y in lines[1:]:
        page.mouse.move(box["x"] + x, box["y"] + y, steps=5)
    begin = time.monotonic()
    page.mouse.up()
    page.locator(".st-key-desk").filter(has_text=re.compile(r"It says \d")).wait_for()
    return f"draw: an answer after {time.monotonic() - begin:.1f} s"
