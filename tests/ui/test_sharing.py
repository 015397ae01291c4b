"""The threads of a server take turns often, and wake each other no more often than they must."""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from streamlit import config
from streamlit.runtime import Runtime
from streamlit.runtime.app_session import AppSession

from ui.sharing import SWITCH, share_python


@pytest.fixture
def as_before(monkeypatch):
    """Undo what ``share_python`` does to this process."""
    monkeypatch.setattr(config, "get_option", config.get_option)
    enqueue = AppSession._enqueue_forward_msg
    monkeypatch.setattr(AppSession, "_enqueue_forward_msg", enqueue)
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("as_before")
def test_python_is_shared_more_often_than_by_default():
    sys.setswitchinterval(0.005)
    share_python()
    assert sys.getswitchinterval() == pytest.approx(SWITCH, rel=0.01)
    sys.setswitchinterval(0.0001)  # somebody wants it more often still
    share_python()
    assert sys.getswitchinterval() == pytest.approx(0.0001, rel=0.01)


@pytest.mark.usefixtures("as_before")
def test_options_are_what_they_were_and_nobody_waits_for_them():
    names = list(config.get_config_options())
    before = {name: config.get_option(name) for name in names}
    share_python()
    share_python()
    with config._config_lock:
        reader = ThreadPoolExecutor(1)
        assert reader.submit(config.get_option, names[0]).result(5) == before[names[0]]
    assert {name: config.get_option(name) for name in names} == before
    with pytest.raises(RuntimeError, match="no.such"):
        config.get_option("no.such")


class Sender:
    """What sends messages to browsers: asleep until it is woken."""

    def __init__(self):
        self.called = 0
        self._async_objs = SimpleNamespace(need_send_data=asyncio.Event())

    def wake(self):
        self.called += 1
        self._async_objs.need_send_data.set()


def session_of(sender):
    """Return as much of a session as queues messages."""
    queue = []
    queued = SimpleNamespace(enqueue=queue.append)
    session = SimpleNamespace(
        _browser_queue=queued,
        _message_enqueued_callback=sender.wake,
        _debug_last_backmsg_id=None,  # in older releases
    )
    return session, queue


@pytest.mark.usefixtures("as_before")
def test_a_sender_is_woken_once_for_all_that_lies_there_when_it_looks():
    share_python()
    share_python()
    sender = Sender()
    session, queue = session_of(sender)
    for message in range(5):
        AppSession._enqueue_forward_msg(session, message)
    assert (queue, sender.called) == ([0, 1, 2, 3, 4], 1)
    sender._async_objs.need_send_data.clear()  # it has begun to look
    AppSession._enqueue_forward_msg(session, 5)
    assert (queue[5:], sender.called) == ([5], 2)


@pytest.mark.usefixtures("as_before")
def test_a_sender_that_cannot_be_looked_at_is_woken_for_every_message():
    share_python()
    session, queue = session_of(Sender())
    session._message_enqueued_callback = lambda: queue.append("woken")
    for message in range(2):
        AppSession._enqueue_forward_msg(session, message)
    assert queue == [0, "woken", 1, "woken"]
    session._message_enqueued_callback = None
    AppSession._enqueue_forward_msg(session, 2)
    assert queue[4:] == [2]


def test_streamlit_still_has_what_the_sender_is_looked_at_by():
    runtime = Runtime._enqueued_some_message.__code__.co_names
    assert "need_send_data" in runtime
    assert "_async_objs" in Runtime.__init__.__code__.co_names
