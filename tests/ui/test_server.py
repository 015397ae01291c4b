"""The server around the app, without a server."""

import asyncio
import base64
import hashlib

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


async def app(scope, receive, send) -> None:
    headers = [(b"x-content-type-options", b"none"), (b"etag", b"1")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


def answer(path):
    """Return the headers and the body that are sent for an address."""
    sent = []

    async def send(message) -> None:
        sent.append(message)

    (guard,) = guards()
    guarded = guard.cls(app, *guard.args, **guard.kwargs)
    asyncio.run(guarded({"type": "http", "path": path}, None, send))
    start, body = sent
    headers = dict(start["headers"])
    assert len(start["headers"]) == len(headers)
    return headers, body["body"]


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/mnist/_stcore/health", "/static/a.js"])
def test_the_headers_take_the_place_of_others_of_their_name(path):
    headers, body = answer(path)
    assert len(headers) == 4
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers[b"etag"] == b"1"
    assert headers[b"content-security-policy"].startswith(b"default-src 'none'; script-src 'self'")
    assert body == b"ok"


@pytest.mark.parametrize("home", ["", "school/glassnet"])
@pytest.mark.parametrize("lesson", ["quadrants", "draw"])
def test_a_lessons_page_knows_where_its_server_is(monkeypatch, home, lesson):
    monkeypatch.setattr(st, "get_option", {"server.baseUrlPath": home}.get)
    headers, body = answer(f"/{home}/{lesson}".replace("//", "/"))
    script = body.decode().split("<script>")[1].split("</script>")[0]
    assert "BACKEND_BASE_URL" in script
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in headers[b"content-security-policy"].decode()
    assert headers[b"cache-control"] == b"no-cache"
    assert b'<div id="root">' in body
