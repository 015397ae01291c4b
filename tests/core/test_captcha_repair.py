"""Training, repair and its ledger: who learns what, who forgets what, and how it is counted."""

from collections import Counter
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from core.captcha import load_fonts
from core.captcha_repair import (
    MORE_EPOCHS,
    STORY_EPOCHS,
    compare_answers,
    repair_ledger,
    repair_network,
    story_training,
    train_story,
    whole_captchas,
)
from core.captcha_story import Examples, handwritten_examples, printed_examples, printed_slices
from core.classic import one_hot
from core.digits8 import load_digits8, split_digits8

ASSETS = Path(__file__).parents[2] / "assets"


@pytest.fixture(scope="module")
def parts():
    digits = load_digits8((ASSETS / "digits8" / "optdigits.tes.gz").read_bytes())
    return tuple(handwritten_examples(part) for part in split_digits8(digits))


@pytest.fixture(scope="module")
def fonts():
    return load_fonts({"sans.ttf": (ASSETS / "fonts" / "sans.ttf").read_bytes()})


@pytest.fixture(scope="module")
def printed(fonts):
    return printed_examples(*printed_slices(fonts, 200, 9))


@pytest.fixture(scope="module")
def threes(fonts):
    """The notes' cure: the five slices of "3 3 3 3 3"."""
    return printed_examples(*printed_slices(fonts, 1, 0, digits=(3,)))


@pytest.fixture(scope="module")
def networks(parts):
    return [train_story(parts[0], seed) for seed in range(3)]


class Recorder:
    """A network that only writes down what it is shown; its copies write into the same list."""

    def __init__(self, shown):
        self.lr, self.shown = 0.7, shown

    def __deepcopy__(self, memo):
        return Recorder(self.shown)

    def train(self, inputs, targets):
        self.shown.append((self.lr, inputs.copy(), targets.argmax(axis=1)))


def numbered(first, count, label):
    """Return examples that can be told apart by their first input."""
    inputs = np.zeros((count, 64), np.float32)
    inputs[:, 0] = np.arange(first, first + count)
    return Examples(inputs, np.full(count, label))


def weights(network):
    return np.concatenate([network.hidden_weight.ravel(), network.output_weight.ravel()])


# --------------------------------------------------------------------------------------- training


def test_training_is_the_notes_loop(parts):
    few = Examples(*(array[:200] for array in parts[0]))
    *_, begun = story_training(few, 4, epochs=1, lr=0.0)
    assert (begun.hidden_weight.shape, begun.output_weight.shape) == ((32, 64), (10, 32))
    begun.lr = 0.2
    for _ in range(2):
        begun.train_plainly(few.inputs, one_hot(few.labels))
    assert weights(train_story(few, 4)) == pytest.approx(weights(begun), abs=1e-4)


def test_the_same_seed_learns_the_same(parts, printed):
    few, extra = (Examples(*(a[:300] for a in part)) for part in (parts[0], printed))
    one, other = (weights(train_story(few, 1, extra=extra)) for _ in range(2))
    assert np.array_equal(one, other)
    assert not np.array_equal(one, weights(train_story(few, 2, extra=extra)))
    assert not np.array_equal(one, weights(train_story(few, 1)))


def test_epochs_come_one_by_one(parts):
    few = Examples(*(array[:50] for array in parts[0]))
    seen = [weights(network) for network in story_training(few, 1, epochs=3)]
    assert len(seen) == 3
    assert np.array_equal(seen[1], weights(train_story(few, 1, epochs=2)))
    with pytest.raises(ValueError, match="at least one epoch, but got 0"):
        train_story(few, 1, epochs=0)


def test_it_learns_handwriting_but_not_the_printed_three(parts, networks, printed):
    """The notes' result: 0, 1, 2 and 4 are read in some of the trainings, 3 in none."""
    for network in networks:
        ledger = repair_ledger(network, network, parts[1], printed)
        assert ledger.handwritten[0] > 0.9
        assert ledger.printed[0] < 0.6
        assert ledger.printed_before[3] < 0.2
        assert ledger.printed_before[1] > 0.5


# ----------------------------------------------------------------------------------------- repair


@pytest.mark.parametrize(("mix", "rounds"), [(0.0, 1), (0.5, 2), (0.9, 3), (0.98, 1)])
def test_a_repair_shows_what_it_says(mix, rounds):
    shown = []
    new, old = numbered(1000, 5, 3), numbered(0, 60, 7)
    recorder = Recorder(shown)
    repaired = repair_network(recorder, new, old, mix=mix, rounds=rounds, lr=0.1, rng=2)
    [(rate, inputs, labels)] = shown
    counts = Counter(inputs[:, 0].astype(int).tolist())
    assert all(counts.pop(1000 + i) == rounds for i in range(5))
    assert sum(counts.values()) == round(5 * rounds * mix / (1 - mix))
    assert max(counts.values(), default=0) - min((counts[i] for i in range(60)), default=0) <= 1
    assert np.array_equal(labels, np.where(inputs[:, 0] >= 1000, 3, 7))
    assert (rate, repaired.lr, recorder.lr) == (0.1, 0.7, 0.7)
    if mix == 0.9:  # mixed, not one after the other
        assert 0.3 < np.flatnonzero(labels == 3).mean() / len(labels) < 0.7


