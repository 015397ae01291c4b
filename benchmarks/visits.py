"""Whether a server's memory grows for ever: one class after the other comes, works, and leaves.

The server forgets who has left after seconds instead of minutes, so that all its classes meet
within minutes.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator

from benchmarks.classroom import EACH, lesson, megabytes
from scripts.server import running
from ui.leaving import ROUND

CLASSES = 8
SECONDS = 12.0  # that a class works
PACE = 3.0  # seconds between an answer and a learner's next click
KEPT = 5  # seconds for which Streamlit keeps the session of somebody who has gone


def run(quick: bool) -> Iterator[str]:
    """Yield what memory the server holds after each class."""
    soon = {"STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": str(KEPT)}
    each, classes = (3, 3) if quick else (EACH, CLASSES)
    with tempfile.TemporaryFile("w+") as log, running(log, more=soon) as (address, server):
        held = []
        for _ in range(classes):
            asyncio.run(lesson(address, server, each, SECONDS, PACE))
            time.sleep(KEPT + 4 * ROUND)
            held.append(f"{megabytes(server):.0f}")
        yield f"after each of {classes} classes of {3 * each}: {', '.join(held)} MB"
