"""The quadrant lesson's run: trained, paused, begun anew, brought back, with other settings."""

import numpy as np
import pytest

from pages._quadrants.experiment import build_run
from pages._quadrants.settings import Settings
from tests.pages.newest_picture import newest
from ui.training import Change


def test_the_notes_network_learns_as_in_the_notes(visit):
    visitor = visit(speed=1000)
    assert newest(visitor)[0] == 0
    visitor.train()
    run = visitor.run
    assert run.step == len(run.losses) == 10_000
    assert round(run.losses[0], 4) == 12.0392
    assert round(run.losses[-1], 7) == 0.0039663
    assert visitor.probabilities().argmax(axis=1).tolist() == [0, 1, 2, 3]
    assert newest(visitor) == (10_000, pytest.approx(visitor.loss(), rel=1e-5))
    assert visitor.params["step"] == "10000"
    assert visitor.findings() == set()
    # All of it lies on the timeline, from the first guess on.
    steps = [f["step"] for f in visitor.data("quadrants.plane-scene")["scene"]["frames"]]
    assert steps[0] == 0
    assert steps == sorted(set(steps))
    # Once more goes as far again.
    visitor.press("quadrants.play")
    assert run.until == 20_000
    assert run.playing


def test_one_step_is_one_step(visit):
    visitor = visit().press("quadrants.one")
    assert (visitor.run.step, visitor.run.playing) == (1, False)
    assert visitor.params["step"] == "1"
    assert newest(visitor)[0] == 1
    visitor.look()
    assert visitor.run.step == 1
    visitor.press("quadrants.one")
    assert visitor.run.step == 2


def test_pause_stops_and_train_goes_on(visit):
    visitor = visit().press("quadrants.play")
    visitor.look()
    visitor.press("quadrants.play")
    step = visitor.run.step
    visitor.look()
    assert visitor.run.step == step > 0
    assert newest(visitor)[0] == step
    visitor.press("quadrants.play")
    assert visitor.run.step > step


def test_starting_again_begins_anew_and_the_last_run_can_be_brought_back(visit):
    visitor = visit(seed=3)
    assert "quadrants.bring_back" not in visitor.drawn()
    first_bits = visitor.bits()
    visitor.press("quadrants.one").press("quadrants.one")
    run, bits = visitor.run, visitor.bits()
    assert bits != first_bits
    visitor.press("quadrants.again")
    assert visitor.run is not run
    assert (visitor.run.step, visitor.bits()) == (0, first_bits)
    visitor.press("quadrants.bring_back")
    assert visitor.run is run
    assert (run.step, visitor.bits()) == (2, bits)
    assert newest(visitor)[0] == 2
    assert "quadrants.bring_back" not in visitor.drawn()


def test_a_run_that_was_left_in_full_course_rests_when_it_is_brought_back(visit):
    visitor = visit().press("quadrants.play")
    run = visitor.run
    visitor.press("quadrants.again")
    step = run.step
    visitor.look().press("quadrants.bring_back")
    visitor.look()
    assert visitor.run is run
    assert not run.playing
    assert run.step == step


# --------------------------------------------------------------------------- other settings


def test_at_rest_another_setting_builds_another_network(visit):
    visitor = visit(data="quadrants", view="playground").press("quadrants.one")
    run = visitor.run
    visitor.put("slider", "quadrants.noise", 0.3)
    assert visitor.run is not run
    assert (visitor.run.step, visitor.run.settings.noise) == (0, 0.3)
    assert visitor.params["noise"] == "0.3"
    visitor.press("quadrants.bring_back")
    assert visitor.run is run
    assert visitor.settings.noise == 0.1
    assert visitor.at.slider(key="quadrants.noise").value == 0.1


