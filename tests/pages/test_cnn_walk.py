"""The CNN lesson's walk, led by its own "show me"."""

import pytest

from ui.i18n import LANGUAGES, parts, walk_data

STEPS = walk_data("cnn")["step"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_show_me_leads_through_the_whole_walk(visit, language):
    visitor = visit("cnn", lang=language).press("walk.start")
    for number, step in enumerate(STEPS, start=1):
        assert visitor.params["walk"] == str(number)
        assert step["focus"] in visitor.drawn(), "nothing to be lit up"
        words = parts("cnn", language)[f"walk.{step['id']}"]
        assert any(words.title in text for text in visitor.texts())
        walked = visitor.at.session_state["cnn.walked"]
        assert step["id"] not in walked, "done before it was begun"
        visitor.press("walk.show")
        assert visitor.complaints() == []
        assert step["id"] in walked
        assert step["focus"] in visitor.drawn()
        visitor.press("walk.next")
    assert "walk" not in visitor.params
    assert walked == {step["id"] for step in STEPS}


@pytest.mark.parametrize("number", range(1, len(STEPS) + 1))
def test_every_step_can_be_begun_with_by_itself(visit, number):
    """A teacher's link opens the walk in its middle."""
    visitor = visit("cnn", walk=number)
    step = STEPS[number - 1]
    visitor.press("walk.show")
    assert step["focus"] in visitor.drawn()
    assert step["id"] in visitor.at.session_state["cnn.walked"]
