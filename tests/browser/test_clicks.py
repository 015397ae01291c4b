"""Two clicks in quick succession: both are done, whole."""

import tempfile
import textwrap
from pathlib import Path

from playwright.sync_api import Browser, expect

from scripts.server import ROOT, running

APP = """
import sys
import time
sys.path.insert(0, {root!r})
import streamlit as st
from ui.clicks.callbacks import finish_callbacks
from ui.clicks.one_script import keep_scripts_apart
{call}

def slow():
    time.sleep(0.5)
    st.session_state["steps"] = st.session_state.get("steps", 0) + 1
    st.session_state["whole"] = True

def quick():
    st.session_state["quick"] = True

st.button("slow", on_click=slow)
def look():
    st.session_state["looks"] = st.session_state.get("looks", 0) + 1

st.button("quick", on_click=quick)
st.button("look", on_click=look)
said = {{name: st.session_state.get(name, False) for name in ("steps", "whole", "quick", "looks")}}
st.text(str(said))
"""


def click_both(browser: Browser, folder: Path, call: str) -> tuple[str, str]:
    """Press two buttons, the second while the first one's callback is at work.

    Returns what the page says in answer to the second, and what it says a while later.
    """
    app = folder / "app.py"
    app.write_text(textwrap.dedent(APP).format(root=str(ROOT), call=call), encoding="utf-8")
    with tempfile.TemporaryFile("w+") as log, running(log, str(app)) as (address, _):
        page = browser.new_page()
        page.goto(address)
        page.get_by_text("quick", exact=True).wait_for()
        page.get_by_text("slow", exact=True).click()
        page.wait_for_timeout(150)
        page.get_by_text("quick", exact=True).click()
        expect(page.get_by_text("'quick': True")).to_be_visible(timeout=10_000)
        answer = page.get_by_text("'quick': True").inner_text()
        page.wait_for_timeout(1000)  # by now the first one has ended, one way or the other
        page.get_by_text("look", exact=True).click()
        expect(page.get_by_text("'looks': 1")).to_be_visible(timeout=10_000)
        said = page.get_by_text("'looks': 1").inner_text()
        page.close()
        return answer, said


def test_the_first_click_is_done_to_its_end_before_the_second(browser, tmp_path):
    both = click_both(browser, tmp_path, "finish_callbacks(); keep_scripts_apart()")
    assert all("'steps': 1, 'whole': True" in said for said in both)


def test_otherwise_the_second_is_answered_in_the_middle_of_the_first(browser, tmp_path):
    answer, later = click_both(browser, tmp_path, "finish_callbacks()")
    assert "'steps': 1" not in answer
    assert "'steps': 1, 'whole': True" in later


def test_streamlit_alone_still_needs_this(browser, tmp_path):
    _, later = click_both(browser, tmp_path, "")
    assert "'whole': True" not in later
