"""Are the gradients right?  Move a number a little both ways and see what the loss does.

The slope of f at w is nearly (f(w + h) − f(w − h)) / 2h: the error of this "central difference"
shrinks with h².  Backpropagation must give the same number.  float64 is needed: in float32 the
difference of two almost equal losses is mostly rounding.

At a kink the two disagree, and both are right: exactly where a ReLU's input is 0 (or crosses 0
between −h and +h) the central difference mixes the slopes on both sides, while backpropagation
takes one of them.  Look at another point then, or at a smaller h.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from core.init import RandomSource, as_generator
from core.layer import Layer
from core.losses import Loss
from core.optimizer import WeightDecay, decay_of


def relative_error(a: np.ndarray | float, b: np.ndarray | float) -> float:
    """Return max |a − b| / max(|a|, |b|), both maxima over all numbers; 0 if all are zero.

    Below 1e-6 two gradients agree, above 1e-3 one of them is wrong.
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.shape != b.shape:
        raise ValueError(f"relative_error expected equal shapes, but got {a.shape} and {b.shape}")
    largest = max(np.abs(a).max(initial=0.0), np.abs(b).max(initial=0.0))
    return float(np.abs(a - b).max(initial=0.0) / largest) if largest else 0.0


def numerical_gradient(f: Callable[[], float], array: np.ndarray, h: float = 1e-6) -> np.ndarray:
    """Return ∂f/∂(each number of array) by central differences, in the shape of ``array``.

    Parameters
    ----------
    f : callable
        Computes a number from ``array``, at which it must look anew in every call.
    array : ndarray of float64
        Is changed in place while f runs; afterwards it is as it was, bit for bit, even if f
        raises.
    h : float
        How far each number is moved.
    """
    if array.dtype != np.float64 or not h > 0:
        raise ValueError(
            f"numerical_gradient expected a float64 array and h above 0, but got {array.dtype} "
            f"and {h}"
        )
    gradient = np.empty(array.shape)
    for index in np.ndindex(array.shape):
        plus, minus = _both_ways(f, array, index, h)
        gradient[index] = (plus - minus) / (2 * h)
    return gradient


def check_layer(layer: Layer, x: np.ndarray, rng: RandomSource = None) -> dict[str, float]:
    """Compare all gradients of a layer with numerical ones, for L = Σ dy·y with a random dy.

    Returns
    -------
    dict of str to float
        The relative error of ∂L/∂x under "x", and of each parameter's gradient under its name.

    Notes
    -----
    Works on a copy in float64, as outside training (Dropout sleeps); layer and x stay as they are.
    """
    layer, x = copy.deepcopy(layer).to(np.float64), np.array(x, dtype=np.float64)
    y = layer.forward(x)
    dy = as_generator(rng).standard_normal(y.shape)
    answers = {"x": layer.backward(dy), **layer.grads}
    answers = {name: np.array(answer) for name, answer in answers.items()}

    def total() -> float:
        return float((dy * layer.forward(x)).sum())

    arrays = {"x": x, **layer.params}
    return {
        name: relative_error(answers[name], numerical_gradient(total, array))
        for name, array in arrays.items()
    }


class GradientCheck(NamedTuple):
    """One gradient, computed both ways."""

    analytic: float  # by backpropagation
    numeric: float  # (loss_plus − loss_minus) / 2h
    h: float
    loss_plus: float  # with the number moved up by h
    loss_minus: float  # with the number moved down by h
    relative_error: float


