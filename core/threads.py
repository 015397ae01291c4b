"""How many processor cores a matrix product may use, and how two of them share other work.

NumPy hands matrix products to a BLAS library, which likes to spread every one of them over all
cores.  For the small products of a small network the hand-over costs more than it saves, and if
another program wants the second core, the first waits for it: measured, up to a hundred times
slower.  So training asks for one core unless its products are large.

This is the one file of the package that looks beyond NumPy: threadpoolctl can set the number of
cores of the BLAS at hand.  Where it is not installed nothing is set, and nothing else changes.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any, TypeVar

import numpy as np

try:
    from threadpoolctl import ThreadpoolController
except ImportError:  # everything works without it, only slower
    ThreadpoolController = None

Result = TypeVar("Result")

SMALL = 1 << 18  # multiply-adds in one product up to which OpenBLAS takes one core by itself
LARGE = 1 << 23  # multiply-adds in one product from which a second core pays, measured


@cache
def _libraries() -> list[Any]:
    """Find NumPy's BLAS library; looking takes milliseconds, so once is enough."""
    if ThreadpoolController is None:
        return []
    found = ThreadpoolController().lib_controllers
    found = [library for library in found if library.user_api == "blas"]
    # Other packages may have brought their own; where NumPy's cannot be told, it is one of these.
    return [library for library in found if "numpy" in library.filepath] or found


class _OneCore:
    """Blocks that compute with one core; the others are given back when the last of them ends.

    How many cores a BLAS uses is one number for the whole process.  So blocks are counted: one that
    ends must not take the limit from another thread's that goes on.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blocks = 0
        self._before: list[tuple[Any, int]] = []

    def __enter__(self) -> None:
        with self._lock:
            self._blocks += 1
            if self._blocks == 1:
                self._before = [(library, library.num_threads) for library in _libraries()]
                for library, _ in self._before:
                    _set_threads(library, 1)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._blocks -= 1
            if self._blocks == 0:
                for library, threads in self._before:
                    _set_threads(library, threads)


_ONE_CORE = _OneCore()


def _set_threads(library: Any, threads: int) -> None:
    library.set_num_threads(threads)
    # From its version 3.8 on, threadpoolctl obeys only the first thread that sets a number, until
    # that thread hands over.
    if hasattr(library, "clear_controlling_thread"):
        library.clear_controlling_thread()


def blas_threads(multiply_adds: float) -> AbstractContextManager[None]:
    """Return a block for ``with`` that computes with one core if its products are not large.

    Parameters
    ----------
    multiply_adds : float
        How many products of two numbers the largest matrix product in the block sums up.  From
        ``LARGE`` on, and up to ``SMALL``, nothing is set.

    Returns
    -------
    context manager
        It can be entered again and again: choose once, before a loop.
    """
    return one_core() if SMALL < multiply_adds < LARGE else nullcontext()


def one_core() -> AbstractContextManager[None]:
    """Return a block that computes with one core whatever its products: for a shared server.

    Blocks may be nested, and entered by several threads at a time: see ``_OneCore``.
    """
    return _ONE_CORE


def share_out(jobs: Sequence[Callable[[], Result]]) -> list[Result]:
    """Do all jobs, side by side where there are cores for it, and return what they return.

    NumPy lets go of Python's lock while it computes, so threads do gain.  The caller takes one job
    after the other and so does every helper that is free: if none is, or if there are no threads
    at all, as in a browser, the caller does everything.  Matrix products use one core meanwhile.

    Parameters
    ----------
    jobs : sequence of callable
        Which must not depend on each other.

    Raises
    ------
    Exception
        Whatever a job raises; nothing is running any more by then.
    """
    results: list[Any] = [None] * len(jobs)
    waiting = deque(enumerate(jobs))
    warnings: Any = np.geterr()  # each thread has its own, and a helper must obey the caller's

    def work() -> None:
        with np.errstate(**warnings):
            while waiting:
                try:
                    place, job = waiting.popleft()
                except IndexError:  # somebody else was faster
                    return
                results[place] = job()

    with one_core():
        helpers = _call_helpers(work, len(jobs) - 1)
        try:
            work()
        finally:
            waiting.clear()
            # A helper that has not begun never will; one that has is waited for.
            failed = [h.exception() for h in helpers if not h.cancel()]
    for error in failed:
        if error is not None:
            raise error
    return results


def _call_helpers(work: Callable[[], None], wanted: int) -> list[Future[None]]:
    """Ask for helpers to do some work, as many as there are other cores."""
    try:
        return [_helpers().submit(work) for _ in range(min(wanted, _cores() - 1))]
    except RuntimeError:  # threads cannot be started here
        return []


@cache
def _helpers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, _cores() - 1), thread_name_prefix="core")


@cache
def _cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
