"""The three-layer network: the fast way is the plain way, and only one rule is the gradient."""

import copy

import numpy as np
import pytest

from core.classic import nodes_normal, one_hot
from core.classic_blocks import TOGETHER
from core.classic_rules import compare_rules
from core.gradcheck import numerical_gradient, relative_error
from tests.core.three_layers import examples, make, weights

both_rules = pytest.mark.parametrize("rule", ["notes", "gradient"])


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def as_in_the_notes(w1, w2, lr, inputs, targets):
    """Train with column vectors, one formula a line: written without looking at ``core``."""
    for numbers, wished in zip(inputs, targets, strict=True):
        x, t = np.array(numbers, ndmin=2).T, np.array(wished, ndmin=2).T
        h = 1 / (1 + np.exp(-np.dot(w1, x)))
        o = 1 / (1 + np.exp(-np.dot(w2, h)))
        output_errors = t - o
        hidden_errors = np.dot(w2.T, output_errors)
        w2 += lr * np.dot(output_errors * o * (1 - o), h.T)
        w1 += lr * np.dot(hidden_errors * h * (1 - h), x.T)


# ----------------------------------------------------------------------------------------- learning


def test_one_step_by_hand():
    network = make((1, 1, 1), lr=1.0)
    network.hidden_weight[...] = network.output_weight[...] = 0.0
    network.output_weight[...] = 2.0
    # h = ½ and o = σ(1): the error reaches the hidden neuron times 2, without the output's slope.
    o = 1 / (1 + np.exp(-1.0))
    network.train([[3.0]], [[1.0]])
    assert network.output_weight.item() == pytest.approx(2 + (1 - o) * o * (1 - o) * 0.5)
    assert network.hidden_weight.item() == pytest.approx(2 * (1 - o) * 0.25 * 3)


@pytest.mark.parametrize("way", ["train", "train_plainly"])
def test_learns_as_in_the_notes(way, rng):
    network, (x, t) = make(), examples(rng, 150)
    w1, w2 = weights(network)
    as_in_the_notes(w1, w2, 0.3, x, t)
    getattr(network, way)(x, t)
    assert np.allclose(network.hidden_weight, w1, rtol=0, atol=1e-13)
    assert np.allclose(network.output_weight, w2, rtol=0, atol=1e-13)


@both_rules
@pytest.mark.parametrize("sizes", [(6, 5, 3), (1, 1, 1), (3, 20, 30), (40, 2, 1)])
@pytest.mark.parametrize("count", [1, TOGETHER - 1, TOGETHER, 2 * TOGETHER + 5])
def test_the_fast_way_is_the_plain_way(rule, sizes, count, rng):
    fast, plain = make(sizes, rule=rule), make(sizes, rule=rule)
    x, t = examples(rng, count, sizes)
    fast.train(x, t)
    plain.train_plainly(x, t)
    for a, b in zip(weights(fast), weights(plain), strict=True):
        assert np.allclose(a, b, rtol=0, atol=1e-12)


def assert_float32_is_near_float64(sizes, rule, x, t):
    x, t = x.astype(np.float32), t.astype(np.float32)
    single, double = make(sizes, 0.1, rule, np.float32), make(sizes, 0.1, rule, np.float32)
    double.model.to(np.float64)
    single.train(x, t)
    double.train(x, t)
    # Many inputs add up in the hidden layer, and that is what is done with care.  What few hidden
    # neurons add up to depends on the order in which a processor's BLAS takes them.
    for a, b, most in zip(weights(single), weights(double), (6e-7, 3e-6), strict=True):
        assert a.dtype == np.float32
        assert relative_error(a, b) < most


@both_rules
def test_many_small_changes_are_not_rounded_off(rule, rng):
    x = np.where(rng.random((600, 784)) < 0.8, 0.01, rng.random((600, 784)))
    assert_float32_is_near_float64((784, 30, 10), rule, x, one_hot(rng.integers(0, 10, 600)))


