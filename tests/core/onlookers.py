"""A small network with another one inside, and whether whoever looks at a network disturbs it."""

import copy

import numpy as np

from core import Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU, Sequential, Tanh


def nested_network(rng):
    """Takes images (N, 2, 9, 8)."""
    inner = Sequential(Conv2d(3, 4, (2, 3), rng=rng), Tanh(), Dropout(0.5, rng=1))
    model = Sequential(
        *(Conv2d(2, 3, 3, padding=1, rng=rng), ReLU(), MaxPool2d(2), inner),
        *(Flatten(), Linear(24, 5, rng=rng), ReLU(), Dropout(0.5, rng=2), Linear(5, 3, rng=rng)),
    )
    return model.to(np.float64)


def opened(model):
    """Return the layers of such a network, one by one."""
    return [*model[:3], *model[3], *model[4:]]


def assert_undisturbed(model, batch, look):
    """Look at a network between the two halves of a step: it must learn what it learns anyway."""
    quiet, looked_at = (_step(model, batch, then) for then in (lambda _: None, look))
    assert len(quiet) == len(looked_at)
    assert all(map(np.array_equal, quiet, looked_at))


def _step(model, batch, look):
    """Return all that a copy of a network answers and learns if somebody looks at it halfway."""
    model = copy.deepcopy(model)
    model.backward(np.ones_like(model.forward(batch)))  # gradients that are not zero
    y = model.forward(batch, training=True)
    before = _numbers(model)
    look(model)
    assert all(map(np.array_equal, before, _numbers(model)))
    dx = model.backward(np.ones_like(y))
    again = model.forward(batch, training=True)  # with the next draws of Dropout
    return [dx, again, *_numbers(model)]


def _numbers(model):
    return [array.copy() for array in (*model.params.values(), *model.grads.values())]
