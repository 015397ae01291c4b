"""What is out of date sets nothing off."""

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest


def script() -> None:
    import streamlit as st

    from ui.clicks.callbacks import finish_callbacks

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
