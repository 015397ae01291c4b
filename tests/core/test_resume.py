"""A training that is kept in a file and taken up again reaches the same bits."""

import io
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from core.checkpoint import load, save
from core.optim import OPTIMIZERS
from core.recipes import RECIPES, Learner
from core.resume import RESUME_SENTENCES, ResumeError, take_up, training_state

EXAMPLES, EPOCHS = 210, 3
RNG = np.random.default_rng(0)
DATA = (
    RNG.integers(0, 256, (EXAMPLES, 28, 28), dtype=np.uint8),
    RNG.integers(0, 10, EXAMPLES),
)
SMALL = {
    "mlp": replace(RECIPES["mlp"], layers="12", batch_size=32),
    "mlp-best": replace(RECIPES["mlp-best"], layers="12-9", batch_size=50, epochs=EPOCHS),
    "cnn-best": replace(
        RECIPES["cnn-best"], layers="3c5-max2-4c3-max2-8", batch_size=64, epochs=EPOCHS
    ),
    "whole": replace(RECIPES["mlp-adam"], layers="7", batch_size=1000),
    "classic": replace(RECIPES["classic"], layers="11"),
    "classic-rotated": replace(RECIPES["classic-rotated"], layers="11"),
    **{name: replace(RECIPES["mlp"], layers="6", optimizer=name) for name in OPTIMIZERS},
}


def course(learner, *, resume=False):
    return learner.fit(DATA, epochs=EPOCHS, resume=resume, validation=DATA)


def bits(learner):
    return {name: array.tobytes() for name, array in learner.model.params.items()}


def through_a_file(learner):
    """Return what is read again of what was kept."""
    file = io.BytesIO()
    arrays, facts = training_state(learner)
    save(file, arrays, **facts)
    file.seek(0)
    return load(file)


def resumed(recipe, kept, examples=EXAMPLES):
    learner = Learner(recipe, 99)  # another seed: nothing of it may be left
    take_up(learner, *kept, examples)
    return learner


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_it_goes_on_to_the_same_bits_wherever_it_was_kept(name):
    recipe = SMALL[name]
    whole = Learner(recipe, 3)
    events = list(course(whole))
    places = sorted({0, 1, 2, len(events) // 2, len(events) - 2, len(events) - 1})
    for place in places:
        first = Learner(recipe, 3)
        assert list(islice(course(first), place)) == events[:place]
        second = resumed(recipe, through_a_file(first))
        assert list(course(second, resume=True)) == events[place:]
        assert bits(second) == bits(whole)


@pytest.mark.parametrize("name", ["mlp", "mlp-best", "classic"])
def test_a_rate_that_was_changed_at_rest_counts(name):
    whole, first = Learner(SMALL[name], 1), Learner(SMALL[name], 1)
    events = course(whole)
    begun = list(islice(events, 4))
    whole.set_rate(0.003)
    assert list(islice(course(first), 4)) == begun
    first.set_rate(0.003)
    second = resumed(SMALL[name], through_a_file(first))
    assert list(course(second, resume=True)) == list(events)
    assert bits(second) == bits(whole)


def test_keeping_disturbs_nothing():
    whole, kept = Learner(SMALL["cnn-best"], 1), Learner(SMALL["cnn-best"], 1)
    for _ in course(whole):
        pass
    for _ in course(kept):
        training_state(kept)
    assert bits(kept) == bits(whole)


def half_way(name="mlp"):
    learner = Learner(SMALL[name], 1)
    list(islice(course(learner), 3))
    return through_a_file(learner)


def spoil(kept, path, value):
    """Put a value in the place of another one; None takes it out."""
    arrays, facts = kept
    *way, last = path.split("/")
    place = {"arrays": arrays, "facts": facts}
    for name in way:
        place = place[name]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return kept


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("facts/progress", None, "progress"),
        ("facts/progress/step", -1, "progress"),
        ("facts/progress/step", 1.5, "progress"),
        ("facts/progress/step", True, "progress"),
        ("facts/progress/step", "1", "progress"),
        ("facts/progress/epoch", 0, "progress"),
        ("facts/progress/seen", EXAMPLES + 1, "progress"),
        ("facts/progress/right", 10_000, "progress"),
        ("facts/progress/total", float("nan"), "progress"),
        ("facts/progress/more", 1, "progress"),
        ("facts/progress", [], "progress"),
        ("arrays/order", None, "order"),
        ("arrays/order", np.zeros(EXAMPLES, np.int32), "order"),
        ("arrays/order", np.arange(5), "order"),
        ("arrays/order", np.full(EXAMPLES, np.nan), "order"),
        ("arrays/model.1.weight", None, "weights"),
        ("arrays/model.1.weight", np.zeros((2, 2)), "weights"),
        ("arrays/model.9.bias", np.zeros(3), "weights"),
        ("facts/optimizer", None, "progress"),
        ("facts/optimizer/steps", -3, "progress"),
        ("facts/optimizer/lr", float("inf"), "progress"),
        ("arrays/memory", None, "memory"),
        ("arrays/memory", np.zeros((9, 9)), "memory"),
        ("facts/rngs", None, "rngs"),
        ("facts/rngs/order", {}, "rngs"),
        ("facts/rngs/holes", {"bit_generator": "PCG64", "state": {"state": -1}}, "rngs"),
        ("facts/rngs/moves", 7, "rngs"),
    ],
)
def test_what_is_not_whole_is_refused(path, value, code):
    with pytest.raises(ResumeError) as caught:
        resumed(SMALL["mlp"], spoil(half_way(), path, value))
    assert caught.value.code == code
    assert str(caught.value) == RESUME_SENTENCES[code].format_map(vars(caught.value))


def test_weights_that_are_no_numbers_are_refused():
    kept = half_way()
    kept[0]["model.1.weight"][0, 0] = np.nan
    with pytest.raises(ResumeError, match="weights"):
        resumed(SMALL["mlp"], kept)


def test_another_number_of_examples_is_refused():
    with pytest.raises(ResumeError) as caught:
        resumed(SMALL["mlp"], half_way(), EXAMPLES - 1)
    assert caught.value.code == "order"


def test_an_optimizer_takes_over_only_memory_of_its_kind():
    kept = half_way("adam")
    with pytest.raises(ResumeError) as caught:
        resumed(SMALL["sgd"], kept)
    assert caught.value.code == "memory"
