"""What a click sets off is done to its end, also when the next click is there already.

Streamlit looks for new requests whenever a script touches the session's state, and drops what it is
doing for them.  It does so in callbacks, too, and there the first click is lost, or worse, half
done; nobody takes it up again.  (So it is in Streamlit 1.62 to 1.67:
``SessionState._call_callbacks`` catches the interruption and goes on with the next callback.)  Two
clicks in quick succession are enough: a learning rate typed in and Train pressed at once, a number
chosen and checked.

What the page still says of a widget that has gone sets nothing off: it may be a slider that has
been drawn anew meanwhile, with other limits but under the same key.  Its callback would look the
key up and find another value, or none.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.state.common import user_key_from_element_id
from streamlit.runtime.state.session_state import SessionState

from ui.wrapping import wrap


class _Here(threading.local):
    undisturbed = False


_here = _Here()


def is_undisturbed() -> bool:
    """Return whether this thread looks for no new request now."""
    return _here.undisturbed


@contextmanager
def undisturbed() -> Iterator[None]:
    """Look for no new request meanwhile."""
    before, _here.undisturbed = _here.undisturbed, True
    try:
        yield
    finally:
        _here.undisturbed = before


def finish_callbacks() -> None:
    """Let callbacks run to their end before a new request is looked at."""
    look = "_maybe_handle_execution_control_request"
    if not wrap((SessionState, "_call_callbacks", _call_all), (ScriptRunner, look, _look_later)):
        return
    # The script that is running right now took its method along before it was replaced.
    state = getattr(get_script_run_ctx(), "session_state", None)
    runner = getattr(getattr(state, "_yield_callback", None), "__self__", None)
    if runner is not None:
        object.__setattr__(state, "_yield_callback", getattr(runner, look))


def _call_all(call: Callable[..., None], state: SessionState, *args: Any, **more: Any) -> None:
    _forget_replaced(state)
    with undisturbed():
        call(state, *args, **more)


def _look_later(look: Callable[[ScriptRunner], None], runner: ScriptRunner) -> None:
    if not is_undisturbed():
        look(runner)


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
