"""What a click sets off is done to its end, also when the next click is there already.

Streamlit looks for new requests whenever a script touches the session's state, and drops what it is
doing for them: a picture half drawn would be out of date anyway.  It does so in callbacks, too, and
there the first click is lost, or worse, half done; nobody takes it up again.  (So it is in
Streamlit 1.62 to 1.67: ``SessionState._call_callbacks`` catches the interruption and goes on with
the next callback.)  Two clicks in quick succession are enough: a learning rate typed in and Train
pressed at once, a number chosen and checked.

Nor do two clicks get into each other.  Whoever clicks while a script runs gets a script of their
own at once, and the one before goes on until it next looks at the session's state.  Each has a lock
of its own for the state that they share: what the one before still writes falls through, or the new
one stumbles over it (``dictionary changed size during iteration``), or what was clicked is taken
back before it has set off anything.  So they share the lock, and a script begins when the callbacks
of the one before are done.

What the page still says of a widget that has gone sets nothing off: it may be a slider that has
been drawn anew meanwhile, with other limits but under the same key.  Its callback would look the
key up and find another value, or none.

And what it draws arrives, also when a clock asks for the next picture at that moment.  A script
that has ended is forgotten once the last of its drawing has been taken from it; asked for a
fragment before that, Streamlit starts another script and forgets the first one at once, with all
that it has drawn.  On a busy server there is time for that: the page goes on showing Pause, and
nobody answers.  (``AppSession.request_rerun`` and ``_handle_scriptrunner_event_on_event_loop``,
1.62 to 1.67.)
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary

from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType
from streamlit.runtime.state.common import user_key_from_element_id
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SessionState

from ui.assets import IN_BROWSER

GLANCE = 0.05  # seconds between two looks for requests, while another script has the state
SHORT = 0.002  # seconds between two looks whether a script has been started
# Seconds for a script to begin.  In a browser all is one thread: who waited would wait for nobody.
PATIENCE = 0.0 if IN_BROWSER else 10.0


class _Here(threading.local):
    in_callbacks = False


_here = _Here()
# By the identity of a session's state: its lock, and its newest script.
_sharing = threading.Lock()
_locks: WeakValueDictionary[int, Any] = WeakValueDictionary()
_newest: WeakValueDictionary[int, SafeSessionState] = WeakValueDictionary()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Look for no new request meanwhile."""
    before, _here.in_callbacks = _here.in_callbacks, True
    try:
        yield
    finally:
        _here.in_callbacks = before


def finish_callbacks() -> None:
    """Let callbacks run to their end before a new request is looked at; once is enough.

    These are no public parts of Streamlit.  Where a version has them no more, all stays as it is.
    """
    call = getattr(SessionState, "_call_callbacks", None)
    look = getattr(ScriptRunner, "_maybe_handle_execution_control_request", None)
    if call is None or look is None or hasattr(call, "__wrapped__"):
        return

    @wraps(call)
    def call_all(self: SessionState, *args: Any, **more: Any) -> None:
        _forget_replaced(self)
        with _undisturbed():
            call(self, *args, **more)

    @wraps(look)
    def look_later(self: ScriptRunner) -> None:
        if not _here.in_callbacks:
            look(self)

    SessionState._call_callbacks = call_all  # type: ignore[method-assign]
    ScriptRunner._maybe_handle_execution_control_request = look_later  # type: ignore[method-assign]
    # The script that is running right now took its method along before it was replaced.
    state = getattr(get_script_run_ctx(), "session_state", None)
    runner = getattr(getattr(state, "_yield_callback", None), "__self__", None)
    if runner is not None:
        look_now = runner._maybe_handle_execution_control_request
        object.__setattr__(state, "_yield_callback", look_now)


