"""What goes wrong is found and said, with a way out that works; bad tables change nothing."""

import re

import numpy as np
import pytest

from core.datasets import MAX_POINTS
from pages._quadrants.experiment import build_run
from pages._quadrants.settings import Settings

SATURATED = {"data": "quadrants", "activation": "tanh", "n": 60, "lr": 100, "step": 1}
DEAD = {"hidden": "8", "lr": 3, "seed": 3, "step": 1}


def mend(visitor, found):
    """Press the button under a finding."""
    assert found in visitor.findings()
    return visitor.press(f"quadrants.fix.{found}")


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"lr": 1000, "step": 100, "speed": 1000}, "diverged"),
        ({"activation": "none"}, "collapsed"),
        ({"init": "zeros"}, "twins"),
        ({"activation": "step"}, "step"),
        (DEAD, "dead"),
        (SATURATED, "saturated"),
        ({"lr": 1e-6, "step": 600, "speed": 1000}, "slow"),
    ],
)
def test_what_is_wrong_is_said_and_mended(visit, params, found):
    visitor = visit(**params).wait()
    if found == "slow":
        visitor.look()
    assert visitor.findings() == {found}
    assert len(visitor.complaints()) == 1
    run = visitor.run
    mend(visitor, found)
    assert found not in visitor.findings()
    assert visitor.run is not run
    assert (visitor.run.step, visitor.run.diverged) == (0, None)
    visitor.press("quadrants.one")
    assert visitor.run.step == 1


@pytest.mark.parametrize("params", [{}, {"data": "spirals", "activation": "tanh"}, {"hidden": ""}])
def test_nothing_is_found_where_nothing_is_wrong(visit, params):
    visitor = visit(**params, step=30, speed=1000)
    assert visitor.findings() == set()
    visitor.wait()
    assert visitor.findings() == set()


def test_a_diverged_run_says_when_and_can_be_mended_until_it_learns(visit):
    visitor = visit(lr=1000, steps=300).train()
    run = visitor.run
    assert run.diverged is not None
    assert visitor.at.button(key="quadrants.play").disabled
    assert visitor.at.button(key="quadrants.one").disabled
    sentence = visitor.word("finding.diverged", step=run.diverged.step, lr="1000")
    assert visitor.complaints() == [sentence]
    assert all(np.isfinite(array).all() for array in run.model.params.values())
    # Where numbers have grown too large, that is not the missing maximum's fault.
    assert "softmax" not in visitor.press("walk.start").at.session_state["quadrants.walked"]
    assert visitor.complaints() == [sentence]
    visitor.press("walk.leave")
    for _ in range(4):
        mend(visitor, "diverged")
        rate = visitor.run.optimizer.lr
        assert rate == visitor.settings.lr < run.optimizer.lr
        visitor.train()
        if visitor.run.diverged is None:
            break
        run = visitor.run
    assert visitor.run.losses[-1] < 0.1


def test_without_activation_the_page_shows_the_one_matrix(visit):
    visitor = visit(hidden="3,2", activation="none")
    params = visitor.run.model.params
    w = np.eye(2)
    for layer in ("0", "1", "2"):
        w = w @ params[f"{layer}.weight"].T
    b = visitor.run.model(np.zeros((1, 2)))
    [shown] = [code.value for code in visitor.at.code]
    numbers = [float(number) for number in re.findall(r"-?\d+\.\d*(?:e[+-]?\d+)?", shown)]
    np.testing.assert_allclose(numbers, [*w.ravel(), *b.ravel()], atol=6e-5)
    # And it is the network: the same sums for any point.
    x = np.array([[0.3, -2.0]])
    np.testing.assert_allclose(x @ w + b, visitor.run.model(x))


def test_twins_stay_twins(visit):
    visitor = visit(init="zeros", step=40, speed=1000).wait()
    weight = visitor.run.model.params["0.weight"]
    assert (weight == weight[0]).all()
    assert visitor.findings() == {"twins"}


# --------------------------------------------------------------------------- pasted tables


def paste(visitor, text):
    return visitor.put("text_area", "quadrants.table", text).press("quadrants.take")


@pytest.mark.parametrize(
    ("table", "where"),
    [
        ("1,2,1\n3,four,2", ("2", "four")),
        ("1,2,1\n3,4,cat", ("2", "cat")),
        ("1,2\n3,4", ("1", "2")),
        ("1,2,1\n\n5,1e3,1", ("3", "1e3")),
        ("1,2,1\n3,nan,2", ("2", "nan")),
        ("\n".join(["1,2,1"] * 3000), ("2,000", "3000")),
        ("", ("0",)),
        ("x, y, class", ()),
        ("1,2,7", ("1", "7")),
        ("1;2;\u4e00", ("1", "\u4e00")),
    ],
)
def test_a_table_that_cannot_be_read_is_said_and_changes_nothing(visit, table, where):
    visitor = visit(view="playground").press("quadrants.one")
    run, settings = visitor.run, visitor.settings
    paste(visitor, table)
    [sentence] = visitor.complaints()
    assert all(word in sentence for word in where if word != "0")
    assert visitor.run is run
    assert run.step == 1
    assert visitor.settings == settings
    assert visitor.at.text_area(key="quadrants.table").value == table, "what was typed is gone"


def test_a_table_becomes_the_data(visit):
    visitor = visit(view="playground").press("quadrants.one")
    run = visitor.run
    paste(visitor, "x\ty\tclass\n1.5\t-2\tI\n\uff0d1\t0.25\tIII\n")
    assert visitor.complaints() == []
    assert visitor.run is not run
    np.testing.assert_array_equal(visitor.run.data[0], [[1.5, -2], [-1, 0.25]])
    assert visitor.run.data[1].tolist() == [0, 2]
    assert visitor.settings.data == visitor.params["data"] == "own"
    visitor.press("quadrants.bring_back")
    assert visitor.run is run
    assert visitor.settings.data == "four_points"


def test_the_largest_table_is_taken(visit):
    visitor = paste(visit(view="playground"), "\n".join(["1,2,1", "-1,2,2"] * (MAX_POINTS // 2)))
    assert list(visitor.at.error) == []
    assert len(visitor.run.data[0]) == MAX_POINTS
    visitor.press("quadrants.one")
    assert visitor.run.step == 1


def test_a_table_taken_in_full_course_is_kept_apart_from_the_run_before(visit):
    visitor = visit(view="playground").press("quadrants.play")
    run = visitor.run
    paste(visitor, "1,1,1\n-1,-1,2")
    assert visitor.run is not run
    step = run.step
    visitor.look().look()
    assert run.step == step
    visitor.press("quadrants.bring_back").look()
    assert visitor.run is run
    assert (run.step, run.playing) == (step, False)


def test_an_emptied_number_field_changes_nothing(visit):
    visitor = visit(view="playground", seed=8)
    run = visitor.run
    visitor.put("number_input", "quadrants.seed", None)
    assert visitor.settings.seed == 8
    assert visitor.run is run
    visitor.put("button_group", "quadrants.view", None)
    assert visitor.settings.view == "playground"


def test_the_notes_network_is_one_click_away(visit):
    visitor = visit(data="moons", hidden="3", lr=0.5, view="playground")
    visitor.press("quadrants.notes")
    assert visitor.settings == Settings(view="playground")
    assert visitor.bits() == {
        name: array.tobytes() for name, array in build_run(Settings()).model.params.items()
    }
