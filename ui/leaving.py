"""Visitors who have gone: their runs end, and the memory is free for others.

A run computes only while its page asks for more, so it stops by itself when the page is closed.
Streamlit keeps a visitor's session for two minutes, in case the connection comes back, and after
that until it happens to look; what was drawn last still points to the networks.  So a watch empties
the shelf of whoever can no longer come back to it, and tells what lay on it to let go of its
memory.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

from streamlit import config, runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

ROUND = 3.0  # seconds between two rounds of the watch


class Shelf(dict[str, Any]):
    """What belongs to one visitor, by name: runs, above all.

    A shelf is itself, whatever lies on it: so it can be watched.
    """

    __hash__ = object.__hash__  # type: ignore[assignment]

    def empty(self) -> None:
        """Let everything on it go."""
        for run in list(self.values()):
            run.leave()
        self.clear()


class Watch:
    """Empties the shelves of those who have gone.

    Parameters
    ----------
    is_here : callable
        Says whether the visitor of an id is connected.
    away : callable
        Says after how many seconds without a connection a visitor counts as gone.
    """

    def __init__(self, is_here: Callable[[str], bool], away: Callable[[], float]) -> None:
        self.is_here, self.away = is_here, away
        self.shelves: weakref.WeakKeyDictionary[Shelf, str] = weakref.WeakKeyDictionary()
        self.seen: weakref.WeakKeyDictionary[Shelf, float] = weakref.WeakKeyDictionary()
        self.lock = threading.Lock()
        self.thread: threading.Thread | None = None

    def over(self, shelf: Shelf, visitor: str) -> None:
        """Watch over a shelf from now on."""
        with self.lock:
            self.shelves[shelf], self.seen[shelf] = visitor, time.monotonic()
            if self.thread is not None and self.thread.is_alive():
                return
            self.thread = threading.Thread(target=self._go_round, daemon=True)
            try:
                self.thread.start()
            except RuntimeError:  # in the browser there are no threads, and only one visitor
                self.thread = None

    def look(self, now: float) -> None:
        """Empty the shelves of those who have been away for too long."""
        gone, away = [], self.away()
        with self.lock:
            for shelf, visitor in list(self.shelves.items()):
                if self.is_here(visitor):
                    self.seen[shelf] = now
                elif now - self.seen[shelf] > away:
                    gone.append(shelf)
        for shelf in gone:  # a run is waited for until its slice ends, and nobody else meanwhile
            shelf.empty()

    def at_work(self) -> int:
        """Return how many runs of all visitors who are there are to go on."""
        with self.lock:
            here = [shelf for shelf, visitor in self.shelves.items() if self.is_here(visitor)]
            return sum(run.playing for shelf in here for run in list(shelf.values()))

    def _go_round(self) -> None:
        while self.shelves:
            time.sleep(ROUND)
            self.look(time.monotonic())


def _is_connected(visitor: str) -> bool:
    """Ask the server; where there is none, as in a test, nobody can have gone."""
    try:
        return runtime.get_instance().is_active_session(visitor)
    except RuntimeError:
        return True


def _until_forgotten() -> float:
    """Return after how many seconds Streamlit no longer gives a session back, and a little more."""
    return float(config.get_option("server.disconnectedSessionTTL")) + 2 * ROUND


WATCH = Watch(_is_connected, _until_forgotten)


def new_shelf() -> Shelf:
    """Return an empty shelf for the visitor whose page is being drawn, and watch over it."""
    shelf, context = Shelf(), get_script_run_ctx()
    if context is not None and runtime.exists():
        WATCH.over(shelf, context.session_id)
    return shelf
