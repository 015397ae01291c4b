"""The walks through the lessons that train nothing for long, led by their own "show me"."""

import pytest

from ui.i18n import parts, walk_data

LESSONS = ("cnn", "real_cnn", "captcha")
STEPS = {lesson: walk_data(lesson)["step"] for lesson in LESSONS}
EVERY = [(lesson, number) for lesson in LESSONS for number in range(1, len(STEPS[lesson]) + 1)]


@pytest.mark.parametrize("lesson", LESSONS)
def test_show_me_leads_through_the_whole_walk_in_chinese(visit, lesson):
    visitor = visit(lesson, lang="zh").press("walk.start")
    for number, step in enumerate(STEPS[lesson], start=1):
        assert visitor.params["walk"] == str(number)
        assert step["focus"] in visitor.drawn(), "nothing to be lit up"
        words = parts(lesson, "zh")[f"walk.{step['id']}"]
        assert any(words.title in text for text in visitor.texts())
        walked = visitor.at.session_state[f"{lesson}.walked"]
        assert step["id"] not in walked, "done before it was begun"
        visitor.press("walk.show")
        assert visitor.complaints() == []
        assert step["id"] in walked
        assert step["focus"] in visitor.drawn()
        visitor.press("walk.next")
    assert "walk" not in visitor.params
    assert walked == {step["id"] for step in STEPS[lesson]}


@pytest.mark.parametrize(("lesson", "number"), EVERY)
def test_every_step_can_be_begun_with_by_itself_in_english(visit, lesson, number):
    """A teacher's link opens the walk in its middle."""
    visitor = visit(lesson, walk=number)
    step = STEPS[lesson][number - 1]
    words = parts(lesson, "en")[f"walk.{step['id']}"]
    assert any(words.title in text for text in visitor.texts())
    visitor.press("walk.show")
    assert step["focus"] in visitor.drawn()
    assert step["id"] in visitor.at.session_state[f"{lesson}.walked"]