def test_a_faint_background_is_not_rounded_off(rng):
    # Ink first, then 634 times 0.01: added to a large sum, float32 rounds them all the same way.
    x = np.tile(np.where(np.arange(784) < 150, 1.0, 0.01), (300, 1))
    assert_float32_is_near_float64((784, 10, 3), "notes", x, one_hot(rng.integers(0, 3, 300), 3))


def test_loss_and_right_answers_are_from_before_each_step(rng):
    network, (x, t) = make(), examples(rng, TOGETHER + 9)
    seen = copy.deepcopy(network)
    outputs = []
    for one_x, one_t in zip(x, t, strict=True):
        outputs.append(seen.query(one_x))
        seen.train_plainly(one_x[None], one_t[None])
    loss, right = network.train(x, t)
    assert loss == pytest.approx(np.mean((t - outputs) ** 2))
    assert right == np.count_nonzero(np.argmax(outputs, axis=1) == t.argmax(axis=1))


def test_inputs_stay_as_they_are_and_images_are_flattened(rng):
    flat, square = make(), make()
    x, t = examples(rng, 70)
    before = x.copy(), t.copy()
    flat.train(x, t)
    square.train(x.reshape(70, 1, 2, 3), t)
    assert np.array_equal(x, before[0])
    assert np.array_equal(t, before[1])
    assert np.array_equal(flat.hidden_weight, square.hidden_weight)


def test_nothing_is_learned_from_nothing(rng):
    network = make()
    before = weights(network)
    assert network.train(np.empty((0, 6)), np.empty((0, 3))) == (0.0, 0)
    assert all(np.array_equal(a, b) for a, b in zip(before, weights(network), strict=True))


def test_a_new_learning_rate_counts_from_the_next_call(rng):
    network, (x, t) = make(lr=0.0), examples(rng, 10)
    before = weights(network)
    network.train(x, t)
    assert all(np.array_equal(a, b) for a, b in zip(before, weights(network), strict=True))
    network.lr = 0.1
    network.train(x, t)
    assert not np.array_equal(before[0], network.hidden_weight)


@pytest.mark.parametrize("place", [3, TOGETHER + 3])
def test_what_is_no_number_is_not_learned(place, rng):
    network, until_then = make(), make()
    x, t = examples(rng, 2 * TOGETHER)
    x[place, 0] = np.nan
    assert np.isnan(network.train(x, t).loss)
    until_then.train(x[: place - 3], t[: place - 3])  # the block before the bad one
    assert np.array_equal(network.hidden_weight, until_then.hidden_weight)
    assert np.array_equal(network.output_weight, until_then.output_weight)


def test_weights_that_would_overflow_are_not_learned():
    network = make((1, 1, 1), lr=1e4, dtype=np.float32)
    network.hidden_weight[...] = 0.0
    x, t = [[3e38]], [[0.99]]
    before = weights(network)
    assert np.isnan(network.train(x, t).loss)
    assert all(np.array_equal(a, b) for a, b in zip(before, weights(network), strict=True))


def test_huge_signals_are_no_accident(rng):
    network = make(dtype=np.float32)
    network.hidden_weight[...] *= 1e6
    x, t = examples(rng, 20)
    assert np.isfinite(network.train(x, t).loss)


@pytest.mark.parametrize(
    ("x_shape", "t_shape"), [((4, 5), (4, 3)), ((4, 6), (4, 2)), ((4, 6), (3, 3)), ((6,), (3,))]
)
@pytest.mark.parametrize("way", ["train", "train_plainly"])
def test_wrong_shapes_are_a_sentence(way, x_shape, t_shape):
    with pytest.raises(ValueError, match=r"expected inputs of shape \(N, 6\) and targets of shape"):
        getattr(make(), way)(np.zeros(x_shape), np.zeros(t_shape))


def test_an_unknown_rule_is_a_sentence():
    with pytest.raises(ValueError, match="expected a rule of .*, but got 'other'"):
        make(rule="other")


# ------------------------------------------------------------------------------------------ looking