def check_parameter(
    model: Layer,
    loss: Loss,
    x: np.ndarray,
    y: np.ndarray,
    name: str,
    index: tuple[int, ...],
    h: float = 1e-5,
    weight_decay: WeightDecay = 0.0,
) -> GradientCheck:
    """Compute ∂loss/∂(one parameter) by backpropagation and by moving it to both sides.

    Parameters
    ----------
    model, loss
        The network and its loss; a copy in float64 with the same numbers does the work, the
        originals stay as they are.
    x, y : ndarray
        Inputs and targets of one batch.
    name, index : str and tuple of int
        Which number of which parameter: ("0.weight", (2, 1)).
    h : float
        How far it is moved.
    weight_decay : float or mapping of str to float
        λ as in ``core.optim``: where it applies to this parameter w, both losses include λ/2·w²
        and the gradient λ·w.  The other parameters' shares do not change and are left out.

    Raises
    ------
    KeyError, IndexError, ValueError
        If there is no such parameter, no such place in it, or h is not above 0.

    Notes
    -----
    At a kink, such as a ReLU whose input is exactly 0, the numbers disagree: see the top of
    this file.
    """
    model, loss = copy.deepcopy(model).to(np.float64), copy.deepcopy(loss)
    x = np.asarray(x, dtype=np.float64)
    parameter = _parameter(model, name, index)
    decay = decay_of(weight_decay, name) or 0.0

    def objective() -> float:
        return loss.forward(model.forward(x), y) + decay / 2 * float(parameter[index]) ** 2

    objective()
    model.backward(loss.backward(), need_dx=False)
    analytic = float(model.grads[name][index] + decay * parameter[index])
    return _beside(analytic, objective, parameter, index, h)


def check_input(
    model: Layer,
    loss: Loss,
    x: np.ndarray,
    y: np.ndarray,
    index: tuple[int, ...],
    h: float = 1e-5,
) -> GradientCheck:
    """Compute ∂loss/∂(one number of x) by backpropagation and by moving it to both sides.

    With the layers that come after some place as the model, and what arrives there as x, this
    checks the gradient of any number on the way.  ``Sequential`` moves its layers' parameters into
    a vector of its own, so give it copies: ``Sequential(*copy.deepcopy(network.layers[3:]))``.

    Parameters
    ----------
    model, loss
        The network, which may be an empty ``Sequential``, and its loss; a copy in float64 with the
        same numbers does the work, the originals stay as they are.
    x, y : ndarray
        Inputs and targets of one batch.
    index : tuple of int
        Which number of x: (0, 2, 1, 1) is image 0, channel 2, row 1, column 1.
    h : float
        How far it is moved.

    Raises
    ------
    IndexError, ValueError
        If there is no such place in x, or h is not above 0.

    Notes
    -----
    At a kink, such as a ReLU whose input is exactly 0 or two equal numbers that are the largest of
    a pooling window, the numbers disagree: see the top of this file.
    """
    model, loss = copy.deepcopy(model).to(np.float64), copy.deepcopy(loss)
    x = np.array(x, dtype=np.float64)
    _check_place("x", x.shape, index)

    def objective() -> float:
        return loss.forward(model.forward(x), y)

    objective()
    analytic = float(model.backward(loss.backward())[index])
    return _beside(analytic, objective, x, index, h)


def _beside(
    analytic: float,
    f: Callable[[], float],
    array: np.ndarray,
    index: tuple[int, ...],
    h: float,
) -> GradientCheck:
    """Compute ∂f/∂array[index] by central differences, and put it beside the other answer."""
    if not h > 0:
        raise ValueError(f"a gradient check expected h above 0, but got {h}")
    plus, minus = _both_ways(f, array, index, h)
    numeric = (plus - minus) / (2 * h)
    return GradientCheck(analytic, numeric, h, plus, minus, relative_error(analytic, numeric))


def _both_ways(
    f: Callable[[], float], array: np.ndarray, index: tuple[int, ...], h: float
) -> tuple[float, float]:
    """Return f with one number moved up by h, and moved down by h, and put the number back."""
    before = array[index]
    try:
        array[index] = before + h
        plus = float(f())
        array[index] = before - h
        minus = float(f())
    finally:
        array[index] = before
    return plus, minus


def _parameter(model: Layer, name: str, index: tuple[int, ...]) -> np.ndarray:
    if name not in model.params:
        raise KeyError(f"no parameter is called {name!r}: there are {', '.join(model.params)}")
    _check_place(name, model.params[name].shape, index)
    return model.params[name]


def _check_place(name: str, shape: tuple[int, ...], index: tuple[int, ...]) -> None:
    if len(index) != len(shape) or not all(0 <= i < n for i, n in zip(index, shape, strict=True)):
        raise IndexError(f"{name} has shape {shape}: there is no place {index} in it")
