"""The quadrant lesson's weights and numbers: the network's own, changed, checked, looked into."""

import numpy as np
import pytest

from pages._quadrants import view_numbers
from tests.pages.newest_picture import newest


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