def test_the_model_is_the_network(rng):
    network = make(dtype=np.float32)
    assert network.model.state_dict().keys() == {"1.weight", "3.weight"}
    assert network.query(np.zeros(6)) == pytest.approx(network.query(np.zeros((2, 6)))[1])
    x, t = examples(rng, 30)
    before = network.query(x)
    assert before.shape == (30, 3)
    network.train(x, t)
    after = network.model.forward(x.astype(np.float32))
    assert np.array_equal(network.query(x), after)
    assert not np.array_equal(before, after)
    fresh = make(dtype=np.float32)
    fresh.model.load_state_dict(network.model.state_dict())
    assert np.array_equal(fresh.query(x), after)


def test_a_copy_learns_by_itself(rng):
    network, (x, t) = make(), examples(rng, 5)
    before = weights(network)
    copy.deepcopy(network).train(x, t)
    assert np.array_equal(network.hidden_weight, before[0])


def test_first_weights_are_as_wide_as_the_next_layer_asks(rng):
    weight, bias = nodes_normal((100, 400), rng)
    assert weight.shape == (100, 400)
    assert weight.std() == pytest.approx(0.1, rel=0.02)
    assert not bias.any()


def test_one_hot_targets():
    assert one_hot(np.array([2, 0], np.uint8), 3).tolist() == [
        [0.01, 0.01, 0.99],
        [0.99, 0.01, 0.01],
    ]
    assert one_hot([1], 2, low=0.0, high=1.0).tolist() == [[0.0, 1.0]]
    assert one_hot(np.empty(0, int)).shape == (0, 10)


@pytest.mark.parametrize("labels", [[10], [-1], [0.5], [[1]]])
def test_what_is_no_label_is_a_sentence(labels):
    with pytest.raises(ValueError, match=r"one_hot expected whole numbers from 0 to 9 of shape"):
        one_hot(labels)


# ------------------------------------------------------------------------------- which one is right


@both_rules
def test_only_one_rule_is_the_gradient(rule, rng):
    network, (x, t) = make(lr=1.0, rule=rule), examples(rng, 1)
    before = copy.deepcopy(network)

    def error():
        return float(((t - before.query(x)) ** 2).sum() / 2)

    downhill = [-numerical_gradient(error, w) for w in (before.hidden_weight, before.output_weight)]
    network.train(x, t)
    moves = [a - b for a, b in zip(weights(network), weights(before), strict=True)]
    assert relative_error(moves[1], downhill[1]) < 1e-7  # the output layer learns alike
    if rule == "gradient":
        assert relative_error(moves[0], downhill[0]) < 1e-7
    else:
        assert relative_error(moves[0], downhill[0]) > 0.5


def test_the_comparison_says_so(rng):
    network, (x, t) = make(dtype=np.float32), examples(rng, 1)
    before = weights(network)
    seen = compare_rules(network, x[0], t[0], 2)
    assert seen.numerical.shape == (6,)
    assert relative_error(seen.gradient, seen.numerical) < 1e-6
    assert relative_error(seen.notes, seen.numerical) > 0.5
    assert -1 <= seen.cosine < 0.999999
    assert all(np.array_equal(a, b) for a, b in zip(before, weights(network), strict=True))
    assert (network.lr, network.hidden_weight.dtype) == (0.3, np.float32)


def test_with_one_output_both_rules_point_the_same_way(rng):
    sizes = 6, 5, 1
    x, t = examples(rng, 1, sizes)
    assert compare_rules(make(sizes), x[0], t[0], 0).cosine == pytest.approx(1.0)
    assert compare_rules(make(sizes), 0 * x[0], t[0], 0).cosine == 0.0  # nothing moves


@pytest.mark.parametrize("neuron", [-1, 5])
def test_a_neuron_that_is_not_there(neuron):
    with pytest.raises(IndexError, match="expected a neuron from 0 to 4"):
        compare_rules(make(), np.zeros(6), np.zeros(3), neuron)
