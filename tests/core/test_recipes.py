"""Recipes: what they promise, and that a seed says everything."""

import dataclasses

import numpy as np
import pytest

from core.architecture import ArchitectureError
from core.recipes import PREPARATIONS, RECIPES, Learner, Recipe
from core.training import EpochEnd, StepEnd


@pytest.fixture
def digits():
    """Two easy classes and some noise, in the form of digits."""
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 2, 120)
    images = rng.integers(0, 60, (120, 28, 28)).astype(np.uint8)
    images[labels == 1, 8:20, 8:20] += 150
    return images, labels


def small(name, **changes):
    recipe = RECIPES[name]
    layers = {"batches": recipe.layers if "c" in recipe.layers else "12"}.get(recipe.method, "12")
    return dataclasses.replace(recipe, layers=layers, epochs=2, **changes)


@pytest.mark.slow
@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_learns_and_a_seed_says_everything(name, digits):
    def losses(seed):
        learner = Learner(small(name), seed)
        events = list(learner.fit(digits, validation=digits))
        assert [e.seen for e in events if isinstance(e, StepEnd)][-1] == len(digits[0])
        last = events[-1]
        assert isinstance(last, EpochEnd)
        assert None not in last
        return [e.loss for e in events if isinstance(e, StepEnd)]

    first = losses(1)
    assert losses(1) == first
    assert losses(2) != first
    assert first[-1] < first[0]


def test_another_network_sees_the_same_digits_in_the_same_order():
    images = np.zeros((50, 28, 28), np.uint8)
    orders = []
    for layers in ("8", "16-4"):
        learner = Learner(Recipe(layers=layers, epochs=1, batch_size=1), seed=4)
        seen = []
        forward = learner.loss.forward
        learner.loss.forward = lambda y, t, forward=forward, seen=seen: (
            seen.append(int(t[0])) or forward(y, t)
        )
        for _ in learner.fit((images, np.arange(50) % 10)):
            pass
        orders.append(seen)
    assert orders[0] == orders[1]
    assert len(orders[0]) == 50


def test_only_the_first_images_are_learned_from(digits):
    learner = Learner(Recipe(layers="8", train_size=64, batch_size=20, epochs=1), seed=0)
    events = [e for e in learner.fit(digits) if isinstance(e, StepEnd)]
    assert [e.seen for e in events] == [20, 40, 60, 64]


def test_the_schedule_runs_over_the_recipes_epochs(digits):
    recipe = Recipe(layers="8", schedule="cosine", batch_size=40, epochs=2, lr=0.1)
    learner = Learner(recipe, seed=0)
    rates = [learner.optimizer.lr for e in learner.fit(digits, epochs=3) if isinstance(e, StepEnd)]
    assert rates[:6] == sorted(rates[:6], reverse=True)
    assert rates[0] == 0.1
    assert rates[6:] == pytest.approx([0, 0, 0], abs=1e-12)


def test_the_rate_can_be_set_on_the_way(digits):
    for name in ("mlp", "classic"):
        learner = Learner(small(name), seed=0)
        learner.set_rate(0.0)
        before = learner.model.state_dict()
        for _ in learner.fit(digits):
            pass
        assert all(np.array_equal(before[k], v) for k, v in learner.model.params.items())


def test_confidences_are_probabilities_or_the_sigmoids_themselves(digits):
    logits = np.array([[1.0, 2.0, 3.0]])
    assert Learner(small("mlp"), 0).confidences(logits).sum() == pytest.approx(1)
    assert np.array_equal(Learner(small("classic"), 0).confidences(logits), logits)


def test_test_loss_is_measured_as_in_training(digits):
    for name in ("mlp", "classic"):
        learner = Learner(small(name), 0)
        *_, last = learner.fit(digits, validation=digits)
        outputs = learner.model.forward(learner.prepare(digits[0]))
        assert learner.test_loss(outputs, digits[1]) == pytest.approx(last.validation_loss)


def test_every_preparation_is_one_that_recipes_name():
    assert {recipe.preparation for recipe in RECIPES.values()} <= PREPARATIONS.keys()


@pytest.mark.parametrize("layers", ["", "20-10", "8c3", "3000000", "max2-20"])
def test_the_notes_network_has_one_hidden_layer_of_decent_size(layers):
    with pytest.raises(ArchitectureError, match="expected"):
        Learner(dataclasses.replace(RECIPES["classic"], layers=layers), 0)
