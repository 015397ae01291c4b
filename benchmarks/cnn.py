"""Training steps of two convolutional networks: 64 images of 28×28, forward, backward and SGD.

Torch runs in its default memory layout and with ``channels_last``, on one and on two threads.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.machine import find, sgemm_peaks
from benchmarks.rounds import Job, fastest, ratio, take_turns
from core import SGD, Conv2d, CrossEntropyLoss, Flatten, Linear, MaxPool2d, ReLU, Sequential
from core.layer import Layer
from core.plain import conv2d_plainly

BATCH, LR, MOMENTUM = 64, 0.01, 0.9
# Channels of the two convolutions (3×3, each followed by ReLU and pooling), then neurons.
NETS = {"A": ([1, 8, 16], [400, 10]), "B": ([1, 32, 64], [1600, 128, 10])}


def run(quick: bool) -> Iterator[str]:
    """Yield two lines per network, and one about loops."""
    rounds, steps = (5, 3) if quick else (15, 10)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((BATCH, 1, 28, 28), dtype=np.float32)
    y = rng.integers(0, 10, BATCH)
    peak = max(sgemm_peaks().values())
    yield f"batch {BATCH}, ms per step, median of {rounds} rounds; ratio = ours / theirs"
    for name, (channels, neurons) in NETS.items():
        jobs = {"glassnet": glassnet(channels, neurons, x, y, steps)}
        if find("torch"):
            for layout in ("default", "channels_last"):
                for threads in (1, 2):
                    job = torch_steps(channels, neurons, x, y, steps, layout, threads)
                    jobs[f"torch {layout} {threads} thr."] = job
        timings = take_turns(jobs, rounds)
        ours = timings["glassnet"].median / steps
        share = products(channels, neurons) / ours / 1e9 / peak
        yield (
            f"net {name}: glassnet {ours * 1e3:.2f} ms, {share:.0%} of the best matrix product "
            f"({peak:.0f} GFLOP/s)"
        )
        for layout in ("default", "channels_last"):
            rivals = [rival for rival in jobs if layout in rival]
            if rivals:
                best = fastest(timings, rivals)
                parts = [f"{best} {timings[best].median / steps * 1e3:.2f} ms"]
                parts += [f"ratio to {r[-6:]} {ratio(timings, 'glassnet', r):.2f}" for r in rivals]
                yield f"  {' | '.join(parts)}"
    yield loops(rng)


def layers_of(channels: list[int], neurons: list[int], kit: Any, **settings: Any) -> list[Any]:
    """Return a network's layers, of ours or of torch: the names and arguments are the same."""
    layers: list[Any] = []
    for before, after in zip(channels, channels[1:], strict=False):
        layers += [kit.Conv2d(before, after, 3, **settings), kit.ReLU(), kit.MaxPool2d(2)]
    layers.append(kit.Flatten())
    for before, after in zip(neurons, neurons[1:], strict=False):
        layers += [kit.Linear(before, after, **settings), kit.ReLU()]
    return layers[:-1]


class OurKit:
    """Our layers under the names that ``torch.nn`` has for them."""

    Conv2d, ReLU, MaxPool2d, Flatten, Linear = Conv2d, ReLU, MaxPool2d, Flatten, Linear


def glassnet(
    channels: list[int], neurons: list[int], x: np.ndarray, y: np.ndarray, steps: int
) -> Job:
    layers: list[Layer] = layers_of(channels, neurons, OurKit, rng=np.random.default_rng(1))
    model = Sequential(*layers)
    loss, optimizer = CrossEntropyLoss(), SGD(model, lr=LR, momentum=MOMENTUM)

    def job() -> None:
        for _ in range(steps):
            loss.forward(model.forward(x, training=True), y)
            model.backward(loss.backward(), need_dx=False)
            optimizer.step()

    return job


def torch_steps(
    channels: list[int],
    neurons: list[int],
    x: np.ndarray,
    y: np.ndarray,
    steps: int,
    layout: str,
    threads: int,
) -> Job:
    import torch

    model = torch.nn.Sequential(*layers_of(channels, neurons, torch.nn))
    inputs, targets = torch.from_numpy(x), torch.from_numpy(y)
    if layout == "channels_last":
        model = model.to(memory_format=torch.channels_last)
        inputs = inputs.to(memory_format=torch.channels_last)
    loss = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=LR, momentum=MOMENTUM, fused=True)

    def job() -> None:
        torch.set_num_threads(threads)
        for _ in range(steps):
            optimizer.zero_grad()
            loss(model(inputs), targets).backward()
            optimizer.step()

    return job


def products(channels: list[int], neurons: list[int]) -> float:
    """Return the floating point operations of a step's matrix products; the rest is not counted."""
    total, size = 0, 28
    for place, (before, after) in enumerate(zip(channels, channels[1:], strict=False)):
        size -= 2
        passes = 3 if place else 2  # forward, dW and dx, which the first layer does not need
        total += passes * 2 * size * size * 9 * before * after
        size //= 2
    total += sum(3 * 2 * a * b for a, b in zip(neurons, neurons[1:], strict=False))
    return total * BATCH


def loops(rng: np.random.Generator) -> str:
    """Compare one convolution, 8 kernels on one image, with the loops of a textbook."""
    layer = Conv2d(1, 8, 3, rng=rng)
    images = rng.random((BATCH, 1, 28, 28), dtype=np.float32)
    start = time.perf_counter()
    slow = conv2d_plainly(images[:1], layer.params["weight"], layer.params["bias"])
    middle = time.perf_counter()
    for _ in range(20):
        fast = layer.forward(images)
    ours = (time.perf_counter() - middle) / 20 / BATCH
    theirs = middle - start
    if not np.allclose(slow, fast[:1], atol=1e-5):
        raise AssertionError("the two convolutions differ")
    return (
        f"one convolution, 1 to 8 channels, per image: loops {theirs * 1e3:.0f} ms, "
        f"ours {ours * 1e6:.0f} us: {theirs / ours:,.0f} times faster"
    )
