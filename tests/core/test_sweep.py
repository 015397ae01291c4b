"""Sweeps: the same scores wherever they are computed, in order, cancellable, errors reported."""

import multiprocessing
import pickle
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from core.architecture import ArchitectureError
from core.recipes import RECIPES, Learner, Recipe
from core.sweep import (
    Score,
    Spot,
    Trial,
    TrialEnd,
    TrialStep,
    best_spot,
    field_value,
    load_mnist_split,
    make_trials,
    put_aside,
    run_trial,
    spots_of,
    sweep,
    trial_steps,
    with_value,
)

MNIST = Path(__file__).resolve().parents[2] / "assets" / "mnist"
SMALL = Recipe(layers="8", epochs=1, batch_size=20, lr=0.01, train_size=100)


def stripes():
    """Return digits that a small network can tell apart: digit d is a bright band at height d."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 160)
    images = rng.integers(0, 60, (160, 28, 28)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[2 * label + 2 : 2 * label + 5] += 180
    return (images[:120], labels[:120]), (images[120:], labels[120:])


def ends_of(trials, executor=None, load=stripes):
    return [event for event in sweep(trials, load, executor) if isinstance(event, TrialEnd)]


def untimed(ends):
    """Return what must be the same everywhere: all but the seconds."""
    return [end._replace(score=end.score._replace(seconds=0.0)) for end in sorted(ends)]


class Late(Executor):
    """Runs nothing until it is told to; remembers what it was given."""

    def __init__(self):
        self.given = []

    def submit(self, function, /, *args, **kwargs):
        future = Future()
        self.given.append((future, function, args))
        return future

    def run(self, place):
        future, function, args = self.given[place]
        if future.set_running_or_notify_cancel():
            future.set_result(function(*args))


# ------------------------------------------------------------------------------- what is to be done


def test_every_value_comes_with_every_seed():
    trials = make_trials(SMALL, "lr", (0.1, 0.2), range(2))
    assert [(t.recipe.lr, t.seed) for t in trials] == [(0.1, 0), (0.1, 1), (0.2, 0), (0.2, 1)]
    assert replace(trials[2].recipe, lr=SMALL.lr) == SMALL


@pytest.mark.parametrize(
    ("layers", "value", "changed"),
    [
        ("128", 30, "30"),
        ("128-64", 30, "128-30"),
        ("", 30, "30"),
        ("10c5-max2", 30, "10c5-max2-30"),
        ("10c5-max2-50", 30, "10c5-max2-30"),
    ],
)
def test_hidden_means_the_last_hidden_layer(layers, value, changed):
    recipe = with_value(replace(SMALL, layers=layers), "hidden", value)
    assert recipe.layers == changed
    assert field_value(recipe, "hidden") == value


def test_hidden_is_zero_where_there_is_no_such_layer():
    assert field_value(replace(SMALL, layers="10c5-max2"), "hidden") == 0


def test_a_field_that_does_not_exist_is_an_error():
    with pytest.raises(TypeError, match="colour"):
        with_value(SMALL, "colour", 1)


def test_a_trial_is_small_enough_to_travel():
    job = pickle.dumps((run_trial, Trial(SMALL, 1), partial(load_mnist_split, str(MNIST))))
    assert len(job) < 1_000


# --------------------------------------------------------------------------------- putting aside


@pytest.mark.parametrize(("count", "kept"), [(60_000, 50_000), (12, 10), (3, 2), (2, 1)])
def test_the_last_examples_are_put_aside(count, kept):
    x, y = np.arange(count), np.arange(count) * 10
    (x1, y1), (x2, y2) = put_aside((x, y))
    assert len(x1) == kept
    assert np.array_equal(np.concatenate([x1, x2]), x)
    assert np.array_equal(np.concatenate([y1, y2]), y)
    assert np.shares_memory(x1, x)


def test_one_example_cannot_be_shared():
    with pytest.raises(ValueError, match="at least 2 examples, but got 1"):
        put_aside((np.zeros(1), np.zeros(1)))


def test_a_large_share_leaves_one():
    (x, _), (aside, _) = put_aside((np.arange(3), np.arange(3)), 0.99)
    assert (len(x), len(aside)) == (1, 2)


# ------------------------------------------------------------------------------------ one trial


def test_a_trial_trains_as_the_learner_does():
    trial = Trial(replace(SMALL, epochs=3), 4)
    score = run_trial(trial, stripes)
    train, (images, labels) = stripes()
    learner = Learner(*trial)
    for _ in learner.fit(train):
        pass
    outputs = learner.model.forward(learner.prepare(images))
    assert score.accuracy == (outputs.argmax(axis=1) == labels).mean()
    assert score.loss == pytest.approx(learner.test_loss(outputs, labels), rel=1e-6)
    assert score.accuracy > 0.5
    assert score.seconds > 0
    assert not score.diverged


def test_the_pieces_say_how_far_it_is():
    shares = list(trial_steps(Trial(replace(SMALL, epochs=2), 1), stripes))
    assert shares == [*(k / 10 for k in range(1, 11)), 1.0]  # five steps an epoch, one test


def test_a_trial_that_diverges_says_so():
    assert run_trial(Trial(replace(SMALL, optimizer="sgd", lr=1e20), 1), stripes).diverged


@pytest.mark.parametrize("method", ["notes", "gradient", "batches"])
def test_small_pictures_are_64_numbers(method):
    recipe = replace(SMALL, method=method, layers="16", preparation="small", lr=0.2, epochs=2)
    learner = Learner(recipe, 1)
    widths = [array.shape for name, array in learner.model.params.items() if "weight" in name]
    assert widths == [(16, 64), (10, 16)]
    assert 0 <= run_trial(Trial(recipe, 1), stripes).accuracy <= 1


# ---------------------------------------------------------------------------------- many of them


def test_a_sweep_here_goes_trial_by_trial_in_pieces():
    events = list(sweep(make_trials(SMALL, "lr", (0.01, 0.02), [1]), stripes))
    steps = [event for event in events if isinstance(event, TrialStep)]
    assert [step.place for step in steps] == [0] * 6 + [1] * 6
    assert [step.share for step in steps] == [0.2, 0.4, 0.6, 0.8, 1.0, 1.0] * 2
    assert [type(event) for event in events[5:8]] == [TrialStep, TrialEnd, TrialStep]
    assert [end.place for end in events if isinstance(end, TrialEnd)] == [0, 1]


@pytest.mark.threads
def test_threads_give_the_same_bits():
    trials = make_trials(SMALL, "hidden", (2, 8), range(3))
    here = ends_of(trials)
    with ThreadPoolExecutor(2) as pool:
        threads = ends_of(trials, pool)
    assert untimed(threads) == untimed(here)
    assert len({end.score.loss for end in here}) == 6  # different seeds, different networks


@pytest.mark.slow
def test_processes_give_the_same_bits():
    load = partial(load_mnist_split, str(MNIST))
    trials = make_trials(SMALL, "lr", (0.01, 0.1), [1])
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        there = ends_of(trials, pool, load)
    assert untimed(there) == untimed(ends_of(trials, load=load))


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_bits():
    distributed = pytest.importorskip("distributed")
    load = partial(load_mnist_split, str(MNIST))
    trials = make_trials(SMALL, "lr", (0.01, 0.1), [1])
    client = distributed.Client(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with client:
        there = ends_of(trials, client.get_executor(), load)
    assert untimed(there) == untimed(ends_of(trials, load=load))


@pytest.mark.threads
def test_results_come_as_they_are_ready_and_are_put_in_order():
    late = Late()
    trials = make_trials(SMALL, "lr", (0.01, 0.02), [1])
    events = sweep(trials, stripes, late)
    with ThreadPoolExecutor(1) as helper:
        first = helper.submit(next, events)
        while len(late.given) < 2:
            pass
        late.run(1)
        assert first.result().place == 1
    late.run(0)
    ends = [first.result(), *events]
    assert [end.place for end in ends] == [1, 0]
    assert [spot.value for spot in spots_of(ends, "lr")] == [0.01, 0.02]


@pytest.mark.threads
def test_closing_cancels_what_has_not_begun():
    late = Late()
    events = sweep(make_trials(SMALL, "lr", (0.01, 0.02), [1, 2]), stripes, late)
    with ThreadPoolExecutor(1) as helper:
        first = helper.submit(next, events)
        while len(late.given) < 4:
            pass
        late.run(0)
        first.result()
    events.close()
    assert [future.cancelled() for future, _, _ in late.given] == [False, True, True, True]


def test_a_sweep_here_does_nothing_more_once_it_is_closed():
    loads = []

    def load():
        loads.append(1)
        return stripes()

    events = sweep(make_trials(SMALL, "lr", (0.01, 0.02), [1]), load)
    assert next(events) == TrialStep(0, 0.2)
    events.close()
    assert list(events) == []
    assert len(loads) == 1


@pytest.mark.parametrize("pool", [None, ThreadPoolExecutor], ids=["here", "threads"])
@pytest.mark.threads
def test_one_error_does_not_stop_the_others(pool):
    trials = [Trial(replace(SMALL, layers="1x"), 1), Trial(SMALL, 1)]
    bad, good = sorted(ends_of(trials, pool and pool(1)))
    assert bad.score is None
    assert bad.error.startswith(f"{ArchitectureError.__name__}: expected parts such as")
    assert good.score is not None
    assert good.error == ""


@pytest.mark.threads
def test_what_an_executor_cancels_is_reported():
    late = Late()
    events = sweep([Trial(SMALL, 1)], stripes, late)
    with ThreadPoolExecutor(1) as helper:
        first = helper.submit(next, events)
        while not late.given:
            pass
        late.given[0][0].cancel()
        late.run(0)
        end = first.result()
    assert (end.score, end.error) == (None, "CancelledError: ")


def test_no_trials_no_results():
    assert ends_of([]) == []


# ------------------------------------------------------------------------------ what came out


def end_of(place, lr, accuracy):
    score = None if accuracy is None else Score(accuracy, 0.0, 0.0, False)
    return TrialEnd(place, Trial(replace(SMALL, lr=lr), place), score)


def test_spots_gather_the_seeds_of_a_value():
    ends = [end_of(2, 0.2, 0.7), end_of(1, 0.1, 0.8), end_of(0, 0.1, 0.6), end_of(3, 0.2, None)]
    assert spots_of(ends, "lr") == [Spot(0.1, (0.6, 0.8)), Spot(0.2, (0.7,), failed=1)]


def test_the_best_spot_has_the_highest_mean():
    spots = [Spot(1, (0.5, 0.9)), Spot(2, (0.8,)), Spot(3, (), failed=2), Spot(4, (0.8,))]
    best = best_spot(spots)
    assert best is spots[1]
    assert np.isnan(spots[2].mean)
    assert best_spot([spots[2]]) is None
    assert best_spot([]) is None


@pytest.mark.slow
def test_the_notes_rule_learns_faster_than_the_gradient_on_few_small_digits():
    base = replace(
        RECIPES["classic"], layers="32", lr=0.2, epochs=2, preparation="small", train_size=1_617
    )
    ends = ends_of(
        make_trials(base, "method", ("notes", "gradient"), range(2)),
        load=partial(load_mnist_split, str(MNIST)),
    )
    notes, gradient = spots_of(ends, "method")
    assert min(notes.accuracies) > max(gradient.accuracies) + 0.02
