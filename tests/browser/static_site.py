"""The in-browser site: where a test finds it, and what must not happen while it is looked at."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from web.build import OUT, build
from web.serve import server

PATIENCE = 60_000  # milliseconds that anything may take on a machine that is busy
BOOT = 180_000  # milliseconds; on a machine that has nothing else to do it is a twentieth


@contextmanager
def built_and_served() -> Iterator[str]:
    """Build the site, serve it below another folder, and yield its address."""
    build(OUT)
    with server(OUT.parent) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/{OUT.name}/"
        running.shutdown()


def watch(context: BrowserContext, address: str, complaints: list[str]) -> None:
    """Note every request that leaves the site, and every error."""

    def look(asked: str) -> None:
        if not asked.startswith((address, "data:", "blob:")):
            complaints.append(f"asked outside: {asked}")

    def listen(said: ConsoleMessage) -> None:
        where = said.location.get("url", "")
        # A plain host answers a lesson's own address with the page, but with the status 404.
        if said.type == "error" and not re.fullmatch(rf"{re.escape(address)}\w+(\?.*)?", where):
            complaints.append(f"console: {said.text} ({where})")

    context.on("request", lambda asked: look(asked.url))
    context.on("weberror", lambda error: complaints.append(f"script error: {error.error}"))
    context.on("console", listen)


def there(page: Page) -> None:
    """Wait until the start page has made way for the app."""
    page.locator("#start").wait_for(state="hidden", timeout=BOOT)
