"""What a click sets off is done to its end, also when the next click is there already.

Streamlit looks for new requests whenever a script touches the session's state, and drops what it is
doing for them: a picture half drawn would be out of date anyway.  It does so in callbacks, too, and
there the first click is lost, or worse, half done; nobody takes it up again.  (So it is in
Streamlit 1.62 to 1.67: ``SessionState._call_callbacks`` catches the interruption and goes on with
the next callback.)  Two clicks in quick succession are enough: a learning rate typed in and Train
pressed at once, a number chosen and checked.

Nor do two clicks get into each other.  Whoever clicks while a script runs gets a script of their
own at once, and the one before goes on until it next looks at the session's state: in the middle
of a callback, what it writes then falls through, or the new one stumbles over it (``dictionary
changed size during iteration``).  So a script begins when the callbacks of the one before are done.

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

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from weakref import WeakValueDictionary

from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType
from streamlit.runtime.state.common import user_key_from_element_id
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SessionState


class _Here(threading.local):
    in_callbacks = False


_here = _Here()
# The lock of the script that came last, by the identity of the session's state that it locks.
_last: WeakValueDictionary[int, Any] = WeakValueDictionary()


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


def keep_clicks_apart() -> None:
    """Let a script begin when the callbacks of the one before are done; once is enough.

    Each script has a lock of its own for the state that they share, and holds it for as long as its
    callbacks take.  Where a version of Streamlit has these parts no more, all stays as it is.
    """
    begin = getattr(SafeSessionState, "on_script_will_rerun", None)
    if begin is None or hasattr(begin, "__wrapped__"):
        return

    @wraps(begin)
    def begin_in_order(self: SafeSessionState, *args: Any, **more: Any) -> None:
        self._yield_callback()  # out of date before it has begun: the next one is there already
        before, _last[id(self._state)] = _last.get(id(self._state)), self._lock
        with _undisturbed(), self._lock:  # whoever comes now waits for this one
            if before is not None:
                with before:
                    pass
            begin(self, *args, **more)

    SafeSessionState.on_script_will_rerun = begin_in_order  # type: ignore[method-assign]


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

    Once is enough.  Where a version of Streamlit has these parts no more, all stays as it is.
    """
    request = AppSession.request_rerun
    if hasattr(request, "__wrapped__"):
        return

    @wraps(request)
    def request_in_time(self: AppSession, client_state: Any) -> None:
        requests = getattr(getattr(self, "_scriptrunner", None), "_requests", None)
        ended = getattr(requests, "_state", None) == ScriptRequestType.STOP
        if not (ended and getattr(client_state, "is_auto_rerun", False)):
            request(self, client_state)

    AppSession.request_rerun = request_in_time  # type: ignore[method-assign]
