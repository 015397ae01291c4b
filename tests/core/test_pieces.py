"""A batch in pieces, and the cores that share them: never another answer."""

import copy
import gc
import pickle
import threading
import weakref

import numpy as np
import pytest

import core.pieces
import core.threads
from core import (
    Adam,
    AvgPool2d,
    Conv2d,
    CrossEntropyLoss,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    ReLU,
    Sequential,
    Sigmoid,
    fit,
)


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def network(rng, dtype=np.float64):
    return Sequential(
        Conv2d(1, 4, 3, padding=1, rng=rng, dtype=dtype),
        ReLU(),
        MaxPool2d(2),
        Dropout(0.3, rng=1),
        Conv2d(4, 6, 3, rng=rng, dtype=dtype),
        Sigmoid(),
        AvgPool2d(2),
        Flatten(),
        Linear(54, 3, rng=rng, dtype=dtype),
    )


@pytest.fixture
def in_pieces(monkeypatch):
    """Every batch is worth cutting, into pieces of at most four images."""
    monkeypatch.setattr(core.pieces, "WORTH_IT", 0)
    monkeypatch.setattr(core.pieces, "PIECE", 4)


def answer(model, x, dy, training=True):
    """Return everything that one pass forward and one back come to."""
    y = model.forward(x, training=training)
    dx = model.backward(dy)
    return [y, dx, *(grad.copy() for grad in model.grads.values())]


def images(rng, count=21):
    return rng.standard_normal((count, 1, 16, 16)), rng.standard_normal((count, 3))


@pytest.mark.parametrize("training", [True, False])
def test_pieces_add_up_to_the_whole(training, rng, monkeypatch):
    model = network(rng)
    x, dy = images(rng)
    whole = answer(copy.deepcopy(model), x, dy, training)
    monkeypatch.setattr(core.pieces, "WORTH_IT", 0)
    monkeypatch.setattr(core.pieces, "PIECE", 4)
    for ours, expected in zip(answer(model, x, dy, training), whole, strict=True):
        assert ours == pytest.approx(expected, abs=1e-12)


@pytest.mark.usefixtures("in_pieces")
@pytest.mark.parametrize("cores", [1, 2, 5])
def test_the_number_of_cores_changes_not_one_bit(cores, rng, monkeypatch):
    model = network(rng, np.float32)
    x, dy = (array.astype(np.float32) for array in images(rng))
    answers = []
    for count in (2, cores):
        monkeypatch.setattr(core.threads, "_cores", lambda count=count: count)
        model[3].rng = np.random.default_rng(5)
        answers.append(answer(model, x, dy))
    assert all(np.array_equal(*pair) for pair in zip(*answers, strict=True))


@pytest.mark.usefixtures("in_pieces")
def test_what_was_answered_stays(rng):
    model = Sequential(Conv2d(1, 2, 3, rng=rng), ReLU(), MaxPool2d(2))
    x = rng.standard_normal((20, 1, 8, 8)).astype(np.float32)
    for training in (True, False):
        y = model.forward(x, training=training)
        dx = model.backward(np.ones_like(y))
        kept = y.copy(), dx.copy()
        model.backward(model.forward(-x, training=training))
        assert np.array_equal(y, kept[0])
        assert np.array_equal(dx, kept[1])


@pytest.mark.usefixtures("in_pieces")
def test_sizes_may_change_from_batch_to_batch(rng):
    layer = Conv2d(1, 3, 3, stride=2, padding=1, rng=rng, dtype=np.float64)
    model = Sequential(layer, MaxPool2d(2, ceil_mode=True))
    for size, count in [(9, 20), (10, 20), (9, 7), (7, 40), (9, 20)]:
        x = rng.standard_normal((count, 1, size, size))
        expected = x
        for part in model:
            expected = copy.deepcopy(part)(expected)
        assert model.forward(x, training=True) == pytest.approx(expected, abs=1e-12)


@pytest.mark.usefixtures("in_pieces")
def test_pieces_learn_with_replaced_and_converted_parameters(rng):
    model = network(rng, np.float32)
    x, dy = images(rng)
    answer(model, x.astype(np.float32), dy.astype(np.float32))
    for layer in model:
        layer.to(np.float64)
    model[0].params["weight"] = model[0].params["weight"] + 1.0
    expected = copy.deepcopy(model)
    for twin in (expected, pickle.loads(pickle.dumps(model))):
        model[3].rng = np.random.default_rng(5)
        twin[3].rng = np.random.default_rng(5)
        pairs = zip(answer(model, x, dy), answer(twin, x, dy), strict=True)
        assert all(np.array_equal(*pair) for pair in pairs)


