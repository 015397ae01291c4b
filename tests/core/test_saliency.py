"""What made the network say so: gradients, covered patches and plain shares, against plain sums."""

import itertools

import numpy as np
import pytest

import core.pieces
from core import (
    AvgPool2d,
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    ReLU,
    Sequential,
    Sigmoid,
    Tanh,
    softmax,
)
from core.gradcheck import numerical_gradient, relative_error
from core.saliency import (
    COVERED_TOGETHER,
    contributions,
    gradient_times_input,
    input_gradient,
    occlusion,
)
from tests.core.onlookers import assert_undisturbed


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def network(rng, stride=1, padding=1, activation=ReLU, pool=MaxPool2d, bias=True):
    """Takes images (N, 2, 8, 7)."""
    conv = Conv2d(2, 3, 3, stride, padding, bias, rng=rng)
    first = Sequential(conv, activation(), pool(2))
    seen = first(np.zeros((1, 2, 8, 7), np.float32)).size
    model = Sequential(
        *(first, Flatten(), Dropout(0.5, rng=1), Linear(seen, 6, bias, rng=rng), activation()),
        Linear(6, 4, bias, rng=rng),
    )
    return model.to(np.float64)


# --------------------------------------------------------------------------------------- gradients


@pytest.mark.slow
@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (1, 2), (2, 1), ((1, 2), (0, 1))])
@pytest.mark.parametrize("activation", [ReLU, Tanh, Sigmoid])
@pytest.mark.parametrize("pool", [MaxPool2d, AvgPool2d])
def test_the_gradient_is_the_slope_of_the_logit(stride, padding, activation, pool, rng):
    model, x = network(rng, stride, padding, activation, pool), rng.standard_normal((2, 8, 7))
    for label in range(4):
        expected = numerical_gradient(lambda k=label: float(model(x[None])[0, k]), x)
        found = input_gradient(model, x, label)
        assert found.shape == x.shape
        assert relative_error(found, expected) < 1e-6


def test_without_hidden_layers_it_is_a_row_of_weights(rng):
    model = Sequential(Flatten(), Linear(12, 3, rng=rng))
    x = rng.standard_normal((1, 3, 4)).astype(np.float32)
    weight = model.params["1.weight"]
    assert np.array_equal(input_gradient(model, x, 2).ravel(), weight[2])
    assert np.array_equal(gradient_times_input(model, x, 2).ravel(), weight[2] * x.ravel())


def test_before_a_last_sigmoid_is_the_logit(rng):
    body = network(rng)
    model, x = Sequential(body, Sigmoid()), 50 * rng.standard_normal((2, 8, 7))
    assert np.array_equal(input_gradient(model, x, 1), input_gradient(body, x, 1))


@pytest.mark.parametrize("pool", [MaxPool2d, AvgPool2d])
def test_without_biases_gradient_times_input_sums_to_the_logit(pool, rng):
    model, x = network(rng, pool=pool, bias=False), rng.standard_normal((2, 8, 7))
    for label, logit in enumerate(model(x[None])[0]):
        assert gradient_times_input(model, x, label).sum() == pytest.approx(logit, abs=1e-12)
    x[0] = 0.0
    assert not gradient_times_input(model, x, 0)[0].any()


def test_who_asks_disturbs_nobody(rng):
    batch = rng.standard_normal((5, 2, 8, 7))
    before = batch.copy()

    def ask(model):
        input_gradient(model, batch[0], 1)
        gradient_times_input(model, batch[1], 2)
        occlusion(model, batch[2], 3, size=3)
        contributions(model[5], np.ones(6), 0)

    assert_undisturbed(network(rng), batch, ask)
    assert np.array_equal(batch, before)


# --------------------------------------------------------------------------------------- occlusion


