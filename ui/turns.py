"""Turns: who may compute now, on a server that many learners share."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Place:
    """A place in the queue for a turn."""

    def __init__(self) -> None:
        self._called = threading.Event()
        self.since = math.inf  # when the turn came, on the monotonic clock

    def call(self) -> None:
        """Tell whoever waits here that it is their turn."""
        self.since = time.monotonic()
        self._called.set()

    def wait(self, seconds: float) -> bool:
        """Wait for the turn for so many seconds at most; return whether it has come."""
        return self._called.wait(seconds)


class Turns:
    """Hands one turn on, in the order in which it was asked for.

    A lock would not do: whoever gives it back can have it again before the one who waits has woken
    up, so that one learner trains and the others look on.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._places: deque[Place] = deque()  # the first one has the turn

    @property
    def asked(self) -> int:
        """How many have the turn or wait for it."""
        return len(self._places)

    @contextmanager
    def place(self) -> Iterator[Place]:
        """Queue up; leaving the block gives the turn, or the place, to the next one."""
        mine = Place()
        with self._lock:
            self._places.append(mine)
            if self._places[0] is mine:
                mine.call()
        try:
            yield mine
        finally:
            self.leave(mine)

    def leave(self, place: Place) -> None:
        """Give the turn, or the place, to the next one; once it has been given there is none."""
        with self._lock:
            self._leave(place)

    def hand_on(self, after: float) -> None:
        """Give the turn to the next one if somebody has had it for longer, in seconds."""
        with self._lock:
            if self._places and time.monotonic() - self._places[0].since > after:
                self._leave(self._places[0])

    def _leave(self, place: Place) -> None:
        if place not in self._places:
            return
        had_turn = self._places[0] is place
        self._places.remove(place)
        if had_turn and self._places:
            self._places[0].call()
