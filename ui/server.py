"""The server around the app: what it tells every browser, and the one that it opens."""

from __future__ import annotations

import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.policy import content_policy

_PAGE = Path(st.__file__).parent / "static" / "index.html"  # what Streamlit sends for every page


def _headers() -> dict[str, str]:
    # No frame-ancestors: a teacher may show a lesson inside a course's page, wherever that is, and
    # there is no account behind a button that somebody could be lured into pressing.
    page = _PAGE.read_text("utf-8") if _PAGE.is_file() else ""
    return {
        "Content-Security-Policy": content_policy(page),
        "X-Content-Type-Options": "nosniff",
        # A link holds all that somebody has set; no other site learns of it.
        "Referrer-Policy": "same-origin",
    }


class _Guarded:
    """Sends the headers along with every answer."""

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        self._app, self._headers = app, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        await self._app(scope, receive, send_guarded)


def guards() -> list[Middleware]:
    """Return what stands between the app and the network."""
    return [Middleware(_Guarded, headers=_headers())]


@asynccontextmanager
async def open_browser(_app: st.App) -> AsyncIterator[None]:
    """Open the app in a browser, as ``streamlit run`` does for an app without guards."""
    if not st.get_option("server.headless"):
        host, port = st.get_option("browser.serverAddress"), st.get_option("server.port")
        webbrowser.open_new_tab(f"http://{host}:{port}")
    yield
