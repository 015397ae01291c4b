"""A traced image: the grids hold what the layers computed, and every sum in them holds."""

from __future__ import annotations

import copy
import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.conv import Conv2d
from core.layers import Dropout, Flatten, Layer, Linear, ReLU, Sequential, Sigmoid, Step, Tanh
from core.losses import CrossEntropyLoss, softmax
from core.pool import AvgPool2d, MaxPool2d
from core.trace_image import trace_image
from tests.core.random_layers import pairs, pools

BENDS = (ReLU, Sigmoid, Tanh, Step)


def network(*layers, rng):
    """A float64 network with normal weights and biases."""
    model = Sequential(*layers).to(np.float64)
    for param in model.params.values():
        param[...] = rng.normal(size=param.shape)
    return model


def planes(name, values):
    """Return arrays by grid name: a plane each for the channels of an image, or the row itself."""
    if values.ndim == 2:
        return {name: values}
    return {f"{name}_{c}": plane for c, plane in enumerate(values[0])}


def layers_own(model, image, target):
    """Run the layers one by one, there and back; return all their numbers by grid name."""
    model, values, name = copy.deepcopy(model), image[None], "x"
    found, steps, k, seen = planes(name, values), [], 0, Counter()
    for layer in model:
        steps.append((layer, name))
        values = layer.forward(values)
        k += bool(layer.params)
        kind = "zf"[isinstance(layer, Flatten)]
        if not layer.params and kind != "f":
            kind = "a" if isinstance(layer, BENDS) else "p"
        seen[kind, k] += 1
        name = "f" if kind == "f" else f"{kind}{k}{'_bcd'[seen[kind, k] - 1].strip('_')}"
        found |= planes(name, values) | own_parameters(layer, k, "", layer.params)
    loss = CrossEntropyLoss()
    found |= {"loss": np.array([[loss.forward(values, np.array([target]))]]), "p": softmax(values)}
    dy = loss.backward()
    for layer, given_name in reversed(steps):
        found |= planes("d" + name, dy)
        dy, name = layer.backward(dy), given_name
        found |= own_parameters(layer, k, "d", layer.grads)
        k -= bool(layer.params)
    return found | planes("dx", dy)


def own_parameters(layer, k, prefix, arrays):
    found = {f"{prefix}b{k}": arrays["bias"][None]} if "bias" in arrays else {}
    if isinstance(layer, Linear):
        return found | {f"{prefix}w{k}": arrays["weight"].T}
    if isinstance(layer, Conv2d):
        for o, c in np.ndindex(arrays["weight"].shape[:2]):
            found[f"{prefix}w{k}_{o}_{c}"] = arrays["weight"][o, c]
    return found


def assert_honest(trace):
    """Compute every number again from its terms; what has none is given, or zero."""
    for grid in trace:
        for r, c in np.ndindex(grid.values.shape):
            cell = grid.cell(r, c)
            node = trace.node(cell)
            assert trace.recompute(cell) == pytest.approx(node.value, abs=1e-9, rel=1e-9), cell
            if not node.terms and grid.op != "given":
                assert node.value == 0, cell
                assert grid.op == "same" or grid.kind == "gradient"


# ------------------------------------------------------------------------------ a worked example


