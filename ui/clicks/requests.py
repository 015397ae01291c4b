"""No request makes Streamlit forget the one before, or a picture that is on its way.

Until a script has been started for a click, the next click takes its place, and the first is
forgotten.  So a click waits until the script of the click before has been started.

A click within a fragment waits by itself until the script that runs is done, and is forgotten when
somebody clicks elsewhere meanwhile, or twice.  So while a script runs, it asks for the whole page,
as other clicks do, and is answered at once.

And a script that has ended is forgotten once the last of its drawing has been taken from it; asked
for a fragment before that, Streamlit starts another script and forgets the first one at once, with
all that it has drawn.  On a busy server there is time for that: the page goes on showing Pause, and
nobody answers.  So a clock that asks for the next picture at that moment asks in vain: it will ask
again.

(``AppSession.request_rerun`` and ``_handle_scriptrunner_event_on_event_loop``,
``ScriptRequests.request_rerun``, Streamlit 1.62 to 1.67.)
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType

from ui.wrapping import wrap

SHORT = 0.002  # seconds between two looks whether a script has been started

Request = Callable[[AppSession, Any], None]

_waiting: WeakKeyDictionary[AppSession, deque[Any]] = WeakKeyDictionary()


def forget_no_request() -> None:
    """Let every click's script start, and every drawing arrive."""
    wrap((AppSession, "request_rerun", _request_in_time))


def _request_in_time(request: Request, session: AppSession, client_state: Any) -> None:
    clock = getattr(client_state, "is_auto_rerun", False)
    if clock and _asked_of(session)[0] == ScriptRequestType.STOP:
        return
    if clock or client_state is None:
        request(session, client_state)
        return
    queue = _waiting.setdefault(session, deque())
    queue.append(client_state)
    if len(queue) == 1:
        _pass_on(request, session)


def _pass_on(request: Request, session: AppSession) -> None:
    queue = _waiting[session]
    while queue and not _is_to_start(session):
        client_state = queue.popleft()
        running = _asked_of(session)[0] in (ScriptRequestType.CONTINUE, ScriptRequestType.RERUN)
        if running and _is_pressed(client_state.widget_states):
            client_state.fragment_id = ""
        request(session, client_state)
    if queue:
        asyncio.get_running_loop().call_later(SHORT, _pass_on, request, session)


def _is_to_start(session: AppSession) -> bool:
    """Return whether a click's script has not been started yet.

    A fragment without a click is a clock's, or an answer that every later request gives again.
    """
    asked, data = _asked_of(session)
    fragments = getattr(data, "fragment_id_queue", None)
    pressed = _is_pressed(getattr(data, "widget_states", None))
    return asked == ScriptRequestType.RERUN and (fragments == [] or pressed)


def _asked_of(session: AppSession) -> tuple[Any, Any]:
    """Return what a session's script is to do next, and with which data."""
    requests = getattr(getattr(session, "_scriptrunner", None), "_requests", None)
    return getattr(requests, "_state", None), getattr(requests, "_rerun_data", None)


def _is_pressed(states: Any) -> bool:
    """Return whether the widgets say that something was pressed: they say so only once."""
    widgets = getattr(states, "widgets", [])
    return any(widget.trigger_value or widget.json_trigger_value for widget in widgets)
