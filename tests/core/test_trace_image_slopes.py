"""A traced image's gradients are what one finds by moving each number to both sides."""

from __future__ import annotations

import copy
from collections import Counter

import numpy as np
import pytest

from core.conv import Conv2d
from core.gradcheck import check_input, check_parameter
from core.layers import Flatten, Linear, ReLU, Sequential, Sigmoid, Tanh
from core.losses import CrossEntropyLoss
from core.pool import AvgPool2d, MaxPool2d
from core.trace_image import trace_image

CLASS = np.array([1])
SAMPLES = {
    "two convolutions": lambda: (
        *(Conv2d(2, 2, 3, padding=1), ReLU(), MaxPool2d(3, 2, 1)),
        *(Conv2d(2, 3, 2, stride=(2, 1)), Sigmoid(), Flatten(), Linear(6, 4), Tanh(), Linear(4, 3)),
    ),
    "means": lambda: (
        *(AvgPool2d(2, 1, 1), Conv2d(2, 2, (2, 3), 2, (0, 2), bias=False), Tanh()),
        *(AvgPool2d(3, 2, 1, ceil_mode=True, count_include_pad=False), AvgPool2d((1, 2), 1)),
        *(Flatten(), Linear(8, 3)),
    ),
    "no linear layer": lambda: (
        *(Conv2d(2, 3, 3, padding=2), MaxPool2d(2, ceil_mode=True), Tanh(), Tanh()),
        *(MaxPool2d(4), Flatten()),
    ),
}


def away_from_kinks(values, rng):
    """Return up to three places whose value is not 0 and stands nowhere else in its table."""
    seen = Counter(values.ravel().tolist())
    places = [p for p in np.ndindex(values.shape) if values[p] and seen[values[p]] == 1]
    return [places[i] for i in rng.permutation(len(places))[:3]]


@pytest.fixture(params=SAMPLES)
def sample(request):
    """Layers with normal weights, an image, and the trace of both for class 1."""
    rng, layers = np.random.default_rng(5), SAMPLES[request.param]()
    model = Sequential(*layers).to(np.float64)
    for param in model.params.values():
        param[...] = rng.normal(size=param.shape)
    image = rng.normal(size=(2, 5, 6))
    return layers, image[None], trace_image(model, image, 1)


def assert_agrees(trace, grid, place, check):
    assert trace[grid].values[place] == pytest.approx(check.numeric, abs=1e-8, rel=1e-5), grid


def test_gradients_of_all_numbers_on_the_way(sample):
    layers, arriving, trace = sample
    rng = np.random.default_rng(6)
    names = [grid.id for grid in trace if "d" + grid.id in trace and grid.id[0] not in "wb"]
    for place in range(len(layers) + 1):
        after = Sequential(*copy.deepcopy(layers[place:]))
        for c, plane in enumerate(arriving[0] if arriving.ndim == 4 else arriving[None]):
            grid = names.pop(0)
            np.testing.assert_allclose(trace[grid].values, plane, atol=1e-12)
            places = away_from_kinks(plane, rng)
            assert places
            for r, s in places:
                index = (0, c, r, s) if arriving.ndim == 4 else (0, s)
                check = check_input(after, CrossEntropyLoss(), arriving, CLASS, index, 1e-6)
                assert_agrees(trace, f"d{grid}", (r, s), check)
        if place < len(layers):
            arriving = copy.deepcopy(layers[place]).forward(arriving)
    assert not names


def test_gradients_of_all_parameters(sample):
    layers, image, trace = sample
    model, checked, k = Sequential(*layers), set(), 0
    for place, layer in enumerate(layers):
        k += bool(layer.params)
        for key, param in layer.params.items():
            for index in np.ndindex(param.shape):
                question = f"{place}.{key}", index, 1e-6
                check = check_parameter(model, CrossEntropyLoss(), image, CLASS, *question)
                o, *rest = index
                grid, cell = f"d{key[0]}{k}", (*rest, o) if rest else (0, o)
                if len(rest) == 3:
                    grid, cell = f"dw{k}_{o}_{rest[0]}", tuple(rest[1:])
                assert_agrees(trace, grid, cell, check)
                checked.add(grid)
    assert checked == {grid.id for grid in trace if grid.id.startswith(("dw", "db"))}
