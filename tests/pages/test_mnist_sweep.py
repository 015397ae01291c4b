"""Sweet spots: chosen, estimated, tried, cancelled, taken over; the two rules side by side."""

import numpy as np
import pytest

from core.digits import Digits
from core.sweep import Trial, run_trial
from pages._mnist import sweep_plan
from pages._mnist.settings import Settings
from pages._mnist.sweep_plan import (
    ValuesError,
    axis_place,
    default_values,
    plan_of,
    read_values,
    split,
)
from pages._mnist.sweep_rules import compare
from pages._mnist.sweep_run import SweepRun

SMALL = {"view": "sweep", "layers": "16", "epochs": 1, "recipe": "mlp"}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Judge by few images, and estimate in no time."""
    monkeypatch.setattr(sweep_plan, "JUDGED", 500)
    monkeypatch.setattr(sweep_plan, "LOOK", 0.01)


def sweep_of(visitor):
    return visitor.at.session_state["runs"]["mnist.sweep"]


def set_small(visitor, values="0.001, 0.1", seeds=2, images=200):
    visitor.put("number_input", "mnist.sweep.images", images)
    visitor.put("number_input", "mnist.sweep.seeds", seeds)
    key = next(box.key for box in visitor.at.text_input if "sweep.values" in (box.key or ""))
    return visitor.put("text_input", key, values)


# ------------------------------------------------------------------------------------ what is typed


def test_values_are_read_in_order_and_once():
    assert read_values("0.1, 0.01 1e-3;0.1\uff0c1\u30012", "lr") == [0.001, 0.01, 0.1, 1, 2]
    assert read_values("8,3", "epochs") == [3, 8]


@pytest.mark.parametrize(
    ("text", "field", "said"),
    [
        ("0.1, fast", "lr", "“fast” is no value"),
        ("0", "lr", "numbers from"),
        ("nan", "lr", "numbers from"),
        ("1.5", "epochs", "whole numbers from 1 to 30"),
        ("31", "epochs", "whole numbers from 1 to 30"),
        ("9999", "hidden", "whole numbers from 1 to 2048"),
        ("", "lr", "there are 0"),
        (",".join(map(str, range(1, 15))), "epochs", "1 to 12 values; there are 14"),
    ],
)
def test_what_is_no_value_is_said_in_a_sentence(monkeypatch, text, field, said):
    monkeypatch.setattr("ui.i18n.language", lambda: "en")
    with pytest.raises(ValuesError, match=said):
        read_values(text, field)


def test_standard_values_lie_around_the_recipe():
    recipe = sweep_plan.RULES
    assert read_values(default_values("lr", recipe), "lr") == [0.02, 0.06, 0.2, 0.6, 2.0]
    for field in ("epochs", "hidden"):
        assert len(read_values(default_values(field, recipe), field)) >= 4


def test_factors_are_steps_of_equal_length():
    places = [axis_place("lr", value) for value in (0.001, 0.01, 0.1)]
    assert np.diff(places) == pytest.approx([1, 1])
    assert axis_place("epochs", 3) == 3
    assert [axis_place("method", rule) for rule in ("notes", "gradient")] == [0, 1]


def test_a_large_network_counts_for_more_on_the_way():
    rng = np.random.default_rng(0)
    train = Digits(rng.integers(0, 256, (120, 28, 28), np.uint8), np.arange(120) % 10)
    sweep = SweepRun(plan_of("hidden", [2, 2000], 1, 60, Settings(recipe="mlp", epochs=1)), train)
    assert sweep.progress == 0
    shares = []
    sweep.play()
    while not sweep.finished:
        sweep._take(next(sweep._events))
        shares.append((len(sweep.ends), sweep.progress))
    assert all(share < 0.1 for ends, share in shares if ends < 1)
    assert [share for _, share in shares] == sorted(share for _, share in shares)
    assert shares[-1] == (2, 1.0)


# ---------------------------------------------------------------------------------------- the page


def test_a_sweep_runs_shows_and_is_taken_over(visit):
    visitor = set_small(visit("mnist", **SMALL))
    assert "4 networks." in visitor.text()
    assert "That takes about" in visitor.text()
    visitor.press("mnist.sweep.start")
    sweep = sweep_of(visitor)
    visitor.wait(lambda: not sweep.playing)
    visitor.look()
    assert sweep.finished
    assert [spot.value for spot in sweep.spots()] == [0.001, 0.1]
    # The figures are those of the same network trained elsewhere.
    end = sweep.ends[0]
    assert end.trial.recipe.train_size == 200
    score = run_trial(Trial(*end.trial), lambda: split(visitor.run.train))
    assert score.accuracy == end.score.accuracy
    best = sweep.best()
    assert f"{best.mean:.2%}" in visitor.text()
    assert visitor.at.get("plotly_chart")
    # It survives another view, another language.
    visitor.view("data").view("sweep").language("zh")
    assert sweep_of(visitor) is sweep
    assert f"{best.mean:.2%}" in visitor.text()
    assert visitor.word("mnist_sweep.notice") in visitor.text()
    visitor.press("mnist.sweep.use")
    assert visitor.settings.lr == best.value
    assert visitor.settings.layers == "16"
    assert visitor.settings.train_size == 60_000
    assert visitor.run.settings.lr == best.value
    assert visitor.run.step == 0


def test_a_sweep_can_be_stopped_and_goes_on_in_other_views(visit):
    long = {**SMALL, "epochs": 100}
    visitor = set_small(visit("mnist", **long), "0.001, 0.003, 0.01, 0.03, 0.1", 10, 5000)
    visitor.press("mnist.sweep.start")
    sweep = sweep_of(visitor)
    visitor.view("data")
    before = sweep.step
    sweep.drawn_at = 0.0  # some time has passed
    visitor.look()
    assert sweep.step > before
    assert "monitor.pause.mnist.sweep" in visitor.drawn()
    visitor.view("sweep").press("mnist.sweep.cancel")
    assert (sweep.playing, sweep.finished) == (False, True)
    done = len(sweep.ends)
    visitor.look()
    assert len(sweep.ends) == done < 50
    assert "mnist.sweep.start" in visitor.drawn()


def test_wrong_values_leave_nothing_to_start(visit):
    visitor = set_small(visit("mnist", **SMALL), "0.1, much")
    assert any("much" in box for box in visitor.complaints())
    assert visitor.at.button(key="mnist.sweep.start").disabled
    assert "mnist.sweep" not in visitor.at.session_state["runs"]


def test_a_network_that_would_be_too_large_is_said(visit):
    visitor = visit("mnist", view="sweep", recipe="mlp", layers="64c3-40")
    visitor.put("button_group", "mnist.sweep.what", "hidden")
    key = next(box.key for box in visitor.at.text_input if "sweep.values" in (box.key or ""))
    visitor.put("text_input", key, "2000")
    assert any("5,000,000" in box for box in visitor.complaints())
    assert visitor.at.button(key="mnist.sweep.start").disabled


def test_few_own_digits_are_no_sweep(visit):
    visitor = visit("mnist", **SMALL)
    train = visitor.run.train
    few = type(train)(train.images[:3], train.labels[:3])
    visitor.at.session_state["mnist.own"] = {"train": few}
    visitor.look()
    assert "only 3 training images" in visitor.text()
    some = type(train)(train.images[:12], train.labels[:12])
    visitor.at.session_state["mnist.own"] = {"train": some}
    visitor.look()
    assert visitor.at.number_input(key="mnist.sweep.images").value == 10
    visitor.press("mnist.sweep.start")
    sweep = sweep_of(visitor)
    visitor.wait(lambda: not sweep.playing)
    visitor.look()
    assert sweep.judged == 2
    assert len(sweep.ends) == 15


def test_the_two_rules_are_compared_and_one_is_the_gradient(visit, monkeypatch):
    monkeypatch.setattr("pages._mnist.sweep_plan.RULES_SEEDS", 2)
    visitor = visit("mnist", locale="zh-CN", **SMALL)
    visitor.put("button_group", "mnist.sweep.what", "rules")
    visitor.press("mnist.sweep.start")
    sweep = sweep_of(visitor)
    visitor.wait(lambda: not sweep.playing)
    visitor.look()
    notes, gradient = sweep.spots()
    assert (notes.value, gradient.value) == ("notes", "gradient")
    assert notes.mean > gradient.mean
    words = {"notes": f"{notes.mean:.1%}", "gradient": f"{gradient.mean:.1%}"}
    assert visitor.word("mnist_sweep.rules_result", **words) in visitor.text()
    assert "mnist.sweep.use" not in visitor.drawn()
    found = compare(visitor.run.train.images[0], int(visitor.run.train.labels[0]), 1, 1)
    assert np.allclose(found.gradient, found.numerical, rtol=1e-5, atol=1e-9)
    assert not np.allclose(found.notes, found.numerical, rtol=0.1)
    assert f"{found.gradient[np.abs(found.numerical).argmax()]:+.5f}" in visitor.text()
