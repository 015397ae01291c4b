"""A cold start: from ``streamlit run app.py`` to the first visitor's home page.

Twice each time: with nothing compiled, as right after an installation that leaves that to the first
start, and once more with what the first start has compiled, as in a container.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from statistics import median

from benchmarks.classroom import megabytes
from benchmarks.visitor import Visitor
from scripts.server import running

HOW = ("nothing compiled", "compiled before")


def run(quick: bool) -> Iterator[str]:
    """Yield a line for each kind of start."""
    rounds = 1 if quick else 3
    seen: dict[str, list[tuple[float, float, float]]] = {how: [] for how in HOW}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as compiled:
            for how in HOW:
                seen[how].append(start(compiled))
    for how, starts in seen.items():
        up, there, memory = map(least_and_median, zip(*starts, strict=True))
        yield (
            f"{how}: healthy after {up} s, the first home page complete after {there} s, "
            f"then {memory} MB: least and (median) of {rounds}"
        )


def least_and_median(values: tuple[float, ...]) -> str:
    return f"{min(values):.1f} ({median(values):.1f})"


def start(compiled: str) -> tuple[float, float, float]:
    """Start a server, let one visitor come; return seconds, seconds and megabytes.

    ``compiled`` is the folder where Python looks for what it has compiled, and leaves it.
    """
    begin = time.perf_counter()
    environment = {"PYTHONPYCACHEPREFIX": compiled, "PYTHONDONTWRITEBYTECODE": ""}
    with tempfile.TemporaryFile("w+") as log, running(log, more=environment) as (address, server):
        up = time.perf_counter() - begin
        asyncio.run(come_and_go(address))
        there = time.perf_counter() - begin
        return up, there, megabytes(server)


async def come_and_go(address: str) -> None:
    """Open the home page, wait until it is complete, and leave."""
    visitor = Visitor(address, "", "lang=en")
    await visitor.arrive()
    if visitor.exceptions:
        raise RuntimeError("the home page shows an exception")
    await visitor.leave()