@pytest.mark.usefixtures("in_pieces")
def test_need_dx_false_and_wrong_dy_in_pieces(rng):
    model = Sequential(ReLU(), Conv2d(1, 2, 3, rng=rng), ReLU())
    x = rng.standard_normal((20, 1, 8, 8)).astype(np.float32)
    dy = rng.standard_normal((20, 2, 6, 6)).astype(np.float32)
    full = answer(model, x, dy)
    model.forward(x, training=True)
    assert model.backward(dy, need_dx=False).size == 0
    assert np.array_equal(full[2], model.grads["1.weight"])
    with pytest.raises(RuntimeError, match="call forward once for every backward"):
        model.backward(dy)
    model.forward(x, training=True)
    with pytest.raises(ValueError, match="expected dy of shape"):
        model.backward(dy[:8])
    with pytest.raises(ValueError, match=r"but got \(20, 3, 8, 8\)"):
        model.forward(np.zeros((20, 3, 8, 8), np.float32))


@pytest.mark.usefixtures("in_pieces")
def test_layer_by_layer_is_the_same(rng):
    model = network(rng)
    x, _ = images(rng)
    y = x
    for layer in model:
        y = layer.forward(y)
    assert model(x) == pytest.approx(y, abs=1e-12)


@pytest.mark.usefixtures("in_pieces")
def test_it_learns_which_half_is_bright(rng):
    y = rng.integers(0, 2, 100)
    x = rng.random((100, 1, 8, 8), np.float32)
    x[y == 0, :, :4] += 1
    x[y == 1, :, 4:] += 1
    model = Sequential(
        Conv2d(1, 4, 3, rng=rng), ReLU(), MaxPool2d(2), Flatten(), Linear(36, 2, rng=rng)
    )
    loss = CrossEntropyLoss()
    for event in fit(model, loss, Adam(model, lr=0.01), (x, y), validation=(x, y), epochs=8, rng=1):
        last = event
    assert last.validation_accuracy == 1.0


@pytest.mark.threads
def test_two_models_learn_side_by_side(rng, in_pieces):
    x, dy = images(rng)
    models = [network(np.random.default_rng(seed)) for seed in range(4)]
    expected = [answer(copy.deepcopy(model), x, dy, training=False) for model in models]
    got = [None] * len(models)

    def learn(place):
        for _ in range(5):
            got[place] = answer(models[place], x, dy, training=False)

    threads = [threading.Thread(target=learn, args=(place,)) for place in range(len(models))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    for ours, theirs in zip(got, expected, strict=True):
        assert all(np.array_equal(*pair) for pair in zip(ours, theirs, strict=True))


@pytest.mark.usefixtures("in_pieces")
@pytest.mark.parametrize("pool", [MaxPool2d(2), MaxPool2d(3, 2, 1, True), MaxPool2d((1, 2), 1)])
def test_pooling_before_relu_changes_not_one_bit(pool, rng, monkeypatch):
    layers = Conv2d(2, 3, 3, rng=rng), ReLU(), pool, Sigmoid()
    layers[0].params["bias"][...] = -1, 0, 1
    x = rng.integers(-2, 3, (20, 2, 9, 9)).astype(np.float32)
    x[:, :, :5] = 0  # windows full of ties, of every sign
    got = Sequential(*layers)
    monkeypatch.setattr(core.pieces, "pooled_first", list)
    expected = Sequential(*copy.deepcopy(layers))
    dy = rng.standard_normal(got(x).shape).astype(np.float32)
    pairs = zip(answer(got, x, dy), answer(expected, x, dy), strict=True)
    assert all(np.array_equal(*pair) for pair in pairs)


@pytest.mark.usefixtures("in_pieces")
@pytest.mark.parametrize("training", [True, False])
def test_what_is_forgotten_is_free_and_changes_nothing(training, rng):
    model = network(rng)
    x, dy = images(rng)
    model[3].p = 0.0
    expected = answer(model, x, dy, training)
    model.forward(x, training=training)
    held = [weakref.ref(array) for array in arrays_of(model)]
    assert held
    model.forget()
    gc.collect()
    assert not any(array() is not None for array in held)
    with pytest.raises(RuntimeError, match="needs a forward pass"):
        model.backward(dy)
    again = answer(model, x, dy, training)
    assert all(np.array_equal(*pair) for pair in zip(expected, again, strict=True))


def arrays_of(model):
    """Find the arrays of the convolutions' twins: what they work with."""
    [convolutions, *_] = model._stages
    for layer in (layer for twins in convolutions.twins for layer in twins):
        yield from layer._workspace.values()
