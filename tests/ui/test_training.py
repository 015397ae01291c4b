"""A run: cut into slices, changed in its middle, replayed, stopped; the numbers stay the same."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core import (
    SGD,
    Adam,
    CrossEntropyLoss,
    Diverged,
    Linear,
    ReLU,
    Sequential,
    Tanh,
    evaluate,
)
from core.datasets import four_points, make_moons, train_test_split
from core.init import standard_normal
from ui import driven
from ui.training import Change, Run

FOREVER = 1e9
patiently = hypothesis_settings(deadline=None, max_examples=25)


def make_run(*, until=10_000, batch_size=7, optimizer=Adam, lr=0.01, split=True):
    """Return a small run that needs its random numbers in the right order."""
    rng = np.random.default_rng(3)
    x, y = make_moons(40, noise=0.2, rng=rng)
    validation = None
    if split:
        x, x_test, y, y_test = train_test_split(x, y, 0.25, rng)
        validation = x_test, y_test
    first = Linear(2, 6, rng=rng, dtype=np.float64)
    model = Sequential(first, Tanh(), Linear(6, 2, rng=rng, dtype=np.float64))
    return Run(
        model,
        CrossEntropyLoss(),
        optimizer(model, lr=lr, weight_decay={"weight": 0.001}),
        (x, y),
        validation=validation,
        batch_size=batch_size,
        rng=np.random.default_rng(4),
        until=until,
    )


def diverging_run(lr=1000.0, optimizer=SGD):
    """Return a run whose steps are far too long."""
    x, y = four_points()
    rng = np.random.RandomState(1)
    layers = [Linear(2, 50, rng=rng, init=standard_normal, dtype=np.float64), ReLU()]
    model = Sequential(*layers, Linear(50, 4, rng=rng, init=standard_normal, dtype=np.float64))
    return Run(
        model,
        CrossEntropyLoss(),
        optimizer(model, lr=lr, weight_decay={"weight": 0.001}),
        (x, y),
        validation=None,
        batch_size=4,
        rng=np.random.default_rng(1),
        until=5000,
    )


def bits(run):
    """Return all parameters, to the last bit."""
    return {name: array.tobytes() for name, array in run.model.params.items()}


def state(run):
    """Return what must not move when a run is left alone."""
    return run.step, bits(run), list(run.losses), list(run.changes), len(run.snapshots)


# --------------------------------------------------------------------------------- slices


@pytest.mark.slow
@patiently
@given(st.lists(st.integers(1, 40), min_size=1, max_size=12))
def test_slices_lead_to_the_same_bits_as_one_go(slices):
    whole, sliced = make_run(), make_run()
    assert whole.advance(sum(slices), FOREVER)
    for steps in slices:
        assert sliced.advance(steps, FOREVER)
    assert sliced.step == whole.step == sum(slices)
    assert sliced.losses == whole.losses
    assert bits(sliced) == bits(whole)


def test_a_slice_that_is_out_of_time_takes_one_step():
    hurried, whole = make_run(), make_run()
    for count in range(1, 6):
        hurried.advance(1000, seconds=0.0)
        assert hurried.step == count
    whole.advance(5, FOREVER)
    assert bits(hurried) == bits(whole)
    assert hurried.seconds > 0


def test_the_test_points_are_looked_at_after_every_slice():
    run = make_run()
    run.advance(3, FOREVER)
    run.advance(4, FOREVER)
    assert [step for step, _ in run.validation_losses] == [3, 7]
    assert run.validation_losses[-1][1] == evaluate(run.model, run.loss, run.validation)[0]
    alone = make_run(split=False)
    alone.advance(3, FOREVER)
    assert alone.validation_losses == []


def test_looking_at_test_points_changes_nothing():
    often, once = make_run(), make_run()
    once.advance(20, FOREVER)
    for _ in range(20):
        often.advance(1, FOREVER)
    assert bits(often) == bits(once)


def test_a_run_that_is_busy_is_left_alone():
    run = make_run()
    run.advance(10, FOREVER)
    before = state(run)
    with run.lock:
        assert run.advance(5, FOREVER) is False
    assert state(run) == before
    assert run.advance(5, FOREVER) is True
    assert run.step == 15


def test_a_run_that_has_to_wait_looks_for_clicks_and_lets_them_end_it():
    class ClickedError(Exception):
        pass

    def click():
        raise ClickedError

    run = make_run()
    before = state(run)
    run.on_wait = click
    with driven.TURNS.place(), pytest.raises(ClickedError):
        run.advance(5, FOREVER)
    assert state(run) == before
    assert driven.TURNS.asked == 0
    assert run.advance(5, FOREVER) is True, "the lock or the turn was kept"


def test_turn_and_lock_are_given_back_when_a_step_fails(monkeypatch):
    run = make_run()

    def fail(*_):
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(run, "_train", fail)
        with pytest.raises(ZeroDivisionError):
            run.advance(1)
    assert run.advance(1, FOREVER) is True


# --------------------------------------------------------------------------------- the end


def test_a_run_pauses_where_it_was_told_to_and_can_be_sent_on():
    run = make_run(until=30)
    run.playing = True
    run.advance(29, FOREVER)
    assert (run.step, run.playing, run.finished) == (29, True, False)
    run.advance(1000, FOREVER)
    assert (run.step, run.playing, run.finished) == (30, False, True)
    assert run.snapshots[-1].step == 30
    before = state(run)
    run.advance(1000, FOREVER)
    assert state(run) == before
    run.until = 45
    run.advance(1000, FOREVER)
    assert run.step == 45
    straight = make_run(until=45)
    straight.advance(1000, FOREVER)
    assert bits(run) == bits(straight)


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", [SGD, Adam])
@pytest.mark.parametrize("lr", [1000.0, 1e6, 1e100])
def test_a_diverged_run_stops_with_finite_numbers(optimizer, lr):
    run = diverging_run(lr, optimizer)
    run.playing = True
    while not run.finished:
        run.advance(1000, FOREVER)
    if run.diverged is None:  # Adam's steps never grow: it wanders, but stays among the numbers
        assert optimizer is Adam
    else:
        assert isinstance(run.diverged, Diverged)
        assert not math.isfinite(run.diverged.loss)
        assert run.step == run.diverged.step - 1 == len(run.losses)
    assert not run.playing
    assert run.finished
    assert all(math.isfinite(loss) for loss in run.losses)
    assert all(np.isfinite(array).all() for array in run.model.params.values())
    assert all(np.isfinite(snapshot.params).all() for snapshot in run.snapshots)
    before = state(run)
    run.advance(10, FOREVER)
    assert state(run) == before


def test_a_run_can_diverge():
    run = diverging_run()
    run.advance(5000, FOREVER)
    assert run.diverged is not None


# --------------------------------------------------------------------------------- changes


def test_a_change_is_made_and_recorded():
    run = make_run()
    run.advance(10, FOREVER)
    run.change("lr", 0.5)
    run.change("0.weight", -2.0, (3, 1))
    assert run.optimizer.lr == 0.5
    assert run.model.params["0.weight"][3, 1] == -2.0
    assert run.changes == [Change(10, "lr", (), 0.5), Change(10, "0.weight", (3, 1), -2.0)]


def test_of_changes_of_one_thing_at_one_step_the_last_counts():
    run = make_run()
    run.change("lr", 0.5)
    run.change("0.bias", 1.0, (0,))
    run.change("0.bias", 9.0, (1,))
    run.change("lr", 0.25)
    run.advance(1, FOREVER)
    run.change("lr", 0.125)
    assert sorted(run.changes) == [
        Change(0, "0.bias", (0,), 1.0),
        Change(0, "0.bias", (1,), 9.0),
        Change(0, "lr", (), 0.25),
        Change(1, "lr", (), 0.125),
    ]


def test_a_changed_weight_shows_in_the_timeline_at_once():
    run = make_run()
    run.advance(10, FOREVER)
    run.settle()
    run.change("0.bias", 3.0, (2,))
    last = run.snapshots[-1]
    assert [s.step for s in run.snapshots].count(10) == 1
    assert last.step == 10
    assert last.params.tobytes() == run.model.flat()[0].tobytes()
    assert last.loss == evaluate(run.model, run.loss, run.data)[0]


CHANGES = st.lists(
    st.tuples(
        st.integers(0, 30),
        st.one_of(
            st.tuples(st.just("lr"), st.just(()), st.floats(1e-4, 0.1)),
            st.tuples(
                st.just("2.weight"),
                st.tuples(st.integers(0, 1), st.integers(0, 5)),
                st.floats(-3, 3),
            ),
            st.tuples(st.just("0.bias"), st.tuples(st.integers(0, 5)), st.floats(-3, 3)),
        ),
    ),
    max_size=6,
)


@patiently
@given(CHANGES, st.integers(1, 40))
def test_planned_changes_lead_to_the_same_bits(wanted, slice_length):
    by_hand, replayed = make_run(until=40), make_run(until=40)
    for step, (what, index, value) in sorted(wanted, key=lambda change: change[0]):
        by_hand.advance(step - by_hand.step, FOREVER)
        by_hand.change(what, value, index)
    by_hand.advance(40, FOREVER)
    replayed.planned = sorted(by_hand.changes)
    while not replayed.finished:
        replayed.advance(slice_length, FOREVER)
    assert replayed.losses == by_hand.losses
    assert bits(replayed) == bits(by_hand)
    assert sorted(replayed.changes) == sorted(by_hand.changes)
    assert replayed.planned == []


def test_a_change_at_the_last_step_is_replayed_too():
    replayed = make_run(until=5)
    replayed.planned = [Change(5, "0.bias", (0,), 7.0)]
    replayed.advance(100, FOREVER)
    assert replayed.model.params["0.bias"][0] == 7.0
    assert replayed.snapshots[-1].params.tobytes() == replayed.model.flat()[0].tobytes()


# --------------------------------------------------------------------------------- the timeline


@pytest.mark.slow
def test_snapshots_lie_close_at_first_and_are_few():
    run = make_run(split=False)
    while not run.finished:
        run.advance(1000, FOREVER)
    steps = [snapshot.step for snapshot in run.snapshots]
    assert steps[:6] == [0, 1, 2, 3, 4, 5]
    assert steps[-1] == 10_000
    assert steps == sorted(set(steps))
    assert len(steps) < 80
    assert all(later <= 1.5 * step + 2 for step, later in zip(steps, steps[1:], strict=False))


def test_a_snapshot_is_the_network_as_it_was():
    run = make_run(until=200)
    run.advance(200, FOREVER)
    again = make_run()
    for snapshot in run.snapshots:
        again.advance(snapshot.step - again.step, FOREVER)
        assert snapshot.params.tobytes() == again.model.flat()[0].tobytes()
        loss, accuracy = evaluate(again.model, again.loss, again.data)
        assert (snapshot.loss, snapshot.accuracy) == (loss, accuracy)
    # Put back into the network, it gives the same answers.
    middle = run.snapshots[len(run.snapshots) // 2]
    run.model.flat()[0][...] = middle.params
    assert evaluate(run.model, run.loss, run.data)[0] == middle.loss


def test_settling_keeps_the_newest_moment_once():
    run = make_run()
    run.advance(57, FOREVER)
    run.settle()
    run.settle()
    assert [s.step for s in run.snapshots].count(57) == 1
    assert run.snapshots[-1].step == 57
