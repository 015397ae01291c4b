"""The quadrant lesson's run: trained, paused, changed, begun anew, brought back."""

import numpy as np
import pytest

from pages._quadrants import view_numbers
from pages._quadrants.experiment import build_run
from pages._quadrants.settings import Settings
from ui.training import Change

pytestmark = pytest.mark.slow


def newest(visitor):
    """Return (step, loss) of the last picture that the plane was given."""
    scene = visitor.data("quadrants.plane-scene")["scene"]
    return scene["frames"][-1]["step"], scene["frames"][-1]["loss"]


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
    visitor.press("quadrants.train")
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
    visitor = visit().press("quadrants.train")
    visitor.look()
    visitor.press("quadrants.pause")
    step = visitor.run.step
    visitor.look()
    assert visitor.run.step == step > 0
    assert newest(visitor)[0] == step
    visitor.press("quadrants.train")
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
    visitor = visit().press("quadrants.train")
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
    visitor = visit(data="quadrants", view="playground").press("quadrants.train")
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
        visitor.press("quadrants.pause")
    visitor.press("quadrants.bring_back").look()
    assert visitor.run is run
    assert (run.step, run.playing) == (step, False)


def test_a_run_that_ends_while_other_settings_wait_is_not_lost(visit):
    visitor = visit(data="quadrants", steps=500, view="playground").press("quadrants.train")
    run = visitor.run
    visitor.put("slider", "quadrants.noise", 0.3)
    visitor.wait(lambda: not run.playing).look()
    assert run.step == 500
    if visitor.run is not run:
        visitor.press("quadrants.bring_back")
    assert visitor.run is run


def test_the_learning_rate_can_be_changed_in_full_course(visit):
    visitor = visit().press("quadrants.train")
    run = visitor.run
    visitor.put("number_input", "quadrants.lr", 0.25)
    assert visitor.run is run
    assert run.playing
    assert run.optimizer.lr == 0.25
    [change] = run.changes
    assert (change.what, change.place, change.value) == ("lr", (), 0.25)
    assert 0 < change.step <= run.step
    assert visitor.settings.lr == 0.25
    visitor.press("quadrants.pause")
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
    visitor = visit(speed=1).press("quadrants.train")
    step = visitor.run.step
    visitor.look()
    assert visitor.run.step == step + 1
    visitor.put("selectbox", "quadrants.speed", 10)
    step = visitor.run.step
    visitor.look()
    assert visitor.run.step == step + 10


# --------------------------------------------------------------------------- weights and numbers


def test_a_weight_is_changed_and_the_bits_come_back(visit):
    visitor = visit(view="neurons").press("quadrants.one")
    bits, loss = visitor.bits(), visitor.loss()
    assert "quadrants.undo_button" not in visitor.drawn()
    for place, value in ((0, 3.5), (2, -1.25), (0, 4.0)):
        visitor.put("number_input", f"quadrants.weight.{place}", value)
    assert visitor.run.model.params["0.weight"][0, 0] == 4.0
    assert visitor.run.model.params["0.bias"][0] == -1.25
    assert visitor.bits() != bits
    assert visitor.loss() != loss
    assert newest(visitor)[1] == pytest.approx(visitor.loss(), rel=1e-5)
    assert f"{visitor.loss():.4g}" in [metric.value for metric in visitor.at.metric]
    for _ in range(3):
        visitor.press("quadrants.undo_button")
    assert visitor.bits() == bits
    assert visitor.loss() == loss
    assert "quadrants.undo_button" not in visitor.drawn()


def test_only_the_newest_moment_can_be_changed(visit):
    visitor = visit(view="neurons", steps=300).train()
    visitor.at.session_state["quadrants.cursor"] = 10
    visitor.look()
    assert "quadrants.weight.0" not in visitor.drawn()
    assert visitor.word("neurons.wait") in visitor.text()


def test_an_undo_belongs_to_the_run_it_was_made_in(visit):
    visitor = visit(view="neurons").press("quadrants.one").press("quadrants.again")
    visitor.put("number_input", "quadrants.weight.0", 9.0)
    visitor.press("quadrants.bring_back")
    bits = visitor.bits()
    assert visitor.run.changes == []
    if "quadrants.undo_button" in visitor.drawn():
        visitor.press("quadrants.undo_button")
    assert visitor.bits() == bits