def test_a_repair_changes_a_copy(networks, threes, parts):
    before = weights(networks[0])
    one, other = (repair_network(networks[0], threes, parts[0], mix=0.5, rng=8) for _ in range(2))
    assert np.array_equal(weights(networks[0]), before)
    assert np.array_equal(weights(one), weights(other))
    assert not np.array_equal(weights(one), before)


def test_a_repair_gains_and_forgets(networks, threes, parts, printed):
    train, test = parts
    for seed, network in enumerate(networks):
        alone, mixed = (
            repair_ledger(
                network,
                repair_network(network, threes, train, mix=mix, rounds=10, rng=seed),
                test,
                printed,
            )
            for mix in (0.0, 0.9)
        )
        for ledger in (alone, mixed):
            assert ledger.printed_after[3] > 0.8 > 0.2 > ledger.printed_before[3]
        # Without the old examples all becomes a three; with them almost nothing is lost.
        others = np.arange(10) != 3
        assert alone.handwritten_after[others].mean() < 0.5
        assert alone.handwritten[1] < 0.5 < 0.85 < mixed.handwritten[1]


@pytest.mark.slow
def test_all_printed_digits_and_old_ones_lose_nothing(networks, parts, fonts):
    train, test = parts
    new = printed_examples(*printed_slices(fonts, 100, 2, wobble=1), "trimmed")
    fresh = printed_examples(*printed_slices(fonts, 200, 77), "trimmed")
    repaired = repair_network(networks[0], new, train, mix=0.8, rounds=4, rng=1)
    ledger = repair_ledger(networks[0], repaired, test, fresh)
    assert whole_captchas(networks[0], fresh)[1] < 0.5
    assert whole_captchas(repaired, fresh)[1] >= 0.995
    assert ledger.handwritten[1] >= ledger.handwritten[0] - 0.005


@pytest.mark.parametrize(("mix", "rounds"), [(-0.1, 1), (0.99, 1), (float("nan"), 1), (0.5, 0)])
def test_a_repair_refuses_what_makes_no_sense(mix, rounds):
    new = numbered(0, 5, 3)
    with pytest.raises(ValueError, match=r"a mix of 0 to 0\.98 and at least one round, but got"):
        repair_network(Recorder([]), new, new, mix=mix, rounds=rounds)


# ----------------------------------------------------------------------------------------- ledger


def test_the_ledger_counts_right_answers(networks, parts, printed):
    before, after = networks[0], networks[1]
    few = Examples(*(array[parts[1].labels != 5] for array in parts[1]))
    ledger = repair_ledger(before, after, few, printed)
    for examples, network, shares, total in (
        (few, before, ledger.handwritten_before, ledger.handwritten[0]),
        (few, after, ledger.handwritten_after, ledger.handwritten[1]),
        (printed, before, ledger.printed_before, ledger.printed[0]),
        (printed, after, ledger.printed_after, ledger.printed[1]),
    ):
        right = Counter()
        for x, label in zip(*examples, strict=True):
            right[int(label)] += int(np.argmax(network.query(x)) == label)
        asked = Counter(examples.labels.tolist())
        by_hand = [right[d] / asked[d] if asked[d] else np.nan for d in range(10)]
        assert shares == pytest.approx(by_hand, nan_ok=True)
        assert total == pytest.approx(sum(right.values()) / len(examples.labels))
    assert np.isnan(ledger.handwritten_before[5])


def test_a_captcha_is_right_when_all_of_it_is(networks, printed):
    characters, whole = whole_captchas(networks[0], printed)
    answers = networks[0].query(printed.inputs).argmax(axis=1)
    rows = [answers[i : i + 5].tolist() for i in range(0, 1000, 5)]
    true = [printed.labels[i : i + 5].tolist() for i in range(0, 1000, 5)]
    assert whole == pytest.approx(sum(map(list.__eq__, rows, true)) / 200)
    assert characters == pytest.approx(np.mean(answers == printed.labels))
    relabelled = Examples(printed.inputs, answers.copy())
    relabelled.labels[0] += 1
    assert whole_captchas(networks[0], relabelled) == (pytest.approx(0.999), pytest.approx(0.995))
    with pytest.raises(ValueError, match="captchas of 7 digits, but got 1000"):
        whole_captchas(networks[0], printed, 7)


@pytest.mark.slow
def test_the_three_answers_side_by_side(parts, fonts):
    scores = list(compare_answers(*parts, fonts, 0, captchas=100))
    ways = list(product(("equal", "trimmed"), (STORY_EPOCHS, MORE_EPOCHS), (False, True)))
    assert [score[:3] for score in scores] == ways
    network = train_story(parts[0], 0)
    right = network.query(parts[1].inputs).argmax(axis=1) == parts[1].labels
    assert scores[0].handwritten == pytest.approx(right.mean())
    by_way = {score[:3]: score for score in scores}
    for cut, epochs, taught in ways:
        score = by_way[cut, epochs, taught]
        assert 0 <= score.whole <= score.characters <= 1
        assert score.handwritten > 0.85
        assert score.characters >= by_way[cut, epochs, False].characters
    assert by_way["trimmed", 2, False].characters > by_way["equal", 2, False].characters
    assert by_way["trimmed", 20, True].whole >= 0.995
    assert next(compare_answers(*parts, fonts, 0, captchas=100)) == scores[0]
