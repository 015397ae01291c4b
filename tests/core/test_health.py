"""Sizes of gradients, lengths of steps, and units that sleep: counted by hand first."""

import numpy as np
import pytest

from core.conv import Conv2d
from core.health import (
    UnitCensus,
    gradient_sizes,
    root_mean_square,
    unit_health,
    update_ratios,
)
from core.layers import Flatten, Linear, ReLU, Sequential, Sigmoid, Tanh
from core.losses import CrossEntropyLoss
from core.optim import SGD
from core.pool import MaxPool2d


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def network(*activations, rng, width=5):
    layers = [Linear(4, width, rng=rng)]
    for activation in activations:
        layers += [activation, Linear(width, width, rng=rng)]
    return Sequential(*layers)


def flat(model):
    return np.concatenate([array.ravel() for array in model.params.values()])


# --------------------------------------------------------------------------------- sizes and steps


def test_root_mean_square():
    assert root_mean_square(np.array([3.0, -4.0])) == pytest.approx(np.sqrt(12.5))
    assert root_mean_square(np.full((2, 3), -0.5, np.float32)) == 0.5
    assert root_mean_square(np.zeros((0, 3))) == 0.0
    # Squares that float32 cannot hold.
    assert root_mean_square(np.full(4, 1e30, np.float32)) == pytest.approx(1e30)


def test_gradient_sizes_are_those_of_the_last_backward_pass(rng):
    model = network(ReLU(), rng=rng)
    assert set(gradient_sizes(model).values()) == {0.0}
    loss = CrossEntropyLoss()
    loss.forward(model(rng.standard_normal((8, 4))), np.arange(8) % 5)
    model.backward(loss.backward())
    sizes = gradient_sizes(model)
    assert list(sizes) == list(model.params)
    for name, grad in model.grads.items():
        assert sizes[name] == pytest.approx(np.sqrt(np.mean(grad**2)))
        assert sizes[name] > 0


def test_update_ratios_of_a_step_are_the_rate_times_the_gradient_over_the_weights(rng):
    model = network(Tanh(), rng=rng)
    loss = CrossEntropyLoss()
    loss.forward(model(rng.standard_normal((8, 4))), np.arange(8) % 5)
    model.backward(loss.backward())
    weights = {name: root_mean_square(array) for name, array in model.params.items()}
    before = flat(model)
    SGD(model, lr=0.01).step()
    ratios = update_ratios(model, before, flat(model))
    assert list(ratios) == list(model.params)
    for name, gradient in gradient_sizes(model).items():
        assert ratios[name] == pytest.approx(0.01 * gradient / weights[name], rel=1e-3)


def test_what_was_zero_has_no_ratio_and_what_stays_has_zero(rng):
    model = network(rng=rng)
    model.params["0.bias"][...] = 0.0
    before = flat(model)
    assert update_ratios(model, before, before)["0.weight"] == 0.0
    assert np.isnan(update_ratios(model, before, before + 1.0)["0.bias"])


@pytest.mark.parametrize("wrong", [np.zeros(3), np.zeros((5, 5)), np.zeros(0)])
def test_vectors_of_another_length_are_refused(wrong, rng):
    model = network(rng=rng)
    with pytest.raises(ValueError, match=r"expected two vectors of shape \(25,\)"):
        update_ratios(model, flat(model), wrong)
    with pytest.raises(ValueError, match="one number per parameter"):
        update_ratios(model, wrong, flat(model))


# ------------------------------------------------------------------------------------------- units


def test_dead_relus_are_those_that_never_answer(rng):
    model = network(ReLU(), ReLU(), rng=rng)
    model.params["0.bias"][[1, 3]] = -1e3
    x = rng.standard_normal((300, 4))
    first, second = unit_health(model, x)
    assert (first.place, first.units, first.dead, first.saturated) == (1, 5, 2, 0)
    assert second.place == 3
    # One answer in 300 is enough to be alive, in whichever batch it comes.
    model.params["0.weight"][1] = [1e3, 0, 0, 0]
    model.params["0.bias"][1] = -1e3 * (np.sort(x[:, 0])[-2:].mean())
    assert unit_health(model, x)[0].dead == 1


def test_a_unit_of_a_convolution_is_a_feature_map(rng):
    model = Sequential(
        Conv2d(1, 3, 3, rng=rng), ReLU(), MaxPool2d(2), Flatten(), Linear(27, 2, rng=rng)
    )
    model.params["0.weight"][...] = 0.0
    model.params["0.bias"][...] = [-1.0, -1.0, 1.0]
    model.params["0.weight"][1, 0, 1, 1] = 2.0
    x = np.zeros((4, 1, 8, 8))
    assert unit_health(model, x)[0][:4] == (1, 3, 2, 0)
    x[2, 0, 4, 5] = 1.0  # one pixel in one image
    assert unit_health(model, x)[0].dead == 1


@pytest.mark.parametrize(("activation", "far"), [(Sigmoid, 4.0), (Tanh, 2.5)])
def test_saturated_units_are_near_an_end_for_nine_in_ten(activation, far):
    model = Sequential(activation(), Linear(3, 2))
    x = np.zeros((100, 3))
    x[:90, 0] = [-far, far] * 45  # at either end
    x[:89, 1] = far
    x[:, 2] = far / 2  # on its way, but not there
    [found] = unit_health(model, x)
    assert found[:4] == (0, 3, 0, 1)


def test_the_output_layer_and_other_layers_are_not_judged(rng):
    model = Sequential(Linear(4, 3, rng=rng), Sigmoid())
    model.params["0.weight"][...] = 1e3
    assert unit_health(model, rng.standard_normal((20, 4))) == []
    assert unit_health(network(rng=rng), rng.standard_normal((20, 4))) == []


def test_what_is_no_number_is_not_called_dead(rng):
    model = network(ReLU(), rng=rng)
    model.params["0.weight"][...] = np.nan
    assert unit_health(model, rng.standard_normal((20, 4)))[0].dead == 0


def test_a_census_of_pieces_is_that_of_the_whole(rng):
    model = network(Tanh(), ReLU(), rng=rng)
    model.params["0.bias"][:2] = 9.0
    x = rng.standard_normal((64, 4))
    census = UnitCensus()
    for start in range(0, 64, 10):
        answers, y = [], x[start : start + 10]
        for layer in model:
            y = layer.forward(y)
            answers.append((layer, y))
        census.add(answers)
    assert census.result() == unit_health(model, x)
    assert census.result()[0].saturated == 2


def test_no_examples_are_refused(rng):
    with pytest.raises(ValueError, match="at least one example"):
        unit_health(network(ReLU(), rng=rng), np.zeros((0, 4)))
