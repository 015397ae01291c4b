"""What the traces of networks share: linear layers, activations, softmax and loss, both ways.

The layers compute, and these functions write down what came out, with the terms of every number.
``core.trace_network`` and ``core.trace_image`` put whole networks together from them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.layers import Layer, Linear, ReLU, Sigmoid, Step, Tanh
from core.losses import CrossEntropyLoss, softmax
from core.trace import Terms
from core.trace_writer import Rule, TraceWriter

# Layer -> how it is written forwards and backwards, and whether its slope is told from z or a.
ACTIVATIONS: dict[type[Layer], tuple[str, str, str]] = {
    ReLU: ("relu", "relu_gate", "z"),
    Sigmoid: ("sigmoid", "sigmoid_gate", "a"),
    Tanh: ("tanh", "tanh_gate", "a"),
    Step: ("step", "step_gate", ""),
}

Decay = Mapping[str, tuple[str, float]]  # "weight" or "bias" -> the grid of its λ, and λ
NO_DECAY: Decay = {}


def write_affine(run: TraceWriter, k: int, linear: Linear, source: str, z: np.ndarray) -> str:
    """Write down W, b and z = x·W + b; return the name of z.

    Parameters
    ----------
    run : TraceWriter
        Where to; the grids are wk (in × out), bk (1 × out) and zk (N × out).
    k : int
        The layer's number.
    linear : Linear
        The layer.
    source : str
        The grid that went in, (N, in).
    z : ndarray, (N, out)
        What the layer made of it.
    """
    run.put(f"w{k}", "weight", linear.params["weight"].T)
    bias = "bias" in linear.params
    if bias:
        run.put(f"b{k}", "bias", linear.params["bias"][None, :])

    def affine(r: int, c: int) -> Terms:
        products = tuple((f"{source}.{r}.{i}", f"w{k}.{i}.{c}") for i in range(linear.in_features))
        return (*products, (f"b{k}.0.{c}",)) if bias else products

    return run.put(f"z{k}", "activation", z, "sum_of_products", affine, batch=True)


def write_affine_gradients(
    run: TraceWriter, k: int, linear: Linear, source: str, slope: str, decay: Decay = NO_DECAY
) -> None:
    """Write down ∂L/∂W = Xᵀ·dz + λ·W as dwk and ∂L/∂b = Σ_n dz_n + λ·b as dbk.

    Parameters
    ----------
    run, k, linear, source
        As for ``write_affine``; the layer has been backwards, its gradients are read.
    slope : str
        The grid that holds dz, (N, out).
    decay : mapping
        For "weight" or "bias" the name of the grid that holds its λ, and λ.
    """
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


def write_affine_passed_on(
    run: TraceWriter, k: int, linear: Linear, source: str, slope: str, dx: np.ndarray
) -> str:
    """Write down ∂L/∂x = dz·Wᵀ, (N, in), as "d" + source; return that name."""

    def passed_on(r: int, c: int) -> Terms:
        return tuple((f"{slope}.{r}.{o}", f"w{k}.{c}.{o}") for o in range(linear.out_features))

    return run.put("d" + source, "gradient", dx, "sum_of_products", passed_on, batch=True)


def write_activation(
    run: TraceWriter, name: str, layer: Layer, source: str, a: np.ndarray, *, batch: bool = True
) -> str:
    """Write down a = f(z), cell by cell, for z in the grid ``source``; return the name."""
    op, _, _ = ACTIVATIONS[type(layer)]
    return run.each(name, a, op, source, kind="activation", batch=batch)


def write_activation_backward(
    run: TraceWriter,
    layer: Layer,
    source: str,
    output: str,
    slope: str,
    dz: np.ndarray,
    *,
    batch: bool = True,
) -> str:
    """Write down dz = da·f′(z), cell by cell, as "d" + source; return that name.

    Parameters
    ----------
    run : TraceWriter
        Where to.
    layer : Layer
        The activation f.
    source, output, slope : str
        The grids that hold z, a = f(z) and da.
    dz : ndarray
        What the layer passed back.
    batch : bool
        Whether the rows are the examples of a batch.
    """
    _, op, told_from = ACTIVATIONS[type(layer)]
    teller = {"z": (source,), "a": (output,), "": ()}[told_from]
    return run.each("d" + source, dz, op, slope, *teller, kind="gradient", batch=batch)


def write_softmax(run: TraceWriter, logits: str, subtract_maximum: bool = True) -> None:
    """Write down how logits, (N, C), turn into probabilities: max, shifted, exp, sum and p.

    p = e^(z − max z) / Σ e^(z − max z); without ``subtract_maximum`` exp may overflow.
    """
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


def write_loss(
    run: TraceWriter, logits: str, targets: np.ndarray, subtract_maximum: bool = True
) -> str:
    """Write down t, n, nll = −ln p, their mean and ∂L/∂logits; return the name of the last.

    Comes after ``write_softmax``; raises the ValueError of ``CrossEntropyLoss`` for targets, (N,),
    that do not fit.
    """
    loss = CrossEntropyLoss()
    value = loss.forward(run.arrays[logits], targets)
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
    return run.each("d" + logits, slope, "softmax_error", "p", "t", "n", kind="gradient")
