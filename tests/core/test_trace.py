"""A trace says what the layers computed, and every sum in it holds."""

from __future__ import annotations

import copy
import itertools
import warnings

import numpy as np
import pytest

from core.layers import Dropout, Flatten, Linear, ReLU, Sequential, Sigmoid, Step, Tanh
from core.losses import CrossEntropyLoss, softmax
from core.trace import OPS, Grid, Trace, format_number
from core.trace_network import trace_network


def network(sizes, activation, rng, *, bias=True):
    """A float64 network of the given widths with normal weights and biases."""
    layers = []
    for into, out in itertools.pairwise(sizes):
        linear = Linear(into, out, bias, rng=rng, dtype=np.float64)
        for param in linear.params.values():
            param[...] = rng.normal(size=param.shape)
        layers += [linear, activation()]
    return Sequential(*layers[:-1])


def honest(trace):
    """Compare every number with its own sum; the scale is that of the largest term."""
    for grid in trace:
        for r, c in np.ndindex(grid.values.shape):
            cell = grid.cell(r, c)
            node, again = trace.node(cell), trace.recompute(cell)
            if not np.isfinite(node.value):
                assert np.array_equal(node.value, again, equal_nan=True), cell
                continue
            scale = abs(node.value)
            if node.op in ("sum_of_products", "minus", "softmax_error", "mean"):
                parts = [np.prod([trace.value(f) for f in term]) for term in node.terms]
                scale = max(scale, float(np.abs(parts).sum()))
            assert abs(node.value - again) <= 1e-12 * max(scale, 1e-3), (cell, node, again)


@pytest.mark.parametrize("activation", [ReLU, Sigmoid, Tanh, Step])
@pytest.mark.parametrize("hidden", [(), (5,), (4, 6), (3, 4, 5), (2, 3, 2, 3)])
@pytest.mark.parametrize("decay", [0.0, 0.01, {"weight": 0.001}])
def test_every_cell_is_the_layers_number(activation, hidden, decay):
    rng = np.random.default_rng(len(hidden))
    model = network((2, *hidden, 3), activation, rng)
    x, targets = rng.normal(size=(5, 2)), rng.integers(3, size=5)
    trace = trace_network(model, x, targets, weight_decay=decay)

    values, loss = x, CrossEntropyLoss()
    linears = [layer for layer in model if isinstance(layer, Linear)]
    for place, layer in enumerate(model):
        values = layer.forward(values)
        name = f"{'z' if isinstance(layer, Linear) else 'a'}{place // 2 + 1}"
        np.testing.assert_array_equal(trace[name].values, values)
    np.testing.assert_array_equal(trace["p"].values, softmax(values))
    assert trace["loss"].values[0, 0] == loss.forward(values, targets)
    dy = loss.backward()
    np.testing.assert_array_equal(trace[f"dz{len(linears)}"].values, dy)
    for place, layer in reversed(list(enumerate(model))):
        dy = layer.backward(dy)
        if place:
            name = f"{'da' if isinstance(layer, Linear) else 'dz'}{(place + 1) // 2}"
            np.testing.assert_array_equal(trace[name].values, dy)
    sizes = decay if isinstance(decay, dict) else {"weight": decay, "bias": decay}
    for k, layer in enumerate(linears, 1):
        for key in ("weight", "bias"):
            total = layer.grads[key] + sizes.get(key, 0.0) * layer.params[key]
            np.testing.assert_array_equal(trace[f"d{key[0]}{k}"].values, np.atleast_2d(total.T))
    honest(trace)


def test_the_network_is_left_alone():
    model = network((2, 3, 2), ReLU, np.random.default_rng(0))
    model.grads["0.weight"][...] = 7.0
    before = copy.deepcopy(dict(model.grads)), model.state_dict()
    x = np.ones((1, 2))
    trace_network(model, x, np.array([1]), weight_decay=0.1)
    for name, grad in before[0].items():
        np.testing.assert_array_equal(model.grads[name], grad)
        np.testing.assert_array_equal(model.state_dict()[name], before[1][name])
    np.testing.assert_array_equal(x, 1.0)


