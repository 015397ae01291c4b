"""One contract for every layer: a new one joins by being a subclass, and by a line in EXAMPLES."""

import copy
import importlib
import pkgutil

import numpy as np
import pytest

import core
from core.conv import Conv2d
from core.gradcheck import check_layer
from core.layers import Dropout, Flatten, Layer, Linear, ReLU, Sequential, Sigmoid, Step, Tanh
from core.pool import AvgPool2d, MaxPool2d

# How to make one, with an rng, and the shape of what goes in.
EXAMPLES = {
    "Linear": [
        (lambda rng: Linear(4, 3, rng=rng), (5, 4)),
        (lambda rng: Linear(4, 3, bias=False, rng=rng), (1, 4)),
        (lambda rng: Linear(4, 3, rng=rng), (2, 3, 4)),
    ],
    "Step": [(lambda rng: Step(), (3, 4))],
    "Sigmoid": [(lambda rng: Sigmoid(), (3, 4))],
    "Tanh": [(lambda rng: Tanh(), (3, 4))],
    "ReLU": [(lambda rng: ReLU(), (3, 4))],
    "Flatten": [(lambda rng: Flatten(), (2, 3, 4)), (lambda rng: Flatten(0, 1), (2, 3, 4))],
    "Conv2d": [
        (lambda rng: Conv2d(1, 2, 3, rng=rng), (2, 1, 4, 5)),
        (lambda rng: Conv2d(3, 1, 1, bias=False, rng=rng), (1, 3, 2, 2)),
        (lambda rng: Conv2d(2, 3, (2, 3), stride=(2, 1), padding=(1, 2), rng=rng), (3, 2, 4, 5)),
        (lambda rng: Conv2d(2, 2, 2, stride=3, padding=3, rng=rng), (2, 2, 3, 4)),
    ],
    "MaxPool2d": [
        (lambda rng: MaxPool2d(2), (2, 3, 5, 4)),
        (lambda rng: MaxPool2d(3, stride=2, padding=1, ceil_mode=True), (2, 1, 6, 7)),
        (lambda rng: MaxPool2d((1, 2), stride=(2, 3)), (1, 2, 5, 6)),
    ],
    "AvgPool2d": [
        (lambda rng: AvgPool2d(2), (2, 3, 5, 4)),
        (lambda rng: AvgPool2d(3, 2, 1, ceil_mode=True, count_include_pad=False), (2, 1, 6, 7)),
        (lambda rng: AvgPool2d((2, 1), stride=1, padding=(1, 0)), (1, 2, 3, 4)),
    ],
    "Dropout": [(lambda rng: Dropout(0.3, rng=rng), (3, 4))],
    "Sequential": [
        (lambda rng: Sequential(Linear(4, 6, rng=rng), Tanh(), Linear(6, 2, rng=rng)), (5, 4)),
        (
            lambda rng: Sequential(
                Flatten(), Sequential(Linear(6, 4, rng=rng), ReLU()), Linear(4, 2, rng=rng)
            ),
            (3, 2, 3),
        ),
        (
            lambda rng: Sequential(
                Conv2d(1, 2, 2, rng=rng), ReLU(), MaxPool2d(2), Flatten(), Linear(8, 2, rng=rng)
            ),
            (3, 1, 5, 5),
        ),
    ],
}


def every_layer() -> list[type[Layer]]:
    for module in pkgutil.iter_modules(core.__path__):
        importlib.import_module(f"core.{module.name}")
    found, todo = [], [Layer]
    while todo:
        kinds = todo.pop().__subclasses__()
        todo += kinds
        found += [k for k in kinds if k.__module__.startswith("core.") and k.__name__[0] != "_"]
    return found


CASES = [
    pytest.param(*example, id=f"{kind.__name__}-{number}")
    for kind in every_layer()
    for number, example in enumerate(EXAMPLES.get(kind.__name__, []))
]
contract = pytest.mark.parametrize(("make", "shape"), CASES)


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def test_every_layer_has_an_example():
    assert {kind.__name__ for kind in every_layer()} == EXAMPLES.keys()


@contract
def test_gradients_are_right(make, shape, rng):
    layer = make(rng)
    before = layer.state_dict()
    errors = check_layer(layer, rng.standard_normal(shape), rng)
    assert errors.keys() == {"x", *layer.params}
    assert max(errors.values()) < 1e-6
    assert all(np.array_equal(before[name], layer.params[name]) for name in before)


@contract
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("training", [False, True])
def test_inputs_stay_and_precision_is_kept(make, shape, dtype, training, rng):
    layer = make(rng).to(dtype)
    x = rng.standard_normal(shape).astype(dtype)
    x_before = x.copy()
    y = layer.forward(x, training=training)
    dy = rng.standard_normal(y.shape).astype(dtype)
    dy_before = dy.copy()
    dx = layer.backward(dy)
    assert np.array_equal(x, x_before)
    assert np.array_equal(dy, dy_before)
    assert y.dtype == dx.dtype == dtype
    assert dx.shape == x.shape
    assert layer.params.keys() == layer.grads.keys()
    for name, param in layer.params.items():
        assert param.shape == layer.grads[name].shape
        assert param.dtype == layer.grads[name].dtype == dtype


@contract
def test_the_same_answer_twice_outside_training(make, shape, rng):
    layer, x = make(rng), rng.standard_normal(shape).astype(np.float32)
    assert np.array_equal(layer.forward(x), layer(x))


