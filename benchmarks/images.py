"""Moving digits: rotations beside scipy.ndimage, image by image, and what the rest costs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.machine import find
from benchmarks.rounds import Job, ratio, take_turns
from core.augment import Augmentation, rotate
from core.images import NOTES_PIXELS, shrink

AFFINE = Augmentation(degrees=10.0, translate=2.0, scale=0.1, shear=5.0)
ELASTIC = Augmentation(degrees=10.0, translate=2.0, scale=0.1, shear=5.0, elastic=34.0)
BATCH = 64


def run(quick: bool) -> Iterator[str]:
    """Yield one line per job."""
    count, rounds = (256, 5) if quick else (1024, 15)
    digits = strokes(count)
    angles = np.random.default_rng(0).uniform(-10.0, 10.0, count)
    rivals = {"one angle": 10.0, "one angle each": angles}
    jobs: dict[str, Job] = {
        "one angle": lambda: rotate(digits, 10.0),
        "one angle each": lambda: rotate(digits, angles),
        "affine, batches of 64": in_batches(digits, AFFINE),
        "affine and elastic, batches of 64": in_batches(digits, ELASTIC),
        "prepare, batches of 64": prepare(digits),
        "shrink to 8 x 8": lambda: shrink(digits),
    }
    ndimage = find("scipy.ndimage")
    if ndimage:
        jobs |= {f"scipy, {name}": scipy_loop(digits, rivals[name]) for name in rivals}
    timings = take_turns(jobs, rounds)
    yield f"{count:,} images of 28 x 28, median of {rounds} rounds; ratio = ours / theirs"
    for name, timing in timings.items():
        line = f"{name} {timing.median / count * 1e6:.2f} us per image"
        if ndimage and name in rivals:
            share = ratio(timings, name, f"scipy, {name}")
            line += f", ratio {share:.3f}: {1 / share:.1f} times as fast as scipy.ndimage.rotate"
        yield line


def strokes(count: int) -> np.ndarray:
    """Draw one fat stroke per image, as large as a digit: what it shows costs nothing here."""
    rng = np.random.default_rng(0)
    rows, columns = np.indices((28, 28)) - 13.5
    turn = rng.uniform(0.0, np.pi, (count, 1, 1))
    along = np.cos(turn) * rows + np.sin(turn) * columns
    across = np.cos(turn) * columns - np.sin(turn) * rows
    ink = np.clip(3.0 - np.abs(across), 0.0, 1.0) * np.clip(10.0 - np.abs(along), 0.0, 1.0)
    return (255.0 * ink).astype(np.uint8)


def in_batches(digits: np.ndarray, augmentation: Augmentation) -> Job:
    def job() -> None:
        rng = np.random.default_rng(0)
        for start in range(0, len(digits), BATCH):
            augmentation(digits[start : start + BATCH], rng)

    return job


def prepare(digits: np.ndarray) -> Job:
    out = np.empty((BATCH, 1, 28, 28), np.float32)

    def job() -> None:
        for start in range(0, len(digits), BATCH):
            NOTES_PIXELS(digits[start : start + BATCH], out)

    return job


def scipy_loop(digits: np.ndarray, degrees: float | np.ndarray) -> Job:
    from scipy import ndimage

    angles = np.broadcast_to(degrees, len(digits))

    def job() -> None:
        for image, angle in zip(digits, angles, strict=True):
            ndimage.rotate(image, angle, order=1, reshape=False)

    return job
