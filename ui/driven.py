"""What is computed in slices, on a server that many learners share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.threads import one_core
from ui.answering import end_answering, make_room
from ui.turns import Turns

# All runs of a server take turns: one slice at a time, on one core.  Small networks gain nothing
# from computing side by side, they only wait for each other's locks.
TURNS = Turns()
ROOM = 0.6  # seconds that a turn may wait for pages to be drawn
GLANCE = 0.1  # seconds of waiting for a turn between two looks at whether somebody has clicked


def nothing() -> None:
    """Do nothing."""


class Driven:
    """What is computed in slices: whether it is to go on, how far it is, whose turn it is.

    Attributes
    ----------
    playing : bool
        Whether it is to go on.
    step, until : int
        Where it stands, and where it pauses by itself.
    drawn_at : float
        When a page last drew it live, on the monotonic clock.
    after_loss : bool
        Whether it stands where one stood that was lost, and nobody has pressed anything yet.
    """

    step = 0
    until = 1
    playing = False
    drawn_at = 0.0
    after_loss = False

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.on_tick: Callable[[], None] = nothing
        self.on_wait: Callable[[], None] = nothing

    @property
    def progress(self) -> float:
        """Which share of the way lies behind, from 0 to 1."""
        return min(1.0, self.step / self.until)

    def go_on(self) -> None:
        """Compute for one slice; set ``playing`` to False at the end."""
        raise TypeError(f"{type(self).__name__} must define go_on")

    def leave(self) -> None:
        """Stop for good and let go of memory: the learner has gone."""
        self.playing = False

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Wait for the turn and take it; yields whether that was possible.

        Two script runs of one session can overlap for a moment: the second finds the lock taken
        and leaves the run alone.
        """
        if not self.lock.acquire(blocking=False):
            yield False
            return
        try:
            end_answering()
            with TURNS.place() as place:
                while not place.wait(GLANCE):
                    self.on_wait()  # which may end this run of the script
                make_room(ROOM)
                with one_core():
                    yield True
        finally:
            self.lock.release()
