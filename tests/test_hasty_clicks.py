"""Learners who click faster than a busy server answers: each click is done."""

import asyncio
import re
import tempfile
from pathlib import Path

import pytest

from benchmarks.visitor import Visitor
from scripts.server import ROOT, running

CLICKS = 30
STEP = re.compile(r"\bstep=(\d+)")


async def take_steps(address: str) -> int:
    """Press the button for one step again and again; return the step that is reached."""
    visitor = Visitor(address, "quadrants", "lang=en&steps=100000")
    await visitor.arrive()
    for _ in range(CLICKS):
        await visitor.press_in_passing("quadrants.one")
        await asyncio.sleep(0.03)
    await asyncio.sleep(1)
    await visitor.press("quadrants.one")
    await visitor.leave()
    return int(STEP.search(visitor.query)[1])


async def hasten(address: str, visitors: int) -> list[int]:
    return await asyncio.gather(*(take_steps(address) for _ in range(visitors)))


@pytest.mark.slow
def test_every_click_of_three_in_a_hurry_counts():
    with tempfile.TemporaryFile("w+") as log:
        with running(log) as (address, _):
            assert asyncio.run(hasten(address, 3)) == [CLICKS + 1] * 3
        log.seek(0)
        assert "Uncaught app execution" not in log.read()


SLOW_APP = f"""
import sys
import time
sys.path.insert(0, {str(ROOT)!r})
import streamlit as st
from ui.clicks import count_every_click
count_every_click()

def count(name):
    st.session_state[name] = st.session_state.get(name, 0) + 1

st.button("outside", key="outside", on_click=count, args=["out"])
st.fragment(lambda: st.button("inside", key="inside", on_click=count, args=["in"]))()
st.query_params.update({{name: st.session_state.get(name, 0) for name in ("out", "in")}})
time.sleep(0.3)
"""


async def press_in_turn(address: str, keys: list[str], gap: float) -> str:
    """Press buttons, and return what the page's link says of how many presses counted."""
    visitor = Visitor(address, "")
    await visitor.arrive()
    assert visitor.fragments["inside"]
    assert not visitor.fragments["outside"]
    for key in keys:
        await visitor.press_in_passing(key)
        await asyncio.sleep(gap)
    await asyncio.sleep(2)
    await visitor.leave()
    return visitor.query


@pytest.mark.slow
@pytest.mark.parametrize("gap", [0.0, 0.1])
def test_clicks_within_a_fragment_and_outside_count_alike(tmp_path: Path, gap: float):
    """Streamlit forgets what waits for a fragment when the whole page is asked for."""
    app = tmp_path / "app.py"
    app.write_text(SLOW_APP, encoding="utf-8")
    keys = ["outside", "inside", "outside", "inside", "inside", "outside"]
    with tempfile.TemporaryFile("w+") as log, running(log, str(app)) as (address, _):
        assert asyncio.run(press_in_turn(address, keys, gap)) == "out=3&in=3"
