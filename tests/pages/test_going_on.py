"""What becomes of a run when its page is opened anew, and when a button is pressed twice."""

import pytest

from ui import controls

LESSONS = {"quadrants": {"hidden": 8}, "mnist": {"layers": "8", "epochs": 100}}
each_lesson = pytest.mark.parametrize("lesson", LESSONS)


def link_of(visitor):
    found = dict(visitor.at.query_params.items())
    return {k: v if isinstance(v, str) else v[0] for k, v in found.items()}


@each_lesson
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_page_that_was_training_says_what_was_lost(visit, lesson, lang):
    visitor = visit(lesson, lang=lang, **LESSONS[lesson]).press(f"{lesson}.play")
    assert visitor.run.playing
    link = link_of(visitor)
    assert link["going"] == "1"
    again = visit(lesson, **link)
    assert again.complaints() == [again.word("training.lost")]
    assert "going" not in link_of(again) or again.run.playing
    assert again.look().complaints() == [again.word("training.lost")]  # a page may be asked twice
    assert again.press(f"{lesson}.play").complaints() == []


def test_a_lost_run_begun_again_does_not_stop_where_the_line_broke(visit):
    visitor = visit("mnist", **LESSONS["mnist"]).press("mnist.play")
    visitor.wait(lambda: visitor.run.step > 0)
    link = link_of(visitor.look())
    assert int(link["done"]) > 0
    again = visit("mnist", **link)
    assert again.run.stop_at == 0
    assert not again.at.info


@each_lesson
def test_a_page_at_rest_has_lost_nothing(visit, lesson):
    visitor = visit(lesson, **LESSONS[lesson]).press(f"{lesson}.play").press(f"{lesson}.play")
    assert not visitor.run.playing
    link = link_of(visitor)
    assert "going" not in link
    assert visit(lesson, **link).complaints() == []


@each_lesson
def test_a_double_click_means_the_same_as_one(visit, lesson, monkeypatch):
    visitor = visit(lesson, **LESSONS[lesson])
    monkeypatch.setattr(controls, "DOUBLE_CLICK", 60.0)
    visitor.press(f"{lesson}.play").press(f"{lesson}.play")
    assert visitor.run.playing
    monkeypatch.setattr(controls, "DOUBLE_CLICK", 0.0)
    visitor.press(f"{lesson}.play")
    assert not visitor.run.playing
