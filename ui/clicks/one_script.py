"""The scripts of one session change its state one after the other, in the order of the clicks.

Whoever clicks while a script runs gets a script of their own at once, and the one before goes on
until it next looks at the session's state.  Each has a lock of its own for the state that they
share: what the one before still writes falls through, or the new one stumbles over it
(``dictionary changed size during iteration``), or what was clicked is taken back before it has set
off anything.  So they share the lock, and a script begins when the callbacks of the one before are
done.  (``SafeSessionState``, Streamlit 1.62 to 1.67.)
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from weakref import WeakValueDictionary

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state.safe_session_state import SafeSessionState

from ui.assets import IN_BROWSER
from ui.clicks.callbacks import undisturbed
from ui.wrapping import wrap

GLANCE = 0.05  # seconds between two looks for requests, while another script has the state
# Seconds for a script to begin.  In a browser all is one thread: who waited would wait for nobody.
PATIENCE = 0.0 if IN_BROWSER else 10.0

# By the identity of a session's state: its lock, and its newest script.
_sharing = threading.Lock()
_locks: WeakValueDictionary[int, Any] = WeakValueDictionary()
_newest: WeakValueDictionary[int, SafeSessionState] = WeakValueDictionary()


def keep_scripts_apart() -> None:
    """Let the scripts of one session change its state one after the other."""
    if wrap(
        (SafeSessionState, "__init__", _make_sharing),
        (SafeSessionState, "on_script_will_rerun", _begin_in_order),
        (SafeSessionState, "on_script_finished", _end_if_newest),
    ):
        running = getattr(get_script_run_ctx(), "session_state", None)
        if isinstance(running, SafeSessionState):
            _share(running)


class SharedLock:
    """A session's lock, as one of its scripts has it.

    Who waits for it looks for requests: another script may be in a callback that waits for what
    this one holds, such as a run, and a script that has been replaced has to let go of it.

    Attributes
    ----------
    had : threading.Event
        Whether the script has had the lock once: then whoever comes next waits for it to be free.
    """

    def __init__(self, lock: Any, look: Callable[[], None], before: threading.Event | None) -> None:
        self.lock, self.look, self.before = lock, look, before
        self.had = threading.Event()
        if not hasattr(look, "__self__"):  # no script's: nothing will begin
            self.had.set()

    def wait_for_the_one_before(self) -> None:
        """Let the script that came before this one have the lock first."""
        if self.before is not None:
            self.before.wait(PATIENCE)

    def __enter__(self) -> None:
        while not self.lock.acquire(timeout=GLANCE):
            self.look()
        self.had.set()

    def __exit__(self, *_: object) -> None:
        self.lock.release()


def _share(safe: SafeSessionState) -> None:
    """Let a script lock the state of its session for all scripts of that session."""
    of = id(safe._state)
    with _sharing:
        lock = _locks.setdefault(of, threading.RLock())
        before = getattr(_newest.get(of), "_lock", None)
        shared = SharedLock(lock, safe._yield_callback, getattr(before, "had", None))
        object.__setattr__(safe, "_lock", shared)
        _newest[of] = safe


Method = Callable[..., None]


def _make_sharing(make: Method, safe: SafeSessionState, *args: Any, **more: Any) -> None:
    make(safe, *args, **more)
    _share(safe)


def _begin_in_order(begin: Method, safe: SafeSessionState, *args: Any, **more: Any) -> None:
    with undisturbed():
        if isinstance(safe._lock, SharedLock):
            safe._lock.wait_for_the_one_before()
        begin(safe, *args, **more)


def _end_if_newest(end: Method, safe: SafeSessionState, *args: Any, **more: Any) -> None:
    if _newest.get(id(safe._state)) is safe:  # else it would take back what was just clicked
        end(safe, *args, **more)
