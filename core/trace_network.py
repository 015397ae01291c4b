"""A network's whole computation as a trace: forwards to the loss, backwards to every gradient.

The values are the layers' own: the network runs, layer by layer, and what it answers is written
down.  Beside every value stands the sum it came from, so that a reader can check the machine.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from core.layers import Dropout, Flatten, Layer, Linear, ReLU, Sequential, Sigmoid, Step, Tanh
from core.losses import CrossEntropyLoss, softmax
from core.trace import Terms, Trace
from core.trace_writer import Rule, TraceWriter

# Layer -> how it is written forwards and backwards, and whether its slope is told from z or a.
ACTIVATIONS: dict[type[Layer], tuple[str, str, str]] = {
    ReLU: ("relu", "relu_gate", "z"),
    Sigmoid: ("sigmoid", "sigmoid_gate", "a"),
    Tanh: ("tanh", "tanh_gate", "a"),
    Step: ("step", "step_gate", ""),
}


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
        logits = run.arrays[name]
        _softmax(run, name, subtract_maximum)
        if targets is not None:
            slope = _loss(run, name, logits, np.asarray(targets), subtract_maximum)
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


def _leaves(model: Sequential) -> Iterator[Layer]:
    for layer in model:
        if isinstance(layer, Sequential):
            yield from _leaves(layer)
        else:
            yield layer


def _group(model: Sequential) -> list[_Affine]:
    """Sort the layers into Linear + activation, or say which one does not fit."""
    found: list[_Affine] = []
    waiting: list[Layer] = []
    for layer in _leaves(model):
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
    inputs = linear.in_features
    run.put(f"w{k}", "weight", linear.params["weight"].T)
    bias = "bias" in linear.params
    if bias:
        run.put(f"b{k}", "bias", linear.params["bias"][None, :])

    def affine(r: int, c: int) -> Terms:
        products = tuple((f"{source}.{r}.{i}", f"w{k}.{i}.{c}") for i in range(inputs))
        return (*products, (f"b{k}.0.{c}",)) if bias else products

    z = linear.forward(values)
    name = run.put(f"z{k}", "activation", z, "sum_of_products", affine, batch=True)
    if layer.activation is not None:
        op, _, _ = ACTIVATIONS[type(layer.activation)]
        name = run.each(f"a{k}", layer.activation.forward(z), op, name, kind="activation")
    return name


def _softmax(run: TraceWriter, logits: str, subtract_maximum: bool) -> None:
    """Write down how logits turn into probabilities."""
    z, source = run.arrays[logits], logits

    def row_of(name: str) -> Rule:
        return lambda r, _: tuple((f"{name}.{r}.{c}",) for c in range(z.shape[1]))

    if subtract_maximum:
        largest = z.max(axis=1, keepdims=True)
        run.put("max", "activation", largest, "maximum", row_of(logits), batch=True)
        source = run.each("shifted", z - largest, "minus", logits, "max", kind="activation")
    e = np.exp(run.arrays[source])
    run.each("exp", e, "exp", source, kind="activation")
    total = e.sum(axis=1, keepdims=True)
    run.put("sum", "activation", total, "sum_of_products", row_of("exp"), batch=True)
    p = softmax(z) if subtract_maximum else e / total
    run.each("p", p, "divide", "exp", "sum", kind="activation")


def _loss(
    run: TraceWriter, name: str, logits: np.ndarray, targets: np.ndarray, subtract_maximum: bool
) -> str:
    """Write down t, N, −ln p, the loss and ∂L/∂logits; return the name of the last."""
    loss = CrossEntropyLoss()
    value = loss.forward(logits, targets)  # also refuses targets that do not fit
    slope, p, rows = loss.backward(), run.arrays["p"], np.arange(len(targets))
    right = p[rows, targets][:, None]
    run.put("t", "given", np.eye(p.shape[1])[targets], batch=True)
    run.put("n", "given", np.array([[float(len(targets))]]))
    nll, op = -np.log(right), "neg_log"
    if subtract_maximum and right.min() < 1e-300:
        # p was rounded towards 0 and its logarithm is lost; the loss takes this way instead.
        nll = np.log(run.arrays["sum"]) - run.arrays["shifted"][rows, targets][:, None]
        op = "log_minus"

    def log(r: int, _: int) -> Terms:
        if op == "log_minus":
            return ((f"sum.{r}.0",), (f"shifted.{r}.{targets[r]}",))
        return ((f"p.{r}.{targets[r]}",),)

    run.put("nll", "loss", nll, op, log, batch=True)
    if not subtract_maximum:  # the layers would not overflow: here the overflow is the lesson
        value, slope = float(nll.mean()), (p - run.arrays["t"]) / len(targets)
    mean = tuple((f"nll.{r}.0",) for r in rows)
    run.put("loss", "loss", np.array([[value]]), "mean", lambda r, c: mean)
    return run.each("d" + name, slope, "softmax_error", "p", "t", "n", kind="gradient")


def _decay(
    run: TraceWriter, weight_decay: float | Mapping[str, float]
) -> dict[str, tuple[str, float]]:
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


def _backward(
    run: TraceWriter, layer: _Affine, slope: str, decay: dict[str, tuple[str, float]], last: bool
) -> str:
    """Write down dz, dW, db and what is passed on; return the name of the last."""
    k, linear, source = layer.number, layer.linear, layer.input
    if layer.activation is not None:
        _, op, other = ACTIVATIONS[type(layer.activation)]
        dz = layer.activation.backward(run.arrays[slope])
        sources = (slope, f"{other}{k}") if other else (slope,)
        slope = run.each(f"dz{k}", dz, op, *sources, kind="gradient")
    dx = linear.backward(run.arrays[slope], need_dx=not last)
    points = range(len(run.arrays[slope]))

    def share(key: str, r: int, c: int) -> Terms:
        return ((f"{decay[key][0]}.0.0", f"{key[0]}{k}.{r}.{c}"),) if key in decay else ()

    def gradient(key: str) -> np.ndarray:
        param, grad = linear.params[key], linear.grads[key]
        return grad + param.dtype.type(decay[key][1]) * param if key in decay else grad

    def weight(r: int, c: int) -> Terms:
        products = tuple((f"{source}.{n}.{r}", f"{slope}.{n}.{c}") for n in points)
        return products + share("weight", r, c)

    def bias(r: int, c: int) -> Terms:
        return tuple((f"{slope}.{n}.{c}",) for n in points) + share("bias", r, c)

    run.put(f"dw{k}", "gradient", gradient("weight").T, "sum_of_products", weight)
    if "bias" in linear.params:
        run.put(f"db{k}", "gradient", gradient("bias")[None, :], "sum_of_products", bias)
    if last or dx is None:
        return slope
    for quiet in reversed(layer.before):
        dx = quiet.backward(dx)

    def passed_on(r: int, c: int) -> Terms:
        return tuple((f"{slope}.{r}.{o}", f"w{k}.{c}.{o}") for o in range(linear.out_features))

    return run.put("d" + source, "gradient", dx, "sum_of_products", passed_on, batch=True)
