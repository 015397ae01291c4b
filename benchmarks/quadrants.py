"""The smallest network of the lessons: 2-50-4 on four points, 10,000 steps, all points in each.

Here hardly anything is computed; what is measured is what a step costs around the mathematics.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.machine import find
from benchmarks.rounds import Job, fastest, ratio, take_turns
from core import SGD, CrossEntropyLoss, Linear, ReLU, Sequential, fit
from core.datasets import four_points

LR, DECAY = 0.001, 0.001


def run(quick: bool) -> Iterator[str]:
    """Yield one line per rival."""
    steps, rounds = (1000, 3) if quick else (10_000, 7)
    jobs = {"glassnet": glassnet(steps), "naive NumPy": naive(steps)}
    if find("torch"):
        jobs |= {f"torch {n} thr.": torch_loop(steps, n) for n in (1, 2)}
    timings = take_turns(jobs, rounds)
    yield f"2-50-4 in float64, {steps:,} steps, median of {rounds} rounds; ratio = ours / theirs"
    yield f"glassnet {timings['glassnet'].median:.3f} s"
    for rival in ("naive NumPy", "torch"):
        names = [name for name in jobs if name.startswith(rival)]
        if names:
            best = fastest(timings, names)
            share = ratio(timings, "glassnet", best)
            yield f"{best} {timings[best].median:.3f} s, ratio {share:.2f}"


def glassnet(steps: int) -> Job:
    def job() -> None:
        rng = np.random.default_rng(1)
        layers = Linear(2, 50, rng=rng), ReLU(), Linear(50, 4, rng=rng)
        model = Sequential(*layers).to(np.float64)
        optimizer = SGD(model, lr=LR, weight_decay={"weight": DECAY})
        for _ in fit(model, CrossEntropyLoss(), optimizer, four_points(), epochs=steps):
            pass

    return job


def naive(steps: int) -> Job:
    """Write the formulas down one by one, as one does the first time."""

    def job() -> None:
        x, y = four_points()
        rng = np.random.default_rng(1)
        w1, b1 = rng.standard_normal((2, 50)), np.zeros((1, 50))
        w2, b2 = rng.standard_normal((50, 4)), np.zeros((1, 4))
        for _ in range(steps):
            hidden = np.maximum(0, x @ w1 + b1)
            logits = hidden @ w2 + b2
            e = np.exp(logits - np.max(logits, axis=1, keepdims=True))
            p = e / np.sum(e, axis=1, keepdims=True)
            np.sum(-np.log(p[range(4), y])) / 4
            p[range(4), y] -= 1
            p /= 4
            dw2, db2 = hidden.T @ p, np.sum(p, axis=0, keepdims=True)
            d_hidden = p @ w2.T
            d_hidden[hidden <= 0] = 0
            dw1, db1 = x.T @ d_hidden, np.sum(d_hidden, axis=0, keepdims=True)
            w1 += -LR * (dw1 + DECAY * w1)
            b1 += -LR * db1
            w2 += -LR * (dw2 + DECAY * w2)
            b2 += -LR * db2

    return job


def torch_loop(steps: int, threads: int) -> Job:
    import torch

    x, y = (torch.from_numpy(array) for array in four_points())

    def job() -> None:
        torch.set_num_threads(threads)
        model = torch.nn.Sequential(
            torch.nn.Linear(2, 50), torch.nn.ReLU(), torch.nn.Linear(50, 4)
        ).double()
        loss = torch.nn.CrossEntropyLoss()
        groups = [
            {"params": [p for name, p in model.named_parameters() if "weight" in name]},
            {"params": [p for name, p in model.named_parameters() if "bias" in name]},
        ]
        groups[0]["weight_decay"] = DECAY
        optimizer = torch.optim.SGD(groups, lr=LR, fused=True)
        for _ in range(steps):
            optimizer.zero_grad()
            loss(model(x), y).backward()
            optimizer.step()

    return job
