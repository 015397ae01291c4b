"""One click's work is done before the next one's; what is out of date sets nothing off."""

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

    def on_script_will_rerun(self, click: str, **_: object) -> None:
        self.said.append(f"{click} begins")
        assert callbacks._here.in_callbacks, "it could be stopped before it has taken up its click"
        self.go_on.wait(10)
        self.said.append(f"{click} ends")


def clicks(state: SlowState, begin) -> list[str]:
    """Let three scripts begin, each while the one before is at its callbacks."""
    threads = []
    for click in ("first", "second", "third"):
        script = SafeSessionState(state, lambda: None)  # type: ignore[arg-type]
        threads.append(threading.Thread(target=begin, args=(script, click)))
        threads[-1].start()
        time.sleep(0.1)
    state.go_on.set()
    for thread in threads:
        thread.join(10)
    return state.said


def test_a_script_begins_when_the_callbacks_before_are_done():
    callbacks.keep_clicks_apart()
    said = clicks(SlowState(), SafeSessionState.on_script_will_rerun)
    each = [[f"{click} begins", f"{click} ends"] for click in ("first", "second", "third")]
    assert said == sum(each, [])
    assert not callbacks._here.in_callbacks


def test_the_same_script_may_begin_again():
    callbacks.keep_clicks_apart()
    state = SlowState()
    state.go_on.set()
    script = SafeSessionState(state, lambda: None)  # type: ignore[arg-type]
    for click in ("first", "second"):
        script.on_script_will_rerun(click)
    assert len(state.said) == 4


def test_what_is_out_of_date_before_it_has_begun_does_not_begin():
    callbacks.keep_clicks_apart()
    state = SlowState()

    def stop() -> None:
        raise StopException

    script = SafeSessionState(state, stop)  # type: ignore[arg-type]
    with pytest.raises(StopException):
        script.on_script_will_rerun("first")
    assert state.said == []