@pytest.fixture
def worked():
    model = network(
        *(Conv2d(1, 1, 3, bias=False), ReLU(), MaxPool2d(2, 2, ceil_mode=True), Flatten()),
        Linear(4, 3, bias=False),
        rng=np.random.default_rng(0),
    )
    model[0].params["weight"][...] = [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
    model[4].params["weight"][...] = np.arange(1, 13).reshape(3, 4) / 10
    return model, np.array([[[0, 1, 1, 0, 0]] * 3 + [[0] * 5] * 2])


def test_the_worked_example(worked):
    trace = trace_image(*worked)
    ids = "x_0 w1_0_0 z1_0 a1_0 p1_0 f w2 z2 max shifted exp sum p"
    assert [grid.id for grid in trace] == ids.split()
    assert trace["z1_0"].values.tolist() == [[3, 3, 2], [2, 2, 1], [1, 1, 1]]
    assert trace["a1_0"].values.tolist() == [[3, 3, 2], [2, 2, 1], [1, 1, 1]]
    assert trace["p1_0"].values.tolist() == [[3, 2], [1, 1]]
    assert trace["f"].values.tolist() == [[3, 2, 1, 1]]
    np.testing.assert_allclose(trace["z2"].values, [[1.4, 4.2, 7.0]])
    np.testing.assert_array_equal(trace["p"].values, softmax(trace["z2"].values))
    assert_honest(trace)


def test_the_worked_examples_formulas(worked):
    trace = trace_image(*worked, target=2)
    said = {
        "x_0.0.1": "1",
        "z1_0.0.0": "0×1 + 1×0 + 1×1 + 0×0 + 1×1 + 1×0 + 0×1 + 1×0 + 1×1 = 3",
        "a1_0.0.2": "max(0, 2) = 2",
        "p1_0.0.0": "max(3, 3, 2, 2) = 3",
        "p1_0.0.1": "max(2, 1) = 2",
        "p1_0.1.1": "max(1) = 1",
        "f.0.1": "2 = 2",
        "z2.0.1": "3×0.5 + 2×0.6 + 1×0.7 + 1×0.8 = 4.2",
        "shifted.0.0": "1.4 − 7 = −5.6",
        "p.0.2": "1 / 1.065 = 0.9394",
        "loss.0.0": "(0.0625) / 1 = 0.0625",
        "dz2.0.2": "(0.9394 − 1) / 1 = −0.0606",
        "dw2.1.0": "2×0.0035 = 0.0069",
        "df.0.0": "0.0035×0.1 + 0.0571×0.5 + −0.0606×0.9 = −0.0256",
        "dp1_0.0.0": "−0.0256 = −0.0256",
        "da1_0.0.0": "−0.0256 = −0.0256",
        "da1_0.0.1": "0",
        "dz1_0.0.0": "−0.0256×[3 > 0] = −0.0256",
        "dx_0.0.0": "1×−0.0256 = −0.0256",
    }
    assert {cell: trace.formula(cell) for cell in said} == said
    assert trace.node("dw1_0_0.2.1").terms[:2] == (
        ("x_0.2.1", "dz1_0.0.0"),
        ("x_0.2.2", "dz1_0.0.1"),
    )
    assert trace.node("dx_0.1.0").terms == (
        ("w1_0_0.1.0", "dz1_0.0.0"),
        ("w1_0_0.0.0", "dz1_0.1.0"),
    )
    won = np.array([[1, 0, 1], [0, 0, 0], [1, 0, 1]])  # of the two 3s and of the 1s the first
    np.testing.assert_array_equal(trace["da1_0"].values != 0, won)
    assert_honest(trace)


# ----------------------------------------------------------------------------- any small network


@st.composite
def examples(draw):
    """A network of one or two convolutions and what may come between, an image, its class."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    channels = draw(st.integers(1, 2))
    image = rng.normal(size=(channels, *draw(pairs(3, 6))))
    layers, size = [], image.shape[1:]
    for _ in range(draw(st.integers(1, 2))):
        padding, out = draw(pairs(0, 2)), draw(st.integers(1, 2))
        kernel = [
            draw(st.integers(1, min(3, n + 2 * p))) for n, p in zip(size, padding, strict=True)
        ]
        bias, stride = draw(st.booleans()), draw(pairs(1, 3))
        added = [Conv2d(channels, out, tuple(kernel), stride, padding, bias, dtype=np.float64)]
        channels, size = out, added[0](np.zeros((1, channels, *size))).shape[2:]
        for _ in range(draw(st.integers(0, 3))):
            layer = draw(pools(size) | st.sampled_from(BENDS).map(lambda bend: bend()))
            size = layer(np.zeros((1, 1, *size))).shape[2:]
            added.append(layer)
        layers += added
    layers += [Flatten(), Dropout(0.9), Linear(channels * size[0] * size[1], 3), Tanh()]
    layers += draw(st.sampled_from([[], [Linear(3, 2)], [Linear(3, 4, bias=False)]]))
    return network(*layers, rng=rng), image, draw(st.integers(0, 1))


@pytest.mark.slow
@given(examples())
@settings(deadline=None, max_examples=60)
def test_every_grid_is_the_layers_and_every_sum_holds(example):
    trace = trace_image(*example)
    model, image, target = example
    model = Sequential(*(layer for layer in model if not isinstance(layer, Dropout)))
    own = layers_own(model, image, target)
    for name, array in own.items():
        np.testing.assert_allclose(trace[name].values, array, rtol=1e-12, atol=1e-12, err_msg=name)
    others = {re.sub(r"\d.*", "", grid.id) for grid in trace if grid.id not in own}
    assert others <= {"q", "share", "max", "shifted", "exp", "sum", "t", "n", "nll"}
    assert_honest(trace)


# -------------------------------------------------------------------------------------- the rest


def test_a_padded_image_has_a_border_of_zeros():
    model = Sequential(Conv2d(2, 1, 2, padding=(0, 1), rng=0), Flatten())
    image = np.arange(1, 13).reshape(2, 2, 3)
    trace = trace_image(model, image)
    assert trace["q1_1"].values.tolist() == [[0, 7, 8, 9, 0], [0, 10, 11, 12, 0]]
    assert trace.node("q1_1.1.1").terms == (("x_1.1.0",),)
    assert trace.formula("q1_1.1.1") == "10 = 10"
    assert trace.node("q1_0.0.0").terms == ()
    cells = [f"{r}.{c}" for r, c in ((0, 0), (0, 1), (1, 0), (1, 1))]
    products = [(f"q1_{c}.{cell}", f"w1_0_{c}.{cell}") for c in (0, 1) for cell in cells]
    assert trace.node("z1_0.0.0").terms == (*products, ("b1.0.0",))
    assert "dq1_0" not in trace_image(model, image, 0)


@pytest.mark.parametrize(
    ("counted", "ceil_mode", "shares"),
    [
        (True, True, [1 / 9, 1 / 9, 1 / 6]),
        (False, True, [1 / 2, 1 / 3, 1]),
        (True, False, [1 / 9, 1 / 9]),
    ],
)
def test_a_mean_shows_how_many_numbers_share(counted, ceil_mode, shares):
    model = Sequential(AvgPool2d(3, 2, 1, ceil_mode, counted), Flatten())
    trace = trace_image(model, np.array([[[2.0, 4, 6, 9]]]))
    np.testing.assert_array_equal(trace["share0"].values, [shares])
    terms = trace.node("p0_0.0.1").terms
    assert terms == tuple((f"x_0.0.{c}", "share0.0.1") for c in (1, 2, 3))


def test_names_never_clash():
    model = Sequential(
        *(MaxPool2d(2, 1), AvgPool2d(2, 1), Tanh(), Conv2d(1, 1, 1, rng=0)),
        *(ReLU(), MaxPool2d(2, 1), Sequential(Dropout(), Tanh()), AvgPool2d(2, 1), Step()),
        *(MaxPool2d(1), AvgPool2d(1), Flatten(), Sigmoid(), Linear(4, 2, rng=0), ReLU(), Tanh()),
    )
    image = np.arange(36.0).reshape(1, 6, 6)
    trace = trace_image(model, image, 0)
    ids = (
        "x_0 p0_0 share0b p0b_0 a0_0 w1_0_0 b1 z1_0 a1_0 p1_0 a1b_0 share1b p1b_0 a1c_0 p1c_0 "
        "share1d p1d_0 f a1d w2 b2 z2 a2 a2b max shifted exp sum p t n nll loss "
        "da2b da2 dz2 dw2 db2 da1d df dp1d_0 dp1c_0 da1c_0 dp1b_0 da1b_0 dp1_0 da1_0 dz1_0 "
        "dw1_0_0 db1 da0_0 dp0b_0 dp0_0 dx_0"
    )
    assert [grid.id for grid in trace] == ids.split()
    assert [grid.id for grid in trace if grid.batch and "1" in grid.id] == ["a1d", "da1d"]
    many = trace_image(Sequential(*(Tanh() for _ in range(60)), Flatten()), image)
    assert ("a0y_0" in many, "a0z_0" in many, "a0zb_0" in many) == (True, True, True)


def test_the_network_is_left_alone():
    model = Sequential(Conv2d(1, 2, 3, rng=0), ReLU(), MaxPool2d(2), Flatten(), Linear(2, 2, rng=0))
    image = np.random.default_rng(0).normal(size=(1, 4, 4)).astype(np.float32)
    model.grads["0.weight"][...] = 7.0
    dy, before = np.ones((3, 2), np.float32), model.state_dict()
    model.forward(np.stack([image] * 3))
    pixels, weights = image.copy(), model.params["0.weight"]
    trace = trace_image(model, image, 1)
    assert (model.grads["0.weight"] == 7).all() and model.params["0.weight"] is weights
    assert all(np.array_equal(before[name], now) for name, now in model.state_dict().items())
    assert np.array_equal(image, pixels)
    assert model.backward(dy).shape == (3, 1, 4, 4)  # its memory of the batch is its own, too
    for name, array in layers_own(model, image, 1).items():
        np.testing.assert_allclose(trace[name].values, array, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("layers", "shape", "target", "error", "says"),
    [
        ([Flatten(), Layer()], (1, 4, 4), 0, TypeError, "Conv2d, .* Dropout, but got Layer"),
        ([Conv2d(1, 1, 3)], (1, 4, 4), 0, ValueError, "needs a Sequential with a Flatten"),
        ([], (1, 4, 4), 0, ValueError, "needs a Sequential with a Flatten"),
        ([Linear(4, 2), Flatten()], (1, 4, 4), 0, ValueError, "Flatten before the first Linear"),
        ([Flatten(), MaxPool2d(2)], (1, 4, 4), 0, ValueError, "no MaxPool2d after it"),
        ([Flatten(), Flatten()], (1, 4, 4), 0, ValueError, "no Flatten after it"),
        ([Flatten(2)], (1, 4, 4), 0, ValueError, r"one row, but got \(1, 1, 16\)"),
        ([Flatten(), Linear(9, 2)], (1, 4, 4), 0, ValueError, r"9\), but got \(1, 16\)"),
        ([Conv2d(1, 1, 5), Flatten()], (1, 4, 4), 0, ValueError, "but got 4 × 4"),
        ([Conv2d(3, 1, 3), Flatten()], (1, 4, 4), 0, ValueError, r"\(N, 3, H, W\), but got"),
        ([Flatten()], (4, 4), 0, ValueError, r"image of shape \(C, H, W\), but got \(4, 4\)"),
        ([Flatten()], (1, 0, 4), 0, ValueError, r"but got \(1, 0, 4\)"),
        ([Flatten()], (1, 2, 2), 4, ValueError, "target from 0 to 3, but got 4"),
        ([Flatten()], (1, 2, 2), -1, ValueError, "target from 0 to 3, but got -1"),
        ([Flatten()], (1, 2, 2), 1.0, ValueError, "target from 0 to 3, but got 1.0"),
    ],
)
def test_mistakes_are_named(layers, shape, target, error, says):
    with pytest.raises(error, match=says):
        trace_image(Sequential(*layers), np.ones(shape), target)
