"""How good are the answers?  Names and arguments are scikit-learn's."""

from __future__ import annotations

import numpy as np


def accuracy_score(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    """Return the share of right answers, from 0 to 1.

    Parameters
    ----------
    y_true, y_pred : ndarray of int, shape (N,)
        The classes as they are and as they were predicted.
    """
    y_true, y_pred = _same_length(y_true, y_pred)
    return float(np.mean(y_true == y_pred))


def confusion_matrix(
    y_true: np.ndarray, y_pred: np.ndarray, num_classes: int | None = None
) -> np.ndarray:
    """Count how often class i (row) was taken for class j (column): shape (C, C).

    The diagonal holds the right answers.  ``num_classes`` is C; without it, the largest class
    that occurs decides.
    """
    y_true, y_pred = _same_length(y_true, y_pred)
    size = num_classes or int(max(y_true.max(), y_pred.max())) + 1
    if min(y_true.min(), y_pred.min()) < 0 or max(y_true.max(), y_pred.max()) >= size:
        raise ValueError(f"confusion_matrix expected classes from 0 to {size - 1}")
    return np.bincount(y_true * size + y_pred, minlength=size * size).reshape(size, size)


def _same_length(y_true: np.ndarray, y_pred: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    if y_true.ndim != 1 or y_true.shape != y_pred.shape or not len(y_true):
        raise ValueError(
            "expected two lists of classes of the same length, at least 1, but got shapes "
            f"{y_true.shape} and {y_pred.shape}"
        )
    return y_true, y_pred
