"""Fair timing on a noisy machine: take turns, many times, and compare medians."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

Job = Callable[[], object]


class Timing(NamedTuple):
    """What one contender took, in seconds: one number per round."""

    seconds: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def take_turns(jobs: Mapping[str, Job], rounds: int) -> dict[str, Timing]:
    """Run every job once per round, after one round that does not count.

    Whatever else the machine does then slows all of them, not the one whose turn came at the
    wrong moment.
    """
    timings = {name: Timing([]) for name in jobs}
    for number in range(rounds + 1):
        for name, job in jobs.items():
            start = time.perf_counter()
            job()
            if number:
                timings[name].seconds.append(time.perf_counter() - start)
    return timings


def fastest(timings: Mapping[str, Timing], names: list[str]) -> str:
    """Return the name with the smallest median: a rival competes with its best settings."""
    return min(names, key=lambda name: timings[name].median)


def ratio(timings: Mapping[str, Timing], ours: str, theirs: str) -> float:
    """Return the median over the rounds of our time / their time in the same round."""
    pairs = zip(timings[ours].seconds, timings[theirs].seconds, strict=True)
    return statistics.median(our / their for our, their in pairs)
