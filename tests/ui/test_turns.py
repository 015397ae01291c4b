"""Turns come in the order in which they were asked for, whatever happens to those who wait."""

import asyncio
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from streamlit import config
from streamlit.runtime import Runtime
from streamlit.runtime.app_session import AppSession

from ui.turns import SWITCH, Turns, answering, make_room, share_python


def test_whoever_comes_alone_has_the_turn_at_once():
    turns = Turns()
    with turns.place() as place:
        assert place.wait(0)
        assert turns.asked == 1
    assert turns.asked == 0


def test_the_second_waits_for_the_first():
    turns = Turns()
    with turns.place(), turns.place() as second:
        assert not second.wait(0.01)


def test_whoever_stops_waiting_holds_nobody_up():
    turns = Turns()
    third = turns.place()
    with turns.place():
        with pytest.raises(KeyError), turns.place():
            place = third.__enter__()
            raise KeyError
        assert not place.wait(0)
    assert place.wait(0)
    third.__exit__(None, None, None)


def test_threads_that_ask_again_and_again_all_have_the_same_number_of_turns():
    turns, taken = Turns(), [0, 0, 0]
    begin, until = threading.Barrier(3), time.monotonic() + 0.5

    def work(mine: int) -> None:
        begin.wait()
        while time.monotonic() < until:
            with turns.place() as place:
                while not place.wait(0.1):
                    pass
                taken[mine] += 1
                time.sleep(0.002)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert min(taken) > 5
    assert max(taken) - min(taken) <= 2


def test_one_at_a_time():
    turns, inside, most = Turns(), [], []

    def work() -> None:
        for _ in range(50):
            with turns.place() as place:
                while not place.wait(0.1):
                    pass
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1}
    assert len(most) == 200


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


def test_training_makes_room_for_pages_that_are_drawn_but_not_for_its_own():
    drawn, done = threading.Event(), threading.Event()

    def draw():
        with answering():
            drawn.set()
            done.wait(10)

    def seconds():
        begin = time.monotonic()
        make_room(0.2)
        return time.monotonic() - begin

    with answering():
        assert seconds() < 0.1
    page = threading.Thread(target=draw)
    page.start()
    drawn.wait(10)
    assert seconds() >= 0.2
    done.set()
    page.join()
    assert seconds() < 0.1


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
    return SimpleNamespace(_browser_queue=queued, _message_enqueued_callback=sender.wake), queue


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
