"""The server around the app: what it tells every browser, and the one that it opens."""

from __future__ import annotations

import webbrowser
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.lessons import LESSONS
from ui.policy import content_policy

_PAGE = Path(st.__file__).parent / "static" / "index.html"  # what Streamlit sends for every page
# Opened at a lesson's address, Streamlit would first ask whether its server lives below that, and
# take the browser's "not found" for an answer: a way to the server and back for everybody who
# follows a link, and two errors in the browser's console.  So a lesson's page says where it lives.
_WHERE = """<head>
    <script>
      window.__streamlit = {
        BACKEND_BASE_URL: location.origin + location.pathname.replace(/[^/]*$/, ""),
      }
    </script>"""


def _lesson_page() -> str:
    page = _PAGE.read_text("utf-8") if _PAGE.is_file() else ""
    return page.replace("<head>", _WHERE, 1)


def _headers(page: str) -> dict[str, str]:
    # No frame-ancestors: a teacher may show a lesson inside a course's page, wherever that is, and
    # there is no account behind a button that somebody could be lured into pressing.
    return {
        "Content-Security-Policy": content_policy(page),
        "X-Content-Type-Options": "nosniff",
        # A link holds all that somebody has set; no other site learns of it.
        "Referrer-Policy": "same-origin",
    }


class _Guarded:
    """Sends the headers along with every answer, and a lesson's page at a lesson's address."""

    def __init__(self, app: ASGIApp, page: str, addresses: Collection[str]) -> None:
        self._app, self._headers = app, _headers(page)
        self._page = HTMLResponse(page, headers={"Cache-Control": "no-cache"})
        self._addresses = addresses if page else ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        is_lesson = scope["type"] == "http" and scope["path"] in self._addresses
        await (self._page if is_lesson else self._app)(scope, receive, send_guarded)


def guards() -> list[Middleware]:
    """Return what stands between the app and the network."""
    home = (st.get_option("server.baseUrlPath") or "").strip("/")
    addresses = {f"/{home}/{lesson.id}".replace("//", "/") for lesson in LESSONS}
    return [Middleware(_Guarded, page=_lesson_page(), addresses=addresses)]


@asynccontextmanager
async def open_browser(_app: st.App) -> AsyncIterator[None]:
    """Open the app in a browser, as ``streamlit run`` does for an app without guards."""
    if not st.get_option("server.headless"):
        host, port = st.get_option("browser.serverAddress"), st.get_option("server.port")
        webbrowser.open_new_tab(f"http://{host}:{port}")
    yield
