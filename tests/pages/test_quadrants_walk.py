"""The walk leads to its end, each step by "show me"; the tasks can be solved and stay so."""

import pytest

from ui.i18n import parts
from ui.walk import walk_data

STEPS = walk_data("quadrants")["step"]
TASKS = [task["id"] for task in walk_data("quadrants")["task"]]
SOLUTIONS = {
    "spiral": {
        "data": "spirals",
        "n": 20,
        "noise": 0,
        "hidden": "4,4",
        "activation": "tanh",
        "init": "xavier_uniform",
        "optimizer": "adam",
        "lr": 0.03,
        "l2": 0,
        "seed": 2,
        "steps": 400,
    },
    "dead": {"hidden": "8", "lr": 3, "seed": 3, "steps": 1},
    "straight": {
        "data": "xor",
        "hidden": "4",
        "activation": "tanh",
        "init": "xavier_uniform",
        "optimizer": "adam",
        "lr": 0.05,
        "steps": 400,
    },
}


def test_show_me_leads_through_the_whole_walk_in_chinese(visit):
    visitor = visit(lang="zh", speed=1000).press("walk.start")
    for number, step in enumerate(STEPS, start=1):
        assert visitor.params["walk"] == str(number)
        assert step["focus"] in visitor.drawn(), "nothing to be lit up"
        words = parts("quadrants", "zh")[f"walk.{step['id']}"]
        assert any(words.title in text for text in visitor.texts())
        walked = visitor.at.session_state["quadrants.walked"]
        assert step["id"] not in walked, "done before it was begun"
        visitor.press("walk.show")
        visitor.wait(lambda: step["id"] in walked, looks=200)  # noqa: B023
        assert step["focus"] in visitor.drawn()
        assert visitor.at.button(key="walk.show").disabled
        label = "walk.finish" if number == len(STEPS) else "walk.next"
        assert visitor.at.button(key="walk.next").label == visitor.word(label)
        visitor.press("walk.next")
    assert "walk" not in visitor.drawn()
    assert "walk" not in visitor.params
    assert walked == {step["id"] for step in STEPS}


@pytest.mark.parametrize("number", range(1, len(STEPS) + 1))
def test_every_step_can_be_begun_with_by_itself_in_english(visit, number):
    """A teacher's link opens the walk in its middle."""
    visitor = visit(walk=number, speed=1000)
    step = STEPS[number - 1]
    words = parts("quadrants", "en")[f"walk.{step['id']}"]
    assert any(words.title in text for text in visitor.texts())
    assert step["focus"] in visitor.drawn()
    visitor.press("walk.show")
    visitor.wait(lambda: step["id"] in visitor.at.session_state["quadrants.walked"], looks=200)


def test_the_walk_can_be_left_and_taken_backwards(visit):
    visitor = visit(walk=2)
    visitor.press("walk.back")
    assert visitor.params["walk"] == "1"
    assert visitor.at.button(key="walk.back").disabled
    visitor.press("walk-present")
    assert visitor.params["present"] == "1"
    visitor.press("walk.leave")
    assert "walk" not in visitor.drawn()
    assert visitor.params == {"lang": "en"}


def test_a_step_counts_however_it_was_done(visit):
    visitor = visit(walk=5)
    visitor.put("toggle", "quadrants.without_maximum", True).press("quadrants.far")
    assert "softmax" in visitor.at.session_state["quadrants.walked"]


def test_every_task_has_a_solution_here():
    assert sorted(SOLUTIONS) == sorted(TASKS)


@pytest.mark.parametrize("task", TASKS)
def test_a_task_can_be_solved_and_stays_solved(visit, task):
    visitor = visit(**SOLUTIONS[task], speed=1000, view="tasks")
    title = parts("quadrants", "en")[f"task.{task}"].title
    assert mark_of(visitor, title) == "open"
    assert "solved" not in visitor.params
    visitor.train()
    assert mark_of(visitor, title) == "solved"
    assert visitor.params["solved"] == task
    visitor.press("quadrants.again")
    assert visitor.params["solved"] == task
    other = visit(solved=visitor.params["solved"], view="tasks", lang="zh")
    assert mark_of(other, parts("quadrants", "zh")[f"task.{task}"].title) == "solved"
    assert other.params["solved"] == task


def test_only_tasks_that_there_are_can_be_solved(visit):
    visitor = visit(solved="everything,spiral,<b>", view="tasks")
    assert visitor.params["solved"] == "spiral"


def mark_of(visitor, title):
    [text] = [box.value for box in visitor.at.markdown if title in box.value]
    assert ("✓" in text) != ("○" in text)
    return "solved" if "✓" in text else "open"