def plainly(model, x, label, size, stride, value):
    """Patch by patch and pixel by pixel: {(first row, first column): probability}."""
    found = {}
    shift = (stride - size) // 2
    for i, j in itertools.product(range(0, x.shape[1], stride), range(0, x.shape[2], stride)):
        other = x.copy()
        for row, column in itertools.product(range(size), repeat=2):
            at = i + shift + row, j + shift + column
            if 0 <= at[0] < x.shape[1] and 0 <= at[1] < x.shape[2]:
                other[:, at[0], at[1]] = value
        found[i + shift, j + shift] = softmax(model(other[None]))[0, label]
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 5, 20])
@pytest.mark.parametrize("stride", [1, 2, 3, 9])
@pytest.mark.parametrize("value", [0.0, -0.7])
@pytest.mark.parametrize("cut", [False, True])
def test_every_patch_is_covered(size, stride, value, cut, rng, monkeypatch):
    monkeypatch.setattr("core.saliency.COVERED_TOGETHER", 10)
    if cut:
        monkeypatch.setattr(core.pieces, "WORTH_IT", 0)
        monkeypatch.setattr(core.pieces, "PIECE", 4)
    model, x = network(rng), rng.standard_normal((2, 8, 7))
    x[:, :5, :4] = value  # where patches change nothing
    x[0, 5:, :] = value  # and where they change one channel only
    found = occlusion(model, x, 1, size=size, stride=stride, value=value)
    expected = plainly(model, x, 1, size, stride, value)
    assert found.probability.shape == (-(-8 // stride), -(-7 // stride))
    assert list(itertools.product(found.tops, found.lefts)) == list(expected)
    assert found.probability.ravel() == pytest.approx(list(expected.values()), abs=1e-12)
    assert found.whole == pytest.approx(softmax(model(x[None]))[0, 1], abs=1e-12)
    assert np.array_equal(found.drop, found.whole - found.probability)


@pytest.mark.parametrize(
    ("size", "stride"), [(1, 1), (2, 1), (5, 1), (3, 3), (4, 4), (5, 2), (4, 3)]
)
def test_the_map_lies_over_the_image(size, stride, rng):
    model = Sequential(Flatten(), Linear(56, 2, rng=rng))
    found = occlusion(model, rng.random((1, 8, 7)), 0, size=size, stride=stride)
    for starts, length in ((found.tops, 8), (found.lefts, 7)):
        middle_of_blocks = np.arange(len(starts)) * stride + stride / 2
        apart = middle_of_blocks - (starts + size / 2)
        assert set(apart) <= {0.0, 0.5}  # half a pixel where one side is even, the other odd
        covered = {pixel for start in starts for pixel in range(start, start + size)}
        assert covered >= set(range(length))


def test_only_patches_that_change_something_are_asked_about(rng):
    asked = []

    def confidences(outputs):
        asked.append(len(outputs))
        return softmax(outputs)

    model, x = Sequential(Flatten(), Linear(784, 2, rng=rng)), np.zeros((1, 28, 28))
    x[0, 10:18, 12] = 1.0
    found = occlusion(model, x, 0, size=5, confidences=confidences)
    assert asked == [1, 12 * 5]
    assert np.count_nonzero(found.drop) == 12 * 5
    asked.clear()
    occlusion(model, x, 0, size=5, value=0.5, confidences=confidences)
    assert sum(asked) == 1 + 784
    assert max(asked) == COVERED_TOGETHER


def test_confidences_may_be_the_outputs_themselves(rng):
    model, x = Sequential(network(rng), Sigmoid()), rng.standard_normal((2, 8, 7))
    found = occlusion(model, x, 3, confidences=lambda outputs: outputs)
    assert found.whole == pytest.approx(model(x[None])[0, 3], abs=1e-12)


def test_whole_numbers_are_covered_with_fractions(rng):
    model, x = network(rng), rng.integers(0, 2, (2, 8, 7), np.uint8)
    found = occlusion(model, x, 0, size=3, value=0.5)
    expected = plainly(model, x.astype(float), 0, 3, 1, 0.5)
    assert found.probability.ravel() == pytest.approx(list(expected.values()), rel=1e-5)


def test_a_broken_network_answers_no_numbers(rng):
    model, x = network(rng), rng.standard_normal((2, 8, 7))
    model.params["5.weight"][...] = np.inf
    assert np.isnan(occlusion(model, x, 0).drop).all()
    model.params["5.weight"][...] = np.nan
    assert np.isnan(gradient_times_input(model, x, 0)).any()


# ----------------------------------------------------------------------------------- contributions


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(12,), (2, 3, 2), (1, 12)])
def test_contributions_add_up_to_the_logit(bias, shape, rng):
    linear = Linear(12, 5, bias, rng=rng, dtype=np.float64)
    x = rng.standard_normal(shape)
    logits = Sequential(Flatten(), linear)(x[None])[0]
    for label in range(5):
        found = contributions(linear, x, label)
        assert found.terms.shape == shape
        assert found.terms.ravel()[7] == linear.params["weight"][label, 7] * x.ravel()[7]
        assert found.bias == (linear.params["bias"][label] if bias else 0.0)
        assert found.total == pytest.approx(logits[label], abs=1e-12)
        assert found.terms.sum() + found.bias == pytest.approx(logits[label], abs=1e-12)


# ------------------------------------------------------------------------------------------ errors


@pytest.mark.parametrize("ask", [input_gradient, gradient_times_input, occlusion])
def test_what_is_no_image_and_no_class_is_an_error(ask, rng):
    for shape in [(8, 7), (1, 2, 8, 7)]:
        with pytest.raises(ValueError, match=r"expected one image of shape \(C, H, W\), but got"):
            ask(network(rng), np.zeros(shape), 0)
    for label in (-1, 4):
        with pytest.raises(ValueError, match=f"expected a class from 0 to 3, but got {label}"):
            ask(network(rng), np.zeros((2, 8, 7)), label)


@pytest.mark.parametrize("wrong", [{"size": 0}, {"stride": 0}, {"value": np.nan}])
def test_patches_out_of_range_are_errors(wrong, rng):
    with pytest.raises(ValueError, match="occlusion expected a size and a stride from 1 and"):
        occlusion(network(rng), np.zeros((2, 8, 7)), 0, **wrong)


def test_contributions_of_what_does_not_fit_are_errors():
    with pytest.raises(ValueError, match=r"expected 4 inputs, but got 6 of shape \(2, 3\)"):
        contributions(Linear(4, 2), np.zeros((2, 3)), 0)
    with pytest.raises(ValueError, match="contributions expected a class from 0 to 1, but got 2"):
        contributions(Linear(4, 2), np.zeros(4), 2)