def test_after_further_steps_the_loss_is_not_said_to_come_from_the_change(visit):
    visitor = visit(view="neurons").put("number_input", "quadrants.weight.0", 9.0)
    visitor.press("quadrants.one")
    assert visitor.at.metric == []


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"hidden": ""},
        {"hidden": "5,4", "activation": "tanh", "data": "own", "points": "1,2,1\n-1,0.5,2\n2,1,3"},
        {"hidden": "6", "activation": "sigmoid", "l2": 0.1},
    ],
)
def test_every_gradient_is_what_moving_the_weight_says(visit, settings, monkeypatch):
    visitor = visit(**settings, steps=200).train()
    run = visitor.run
    grids = {grid["id"]: grid for grid in visitor.data("quadrants.grids")["grids"]}
    gradients = [grid for name, grid in grids.items() if grid["checkable"]]
    count = sum(array.size for array in run.model.params.values())
    assert sum(len(grid["values"]) for grid in gradients) == count
    session = {}
    monkeypatch.setattr(view_numbers.st, "session_state", session)
    worst = 0.0
    for grid in gradients:
        for place, value in enumerate(grid["values"]):
            cell = f"{grid['id']}.{place // grid['columns']}.{place % grid['columns']}"
            x, y = run.data
            view_numbers.check_gradient(run.model, x, y, visitor.settings.l2, cell)
            check = session["quadrants.check"]
            assert check["id"] == cell
            assert check["analytic"] == pytest.approx(float(value), rel=1e-9, abs=1e-12)
            worst = max(worst, check["relative_error"])
    assert worst < 1e-6
    assert session["quadrants.did"] == {"checked"}


def test_a_checked_gradient_is_not_shown_as_another_steps(visit):
    visitor = visit(walk=6).press("walk.show")
    check = visitor.data("quadrants.grids")["check"]
    assert check["id"] == "dw1.0.0"
    assert check["relative_error"] < 1e-6
    visitor.press("quadrants.one")
    data = visitor.data("quadrants.grids")
    now = next(grid for grid in data["grids"] if grid["id"] == "dw1")["values"][0]
    assert now != check["analytic"]
    assert data["check"] is None or data["check"]["analytic"] == now


def test_the_numbers_are_the_networks(visit):
    visitor = visit(hidden="3,2", activation="tanh").press("quadrants.one")
    grids = {grid["id"]: grid for grid in visitor.data("quadrants.grids")["grids"]}
    for k, layer in enumerate(("0", "2", "4"), start=1):
        weight = visitor.run.model.params[f"{layer}.weight"]
        np.testing.assert_array_equal(np.ravel(weight.T), grids[f"w{k}"]["values"])
        np.testing.assert_array_equal(
            visitor.run.model.params[f"{layer}.bias"], grids[f"b{k}"]["values"]
        )
    assert grids["loss"]["values"] == [pytest.approx(visitor.loss())]


@pytest.mark.parametrize(
    ("activation", "code"),
    [("relu", "maximum"), ("tanh", "tanh"), ("sigmoid", "1 + e"), ("step", ">")],
)
def test_the_code_under_an_activation_is_the_one_that_ran(visit, activation, code):
    visitor = visit(hidden="3", activation=activation)
    grids = {grid["id"]: grid for grid in visitor.data("quadrants.grids")["grids"]}
    assert code in grids["a1"]["code"]


def test_leaving_out_the_maximum_overflows_far_out_and_only_there(visit):
    visitor = visit()
    finite = [
        grid["values"]
        for grid in visitor.data("quadrants.grids")["grids"]
        if grid["id"] in ("p", "loss")
    ]
    visitor.put("toggle", "quadrants.without_maximum", True)
    assert "shifted" not in {g["id"] for g in visitor.data("quadrants.grids")["grids"]}
    assert visitor.complaints() == []
    for grid, before in zip(
        (g for g in visitor.data("quadrants.grids")["grids"] if g["id"] in ("p", "loss")),
        finite,
        strict=True,
    ):
        assert grid["values"] == pytest.approx(before)
    visitor.press("quadrants.far")
    assert (visitor.settings.px, visitor.settings.py) == (100.0, 100.0)
    [sentence] = visitor.complaints()
    assert sentence.startswith(visitor.word("numbers.overflow", largest="|").partition("|")[0])
    p = {g["id"]: g["values"] for g in visitor.data("quadrants.grids")["grids"]}["p"]
    assert "NaN" in p
    visitor.put("toggle", "quadrants.without_maximum", False)
    assert visitor.complaints() == []
    p = {g["id"]: g["values"] for g in visitor.data("quadrants.grids")["grids"]}["p"]
    assert sum(p) == pytest.approx(1)


def test_the_past_can_be_looked_into(visit):
    visitor = visit(steps=300).train()
    run = visitor.run
    early = next(snapshot for snapshot in run.snapshots if snapshot.step >= 10)
    visitor.at.session_state["quadrants.cursor"] = early.step
    visitor.look()
    grids = {grid["id"]: grid for grid in visitor.data("quadrants.grids")["grids"]}
    assert grids["loss"]["values"] == [pytest.approx(early.loss)]
    assert visitor.word("numbers.shown", step=early.step) in visitor.text()
    visitor.press("quadrants.one")
    grids = {grid["id"]: grid for grid in visitor.data("quadrants.grids")["grids"]}
    assert run.step == 301
    assert grids["loss"]["values"] == [pytest.approx(visitor.loss())]


# --------------------------------------------------------------------------- many visitors


def test_two_visitors_train_their_own_networks(visit):
    one, other = visit(seed=1), visit(seed=2)
    one.press("quadrants.train")
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
