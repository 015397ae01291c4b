"""Compare runs: kept, changed, trained again, told apart, deleted, brought back."""

import json

import numpy as np
import pytest

SMALL = {"view": "compare", "recipe": "mlp", "train_size": 300, "layers": "16", "epochs": 2}


def trained(visitor):
    visitor.run.train_to(10**6)
    return visitor.look()


def kept(visitor):
    return visitor.at.session_state["mnist.kept"]


def curves(visitor):
    """Return the traces of the comparison's two figures: (name, points) each."""
    charts = [c for c in visitor.at.get("plotly_chart") if "mnist.compare.curves." in c.proto.id]
    assert len(charts) == 2
    traces = [trace for chart in charts for trace in json.loads(chart.proto.spec)["data"]]
    return [(trace["name"], trace) for trace in traces]


def change(visitor, name, value):
    visitor.put("number_input", f"mnist.{name}", value)
    visitor.press("mnist.start_again")
    return trained(visitor)


def test_nothing_can_be_kept_before_training(visit):
    visitor = visit("mnist", **SMALL)
    assert visitor.at.button(key="mnist.compare.keep").disabled
    assert visitor.word("mnist_compare.nothing") in visitor.text()
    assert "mnist.compare.curves.0" not in visitor.drawn()


def test_one_change_is_seen_beside_the_run_before(visit):
    visitor = trained(visit("mnist", **SMALL))
    first = visitor.run
    right = (first.outputs().argmax(axis=1) == first.test.labels).mean()
    visitor.press("mnist.compare.keep")
    assert list(kept(visitor)) == ["A"]
    assert kept(visitor)["A"].accuracy == right
    assert visitor.at.button(key="mnist.compare.keep").disabled  # it is there already
    change(visitor, "lr", 0.05)
    assert visitor.word("mnist_compare.one_thing", one="A", other="now", what="learning rate") in (
        visitor.text()
    )
    names = [name for name, _ in curves(visitor)]
    assert names == ["A: 0.01", "now: 0.05"] * 2
    dashes = {trace["line"]["dash"] for _, trace in curves(visitor)}
    assert dashes == {"dash", "solid"}
    last = visitor.run.epochs[-1].test_accuracy
    text = visitor.text()
    assert f"{right:.2%}" in text
    assert f"{last:.2%}" in text
    a, b = kept(visitor)["A"].right, visitor.run.outputs().argmax(1) == visitor.run.test.labels
    assert f"**{(a & ~b).sum()}** are right only with A" in text
    visitor.go("quadrants").go("mnist").language("zh")
    assert [name for name, _ in curves(visitor)][1] == "现在: 0.05"
    assert visitor.word("mnist_compare.notice") in visitor.text()


def test_same_settings_and_seed_are_the_same_run(visit):
    visitor = trained(visit("mnist", **SMALL)).press("mnist.compare.keep")
    visitor.press("mnist.start_again")
    trained(visitor)
    # Number for number the same: there is no second curve to draw.
    assert len(curves(visitor)) == 2
    assert visitor.at.button(key="mnist.compare.keep").disabled


def test_three_are_kept_and_one_can_go(visit):
    visitor = trained(visit("mnist", **SMALL)).press("mnist.compare.keep")
    for lr in (0.02, 0.03):
        change(visitor, "lr", lr).press("mnist.compare.keep")
    change(visitor, "lr", 0.04)
    assert visitor.at.button(key="mnist.compare.keep").disabled
    assert visitor.word("mnist_compare.full") in visitor.text()
    assert len({trace["line"]["dash"] for _, trace in curves(visitor)}) == 4
    visitor.press("mnist.compare.drop.B")
    assert list(kept(visitor)) == ["A", "C"]
    visitor.press("mnist.compare.keep")
    assert sorted(kept(visitor)) == ["A", "B", "C"]
    assert kept(visitor)["B"].settings.lr == 0.04
    for one in kept(visitor).values():  # nothing of the digits, nothing of the weights
        assert sum(part.nbytes for part in one if isinstance(part, np.ndarray)) < 20_000


def test_settings_come_back_with_the_same_numbers(visit):
    visitor = visit("mnist", **SMALL)
    visitor.run.train_to(5)
    visitor.look().put("number_input", "mnist.lr", 0.05)
    trained(visitor).press("mnist.compare.keep")
    first = kept(visitor)["A"]
    assert first.changes[0][1:] == (0.05,)
    change(visitor, "lr", 0.001)
    visitor.press("mnist.compare.take.A")
    assert visitor.run.step == 0
    assert visitor.run.settings.lr == 0.01
    trained(visitor)
    assert visitor.run.epochs[-1].test_loss == first.epochs[-1].test_loss


def test_several_changes_are_warned_of(visit):
    visitor = trained(visit("mnist", **SMALL)).press("mnist.compare.keep")
    visitor.at.session_state["mnist.settings"] = type(visitor.settings)(
        **{**vars(visitor.settings), "lr": 0.05, "layers": "8"}
    )
    trained(visitor.look())
    assert "differ in 2 things" in visitor.text()
    assert "learning rate" in visitor.text()


@pytest.mark.parametrize("tested", [1, 3])
def test_other_digits_are_warned_of(visit, tested):
    visitor = trained(visit("mnist", **SMALL)).press("mnist.compare.keep")
    test = visitor.run.test
    few = type(test)(test.images[:tested], test.labels[:tested])
    visitor.at.session_state["mnist.own"] = {"test": few}
    trained(visitor.look())
    words = {"one": "A", "other": "now"}
    assert visitor.word("mnist_compare.other_digits", **words) in visitor.complaints()
    assert "are right only with" not in visitor.text()


def test_a_run_that_diverged_can_be_kept(visit):
    visitor = trained(visit("mnist", **{**SMALL, "optimizer": "sgd", "lr": 1000}))
    assert visitor.run.diverged is not None
    visitor.look().press("mnist.compare.keep")
    assert kept(visitor)["A"].diverged
    assert any("A diverged" in box for box in visitor.complaints())
