"""The walk leads to its end, each step by "show me"; the tasks can be solved and stay so."""

import pytest

from ui.i18n import parts
from ui.walk import walk_data

STEPS = walk_data("mnist")["step"]
TASKS = [task["id"] for task in walk_data("mnist")["task"]]
SMALL_CNN = {
    "layers": "8c5-max2-16c5-max2",
    "optimizer": "adam",
    "batch_size": 64,
    "epochs": 1,
}
SOLUTIONS = {
    "thrifty": {**SMALL_CNN, "layers": "4c5-max2-8c5-max2", "lr": 0.01, "train_size": 15_000},
    "few": {**SMALL_CNN, "lr": 0.01, "train_size": 1000, "epochs": 7, "batch_size": 20},
    "sure": {**SMALL_CNN, "lr": 0.003},
}


def walked(visitor):
    return visitor.at.session_state["mnist.walked"]


def solved(visitor):
    return visitor.params.get("solved", "").split(",")


def test_show_me_leads_through_the_whole_walk(visit):
    visitor = visit("mnist", epochs=3).press("walk.start")
    for number, step in enumerate(STEPS, start=1):
        assert visitor.params["walk"] == str(number)
        assert step["focus"] in visitor.drawn(), "nothing to be lit up"
        assert step["id"] not in walked(visitor), "done before it was begun"
        visitor.press("walk.show")
        visitor.wait(lambda: step["id"] in walked(visitor), looks=100)  # noqa: B023
        assert step["focus"] in visitor.drawn()
        label = "walk.finish" if number == len(STEPS) else "walk.next"
        assert visitor.at.button(key="walk.next").label == visitor.word(label)
        visitor.press("walk.next")
    assert "walk" not in visitor.drawn()
    assert "walk" not in visitor.params
    assert walked(visitor) == {step["id"] for step in STEPS}


@pytest.mark.parametrize("number", range(1, len(STEPS) + 1))
def test_every_step_opens_by_a_link_and_speaks_chinese(visit, number):
    visitor = visit("mnist", walk=number, lang="zh")
    step = STEPS[number - 1]
    assert step["focus"] in visitor.drawn()
    assert visitor.settings.view == step.get("view", "data")
    words = parts("mnist", "zh")[f"walk.{step['id']}"]
    assert any(words.title in text for text in visitor.texts())


@pytest.mark.parametrize("name", ["weights", "cell", "image", "threshold"])
def test_a_step_can_be_begun_with_by_itself(visit, name):
    """A teacher's link opens the walk in its middle, with nothing trained."""
    number = [step["show"] for step in STEPS].index(name)
    visitor = visit("mnist", walk=number + 1)
    visitor.press("walk.show")
    visitor.wait(lambda: STEPS[number]["id"] in walked(visitor), looks=100)
    assert not visitor.complaints()


def test_the_last_step_by_itself_trains_a_network_of_ones_own_first(visit):
    visitor = visit("mnist", walk=len(STEPS)).press("walk.show")
    assert visitor.run.playing
    assert visitor.run.settings.layers == "256-64"
    assert (visitor.settings.view, visitor.settings.results) == ("results", "worst")


def test_every_task_has_a_solution_here():
    assert sorted(SOLUTIONS) == sorted(TASKS)


@pytest.mark.parametrize("task", TASKS)
def test_a_task_can_be_solved_and_stays_solved(visit, task):
    visitor = visit("mnist", **SOLUTIONS[task], view="tasks")
    assert "solved" not in visitor.params
    visitor.train()
    if task == "sure":
        visitor.view("results")
        assert task not in solved(visitor)
        visitor.put("button_group", "mnist.results", "doubt").put(
            "slider", "mnist.results.threshold", 95
        ).view("tasks")
    assert task in solved(visitor)
    title = parts("mnist", "en")[f"task.{task}"].title
    [text] = [box.value for box in visitor.at.markdown if title in box.value]
    assert "✓" in text
    visitor.press("mnist.start_again")
    assert task in solved(visitor)
