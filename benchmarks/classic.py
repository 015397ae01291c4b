"""The course notes' network, 784-200-10 with sigmoids, learning from one example at a time.

Everyone takes the same steps in the same order; all but the notes' loop compute in float32.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.machine import find
from benchmarks.rounds import Job, fastest, ratio, take_turns
from core.classic import ThreeLayerNetwork, one_hot

LR = 0.1


def run(quick: bool) -> Iterator[str]:
    """Yield one line per rival."""
    examples, rounds = (500, 3) if quick else (2000, 7)
    x, t = digits_like(examples)
    jobs = {"glassnet": glassnet(x, t), "the notes' loop, float64": notes_loop(x, t)}
    jobs["the readable loop"] = readable_loop(x, t)
    if find("torch"):
        jobs |= {f"torch autograd {n} thr.": torch_autograd(x, t, n) for n in (1, 2)}
        jobs |= {f"torch by hand {n} thr.": torch_by_hand(x, t, n) for n in (1, 2)}
    timings = take_turns(jobs, rounds)
    yield f"{examples:,} examples one by one, median of {rounds} rounds; ratio = ours / theirs"
    yield f"glassnet {timings['glassnet'].median / examples * 1e6:.1f} µs an example"
    for rival in ("the notes", "the readable", "torch autograd", "torch by hand"):
        names = [name for name in jobs if name.startswith(rival)]
        if names:
            best = fastest(timings, names)
            each = timings[best].median / examples * 1e6
            yield f"{best} {each:.1f} µs an example, ratio {ratio(timings, 'glassnet', best):.3f}"


def digits_like(examples: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw inputs that are as empty as handwritten digits, four fifths background."""
    rng = np.random.default_rng(0)
    ink = rng.random((examples, 784)) * (rng.random((examples, 784)) < 0.2)
    return 0.01 + 0.99 * ink, one_hot(rng.integers(0, 10, examples))


def first_weights() -> tuple[np.ndarray, np.ndarray]:
    network = ThreeLayerNetwork(784, 200, 10, LR, rng=1)
    return network.hidden_weight, network.output_weight


def glassnet(x: np.ndarray, t: np.ndarray) -> Job:
    network = ThreeLayerNetwork(784, 200, 10, LR, rng=1)
    x, t = x.astype(np.float32), t.astype(np.float32)
    return lambda: network.train(x, t)


def readable_loop(x: np.ndarray, t: np.ndarray) -> Job:
    network = ThreeLayerNetwork(784, 200, 10, LR, rng=1)
    x, t = x.astype(np.float32), t.astype(np.float32)
    return lambda: network.train_plainly(x, t)


def notes_loop(x: np.ndarray, t: np.ndarray) -> Job:
    """Write the formulas down with column vectors, in float64, as the notes do."""
    w1, w2 = (np.array(weight, np.float64, order="C") for weight in first_weights())

    def sigmoid(z: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-z))

    def job() -> None:
        nonlocal w1, w2
        for numbers, wished in zip(x, t, strict=True):
            inputs, targets = np.array(numbers, ndmin=2).T, np.array(wished, ndmin=2).T
            hidden = sigmoid(np.dot(w1, inputs))
            outputs = sigmoid(np.dot(w2, hidden))
            errors = targets - outputs
            hidden_errors = np.dot(w2.T, errors)
            w2 += LR * np.dot(errors * outputs * (1 - outputs), hidden.T)
            w1 += LR * np.dot(hidden_errors * hidden * (1 - hidden), inputs.T)

    return job


def torch_autograd(x: np.ndarray, t: np.ndarray, threads: int) -> Job:
    """Let torch find the gradient and its optimizer take the step.

    It minimises ½ Σ (t − o)²: the exact gradient, which is as much work as the notes' rule.
    """
    import torch

    inputs, targets = torch.tensor(x, dtype=torch.float32), torch.tensor(t, dtype=torch.float32)
    model = torch.nn.Sequential(
        torch.nn.Linear(784, 200, bias=False),
        torch.nn.Sigmoid(),
        torch.nn.Linear(200, 10, bias=False),
        torch.nn.Sigmoid(),
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=LR, fused=True)

    def job() -> None:
        torch.set_num_threads(threads)
        for number in range(len(inputs)):
            optimizer.zero_grad()
            (0.5 * (targets[number] - model(inputs[number])).square().sum()).backward()
            optimizer.step()

    return job


def torch_by_hand(x: np.ndarray, t: np.ndarray, threads: int) -> Job:
    """Write torch's formulas by hand, without autograd, and change the weights in place."""
    import torch

    inputs, targets = torch.tensor(x, dtype=torch.float32), torch.tensor(t, dtype=torch.float32)
    w1, w2 = (torch.tensor(np.array(weight, order="C")) for weight in first_weights())

    def job() -> None:
        torch.set_num_threads(threads)
        with torch.no_grad():
            for number in range(len(inputs)):
                hidden = torch.mv(w1, inputs[number]).sigmoid_()
                outputs = torch.mv(w2, hidden).sigmoid_()
                errors = targets[number] - outputs
                blame = torch.mv(w2.t(), errors)
                w2.addr_(errors * outputs * (1 - outputs), hidden, alpha=LR)
                w1.addr_(blame * hidden * (1 - hidden), inputs[number], alpha=LR)

    return job
