"""What a network gained and lost, digit by digit: a table before anything is accepted."""

from __future__ import annotations

import numpy as np

from ui.cells import Cell, number_cells
from ui.i18n import t
from ui.walk import presenting

DIGITS = [str(digit) for digit in range(10)]


def show_ledger(before: np.ndarray, after: np.ndarray, *, key: str) -> None:
    """Draw the shares of right answers before and after, and their difference.

    Parameters
    ----------
    before, after : ndarray, (10,)
        For each digit, 0 to 1; NaN where there is none, which stays an empty cell.
    key : str
        The widget's key.
    """
    rows = {"before": before, "after": after, "difference": after - before}
    cells = []
    for row, values in rows.items():
        for digit, value in enumerate(values):
            text = "" if np.isnan(value) else _points(100 * value, signed=row == "difference")
            shade = float(np.nan_to_num(value)) if row == "difference" else 0.0
            says = t("ledger.cell", k=digit, what=t(f"ledger.{row}"), value=text)
            cells.append(Cell(text, shade, says))
    number_cells(
        cells,
        key=key,
        label=t("ledger.table"),
        heads=DIGITS,
        sides=[t(f"ledger.{row}") for row in rows],
        scale="diverging",
        large=presenting(),
    )


def _points(value: float, *, signed: bool) -> str:
    """Write a number of per cent with one decimal; nothing is neither more nor less."""
    text = f"{value:+.1f}" if signed and round(value, 1) else f"{abs(value):.1f}"
    return text.removesuffix(".0").replace("-", "\u2212")
