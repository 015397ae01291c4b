"""The blame of every number for one image's loss: what moving the number shows, and training."""

import copy

import numpy as np
import pytest

from core import (
    AvgPool2d,
    Conv2d,
    CrossEntropyLoss,
    Flatten,
    Linear,
    ReLU,
    Sequential,
    Sigmoid,
)
from core.blame import backward_maps
from core.gradcheck import numerical_gradient, relative_error
from core.maps import feature_maps
from tests.core.onlookers import assert_undisturbed, nested_network, opened

SHAPE = (2, 9, 8)


@pytest.fixture
def rng():
    return np.random.default_rng(8)


def other_network(rng):
    """Takes images (N, 2, 9, 8)."""
    return Sequential(
        *(Conv2d(2, 3, (2, 3), 2, 1, bias=False, rng=rng), Sigmoid(), AvgPool2d(2, 1)),
        *(Flatten(), Linear(36, 4, rng=rng), ReLU(), Linear(4, 3, rng=rng)),
    ).to(np.float64)


@pytest.fixture(params=[nested_network, other_network])
def model(request, rng):
    return request.param(rng)


def loss_of(layers, y, target):
    for layer in layers:
        y = layer.forward(y)
    return CrossEntropyLoss().forward(y, np.array([target]))


@pytest.mark.parametrize("target", range(3))
def test_slopes_are_what_moving_each_number_shows(model, target, rng):
    x = rng.normal(size=SHAPE)
    blame = backward_maps(model, x, target)
    layers = [copy.deepcopy(layer) for layer, _ in blame.answers]
    assert blame.loss == pytest.approx(loss_of(layers, x[None], target), abs=1e-14)
    moved = [x, *(y.copy() for _, y in blame.answers)]
    for place, (y, slope) in enumerate(zip(moved, [blame.dx, *blame.slopes], strict=True)):
        assert slope.shape == y.shape
        after = layers[place:]
        expected = numerical_gradient(lambda y=y, a=after: loss_of(a, y[None], target), y)
        smooth = y != 0  # where ReLU left several 0s in one window, the largest has a kink
        assert relative_error(slope[smooth], expected[smooth]) < 1e-6


def test_gradients_are_what_moving_each_parameter_shows(model, rng):
    x = rng.normal(size=SHAPE)
    blame = backward_maps(model, x, 1)
    assert list(blame.grads) == list(model.params)
    for name, param in model.params.items():
        expected = numerical_gradient(lambda: loss_of([model], x[None], 1), param)
        assert blame.grads[name].shape == param.shape
        assert relative_error(blame.grads[name], expected) < 1e-6


def test_it_is_what_training_would_see(model, rng):
    x, loss = rng.normal(size=SHAPE), CrossEntropyLoss()
    blame = backward_maps(model, x, 2)
    assert blame.loss == pytest.approx(loss.forward(model.forward(x[None]), np.array([2])))
    np.testing.assert_allclose(blame.dx, model.backward(loss.backward())[0], atol=1e-14)
    for name, grad in model.grads.items():
        np.testing.assert_allclose(blame.grads[name], grad, atol=1e-14)
    found = feature_maps(model, x)
    assert len(blame.slopes) == len(found)
    for (layer, y), (other, answer) in zip(found, blame.answers, strict=True):
        assert layer is other
        assert np.array_equal(y, answer)


def test_layers_are_the_models_own(rng):
    model = nested_network(rng)
    layers = [layer for layer, _ in backward_maps(model, rng.normal(size=SHAPE), 0).answers]
    assert all(layer is own for layer, own in zip(layers, opened(model), strict=True))


def test_who_asks_disturbs_nobody(model, rng):
    batch = rng.normal(size=(4, *SHAPE))
    before = batch.copy()
    assert_undisturbed(model, batch, lambda model: backward_maps(model, batch[0], 1))
    assert np.array_equal(batch, before)


def test_precision_is_kept(rng):
    model, x = nested_network(rng).to(np.float32), rng.random(SHAPE, np.float32)
    blame = backward_maps(model, x, 0)
    kept = [blame.dx, *blame.slopes, *blame.grads.values()]
    assert {array.dtype for array in kept} == {np.dtype(np.float32)}


def test_a_broken_network_shows_what_it_answers(rng):
    model = nested_network(rng)
    model.params["0.weight"][...] = np.inf
    blame = backward_maps(model, np.zeros(SHAPE), 0)
    assert np.isnan(blame.loss)
    assert not np.isfinite(blame.dx).any()


@pytest.mark.parametrize(
    ("shape", "target", "says"),
    [
        ((9, 8), 0, r"backward_maps expected one image of shape \(C, H, W\), but got \(9, 8\)"),
        ((1, *SHAPE), 0, "backward_maps expected one image"),
        (SHAPE, 3, "targets from 0 to 2, but they run from 3 to 3"),
        (SHAPE, -1, "targets from 0 to 2, but they run from -1"),
        (SHAPE, 1.0, "whole numbers"),
        ((3, 9, 8), 0, r"Conv2d expected x of shape \(N, 2, H, W\)"),
    ],
)
def test_mistakes_are_named(shape, target, says, rng):
    with pytest.raises(ValueError, match=says):
        backward_maps(nested_network(rng), np.zeros(shape), target)