def test_the_notes_network():
    draw = np.random.RandomState(1)
    first, second = draw.randn(2, 50), draw.randn(50, 4)
    model = network((2, 50, 4), ReLU, np.random.default_rng(0))
    for layer, weight in ((model[0], first), (model[2], second)):
        layer.params["weight"][...], layer.params["bias"][...] = weight.T, 0.0
    x, targets = np.array([[2, 1], [-1, 1], [-1, -1], [1, -1]]), np.arange(4)
    trace = trace_network(model, x, targets, weight_decay={"weight": 0.001})
    honest(trace)

    hidden = np.maximum(0, x @ first)
    logits = hidden @ second
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    assert trace["loss"].values[0, 0] == pytest.approx(-np.log(p[range(4), targets]).mean())
    dy = (p - np.eye(4)) / 4
    np.testing.assert_allclose(trace["dw2"].values, hidden.T @ dy + 0.001 * second, atol=1e-14)
    dh = dy @ second.T * (hidden > 0)
    np.testing.assert_allclose(trace["dw1"].values, x.T @ dh + 0.001 * first, atol=1e-14)
    assert trace["w1"].values.shape == (2, 50)
    assert trace.node("z1.0.3").terms == (
        ("x.0.0", "w1.0.3"),
        ("x.0.1", "w1.1.3"),
        ("b1.0.3",),
    )
    assert trace.node("dw1.1.3").terms[-1] == ("lambda.0.0", "w1.1.3")
    assert len(trace.node("z2.0.0").terms) == 51


def test_rows_that_are_points_are_marked():
    model = network((2, 3, 2), ReLU, np.random.default_rng(0))
    trace = trace_network(model, np.ones((1, 2)), np.array([1]), weight_decay=0.1)
    alone = "w1 b1 w2 b2 n loss lambda lambda_b dw2 db2 dw1 db1"
    assert [grid.id for grid in trace if not grid.batch] == alone.split()


def test_forward_only_ends_at_the_probabilities():
    trace = trace_network(network((2, 3, 2), Tanh, np.random.default_rng(0)), np.ones((1, 2)))
    names = ["x", "w1", "b1", "z1", "a1", "w2", "b2", "z2", "max", "shifted", "exp", "sum", "p"]
    assert [grid.id for grid in trace] == names
    assert "dw1" not in trace


def test_formulas_of_a_small_network():
    model = network((2, 1, 2), ReLU, np.random.default_rng(0))
    model[0].params["weight"][...], model[0].params["bias"][...] = [[0.5, -0.3]], [0.1]
    model[2].params["weight"][...], model[2].params["bias"][...] = [[1.0], [-2.0]], [0.0, 3.0]
    trace = trace_network(model, np.array([[2.0, 1.0]]), np.array([1]), weight_decay=0.5)
    said = {
        "x.0.0": "2",
        "z1.0.0": "2×0.5 + 1×−0.3 + 0.1 = 0.8",
        "a1.0.0": "max(0, 0.8) = 0.8",
        "max.0.0": "max(0.8, 1.4) = 1.4",
        "shifted.0.0": "0.8 − 1.4 = −0.6",
        "exp.0.0": "exp(−0.6) = 0.5488",
        "sum.0.0": "0.5488 + 1 = 1.549",
        "p.0.0": "0.5488 / 1.549 = 0.3543",
        "nll.0.0": "−ln(0.6457) = 0.4375",
        "loss.0.0": "(0.4375) / 1 = 0.4375",
        "dz2.0.1": "(0.6457 − 1) / 1 = −0.3543",
        "dw2.0.0": "0.8×0.3543 + 0.5×1 = 0.7835",
        "dz1.0.0": "1.063×[0.8 > 0] = 1.063",
        "db1.0.0": "1.063 + 0.5×0.1 = 1.113",
    }
    assert {cell: trace.formula(cell) for cell in said} == said
    squashed = trace_network(network((1, 1, 2), Tanh, np.random.default_rng(3)), np.ones((1, 1)))
    z = squashed.value("z1.0.0")
    assert squashed.formula("a1.0.0").startswith(f"tanh({format_number(z)}) = ")


def test_brackets_around_negative_numbers():
    trace = Trace(
        [
            Grid("z", "given", [[1.5, -2.0]]),
            Grid("d", "activation", [[3.5]], "minus", (((("z.0.0",), ("z.0.1",)),),)),
            Grid("s", "activation", [[0.1192]], "sigmoid", (((("z.0.1",),),),)),
        ]
    )
    assert trace.formula("d.0.0") == "1.5 − (−2) = 3.5"
    assert trace.formula("s.0.0") == "1 / (1 + exp(−(−2))) = 0.1192"