@pytest.mark.parametrize(
    ("kind", "key", "value", "expected"),
    [
        ("selectbox", "data", "moons", {"data": "moons"}),
        ("slider", "layers", 3, {"hidden": (50, 50, 50)}),
        ("slider", "layers", 0, {"hidden": ()}),
        ("slider", "width.0", 7, {"hidden": (7,)}),
        ("selectbox", "activation", "tanh", {"activation": "tanh"}),
        ("selectbox", "init", "zeros", {"init": "zeros"}),
        ("selectbox", "optimizer", "adam", {"optimizer": "adam"}),
        ("number_input", "batch", 2, {"batch": 2}),
        ("number_input", "l2", 0.5, {"l2": 0.5}),
        ("number_input", "seed", 77, {"seed": 77}),
        ("number_input", "lr", 0.25, {"lr": 0.25}),
    ],
)
def test_every_control_of_the_playground_reaches_the_run(visit, kind, key, value, expected):
    visitor = visit(view="playground").put(kind, f"quadrants.{key}", value)
    assert visitor.settings == Settings(view="playground", **expected)
    assert visitor.bits() == {
        name: array.tobytes()
        for name, array in build_run(Settings(**expected)).model.params.items()
    }
    visitor.press("quadrants.one")
    straight = build_run(Settings(**expected))
    straight.advance(1, 1e9)
    assert visitor.run.losses == straight.losses
    assert visitor.loss() == pytest.approx(straight.snapshots[-1].loss)


def test_while_it_trains_another_setting_neither_stops_nor_loses_the_run(visit):
    visitor = visit(data="quadrants", view="playground").press("quadrants.play")
    run, step = visitor.run, visitor.run.step
    visitor.put("slider", "quadrants.noise", 0.3).look()
    assert visitor.run is run
    assert run.playing
    assert run.step > step
    assert visitor.word("controls.pending") in visitor.text()
    visitor.press("quadrants.apply")
    assert visitor.run is not run
    assert visitor.run.settings.noise == 0.3
    assert visitor.word("controls.pending") not in visitor.text()
    step = run.step
    if visitor.run.playing:
        visitor.press("quadrants.play")
    visitor.press("quadrants.bring_back").look()
    assert visitor.run is run
    assert (run.step, run.playing) == (step, False)


def test_a_run_that_ends_while_other_settings_wait_is_not_lost(visit):
    visitor = visit(data="quadrants", steps=500, view="playground").press("quadrants.play")
    run = visitor.run
    visitor.put("slider", "quadrants.noise", 0.3)
    visitor.wait(lambda: not run.playing).look()
    assert run.step == 500
    if visitor.run is not run:
        visitor.press("quadrants.bring_back")
    assert visitor.run is run


def test_the_learning_rate_can_be_changed_in_full_course(visit):
    visitor = visit().press("quadrants.play")
    run = visitor.run
    visitor.put("number_input", "quadrants.lr", 0.25)
    assert visitor.run is run
    assert run.playing
    assert run.optimizer.lr == 0.25
    [change] = run.changes
    assert (change.what, change.place, change.value) == ("lr", (), 0.25)
    assert 0 < change.step <= run.step
    assert visitor.settings.lr == 0.25
    visitor.press("quadrants.play")
    assert visitor.run is run
    visitor.press("quadrants.again")
    assert visitor.run.optimizer.lr == 0.25
    assert visitor.run.changes == []


def test_a_learning_rate_set_after_a_weight_was_changed_at_the_start_counts(visit):
    visitor = visit(view="neurons").put("number_input", "quadrants.weight.0", 1.5)
    visitor.put("number_input", "quadrants.lr", 0.25)
    visitor.press("quadrants.one")
    assert visitor.settings.lr == visitor.run.optimizer.lr == 0.25
    [weight] = [change for change in visitor.run.changes if change.what == "0.weight"]
    assert weight == Change(0, "0.weight", (0, 0), 1.5)


def test_the_speed_is_the_number_of_steps_a_picture(visit):
    visitor = visit(speed=1).press("quadrants.play")
    step = visitor.run.step
    visitor.look()
    assert visitor.run.step == step + 1
    visitor.put("selectbox", "quadrants.speed", 10)
    step = visitor.run.step
    visitor.look()
    assert visitor.run.step == step + 10


# --------------------------------------------------------------------------- many visitors


def test_two_visitors_train_their_own_networks(visit):
    one, other = visit(seed=1), visit(seed=2)
    one.press("quadrants.play")
    other.look()
    assert (one.run.playing, other.run.playing) == (True, False)
    assert other.run.step == 0
    other.press("quadrants.one")
    assert other.run.losses[0] != one.run.losses[0]


def test_the_pictures_leave_the_network_alone(visit):
    visitor = visit(steps=600, data="moons", batch=16, hidden="8", test=0.25).train()
    straight = build_run(visitor.run.settings)
    straight.advance(600, 1e9)
    assert visitor.bits() == {
        name: array.tobytes() for name, array in straight.model.params.items()
    }
    assert visitor.run.losses == straight.losses
    assert all(array.dtype == np.float64 for array in visitor.run.model.params.values())
