"""Make tests/golden/*.npz: what torch answers to given inputs, so that the tests need no torch.

`make golden`.  Every case is stored as CASE/KEY: settings as JSON text, inputs and outputs as
arrays.  Names, arguments and shapes are the same here and there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

FOLDER = Path(__file__).parent.parent / "tests" / "golden"
STEPS = 50

Case = dict[str, Any]
Settings = dict[str, Any]

LAYERS: list[tuple[str, Settings, tuple[int, ...]]] = [
    ("Linear", {"in_features": 3, "out_features": 5}, (4, 3)),
    ("Linear", {"in_features": 6, "out_features": 1}, (1, 6)),
    ("Linear", {"in_features": 4, "out_features": 2, "bias": False}, (7, 4)),
    ("Linear", {"in_features": 4, "out_features": 3}, (2, 5, 4)),
    ("ReLU", {}, (4, 7)),
    ("Sigmoid", {}, (4, 7)),
    ("Tanh", {}, (2, 3, 4)),
    ("Flatten", {}, (2, 3, 4)),
    ("Flatten", {"start_dim": 0, "end_dim": 1}, (2, 3, 4)),
    ("Conv2d", {"in_channels": 1, "out_channels": 4, "kernel_size": 3}, (3, 1, 7, 6)),
    ("Conv2d", {"in_channels": 3, "out_channels": 2, "kernel_size": 1}, (2, 3, 4, 5)),
    (
        "Conv2d",
        {"in_channels": 2, "out_channels": 3, "kernel_size": 5, "stride": 2, "padding": 2},
        (2, 2, 8, 9),
    ),
    (
        "Conv2d",
        {
            "in_channels": 3,
            "out_channels": 2,
            "kernel_size": [2, 3],
            "stride": [1, 3],
            "padding": [3, 1],
            "bias": False,
        },
        (2, 3, 5, 7),
    ),
    ("MaxPool2d", {"kernel_size": 2}, (2, 3, 6, 7)),
    ("MaxPool2d", {"kernel_size": 3, "stride": 1, "padding": 1}, (2, 2, 5, 4)),
    ("MaxPool2d", {"kernel_size": [3, 2], "stride": [2, 3], "ceil_mode": True}, (2, 2, 8, 6)),
    (
        "MaxPool2d",
        {"kernel_size": 2, "stride": 3, "padding": 1, "ceil_mode": True},
        (1, 2, 6, 6),
    ),
    ("AvgPool2d", {"kernel_size": 2}, (2, 3, 6, 7)),
    ("AvgPool2d", {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}, (2, 2, 6, 5)),
    (
        "AvgPool2d",
        {
            "kernel_size": [3, 4],
            "stride": 2,
            "padding": [1, 2],
            "ceil_mode": True,
            "count_include_pad": False,
        },
        (2, 2, 6, 7),
    ),
]

LOSSES: list[tuple[str, tuple[int, ...], float]] = [
    ("CrossEntropyLoss", (5, 3), 1.0),
    ("CrossEntropyLoss", (1, 2), 10.0),
    ("CrossEntropyLoss", (64, 10), 1.0),
    ("CrossEntropyLoss", (8, 6), 1000.0),
    ("MSELoss", (5, 3), 1.0),
    ("MSELoss", (4,), 1.0),
]

CTC: list[tuple[int, int, list[int], float]] = [  # T, C, lengths of texts, the logits' size
    (8, 5, [3, 0, 1, 4], 1.0),
    (1, 2, [1], 1.0),
    (24, 37, [8, 5, 5, 1, 0, 7], 4.0),
    (5, 3, [4, 5, 2], 1.0),  # of some texts, with twins, only one path or none at all
]

OPTIMIZERS: list[tuple[str, Settings, float]] = [  # the last number is the gradients' size
    ("SGD", {"lr": 0.1}, 1.0),
    ("SGD", {"lr": 0.1, "momentum": 0.9}, 1.0),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}, 1.0),
    ("Adagrad", {"lr": 0.1}, 1.0),
    (
        "Adagrad",
        {
            "lr": 0.1,
            "lr_decay": 0.05,
            "weight_decay": 0.01,
            "initial_accumulator_value": 0.2,
            "eps": 1e-6,
        },
        1.0,
    ),
    ("RMSprop", {"lr": 0.01}, 1.0),
    ("RMSprop", {"lr": 0.01, "alpha": 0.9, "momentum": 0.8, "weight_decay": 0.01}, 1.0),
    ("RMSprop", {"lr": 0.01, "alpha": 0.9, "centered": True, "eps": 1e-3}, 1.0),
    ("Adadelta", {}, 1.0),
    ("Adadelta", {"lr": 0.5, "rho": 0.8, "eps": 1e-4, "weight_decay": 0.01}, 1.0),
    ("Adam", {}, 1.0),
    ("Adam", {"lr": 0.01, "betas": [0.8, 0.99], "weight_decay": 0.01}, 1.0),
    ("Adam", {"lr": 0.01, "amsgrad": True}, 1.0),
    ("Adam", {}, 1e-7),  # where it matters that eps is added after the correction
]


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for dtype in (np.float32, np.float64):
        name = np.dtype(dtype).name
        write(f"layers_{name}", [layer_case(*case, dtype) for case in LAYERS])
        write(f"losses_{name}", [loss_case(*case, dtype) for case in LOSSES])
        write(f"ctc_{name}", [ctc_case(*case, dtype) for case in CTC])
        write(f"optimizers_{name}", [optimizer_case(*case, dtype) for case in OPTIMIZERS])


def layer_case(kind: str, settings: Settings, shape: tuple[int, ...], dtype: Any) -> Case:
    rng = np.random.default_rng(1)
    layer = getattr(torch.nn, kind)(**settings).to(torch.from_numpy(np.empty(0, dtype)).dtype)
    case: Case = {"kind": kind, "settings": json.dumps(settings)}
    for name, parameter in layer.named_parameters():
        value = rng.standard_normal(tuple(parameter.shape)).astype(dtype)
        parameter.data = torch.from_numpy(value.copy())
        case[f"params/{name}"] = value
    x = torch.from_numpy(rng.standard_normal(shape).astype(dtype)).requires_grad_()
    y = layer(x)
    dy = torch.from_numpy(rng.standard_normal(tuple(y.shape)).astype(dtype))
    y.backward(dy)
    case |= {"x": x, "y": y, "dy": dy, "dx": x.grad}
    return case | {f"grads/{name}": p.grad for name, p in layer.named_parameters()}


def loss_case(kind: str, shape: tuple[int, ...], size: float, dtype: Any) -> Case:
    rng = np.random.default_rng(2)
    x = torch.from_numpy((size * rng.standard_normal(shape)).astype(dtype)).requires_grad_()
    if kind == "CrossEntropyLoss":
        target = torch.from_numpy(rng.integers(0, shape[1], shape[0]))
    else:
        target = torch.from_numpy(rng.standard_normal(shape).astype(dtype))
    value = getattr(torch.nn, kind)()(x, target)
    value.backward()
    return {"kind": kind, "x": x, "target": target, "value": value, "dx": x.grad}


def ctc_case(columns: int, classes: int, lengths: list[int], size: float, dtype: Any) -> Case:
    """Store texts filled up with zeros; torch is told their lengths."""
    rng = np.random.default_rng(4)
    shape = columns, len(lengths), classes
    x = torch.from_numpy((size * rng.standard_normal(shape)).astype(dtype)).requires_grad_()
    target = rng.integers(1, classes, (len(lengths), max(lengths)))
    target[np.arange(max(lengths)) >= np.array(lengths)[:, None]] = 0
    loss = torch.nn.CTCLoss(zero_infinity=True)
    steps = torch.full((len(lengths),), columns)
    value = loss(x.log_softmax(2), torch.from_numpy(target), steps, torch.tensor(lengths))
    value.backward()
    return {"x": x, "target": target, "value": value, "dx": x.grad}


def optimizer_case(kind: str, settings: Settings, size: float, dtype: Any) -> Case:
    """Store a (2, 3) weight's start, its gradients and where it is after every step."""
    rng = np.random.default_rng(3)
    start = rng.standard_normal((2, 3)).astype(dtype)
    gradients = (size * rng.standard_normal((STEPS, 2, 3))).astype(dtype)
    weight = torch.nn.Parameter(torch.from_numpy(start.copy()))
    optimizer = getattr(torch.optim, kind)([weight], **settings)
    places = []
    for gradient in gradients:
        weight.grad = torch.from_numpy(gradient.copy())
        optimizer.step()
        places.append(weight.detach().numpy().copy())
    return {
        "kind": kind,
        "settings": json.dumps(settings),
        "start": start,
        "gradients": gradients,
        "places": np.array(places),
    }


def write(name: str, cases: list[Case]) -> None:
    arrays = {
        f"{number}/{key}": value.detach().numpy() if isinstance(value, torch.Tensor) else value
        for number, case in enumerate(cases)
        for key, value in case.items()
    }
    np.savez_compressed(FOLDER / f"{name}.npz", **arrays)
    print(f"{name}.npz: {len(cases)} cases")


if __name__ == "__main__":
    main()
