"""A real browser looking at the real app.

A test asks for ``page`` (a desktop in English), or makes pages of its own with ``new_page``; it
opens addresses such as ``/`` or ``/mnist?lang=zh``, and waits with ``settle``::

    def test_the_title_is_chinese(new_page, settle):
        page = new_page(locale="zh-CN", phone=True)
        page.goto("/")
        settle(page)
        expect(page.get_by_role("heading", level=1)).to_contain_text("...")

When a test ends, every page it had open must have logged no error and asked nothing of the world
outside; when all have ended, the app's log must be free of exceptions and deprecations.
"""

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect, sync_playwright

from scripts.browser import ARGUMENTS, find
from scripts.server import ROOT, running
from tests.browser.static_site import built_and_served

expect.set_options(timeout=20_000)  # ms: a machine that is busy with other work is slow, not wrong

PICTURES = ROOT / "test-artifacts"  # what the pages of a failed test looked like
BAD_IN_LOG = ("Traceback", "Please replace")  # an exception, a deprecated call

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    # Streamlit closes the menu behind whoever has chosen a page only where it reads of a phone.
    "user_agent": "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Mobile Safari/537.36",
}
DESKTOP = {"viewport": {"width": 1440, "height": 1000}}

SETTLED = """steady => {
    const app = document.querySelector('[data-testid="stApp"]');
    const still = app?.dataset.testScriptState === "notRunning"
        && !app.querySelector('[data-stale="true"], [data-testid="stSkeleton"]');
    const now = performance.now();
    if (!still) window.stillSince = undefined;
    else window.stillSince ??= now;
    return still && now - window.stillSince >= steady;
}"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Let fixtures know whether their test failed, and report what its pages showed then."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
        for page in item.stash.get(PAGES, []) if report.failed else []:
            with contextlib.suppress(Error):  # it may be the page that is broken
                report.sections.append((page.url, page.locator("body").inner_text(timeout=5000)))
    return report


FAILED = pytest.StashKey[bool]()
PAGES = pytest.StashKey[list[Page]]()  # those that a test has open


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Start the app on a free port, yield its address, stop it, and read its log."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        with running(log) as (address, _):
            yield address
        log.seek(0)
        said = log.read()
    if any(bad in said for bad in BAD_IN_LOG):
        pytest.fail(f"The app's log has an exception or a deprecation:\n{said}", pytrace=False)


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """Build the in-browser site, serve it, yield its address."""
    with built_and_served() as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the browser that `make test` found."""
    path = find()
    if path is None:
        pytest.fail("No browser that starts: see python scripts/browser.py", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


class Visitors:
    """Pages to look at the app with: each is used again by the next test that wants its kind.

    A page that stays in the same process does not compile Streamlit's scripts anew, which is most
    of what opening a lesson takes.  To the server it is a new visitor each time.

    Attributes
    ----------
    complaints : list of str
        What went wrong on any of the pages since somebody has looked.
    """

    def __init__(self, browser: Browser, server: str) -> None:
        self.browser, self.server = browser, server
        self.complaints: list[str] = []
        self._resting: dict[str, list[Page]] = {}
        self._kinds: dict[Page, str] = {}

    def come(self, **kind: object) -> Page:
        """Return a page; ``kind`` goes to Playwright's ``Browser.new_context``."""
        name = repr(sorted(kind.items()))
        resting = self._resting.setdefault(name, [])
        page = resting.pop() if resting else self._open(kind)
        self._kinds[page] = name
        return page

    def go(self, page: Page, *, for_good: bool) -> None:
        """Let a page rest, with nothing on it and nothing remembered, or close it."""
        if for_good:
            page.context.close()
            return
        page.goto("/_stcore/health")
        page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        page.context.clear_cookies()
        self._resting[self._kinds[page]].append(page)

    def close(self) -> None:
        """Close all that rest."""
        for page in sum(self._resting.values(), []):
            page.context.close()

    def _open(self, kind: dict[str, object]) -> Page:
        context = self.browser.new_context(base_url=self.server, **kind)
        context.set_default_timeout(20_000)
        context.on("request", lambda asked: self._look(asked.url))
        context.on("weberror", lambda error: self._complain(f"script error: {error.error}"))
        context.on("console", self._listen)
        page = context.new_page()
        page.on("websocket", lambda socket: self._look(socket.url))
        return page

    def _look(self, asked: str) -> None:
        own = (f"{self.server}/", f"{self.server}/".replace("http", "ws"), "data:", "blob:")
        if not asked.startswith(own):
            self._complain(f"asked outside: {asked}")

    def _listen(self, said: ConsoleMessage) -> None:
        where = said.location.get("url", "")
        if said.type == "error":
            self._complain(f"console: {said.text} ({where})")

    def _complain(self, sentence: str) -> None:
        self.complaints.append(sentence)


@pytest.fixture(scope="session")
def visitors(browser: Browser, server: str) -> Iterator[Visitors]:
    """Give the pages that the tests share."""
    visitors = Visitors(browser, server)
    yield visitors
    visitors.close()


@pytest.fixture
def new_page(visitors: Visitors, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """Give a function that opens a page of a new visitor: no cookies, no history.

    ``new_page(locale="zh-CN", color_scheme="dark", phone=True)``; other keywords go to Playwright's
    ``Browser.new_context``.  Whoever does not look at ``motion`` is spared it: it takes a sixth of
    the time of opening a page.
    """
    pages = request.node.stash.setdefault(PAGES, [])

    def open_page(
        *,
        locale: str = "en-US",
        color_scheme: str = "light",
        motion: bool = False,
        phone: bool = False,
        **more: object,
    ) -> Page:
        page = visitors.come(locale=locale, **(PHONE if phone else DESKTOP), **more)
        page.emulate_media(
            color_scheme=color_scheme, reduced_motion="no-preference" if motion else "reduce"
        )
        pages.append(page)
        return page

    yield open_page
    failed = request.node.stash.get(FAILED, False)
    for number, page in enumerate(pages):
        if failed:
            PICTURES.mkdir(exist_ok=True)
            page.screenshot(path=PICTURES / f"{request.node.name}-{number}.png")
        visitors.go(page, for_good=failed)
    said, visitors.complaints[:] = list(visitors.complaints), []
    if said:
        pytest.fail("\n".join(said), pytrace=False)


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """Give a page of 1440 by 1000 in American English."""
    return new_page()


@pytest.fixture(name="settle")
def give_settle() -> Callable[..., None]:
    """Give the function that waits for the app to have run."""
    return settle


def settle(page: Page, *, steady: int = 200, timeout: float = 30_000) -> None:
    """Wait until the app has run, drawn it all, and stayed at rest for ``steady`` milliseconds.

    The state may still say "not running" just after a click, before the server has heard of it:
    hence steady.  Where something runs on (training), it never rests: wait for what is to be seen.
    An exception shown on the page fails the test.
    """
    page.evaluate("window.stillSince = undefined")
    page.wait_for_function(SETTLED, arg=steady, polling=30, timeout=timeout)
    shown = page.get_by_test_id("stException")
    if shown.count():
        pytest.fail(f"The page shows an exception:\n{shown.first.inner_text()}", pytrace=False)
