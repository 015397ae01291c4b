"""Learners who click faster than a busy server answers: each click is done."""

import asyncio
import re
import tempfile

import pytest

from benchmarks.visitor import Visitor
from scripts.server import running

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