def test_overflow_is_shown_and_makes_no_noise():
    model = Sequential(Linear(1, 2, dtype=np.float64))
    model[0].params["weight"][...], model[0].params["bias"][...] = [[1000.0], [10.0]], 0.0
    x, targets = np.ones((1, 1)), np.array([0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        raw = trace_network(model, x, targets, subtract_maximum=False)
        honest(raw)
        calm = trace_network(model, x, targets)
        honest(calm)
    assert "max" not in raw and "shifted" not in raw
    assert np.isinf(raw["exp"].values[0, 0]) and np.isnan(raw["p"].values[0, 0])
    assert np.isnan(raw["loss"].values).all() and np.isnan(raw["dw1"].values).any()
    np.testing.assert_allclose(calm["p"].values, [[1.0, 0.0]])
    assert raw.formula("p.0.0") == "∞ / ∞ = NaN"


def test_a_lost_probability_takes_the_way_of_the_loss():
    model = Sequential(Linear(1, 2, dtype=np.float64))
    model[0].params["weight"][...], model[0].params["bias"][...] = [[1000.0], [10.0]], 0.0
    trace = trace_network(model, np.ones((1, 1)), np.array([1]))
    assert trace["nll"].op == "log_minus"
    assert trace["loss"].values[0, 0] == 990.0
    honest(trace)


def test_images_are_flattened_and_dropout_sleeps():
    rng = np.random.default_rng(0)
    model = Sequential(
        Flatten(), Linear(4, 3, rng=rng), ReLU(), Dropout(0.9, rng=rng), Linear(3, 2, rng=rng)
    )
    x = rng.normal(size=(2, 1, 2, 2)).astype(np.float32)
    trace = trace_network(model, x, np.array([0, 1]))
    assert trace["x"].values.shape == (2, 4)
    np.testing.assert_array_equal(trace["z2"].values, model.forward(x))


def test_linear_layers_without_bias_or_activation():
    rng = np.random.default_rng(0)
    layers = [Linear(2, 3, bias=False, rng=rng, dtype=np.float64) for _ in range(1)]
    model = Sequential(*layers, Linear(3, 2, rng=rng, dtype=np.float64), Sigmoid())
    trace = trace_network(model, rng.normal(size=(2, 2)), np.array([0, 1]))
    assert "b1" not in trace and "a1" not in trace
    assert trace["dz1"].op == "sum_of_products" and trace["dz2"].op == "sigmoid_gate"
    honest(trace)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (3.0, "3"),
        (-12.0, "−12"),
        (12345.0, "12345"),
        (0.5, "0.5"),
        (0.1 + 0.2, "0.3"),
        (0.00401, "0.0040"),
        (12.0404, "12.04"),
        (9.99996, "10.00"),
        (1234.5, "1235"),
        (-3.21e-5, "−3.2e−5"),
        (1e-7, "1e−7"),
        (1.04e-5, "1.0e−5"),
        (123456.0, "1.2e5"),
        (54321.5, "5.4e4"),
        (float("nan"), "NaN"),
        (float("inf"), "∞"),
        (float("-inf"), "−∞"),
    ],
)
def test_numbers_fit_their_cells(value, text):
    assert format_number(value) == text
    assert len(text) <= 7


def test_every_operation_is_written_with_its_own_terms():
    for name, op in OPS.items():
        assert name == "given" or "{" in op.template


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: Grid("a.b", "given", [[1.0]]), "without a dot"),
        (lambda: Grid("a", "given", [1.0]), "rows and columns"),
        (lambda: Grid("a", "other", [[1.0]]), "kind"),
        (lambda: Grid("a", "given", [[1.0]], "other"), "operation"),
        (lambda: Grid("a", "given", [[1.0]], "relu", (((),), ((),))), "needs terms"),
        (lambda: Trace([Grid("a", "given", [[1.0]])] * 2), "different ids"),
        (lambda: trace_network(Sequential(Linear(2, 2), Flatten()), np.ones((1, 3))), "shape"),
        (lambda: trace_network(Sequential(ReLU(), Linear(2, 2)), np.ones((1, 2))), "before every"),
        (lambda: trace_network(Sequential(), np.ones((1, 2))), "at least one Linear"),
        (
            lambda: trace_network(
                Sequential(Linear(2, 2)), np.ones((1, 2)), np.array([0]), weight_decay={"w": 1.0}
            ),
            "weight_decay",
        ),
        (
            lambda: trace_network(Sequential(Linear(2, 2)), np.ones((1, 2)), np.array([5])),
            "targets from 0 to 1",
        ),
    ],
)
def test_mistakes_are_named(build, says):
    with pytest.raises(ValueError, match=says):
        build()


@pytest.mark.parametrize("cell", ["y.0.0", "x.0", "x.0.9", "x.-1.0", "x"])
def test_unknown_cells_are_named(cell):
    with pytest.raises(KeyError, match=r"grid|cell"):
        Trace([Grid("x", "given", [[1.0]])]).node(cell)
