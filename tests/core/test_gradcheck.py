"""The checker must find a right gradient right, and above all a wrong one wrong."""

import numpy as np
import pytest

from core.conv import Conv2d
from core.gradcheck import (
    check_input,
    check_layer,
    check_parameter,
    numerical_gradient,
    relative_error,
)
from core.layers import Flatten, Layer, Linear, ReLU, Sequential, Tanh
from core.losses import CrossEntropyLoss


class Square(Layer):
    """y = x², with a slope that can be made wrong."""

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, x, *, training=False):
        self._cache = x
        return x * x

    def backward(self, dy, *, need_dx=True):
        return dy * self.factor * self._recall(dy, dy.shape)


def test_a_slightly_wrong_gradient_is_found():
    x = np.random.default_rng(0).standard_normal((4, 3))
    assert check_layer(Square(2), x, 1)["x"] < 1e-8
    assert check_layer(Square(2.001), x, 1)["x"] > 4e-4


def test_numerical_gradient_puts_every_bit_back():
    array = np.asfortranarray(np.random.default_rng(0).standard_normal((3, 4)))
    array[0, 0], array[1, 1] = 0.1 + 0.2, -0.0
    before = array.copy()
    gradient = numerical_gradient(lambda: float((array**3).sum()), array)
    np.testing.assert_allclose(gradient, 3 * before**2, atol=1e-8)
    assert array.tobytes() == before.tobytes()

    def fails():
        raise RuntimeError("no number")

    with pytest.raises(RuntimeError, match="no number"):
        numerical_gradient(fails, array)
    assert array.tobytes() == before.tobytes()


def test_numerical_gradient_wants_float64():
    with pytest.raises(ValueError, match="float64"):
        numerical_gradient(lambda: 0.0, np.zeros(3, np.float32))


def test_relative_error():
    assert relative_error(2.0, 2.001) == pytest.approx(0.001 / 2.001)
    assert relative_error(np.zeros(3), np.zeros(3)) == 0
    assert relative_error([1, 0], [1, 1e-9]) == pytest.approx(1e-9)
    with pytest.raises(ValueError, match="equal shapes"):
        relative_error([1], [1, 2])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("decay", [0.0, 0.3, {"weight": 0.3}])
@pytest.mark.parametrize(("name", "index"), [("0.weight", (1, 0)), ("2.bias", (3,))])
def test_one_parameter(dtype, decay, name, index):
    rng = np.random.default_rng(2)
    model = Sequential(Linear(2, 5, rng=rng), Tanh(), Linear(5, 4, rng=rng)).to(dtype)
    x, y = rng.standard_normal((6, 2)), rng.integers(0, 4, 6)
    loss, before = CrossEntropyLoss(), model.state_dict()
    check = check_parameter(model, loss, x, y, name, index, 1e-5, decay)
    assert check.relative_error < 1e-8
    assert check.numeric == (check.loss_plus - check.loss_minus) / (2 * check.h)
    assert all(before[k].tobytes() == v.tobytes() for k, v in model.state_dict().items())
    assert model.params[name].dtype == dtype
    without = check_parameter(model, loss, x, y, name, index)
    applies = decay and (not isinstance(decay, dict) or "weight" in name)
    expected = 0.3 * float(model.params[name][index]) if applies else 0.0
    assert check.analytic - without.analytic == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_one_number_on_the_way(dtype):
    rng = np.random.default_rng(4)
    layers = Conv2d(2, 3, 3, rng=rng), Tanh(), Flatten(), Linear(12, 4, rng=rng)
    model, loss = Sequential(*layers).to(dtype), CrossEntropyLoss()
    x, y = rng.standard_normal((3, 2, 4, 4)).astype(dtype), rng.integers(0, 4, 3)
    before, x.flags.writeable = model.state_dict(), False  # as a trace's values are
    check = check_input(model, loss, x, y, (2, 1, 1, 2))
    assert check.relative_error < 1e-8
    assert check.numeric == (check.loss_plus - check.loss_minus) / (2 * check.h)
    loss.forward(model.forward(x), y)
    assert check.analytic == pytest.approx(model.backward(loss.backward())[2, 1, 1, 2], rel=1e-4)
    assert all(before[k].tobytes() == v.tobytes() for k, v in model.state_dict().items())


def test_a_wrong_slope_on_the_way_is_found():
    x, y = np.array([[1.0, 2.0, 0.5]]), np.array([1])
    assert check_input(Square(2), CrossEntropyLoss(), x, y, (0, 2)).relative_error < 1e-8
    assert check_input(Square(2.001), CrossEntropyLoss(), x, y, (0, 2)).relative_error > 4e-4


def test_behind_the_last_layer_are_the_logits():
    z = np.array([[0.0, np.log(3)]])
    check = check_input(Sequential(), CrossEntropyLoss(), z, np.array([0]), (0, 1), 1e-4)
    assert check.analytic == pytest.approx(0.75)
    assert check.numeric == pytest.approx(0.75)
    assert check.h == 1e-4


def test_at_a_kink_both_are_right_and_differ():
    model = Sequential(Linear(1, 1), ReLU(), Linear(1, 2)).to(np.float64)
    model.load_state_dict(
        {"0.weight": [[1.0]], "0.bias": [0.0], "2.weight": [[1.0], [0.0]], "2.bias": [0, 0]}
    )
    check = check_parameter(
        model, CrossEntropyLoss(), np.zeros((1, 1)), np.array([0]), "0.bias", (0,)
    )
    assert check.analytic == 0
    assert check.numeric == pytest.approx(-0.25, abs=1e-4)


@pytest.mark.parametrize(
    ("name", "index", "h", "error"),
    [
        ("9.weight", (0, 0), 1e-5, KeyError),
        ("0.weight", (7, 0), 1e-5, IndexError),
        ("0.weight", (0,), 1e-5, IndexError),
        ("0.weight", (-1, 0), 1e-5, IndexError),
        ("0.weight", (0, 0), 0.0, ValueError),
    ],
)
def test_wrong_questions(name, index, h, error):
    model = Sequential(Linear(2, 2, rng=1))
    with pytest.raises(error):
        check_parameter(model, CrossEntropyLoss(), np.ones((1, 2)), np.array([0]), name, index, h)


@pytest.mark.parametrize(
    ("index", "h", "error", "says"),
    [
        ((0, 2), 1e-5, IndexError, r"x has shape \(1, 2\): there is no place \(0, 2\)"),
        ((0,), 1e-5, IndexError, "no place"),
        ((0, -1), 1e-5, IndexError, "no place"),
        ((0, 0), 0.0, ValueError, "h above 0, but got 0"),
    ],
)
def test_wrong_questions_about_an_input(index, h, error, says):
    with pytest.raises(error, match=says):
        check_input(Linear(2, 2), CrossEntropyLoss(), np.ones((1, 2)), np.array([0]), index, h)
