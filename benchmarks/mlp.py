"""One epoch of a 784-128-10 network with ReLU, SGD with momentum, on 60,000 random examples.

Everyone gets the same float32 arrays in memory and draws a new order of the examples per epoch.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.machine import find
from benchmarks.rounds import Job, fastest, ratio, take_turns
from core import SGD, CrossEntropyLoss, Linear, ReLU, Sequential, fit

LR, MOMENTUM = 0.01, 0.9


def run(quick: bool) -> Iterator[str]:
    """Yield one line per batch size."""
    examples, rounds = (10_000, 3) if quick else (60_000, 7)
    rng = np.random.default_rng(0)
    x = rng.random((examples, 784), dtype=np.float32)
    y = rng.integers(0, 10, examples)
    yield f"784-128-10, {examples:,} examples, median of {rounds} rounds; ratio = ours / theirs"
    for batch_size in (32, 64, 128, 256):
        jobs = {"glassnet": glassnet(x, y, batch_size)}
        if find("torch"):
            jobs |= {f"torch {n} thr.": torch_loop(x, y, batch_size, n) for n in (1, 2)}
        if find("sklearn"):
            jobs |= {f"sklearn {n} thr.": sklearn_fit(x, y, batch_size, n) for n in (1, 2)}
        timings = take_turns(jobs, rounds)
        line = f"batch {batch_size:3}: glassnet {timings['glassnet'].median:.3f} s"
        for rival in ("torch", "sklearn"):
            names = [name for name in jobs if name.startswith(rival)]
            if names:
                best = fastest(timings, names)
                seconds, share = timings[best].median, ratio(timings, "glassnet", best)
                line += f" | {best} {seconds:.3f} s, ratio {share:.2f}"
        yield line


def glassnet(x: np.ndarray, y: np.ndarray, batch_size: int) -> Job:
    rng = np.random.default_rng(1)
    model = Sequential(Linear(784, 128, rng=rng), ReLU(), Linear(128, 10, rng=rng))
    loss, optimizer = CrossEntropyLoss(), SGD(model, lr=LR, momentum=MOMENTUM)

    def epoch() -> None:
        for _ in fit(model, loss, optimizer, (x, y), batch_size=batch_size, rng=rng):
            pass

    return epoch


def torch_loop(x: np.ndarray, y: np.ndarray, batch_size: int, threads: int) -> Job:
    import torch

    inputs, targets = torch.from_numpy(x), torch.from_numpy(y)
    model = torch.nn.Sequential(
        torch.nn.Linear(784, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10)
    )
    loss = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=LR, momentum=MOMENTUM, fused=True)

    def epoch() -> None:
        torch.set_num_threads(threads)
        order = torch.randperm(len(inputs))
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            optimizer.zero_grad()
            loss(model(inputs[rows]), targets[rows]).backward()
            optimizer.step()

    return epoch


def sklearn_fit(x: np.ndarray, y: np.ndarray, batch_size: int, threads: int) -> Job:
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(
        (128,),
        solver="sgd",
        alpha=0.0,
        batch_size=batch_size,
        learning_rate_init=LR,
        momentum=MOMENTUM,
        nesterovs_momentum=False,
        random_state=1,
    )

    def epoch() -> None:
        with threadpool_limits(threads, user_api="blas"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.partial_fit(x, y, classes=range(10))

    return epoch
