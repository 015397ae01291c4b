"""Somebody comes straight to a lesson, on a server that nobody has visited yet."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ui.i18n import language_names, parts, strings
from ui.lessons import LESSONS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def fresh_server(tmp_path):
    """Start a server of its own; yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    command += ["--server.address=127.0.0.1", "--server.headless=true"]
    command += ["--server.fileWatcherType=none", "--browser.gatherUsageStats=false"]
    log = tmp_path / "log.txt"
    with log.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUTF8": "1"},
        )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5):
                    break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(log.read_text("utf-8"), pytrace=False)
                time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
    assert "Traceback" not in log.read_text("utf-8"), log.read_text("utf-8")


def test_a_link_to_a_lesson_leads_through_the_door(browser, fresh_server, settle):
    context = browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    try:
        page.goto(f"{fresh_server}/quadrants?seed=7")
        title = parts("quadrants", "zh")["title"].title
        expect(page.get_by_role("heading", level=1)).to_contain_text(title)
        settle(page)
        expect(page.get_by_test_id("stSidebarNavLink")).to_have_count(1 + len(LESSONS))
        for link, lesson in zip(
            page.get_by_test_id("stSidebarNavLink").all(), ("home", "quadrants"), strict=False
        ):
            expect(link).to_contain_text(strings("zh")[f"lesson.{lesson}"])
        expect(page).to_have_url(re.compile("seed=7"))
        expect(page).to_have_title(re.compile("Glassnet"))
        page.get_by_test_id("stSidebar").get_by_text(language_names()["en"]).click()
        english = parts("quadrants", "en")["title"].title
        expect(page.get_by_role("heading", level=1)).to_contain_text(english)
        expect(page).to_have_url(re.compile("(?=.*lang=en)(?=.*seed=7)"))
    finally:
        context.close()
