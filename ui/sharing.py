"""Many threads in one Python: the server hears a click while ten learners train."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from streamlit import config
from streamlit.runtime.app_session import AppSession

from ui.wrapping import wrap

# Seconds after which a thread that computes lets another have Python.  The server takes messages
# in many small pieces of work, each of which waits so long for a training run beside it: with
# Python's own 5 ms ten runs are enough to keep it from ever hearing a click.
SWITCH = 0.0005


def share_python() -> None:
    """Let the threads of a server take turns often, and not queue up: once, when it starts."""
    if sys.getswitchinterval() > SWITCH:
        sys.setswitchinterval(SWITCH)
    if not hasattr(config.get_option, "__wrapped__"):
        config.get_option = _without_lock(config.get_option)  # type: ignore[assignment]
    wrap((AppSession, "_enqueue_forward_msg", _enqueue_waking_once))


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


def _enqueue_waking_once(
    enqueue: Callable[[AppSession, Any], None], session: AppSession, message: Any
) -> None:
    """Queue a message for a browser, waking the sender only if it sleeps.

    A page is some hundred messages.  To wake the sender for each, Streamlit writes to a socket, and
    whoever does that lets others have Python.  The sender forgets that it was woken before it
    collects what there is, so a message that lies there by then is not left behind.  The event is
    no public part of Streamlit: where it has another name, every message wakes.
    """
    wake = session._message_enqueued_callback
    sender = getattr(wake, "__self__", None)
    woken = getattr(getattr(sender, "_async_objs", None), "need_send_data", None)
    if wake is None or woken is None:
        enqueue(session, message)
        return
    session._browser_queue.enqueue(message)
    if not woken.is_set():
        wake()
