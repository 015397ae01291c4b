"""One click's work is done before the next one's; what is out of date sets nothing off."""

import contextlib
import threading
import time

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner import StopException
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.testing.v1 import AppTest

from ui import callbacks


def script() -> None:
    import streamlit as st

    from ui.callbacks import finish_callbacks

    finish_callbacks()

    def take() -> None:
        st.session_state.taken = [*st.session_state.get("taken", []), st.session_state.place]

    if not st.session_state.get("away"):
        st.session_state.place = 2
        st.slider("Place", 0, st.session_state.get("last", 5), key="place", on_change=take)


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_function(script).run()


def late(page: AppTest) -> WidgetStates:
    """Return a move of the slider as it stands now, for a time when it is gone."""
    states = WidgetStates()
    states.widgets.add(id=page.slider[0].id).double_array_value.data.append(4)
    return states


def rerun(page: AppTest, **values: object) -> None:
    """Run the page again after something has changed."""
    for name, value in values.items():
        page.session_state[name] = value
    page.run()


def test_a_move_of_the_slider_is_taken(page: AppTest):
    page._run(late(page))
    assert page.session_state.taken == [4]


def test_a_late_move_of_a_slider_that_has_been_replaced_is_not(page: AppTest):
    said = late(page)
    rerun(page, last=6)
    page._run(said)
    assert not page.exception
    assert "taken" not in page.session_state


def test_nor_is_one_that_comes_when_both_are_gone(page: AppTest):
    said = late(page)
    rerun(page, last=6)
    rerun(page, away=True)
    page._run(said)
    assert not page.exception
    assert "taken" not in page.session_state


class SlowState:
    """A session's state whose callbacks take as long as they are let."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.go_on = threading.Event()

    def look(self) -> None:
        """Find no request."""

    def on_script_will_rerun(self, click: str, **_: object) -> None:
        self.said.append(f"{click} begins")
        assert callbacks._here.in_callbacks, "it could be stopped before it has taken up its click"
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
    callbacks.keep_scripts_apart()
    said = clicks(SlowState(), SafeSessionState.on_script_will_rerun)
    each = [[f"{click} begins", f"{click} ends"] for click in ("first", "second", "third")]
    assert said == sum(each, [])
    assert not callbacks._here.in_callbacks


def test_the_same_script_may_begin_again():
    callbacks.keep_scripts_apart()
    state = SlowState()
    state.go_on.set()
    script = SafeSessionState(state, lambda: None)  # type: ignore[arg-type]
    for click in ("first", "second"):
        script.on_script_will_rerun(click)
    assert len(state.said) == 4


def test_a_script_that_was_replaced_takes_back_nothing_when_it_ends():
    callbacks.keep_scripts_apart()
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
    callbacks.keep_scripts_apart()
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
