"""Who clicks is answered: one page after the other, and before all that trains.

Python computes one thing at a time.  Pages that are drawn at the same time hold each other up:
each takes as long as all of them together, and the hand-overs come on top.  So they are drawn in
the order of the clicks, and whoever comes first waits for nobody.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ui.assets import IN_BROWSER
from ui.turns import Place, Turns

HOLD = 0.5  # seconds of its turn after which a page goes on beside the next one
GLANCE = 0.05  # seconds of waiting for the turn between two looks at whether somebody has clicked
SHORT = 0.005  # seconds between two looks at whether there is room

PAGES = Turns()
_drawn: list[Place] = []  # the places of the pages that are being drawn, or wait for it


class _Here(threading.local):
    place: Place | None = None


_here = _Here()


@contextmanager
def answering(on_wait: Callable[[], None]) -> Iterator[None]:
    """Draw a page when its turn has come.

    Parameters
    ----------
    on_wait : callable
        Called again and again until then; an exception in it gives up the place.
    """
    if IN_BROWSER:  # one learner, and no threads
        yield
        return
    with PAGES.place() as place:
        _here.place = place
        _drawn.append(place)
        try:
            while not place.wait(GLANCE):
                on_wait()
                PAGES.hand_on(HOLD)
            yield
        finally:
            end_answering()


def end_answering() -> None:
    """Let others be answered: what follows on this page is nothing that anybody waits for."""
    place, _here.place = _here.place, None
    if place is not None:
        _drawn.remove(place)
        PAGES.leave(place)


def make_room(seconds: float) -> None:
    """Wait until no page is being drawn, for so many seconds at most: who trains has time."""
    until = time.monotonic() + seconds
    while _drawn and time.monotonic() < until:
        time.sleep(SHORT)