def keep_scripts_apart() -> None:
    """Let the scripts of one session change its state one after the other; once is enough.

    Where a version of Streamlit has these parts no more, all stays as it is.
    """
    make: Callable[..., None] = SafeSessionState.__init__
    begin = getattr(SafeSessionState, "on_script_will_rerun", None)
    end = getattr(SafeSessionState, "on_script_finished", None)
    if begin is None or end is None or hasattr(begin, "__wrapped__"):
        return

    @wraps(make)
    def make_sharing(self: SafeSessionState, *args: Any, **more: Any) -> None:
        make(self, *args, **more)
        share(self)

    @wraps(begin)
    def begin_in_order(self: SafeSessionState, *args: Any, **more: Any) -> None:
        with _undisturbed():
            if isinstance(self._lock, SharedLock):
                self._lock.wait_for_the_one_before()
            begin(self, *args, **more)

    @wraps(end)
    def end_if_newest(self: SafeSessionState, *args: Any, **more: Any) -> None:
        if _newest.get(id(self._state)) is self:  # else it would take back what was just clicked
            end(self, *args, **more)

    SafeSessionState.__init__ = make_sharing  # type: ignore[method-assign, assignment]
    SafeSessionState.on_script_will_rerun = begin_in_order  # type: ignore[method-assign]
    SafeSessionState.on_script_finished = end_if_newest  # type: ignore[method-assign]
    running = getattr(get_script_run_ctx(), "session_state", None)
    if isinstance(running, SafeSessionState):
        share(running)


def share(safe: SafeSessionState) -> None:
    """Let a script lock the state of its session for all scripts of that session."""
    of = id(safe._state)
    with _sharing:
        lock = _locks.setdefault(of, threading.RLock())
        before = getattr(_newest.get(of), "_lock", None)
        shared = SharedLock(lock, safe._yield_callback, getattr(before, "had", None))
        object.__setattr__(safe, "_lock", shared)
        _newest[of] = safe


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


def _forget_replaced(state: SessionState) -> None:
    """Drop the answers of widgets whose keys belong to others by now."""
    answers = getattr(getattr(state, "_new_widget_state", None), "states", {})
    keys = getattr(state, "_key_id_mapper", None)
    if keys is None:
        return
    for widget in list(answers):
        key = user_key_from_element_id(widget)
        if key is not None and keys.get_id_from_key(key, widget) != widget:
            del answers[widget]


def finish_drawings() -> None:
    """Let a clock's request wait for the next one while a script's drawing is still under way.

    And let a click wait until the script of the click before has been started: until then Streamlit
    forgets the one for the other.  Once is enough.  Where a version of Streamlit has these parts no
    more, all stays as it is.
    """
    request = AppSession.request_rerun
    if hasattr(request, "__wrapped__"):
        return
    waiting: WeakKeyDictionary[AppSession, deque[Any]] = WeakKeyDictionary()

    @wraps(request)
    def request_in_time(self: AppSession, client_state: Any) -> None:
        clock = getattr(client_state, "is_auto_rerun", False)
        if clock and _asked_of(self)[0] == ScriptRequestType.STOP:
            return
        if clock or client_state is None:
            request(self, client_state)
            return
        queue = waiting.setdefault(self, deque())
        queue.append(client_state)
        if len(queue) == 1:
            pass_on(self)

    def pass_on(session: AppSession) -> None:
        queue = waiting[session]
        # What waits for a script that runs is a fragment; all else has a script of its own.
        while queue and _asked_of(session) != (ScriptRequestType.RERUN, []):
            request(session, queue.popleft())
        if queue:
            asyncio.get_running_loop().call_later(SHORT, pass_on, session)

    AppSession.request_rerun = request_in_time  # type: ignore[method-assign]


def _asked_of(session: AppSession) -> tuple[Any, Any]:
    """Return what a session's script is to do next, and with which fragments."""
    requests = getattr(getattr(session, "_scriptrunner", None), "_requests", None)
    data = getattr(requests, "_rerun_data", None)
    return getattr(requests, "_state", None), getattr(data, "fragment_id_queue", None)
