"""The scripts of one session change its state one after the other, in the order of the clicks."""

import contextlib
import threading
import time

import pytest
from streamlit.runtime.scriptrunner import StopException
from streamlit.runtime.state.safe_session_state import SafeSessionState

from ui.clicks.callbacks import is_undisturbed
from ui.clicks.one_script import keep_scripts_apart


@pytest.fixture(autouse=True)
def apart() -> None:
    keep_scripts_apart()


class SlowState:
    """A session's state whose callbacks take as long as they are let."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.go_on = threading.Event()

    def look(self) -> None:
        """Find no request."""

    def on_script_will_rerun(self, click: str, **_: object) -> None:
        self.said.append(f"{click} begins")
        assert is_undisturbed(), "it could be stopped before it has taken up its click"
        self.go_on.wait(10)
        self.said.append(f"{click} ends")


def clicks(state: SlowState, begin) -> list[str]:
    """Let three scripts begin, each while the one before is at its callbacks."""
    threads = []
    for click in ("first", "second", "third"):
        script = SafeSessionState(state, state.look)  # type: ignore[arg-type]
        threads.append(threading.Thread(target=begin, args=(script, click)))
        threads[-1].start()
        time.sleep(0.1)
    state.go_on.set()
    for thread in threads:
        thread.join(10)
    return state.said


def test_a_script_begins_when_the_callbacks_before_are_done():
    said = clicks(SlowState(), SafeSessionState.on_script_will_rerun)
    each = [[f"{click} begins", f"{click} ends"] for click in ("first", "second", "third")]
    assert said == sum(each, [])
    assert not is_undisturbed()


def test_the_same_script_may_begin_again():
    state = SlowState()
    state.go_on.set()
    script = SafeSessionState(state, lambda: None)  # type: ignore[arg-type]
    for click in ("first", "second"):
        script.on_script_will_rerun(click)
    assert len(state.said) == 4


def test_a_script_that_was_replaced_takes_back_nothing_when_it_ends():
    ended = []

    class State:
        def on_script_finished(self, widgets: frozenset[str], **_: object) -> None:
            ended.append(widgets)

    state = State()
    one, other = (SafeSessionState(state, lambda: None) for _ in range(2))  # type: ignore[arg-type]
    one.on_script_finished(frozenset("one"))
    other.on_script_finished(frozenset("other"))
    assert ended == [frozenset("other")]


def test_who_waits_for_the_state_lets_go_of_what_others_wait_for():
    """A script that has been replaced holds a run, which a callback of the next one asks for."""
    state, run, held = SlowState(), threading.Lock(), threading.Event()

    def stop() -> None:
        if held.is_set():
            raise StopException

    one, other = (SafeSessionState(state, stop) for _ in range(2))  # type: ignore[arg-type]

    def old_script() -> None:
        with contextlib.suppress(StopException), run:
            held.set()
            with one._lock:
                pytest.fail("it got the state")

    with other._lock:
        thread = threading.Thread(target=old_script)
        thread.start()
        assert held.wait(5)
        assert run.acquire(timeout=5)
        thread.join(5)
