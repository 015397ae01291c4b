"""How many processor cores a matrix product may use.

NumPy hands matrix products to a BLAS library, which likes to spread every one of them over all
cores.  For the small products of a small network the hand-over costs more than it saves, and if
another program wants the second core, the first waits for it: measured, up to a hundred times
slower.  So training asks for one core unless its products are large.

This is the one file of the package that looks beyond NumPy: threadpoolctl can set the number of
cores of the BLAS at hand.  Where it is not installed nothing is set, and nothing else changes.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

try:
    from threadpoolctl import ThreadpoolController
except ImportError:  # everything works without it, only slower
    ThreadpoolController = None

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
    """A block that computes with one core, and gives the others back however it ends."""

    def __enter__(self) -> None:
        self._busy = [(library, library.num_threads) for library in _libraries()]
        for library, threads in self._busy:
            if threads != 1:
                library.set_num_threads(1)

    def __exit__(self, *_: object) -> None:
        for library, threads in self._busy:
            if threads != 1:
                library.set_num_threads(threads)


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
    """Return a block that computes with one core whatever its products: for a shared server."""
    return _OneCore()
