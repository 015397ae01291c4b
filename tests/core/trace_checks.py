"""What holds for every trace: each number is what its terms come to."""

import math

import numpy as np
import pytest

SUMS = ("sum_of_products", "mean")


def all_cells(trace):
    for grid in trace:
        for row, column in np.ndindex(grid.values.shape):
            yield grid.cell(row, column)


def assert_honest(trace, rtol):
    """Compute each number again from its terms, which must come to the same but for rounding.

    Each of n additions is rounded by a share of what was added up so far: so ``rtol`` is of all
    absolute products behind a sum, also where they have cancelled each other out on the way.
    Without terms, a number is given or 0.
    """
    sizes = {}
    for cell in all_cells(trace):
        node = trace.node(cell)
        sizes[cell] = abs(node.value)
        if node.terms and node.op in SUMS:
            sizes[cell] = sum(math.prod(sizes[factor] for factor in term) for term in node.terms)
        if node.terms:
            again = trace.recompute(cell)
            assert again == pytest.approx(node.value, rel=0, abs=rtol * sizes[cell]), cell
        else:
            assert node.op == "given" or node.value == 0, cell


def numbers(trace, name):
    """Return what stands in grids name_0, name_1, …, (how many, rows, columns)."""
    count = sum(grid.id.startswith(f"{name}_") for grid in trace)
    return np.array([trace[f"{name}_{c}"].values for c in range(count)])