@contract
def test_gradients_are_overwritten_not_added_up(make, shape, rng):
    layer, x = make(rng), rng.standard_normal(shape).astype(np.float32)
    once = []
    for _ in range(2):
        layer.backward(np.ones_like(layer.forward(x)), need_dx=False)
        once.append({name: grad.copy() for name, grad in layer.grads.items()})
    assert all(np.array_equal(once[0][name], once[1][name]) for name in once[0])


@contract
def test_wrong_use_is_a_sentence(make, shape, rng):
    layer, x = make(rng), rng.standard_normal(shape).astype(np.float32)
    with pytest.raises(RuntimeError, match="call forward once for every backward"):
        layer.backward(x)
    y = layer.forward(x)
    with pytest.raises(ValueError, match="expected dy of shape"):
        layer.backward(np.zeros((*y.shape, 2), y.dtype))
    layer.forward(x)
    layer.backward(np.zeros_like(y))
    with pytest.raises(RuntimeError, match="call forward once for every backward"):
        layer.backward(np.zeros_like(y))


@contract
def test_state_dict_goes_round(make, shape, rng):
    layer, other = make(rng), make(rng)
    x = rng.standard_normal(shape).astype(np.float32)
    state = layer.state_dict()
    other.load_state_dict(state)
    assert np.array_equal(layer(x), other(x))
    for array in state.values():
        array[...] = 99  # a copy: the layer does not notice
    assert np.array_equal(layer(x), other(x))
    with pytest.raises(KeyError, match="not known"):
        layer.load_state_dict({**layer.state_dict(), "what": x})
    for name, array in layer.state_dict().items():
        with pytest.raises(ValueError, match=f"{name} must have shape"):
            layer.load_state_dict({**layer.state_dict(), name: array[..., None]})
        with pytest.raises(KeyError, match="missing"):
            layer.load_state_dict({k: v for k, v in layer.state_dict().items() if k != name})


@contract
def test_a_deepcopy_is_independent(make, shape, rng):
    layer, x = make(rng), rng.standard_normal(shape).astype(np.float32)
    twin = copy.deepcopy(layer)
    y = layer(x)
    assert np.array_equal(twin(x), y)
    for array in twin.params.values():
        array += 1
    assert np.array_equal(layer(x), y)


def test_loading_changes_everything_or_nothing(rng):
    model = Sequential(Linear(2, 3, rng=rng), Linear(3, 2, rng=rng))
    before = model.state_dict()
    with pytest.raises(ValueError, match=r"1\.bias"):
        model.load_state_dict({**{k: v + 1 for k, v in before.items()}, "1.bias": np.zeros(9)})
    assert all(np.array_equal(before[name], model.params[name]) for name in before)


def test_linear_names_what_it_expected(rng):
    with pytest.raises(ValueError, match=r"shape \(\.\.\., 4\), but got \(2, 3\)"):
        Linear(4, 3, rng=rng).forward(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="at least one input"):
        Linear(0, 3)


def test_sequential_names_parameters_as_torch_does(rng):
    model = Sequential(Linear(2, 3, rng=rng), ReLU(), Linear(3, 1, bias=False, rng=rng))
    assert list(model.state_dict()) == ["0.weight", "0.bias", "2.weight"]
    assert (len(model), type(model[1])) == (3, ReLU)
    with pytest.raises(ValueError, match="occurs twice"):
        Sequential(model[0], model[0])
    with pytest.raises(TypeError):
        model.params["0.bias"] = np.zeros(3)


def test_a_first_layer_need_not_pass_anything_back(rng):
    model = Sequential(Flatten(), Linear(4, 3, rng=rng), Tanh(), Linear(3, 2, rng=rng))
    x = rng.standard_normal((5, 2, 2)).astype(np.float32)
    dy = np.ones_like(model(x))
    model.backward(dy)
    full = {name: grad.copy() for name, grad in model.grads.items()}
    model(x)
    assert model.backward(dy, need_dx=False).size == 0
    assert all(np.array_equal(full[name], model.grads[name]) for name in full)


def test_dropout_thins_out_and_scales_up(rng):
    layer, x = Dropout(0.25, rng=rng), np.ones((200, 200), np.float32)
    y = layer.forward(x, training=True)
    assert set(np.unique(y)) == {0, np.float32(1 / 0.75)}
    assert y.mean() == pytest.approx(1, abs=0.02)
    assert np.array_equal(layer.backward(x), y)  # the same holes
    assert not Dropout(1.0, rng=rng).forward(x, training=True).any()
    with pytest.raises(ValueError, match="probability p from 0 to 1"):
        Dropout(1.5)


def test_sigmoid_and_tanh_stay_finite_far_out():
    x = np.array([-1e4, -800, 0, 800, 1e4])
    with np.errstate(all="raise", under="ignore"):
        assert np.array_equal(Sigmoid()(x), [0, 0, 0.5, 1, 1])
        assert np.array_equal(Tanh()(x), [-1, -1, 0, 1, 1])


def test_step_and_relu_at_zero():
    x = np.array([-1.0, 0.0, 2.0])
    assert np.array_equal(Step()(x), [0, 0, 1])
    relu = ReLU()
    assert np.array_equal(relu(x), [0, 0, 2])
    assert np.array_equal(relu.backward(np.ones(3)), [0, 0, 1])
