"""A network's whole computation as a trace: forwards to the loss, backwards to every gradient.

The values are the layers' own: the network runs, layer by layer, and what it answers is written
down.  Beside every value stands the sum it came from, so that a reader can check the machine.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.layers import Dropout, Flatten, Layer, Linear, Sequential
from core.sequential import leaves
from core.trace import Trace
from core.trace_parts import (
    ACTIVATIONS,
    Decay,
    write_activation,
    write_activation_backward,
    write_affine,
    write_affine_gradients,
    write_affine_passed_on,
    write_loss,
    write_softmax,
)
from core.trace_writer import TraceWriter


def trace_network(
    model: Sequential,
    x: np.ndarray,
    targets: np.ndarray | None = None,
    *,
    weight_decay: float | Mapping[str, float] = 0.0,
    subtract_maximum: bool = True,
) -> Trace:
    """Run a network once, forwards and (with targets) backwards, and write every number down.

    Parameters
    ----------
    model : Sequential
        ``Linear`` layers, each followed by an activation or none; softmax and cross entropy come
        by themselves.  ``Flatten`` is allowed in front, ``Dropout`` is asleep.  The model is not
        changed, its gradients neither.
    x : ndarray, (N, features)
        The points.
    targets : ndarray of int, (N,), optional
        The right classes; without them the trace ends at the probabilities p.
    weight_decay : float or mapping
        λ: every gradient gets λ·parameter on top, as in ``core.optim``.  A mapping names the
        parameters it is for: ``{"weight": 0.001}``.
    subtract_maximum : bool
        False leaves out the step that keeps exp(z) finite.

    Returns
    -------
    Trace
        With the grids, for the layers k = 1, 2, … (as in X·W + b: weights are (in, out))

        ==================  ==========  ==================================================
        x                   N × in      the points
        wk, bk              in × out    weights and biases (bk is 1 × out)
        zk, ak              N × out     weighted sums, activations
        max, shifted        N × 1, C    the largest z of a row; z minus that
        exp, sum, p         N × C, 1    softmax in three steps
        t, n                N × C, 1×1  the right classes as zeros and ones; N
        nll, loss           N × 1, 1×1  −ln p of the right class; its mean
        lambda, lambda_b    1 × 1       weight decay, where there is one
        dzk, dak, dwk, dbk  as above    ∂L/∂ each of these, last layer first
        ==================  ==========  ==================================================

    Raises
    ------
    TypeError, ValueError
        If a layer is of another kind; if the layers' order, x or the targets do not fit.
    """
    layers = _group(copy.deepcopy(model))
    run = TraceWriter()
    values = _rows(x, layers[0])
    name = run.put("x", "given", values, batch=True)
    with np.errstate(all="ignore"):
        for layer in layers:
            layer.input, name = name, _forward(run, layer, name)
        write_softmax(run, name, subtract_maximum)
        if targets is not None:
            slope = write_loss(run, name, np.asarray(targets), subtract_maximum)
            decay = _decay(run, weight_decay)
            for layer in reversed(layers):
                slope = _backward(run, layer, slope, decay, last=layer.number == 1)
    return run.trace()


@dataclass
class _Affine:
    """One Linear layer with what stands before it (reshaping) and after it (activation)."""

    number: int
    linear: Linear
    before: list[Layer]
    activation: Layer | None = None
    input: str = ""


def _group(model: Sequential) -> list[_Affine]:
    """Sort the layers into Linear + activation, or say which one does not fit."""
    found: list[_Affine] = []
    waiting: list[Layer] = []
    for layer in leaves(model):
        if isinstance(layer, Linear):
            found.append(_Affine(len(found) + 1, layer, waiting))
            waiting = []
        elif isinstance(layer, Dropout | Flatten):
            waiting.append(layer)
        elif type(layer) not in ACTIVATIONS:
            raise TypeError(
                "trace_network expected Linear, ReLU, Sigmoid, Tanh, Step, Flatten and Dropout, "
                f"but got {type(layer).__name__}"
            )
        elif not found or found[-1].activation is not None:
            raise ValueError(
                f"trace_network expected a Linear layer before every {type(layer).__name__}"
            )
        else:
            found[-1].activation = layer
    if not found:
        raise ValueError("trace_network needs a Sequential with at least one Linear layer")
    return found


def _rows(x: np.ndarray, first: _Affine) -> np.ndarray:
    """Return x as the first Linear sees it: (N, features), in its precision."""
    values = np.asarray(x)
    if values.dtype.kind != "f":
        values = values.astype(first.linear.params["weight"].dtype)
    for layer in first.before:
        values = layer.forward(values)
    if values.ndim != 2 or not len(values) or values.shape[1] != first.linear.in_features:
        raise ValueError(
            f"trace_network expected x of shape (N, {first.linear.in_features}) with N at least "
            f"1, but got {values.shape}"
        )
    return values


def _forward(run: TraceWriter, layer: _Affine, source: str) -> str:
    """Write down W, b, z = x·W + b and a = f(z); return the name of the last."""
    k, linear = layer.number, layer.linear
    values = run.arrays[source]
    if k > 1:
        for quiet in layer.before:
            values = quiet.forward(values)
    name = write_affine(run, k, linear, source, linear.forward(values))
    if layer.activation is not None:
        a = layer.activation.forward(run.arrays[name])
        name = write_activation(run, f"a{k}", layer.activation, name, a)
    return name


def _decay(run: TraceWriter, weight_decay: float | Mapping[str, float]) -> Decay:
    """Write λ down where it is not zero; return, for each parameter, its name and value."""
    if not isinstance(weight_decay, Mapping):
        weight_decay = {"weight": weight_decay, "bias": weight_decay}
    unknown = sorted(set(weight_decay) - {"weight", "bias"})
    if unknown:
        raise ValueError(f"weight_decay is for 'weight' and 'bias', but got {', '.join(unknown)}")
    names = {"weight": "lambda", "bias": "lambda_b"}
    found = {key: (names[key], float(size)) for key, size in weight_decay.items() if size}
    for name, size in found.values():
        run.put(name, "given", np.array([[size]]))
    return found


def _backward(run: TraceWriter, layer: _Affine, slope: str, decay: Decay, last: bool) -> str:
    """Write down dz, dW, db and what is passed on; return the name of the last."""
    k, linear, source = layer.number, layer.linear, layer.input
    if layer.activation is not None:
        dz = layer.activation.backward(run.arrays[slope])
        slope = write_activation_backward(run, layer.activation, f"z{k}", f"a{k}", slope, dz)
    dx = linear.backward(run.arrays[slope], need_dx=not last)
    write_affine_gradients(run, k, linear, source, slope, decay)
    if last:
        return slope
    for quiet in reversed(layer.before):
        dx = quiet.backward(dx)
    return write_affine_passed_on(run, k, linear, source, slope, dx)
