"""What optimizers promise beyond the formulas (those are in test_golden)."""

import copy

import numpy as np
import pytest

from core.layers import Linear, ReLU, Sequential
from core.losses import CrossEntropyLoss
from core.optim import OPTIMIZERS, SGD, RMSprop
from core.optimizer import BLOCK, decay_of

every = pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)


def network(seed=0, sizes=(3, 5, 2)):
    rng = np.random.default_rng(seed)
    return Sequential(Linear(*sizes[:2], rng=rng), ReLU(), Linear(*sizes[1:], rng=rng))


def learn(model, optimizer, steps, seed=1):
    rng, loss = np.random.default_rng(seed), CrossEntropyLoss()
    for _ in range(steps):
        loss.forward(model.forward(rng.standard_normal((4, 3))), rng.integers(0, 2, 4))
        model.backward(loss.backward())
        optimizer.step()


def equal(one, other):
    return all(np.array_equal(one[name], other[name]) for name in one)


@every
def test_steps_are_in_place(make):
    model = network()
    arrays, flat = dict(model.params), model.flat()
    before = model.state_dict()
    learn(model, make(model), 3)
    assert all(model.params[name] is array for name, array in arrays.items())
    assert model.flat() is flat
    assert all(not np.array_equal(before[name], array) for name, array in arrays.items())


@every
def test_a_copy_of_both_goes_on_the_same_way(make):
    model = network()
    optimizer = make(model, weight_decay=0.01)
    learn(model, optimizer, 5)
    twin, twins = copy.deepcopy((model, optimizer))
    assert twins.model is twin
    learn(model, optimizer, 5, seed=2)
    middle = twin.state_dict()
    assert not equal(middle, model.params)
    learn(twin, twins, 5, seed=2)
    assert equal(model.state_dict(), twin.params)
    assert optimizer.steps == twins.steps == 10


@every
def test_another_array_in_a_layer_is_found(make):
    model, same = network(), network()
    optimizer, other = make(model), make(same)
    learn(model, optimizer, 3)
    learn(same, other, 3)
    model[0].params["weight"] = model[0].params["weight"].copy()
    model[0].grads["weight"] = model[0].grads["weight"].copy()
    assert model.flat() is None
    learn(model, optimizer, 3)
    learn(same, other, 3)
    for name, array in same.params.items():
        np.testing.assert_allclose(model.params[name], array, rtol=1e-6)


@every
def test_blocks_do_not_show(make):
    wide = (3, BLOCK // 4, 2)
    model, alone = network(sizes=wide), network(sizes=wide)
    one, other = make(model), make(alone)
    alone[0].params["bias"] = alone[0].params["bias"].copy()  # no flat vector, so no blocks
    learn(model, one, 3)
    learn(alone, other, 3)
    for name, array in alone.params.items():
        np.testing.assert_allclose(model.params[name], array, rtol=1e-5, atol=1e-7)


@every
def test_precisions_and_settings_can_change_on_the_way(make):
    model = network()
    optimizer = make(model, weight_decay={"weight": 0.1})
    learn(model, optimizer, 2)
    optimizer.lr = 0.0
    optimizer.weight_decay["weight"] = 0.0
    before = model.state_dict()
    learn(model, optimizer, 2)
    assert equal(before, model.params)


def test_weight_decay_by_name():
    model = network()
    for grad in model.grads.values():
        grad[...] = 0
    before = model.state_dict()
    optimizer = SGD(model, lr=0.5, weight_decay={"weight": 0.1})
    optimizer.step()
    for name, array in model.params.items():
        factor = 0.95 if name.endswith("weight") else 1.0
        np.testing.assert_allclose(array, factor * before[name], rtol=1e-6)
    optimizer.weight_decay["weight"] = 0.0  # a change inside the mapping counts
    before = model.state_dict()
    optimizer.step()
    assert equal(before, model.params)


def test_decay_of():
    assert decay_of(0.1, "0.bias") == 0.1
    assert decay_of({"weight": 0.1}, "3.weight") == 0.1
    assert decay_of({"weight": 0.1}, "3.bias") is None
    assert decay_of(0.0, "3.bias") is None


@pytest.mark.parametrize(
    "make", [lambda m: SGD(m, momentum=0.9), lambda m: RMSprop(m, alpha=0.5, momentum=0.5)]
)
def test_what_has_faded_is_forgotten(make):
    model = network()
    optimizer = make(model)
    for name, grad in model.grads.items():
        grad[...] = 1e-3 if name == "0.weight" else 0
    optimizer.step()
    for grad in model.grads.values():
        grad[...] = 0
    for _ in range(1200):
        optimizer.step()
    assert not optimizer._memory.any()


def test_nesterov_needs_momentum():
    with pytest.raises(ValueError, match="momentum above 0"):
        SGD(network(), nesterov=True)
