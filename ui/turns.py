"""Turns: who may compute now, on a server that many learners share."""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from streamlit import config
from streamlit.runtime.app_session import AppSession

# Seconds after which a thread that computes lets another have Python.  The server takes messages
# in many small pieces of work, each of which waits so long for a training run beside it: with
# Python's own 5 ms ten runs are enough to keep it from ever hearing a click.
SWITCH = 0.0005
SHORT = 0.005  # seconds between two looks at whether there is room


def share_python() -> None:
    """Let the threads of a server take turns often, and not queue up: once, when it starts."""
    if sys.getswitchinterval() > SWITCH:
        sys.setswitchinterval(SWITCH)
    if not hasattr(config.get_option, "__wrapped__"):
        config.get_option = _without_lock(config.get_option)  # type: ignore[assignment]
    if not hasattr(AppSession._enqueue_forward_msg, "__wrapped__"):
        enqueue = _waking_once(AppSession._enqueue_forward_msg)
        AppSession._enqueue_forward_msg = enqueue  # type: ignore[method-assign, assignment]


def _without_lock(get_option: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return the function that reads one of Streamlit's options, without its lock.

    Every element of every page reads one.  Whoever loses its turn in the middle of that has the
    lock, and all others wait for it: a third of the time, with thirty learners.  The options are
    read when the server starts and stay as they are.
    """

    @wraps(get_option)
    def get(key: str) -> Any:
        option = (getattr(config, "_config_options", None) or {}).get(key)
        return get_option(key) if option is None else option.value

    return get


def _waking_once(enqueue: Callable[[AppSession, Any], None]) -> Callable[[AppSession, Any], None]:
    """Return the method that queues a message for a browser, waking the sender only if it sleeps.

    A page is some hundred messages.  To wake the sender for each, Streamlit writes to a socket, and
    whoever does that lets others have Python.  The sender forgets that it was woken before it
    collects what there is, so a message that lies there by then is not left behind.  The event is
    no public part of Streamlit: where it has another name, every message wakes.
    """

    @wraps(enqueue)
    def enqueue_once(self: AppSession, message: Any) -> None:
        wake = self._message_enqueued_callback
        sender = getattr(wake, "__self__", None)
        woken = getattr(getattr(sender, "_async_objs", None), "need_send_data", None)
        if wake is None or woken is None:
            enqueue(self, message)
            return
        self._browser_queue.enqueue(message)
        if not woken.is_set():
            wake()

    return enqueue_once


class _Pages:
    """How many pages are being drawn for somebody who has clicked."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.drawn = 0
        self.here = threading.local()


_PAGES = _Pages()


@contextmanager
def answering() -> Iterator[None]:
    """Draw a page: what others compute in turns makes room meanwhile, see ``make_room``."""
    with _PAGES.lock:
        _PAGES.drawn += 1
    _PAGES.here.drawing = True
    try:
        yield
    finally:
        _PAGES.here.drawing = False
        with _PAGES.lock:
            _PAGES.drawn -= 1


def make_room(seconds: float) -> None:
    """Wait until no page but one's own is being drawn, for so many seconds at most.

    Python computes one thing at a time.  Who clicks waits for an answer; who trains has time.
    """
    own = getattr(_PAGES.here, "drawing", False)
    until = time.monotonic() + seconds
    while own < _PAGES.drawn and time.monotonic() < until:
        time.sleep(SHORT)


class Place:
    """A place in the queue for a turn."""

    def __init__(self) -> None:
        self._called = threading.Event()

    def call(self) -> None:
        """Tell whoever waits here that it is their turn."""
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
            with self._lock:
                had_turn = self._places[0] is mine
                self._places.remove(mine)
                if had_turn and self._places:
                    self._places[0].call()
