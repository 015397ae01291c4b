"""The same numbers as torch: tests/golden was made with it (scripts/make_golden.py)."""

import inspect
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import core
import core.losses
from core.layers import Layer
from core.optim import OPTIMIZERS

FOLDER = Path(__file__).parents[1] / "golden"
TOLERANCE = {"float32": 1e-5, "float64": 1e-10}
BY_NAME = {kind.__name__: kind for kind in OPTIMIZERS.values()}


def cases(kind: str) -> Iterator[object]:
    for dtype in TOLERANCE:
        with np.load(FOLDER / f"{kind}_{dtype}.npz") as file:
            arrays = dict(file)
        for number in sorted({name.split("/")[0] for name in arrays}, key=int):
            prefix = f"{number}/"
            case = {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}
            settings = json.loads(str(case.get("settings", "{}")))
            name = " ".join([str(case["kind"]), *settings, dtype])
            yield pytest.param(str(case["kind"]), settings, case, dtype, id=f"{name}-{number}")


def same(ours, theirs, dtype):
    """Compare relatively to the largest number, and the precision too."""
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype == dtype
    assert np.abs(ours - theirs).max() <= TOLERANCE[dtype] * max(np.abs(theirs).max(), 1e-30)


@pytest.mark.parametrize(("kind", "settings", "case", "dtype"), list(cases("layers")))
def test_layer(kind, settings, case, dtype):
    make = getattr(core, kind)
    if "dtype" in inspect.signature(make).parameters:
        settings = {**settings, "dtype": dtype}
    layer = make(**settings)
    layer.load_state_dict({name: case[f"params/{name}"] for name in layer.params})
    same(layer.forward(case["x"]), case["y"], dtype)
    same(layer.backward(case["dy"]), case["dx"], dtype)
    for name, grad in layer.grads.items():
        same(grad, case[f"grads/{name}"], dtype)


@pytest.mark.parametrize(("kind", "settings", "case", "dtype"), list(cases("losses")))
def test_loss(kind, settings, case, dtype):
    loss = getattr(core.losses, kind)()
    assert loss.forward(case["x"], case["target"]) == pytest.approx(
        float(case["value"]), rel=TOLERANCE[dtype], abs=1e-30
    )
    same(loss.backward(), case["dx"], dtype)


class Weight(Layer):
    """Nothing but a weight, for an optimizer to move."""

    def __init__(self, start):
        super().__init__()
        self.params = {"weight": start.copy()}
        self.grads = {"weight": np.zeros_like(start)}


@pytest.mark.parametrize(("kind", "settings", "case", "dtype"), list(cases("optimizers")))
def test_optimizer(kind, settings, case, dtype):
    model = Weight(case["start"])
    optimizer = BY_NAME[kind](model, **settings)
    for gradient, place in zip(case["gradients"], case["places"], strict=True):
        model.grads["weight"][...] = gradient
        optimizer.step()
        same(model.params["weight"], place, dtype)
    # The path, too, and not only where it leads: tiny moves hide behind large weights.
    moved = model.params["weight"] - case["start"]
    expected = case["places"][-1] - case["start"]
    assert np.abs(moved - expected).max() <= 10 * TOLERANCE[dtype] * max(
        np.abs(expected).max(), np.abs(case["start"]).max()
    )


def test_every_layer_and_optimizer_has_golden_numbers():
    def kinds(name):
        with np.load(FOLDER / f"{name}_float64.npz") as file:
            return {str(file[key]) for key in file.files if key.endswith("/kind")}

    assert kinds("optimizers") == set(BY_NAME)
    assert kinds("layers") >= {
        *("Linear", "ReLU", "Sigmoid", "Tanh", "Flatten"),
        *("Conv2d", "MaxPool2d", "AvgPool2d"),
    }
    assert kinds("losses") == {"CrossEntropyLoss", "MSELoss"}
