"""Teaching a hand: who learns, who forgets, what is shown how often, and how it is counted."""

from pathlib import Path

import numpy as np
import pytest

from core.augment import affine, affine_matrix
from core.digit_tuning import (
    MOST_OLD,
    count_right,
    digits_shown,
    learner_copy,
    tune_digits,
)
from core.digits import Digits, load_mnist
from core.recipes import RECIPES, Learner, Recipe
from core.training import Diverged, StepEnd, predict

TRAIN, TEST = load_mnist(Path(__file__).resolve().parents[2] / "assets" / "mnist")
SMALL = Recipe(layers="32", train_size=6000, epochs=2, optimizer="adam", lr=0.002)


def some(digits, rows):
    return Digits(digits.images[rows], digits.labels[rows])


def slanted(digits):
    """Return digits in a hand that nobody in MNIST has."""
    matrix = affine_matrix(degrees=20.0, shear=-45.0)
    images = affine(digits.images.astype(np.float32), matrix)
    return Digits(np.rint(images).clip(0, 255).astype(np.uint8), digits.labels)


@pytest.fixture(scope="module", params=["batches", "notes"])
def trained(request):
    recipe = SMALL if request.param == "batches" else RECIPES["classic"]
    learner = Learner(recipe, 1)
    for _ in learner.fit((TRAIN.images[:6000], TRAIN.labels[:6000]), epochs=2):
        pass
    return learner


def share(learner, digits):
    *_, tally = count_right(learner, digits)
    return tally.share


def bits(learner):
    return {name: array.tobytes() for name, array in learner.model.params.items()}


def taught(learner, new, seed=0, **how):
    copy = learner_copy(learner)
    events = list(tune_digits(copy, new, TRAIN, rng=np.random.default_rng(seed), **how))
    return copy, events


@pytest.mark.slow
def test_a_copy_learns_the_hand_and_the_network_stays_as_it_was(trained):
    new, others = slanted(some(TEST, slice(0, 12))), slanted(some(TEST, slice(12, 400)))
    before = bits(trained)
    copy, _ = taught(trained, new, mix=0.8, rounds=30)
    assert bits(trained) == before != bits(copy)
    assert share(copy, new) > share(trained, new) + 0.25
    assert share(copy, others) > share(trained, others) + 0.08


@pytest.mark.slow
def test_without_old_digits_it_forgets_more(trained):
    fours = some(TRAIN, np.flatnonzero(TRAIN.labels == 4)[:10])
    wrong = Digits(fours.images, np.full(10, 9, np.int64))
    rest = some(TEST, slice(5000, 6500))
    alone, _ = taught(trained, wrong, mix=0.0, rounds=30)
    mixed, _ = taught(trained, wrong, mix=0.9, rounds=30)
    assert share(alone, rest) < share(mixed, rest) - 0.02


@pytest.mark.parametrize(("mix", "rounds", "shown"), [(0.0, 3, 21), (0.5, 3, 42), (0.95, 1, 140)])
def test_as_many_are_shown_as_was_said(trained, mix, rounds, shown):
    new = some(TEST, slice(0, 7))
    assert digits_shown(7, mix, rounds) == shown
    _, events = taught(trained, new, mix=mix, rounds=rounds)
    steps = [event for event in events if isinstance(event, StepEnd)]
    assert steps[-1].seen == shown
    assert all(np.isfinite(step.loss) for step in steps)


def test_the_same_seed_teaches_the_same(trained):
    new = some(TEST, slice(0, 5))
    (one, _), (same, _), (other, _) = (taught(trained, new, seed) for seed in (3, 3, 4))
    assert bits(one) == bits(same) != bits(other)


def test_numbers_that_run_away_are_told():
    learner = Learner(SMALL, 1)
    learner.model.params["1.weight"][:] = np.inf
    events = list(tune_digits(learner, some(TEST, slice(0, 3)), TRAIN, rng=0))
    assert isinstance(events[-1], Diverged)


@pytest.mark.parametrize(("mix", "rounds", "new"), [(-0.1, 1, 3), (MOST_OLD + 0.01, 1, 3)])
def test_what_cannot_be_taught_is_refused(trained, mix, rounds, new):
    with pytest.raises(ValueError, match="tune_digits expected"):
        tune_digits(trained, some(TEST, slice(0, new)), TRAIN, mix=mix, rounds=rounds)
    for nothing in (some(TEST, slice(0, 0)),):
        with pytest.raises(ValueError, match="0 new"):
            tune_digits(trained, nothing, TRAIN)
    with pytest.raises(ValueError, match="0 old"):
        tune_digits(trained, some(TEST, slice(0, 3)), some(TRAIN, slice(0, 0)))


def test_the_count_is_what_the_network_says(trained):
    digits = some(TEST, slice(0, 600))
    tallies = list(count_right(trained, digits))
    assert [int(tally.asked.sum()) for tally in tallies] == [0, 250, 500, 600]
    assert np.isnan(tallies[0].share)
    assert np.isnan(tallies[0].shares).all()
    said = predict(trained.model, digits.images, prepare=trained.prepare).argmax(axis=1)
    right = said == digits.labels
    assert tallies[-1].share == right.mean()
    for label in range(10):
        assert tallies[-1].shares[label] == right[digits.labels == label].mean()
