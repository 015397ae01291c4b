"""A class on one small server: thirty learners at once, ten of them training.

Each is a session of its own, a WebSocket with nothing drawn at its other end (``visitor``): ten
train MNIST, ten step through the CNN, ten draw digits.  Then all leave, and others come.
"""

from __future__ import annotations

import asyncio
import random
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from subprocess import Popen

import psutil

from benchmarks.visitor import Visitor, every
from scripts.server import running

EACH = 10  # learners of each kind
SECONDS = 40.0  # that the class works
# Seconds between an answer and a learner's next click: a class that reads, one that is quick, and
# one in which nobody looks at what the page says.
PACES = (10.0, 3.0, 1.0)
BREAK = 40.0  # seconds between two classes: the server still keeps what the one before made
FORGOTTEN = 100.0  # seconds more after which it has let go of all who left
STEPS = re.compile(r"\bdone=(\d+)")


def run(quick: bool) -> Iterator[str]:
    """Yield lines for each class that comes."""
    each, seconds, paces = (3, 15.0, PACES[:2]) if quick else (EACH, SECONDS, PACES)
    with tempfile.TemporaryFile("w+") as log, running(log) as (address, server):
        yield f"the server at rest: {megabytes(server):.0f} MB"
        for number, pace in enumerate(paces, 1):
            found = asyncio.run(lesson(address, server, each, seconds, pace))
            yield f"class {number}, a click every {pace:.0f} s: {found}"
            time.sleep(BREAK if not quick else 5.0)
            yield f"{BREAK:.0f} s after it has left: {megabytes(server):.0f} MB"
        if not quick:
            time.sleep(FORGOTTEN)
            yield f"{FORGOTTEN:.0f} s later: {megabytes(server):.0f} MB"
        log.seek(0)
        yield f"exceptions in the server's log: {log.read().count('Traceback')}"


async def lesson(address: str, server: Popen[bytes], each: int, seconds: float, pace: float) -> str:
    """Let a class come, work and leave; return what it found."""
    trainers = [Visitor(address, "mnist", "lang=en&recipe=mlp&epochs=100") for _ in range(each)]
    walkers = [Visitor(address, "cnn", "lang=en&target=1") for _ in range(each)]
    drawers = [Visitor(address, "draw", "lang=zh&view=steps") for _ in range(each)]
    everybody = [*trainers, *walkers, *drawers]
    arrivals = await asyncio.gather(*(visitor.arrive() for visitor in everybody))
    await asyncio.gather(*(visitor.press("mnist.play") for visitor in trainers))
    until = time.perf_counter() + seconds
    rng = random.Random(0)
    waits = await asyncio.gather(
        *(every(pace, lambda v=v: v.press("cnn.learn"), until, rng) for v in walkers),
        *(every(pace, lambda v=v: v.press("draw.example"), until, rng) for v in drawers),
        _most_memory(server, until),
    )
    *clicks, most = waits
    await asyncio.gather(*(visitor.press("mnist.play") for visitor in trainers))
    steps = [int(found[1]) if (found := STEPS.search(v.query)) else 0 for v in trainers]
    wrong = sum(visitor.exceptions for visitor in everybody)
    await asyncio.gather(*(visitor.leave() for visitor in everybody))
    return "; ".join(
        [
            f"{len(everybody)} learners there after {max(arrivals):.1f} s",
            _in_words("steps of the CNN", sum(clicks[:each], [])),
            _in_words("drawings", sum(clicks[each:], [])),
            f"training {sum(steps) / seconds:,.0f} steps/s in all, the slowest "
            f"{min(steps) / max(max(steps), 1):.0%} of the fastest",
            f"at most {most:.0f} MB",
            f"{wrong} exceptions on pages",
        ]
    )


async def _most_memory(server: Popen[bytes], until: float) -> float:
    most = 0.0
    while time.perf_counter() < until:
        most = max(most, await asyncio.to_thread(megabytes, server))
        await asyncio.sleep(0.5)
    return most


def _in_words(what: str, waits: list[float]) -> str:
    """Say how long clicks were waited for."""
    late = statistics.quantiles(waits, n=20)[-1] if len(waits) > 1 else max(waits)
    return f"{len(waits)} {what}, median {statistics.median(waits):.2f} s, 95 % below {late:.2f} s"


def megabytes(server: Popen[bytes]) -> float:
    """Return what memory a server holds now."""
    return float(psutil.Process(server.pid).memory_info().rss / 1e6)
