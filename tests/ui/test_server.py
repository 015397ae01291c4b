"""The server around the app, without a server."""

import asyncio

import pytest
import streamlit as st

from ui.server import guards, open_browser

OPTIONS = {"server.headless": False, "browser.serverAddress": "localhost", "server.port": 8503}


@pytest.mark.parametrize(("headless", "opened"), [(False, ["http://localhost:8503"]), (True, [])])
def test_a_browser_is_opened_where_there_is_a_screen(monkeypatch, headless, opened):
    async def begin() -> None:
        async with open_browser(None):
            pass

    seen = []
    monkeypatch.setattr(st, "get_option", {**OPTIONS, "server.headless": headless}.get)
    monkeypatch.setattr("webbrowser.open_new_tab", seen.append)
    asyncio.run(begin())
    assert seen == opened


def test_the_headers_take_the_place_of_others_of_their_name():
    async def app(scope, receive, send) -> None:
        headers = [(b"x-content-type-options", b"none"), (b"etag", b"1")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})

    sent = []

    async def send(message) -> None:
        sent.append(message)

    (guard,) = guards()
    asyncio.run(guard.cls(app, *guard.args, **guard.kwargs)({"type": "http"}, None, send))
    headers = dict(sent[0]["headers"])
    assert len(sent[0]["headers"]) == len(headers) == 4
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers[b"etag"] == b"1"
    assert headers[b"content-security-policy"].startswith(b"default-src 'none'; script-src 'self'")
    assert sent[1] == {"type": "http.response.body", "body": b"ok"}
