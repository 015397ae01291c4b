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


def recall_score(
    y_true: np.ndarray, y_pred: np.ndarray, num_classes: int | None = None
) -> np.ndarray:
    """Return, for each class, the share of its examples that were recognised: shape (C,).

    recall_i = M_ii / Σ_j M_ij, where M is the confusion matrix: 0 to 1, and NaN for a class that
    does not occur.  As scikit-learn's ``recall_score(..., average=None, zero_division=nan)``.

    Parameters
    ----------
    y_true, y_pred : ndarray of int, shape (N,)
        The classes as they are and as they were predicted.
    num_classes : int, optional
        C; without it, the largest class that occurs decides.
    """
    counts = confusion_matrix(y_true, y_pred, num_classes)
    with np.errstate(invalid="ignore"):
        return counts.diagonal() / counts.sum(axis=1)


def accuracy_when_sure(
    right: np.ndarray, sureness: np.ndarray, thresholds: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Tell what happens if a network may answer "I don't know".

    It keeps only the answers that it is at least as sure of as a threshold asks.  The higher the
    threshold, the fewer are left, and the more of them should be right.  El-Yaniv and Wiener, "On
    the Foundations of Noise-free Selective Classification", 2010, section 2 (coverage and risk).

    Parameters
    ----------
    right : ndarray of bool, shape (N,)
        Whether each answer is right.
    sureness : ndarray, shape (N,)
        How sure the network is of each; NaN is below every threshold.
    thresholds : ndarray, shape (T,)

    Returns
    -------
    answered : ndarray, shape (T,)
        The share of all questions that are still answered, 0 to 1.
    accuracy : ndarray, shape (T,)
        The share of these answers that are right; NaN where none is left.

    Raises
    ------
    ValueError
        If ``right`` and ``sureness`` are not two lists of the same length, at least 1.
    """
    right, sureness = _same_length(right, sureness)
    known = np.where(np.isnan(sureness), -np.inf, sureness)
    order = np.argsort(known, kind="stable")
    first = np.searchsorted(known[order], thresholds)  # the least sure answer that is kept
    kept = len(known) - first
    good = np.append(np.cumsum(right[order][::-1])[::-1], 0)[first]
    with np.errstate(invalid="ignore"):
        return kept / len(known), good / kept


def _same_length(y_true: np.ndarray, y_pred: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    if y_true.ndim != 1 or y_true.shape != y_pred.shape or not len(y_true):
        raise ValueError(
            "expected two lists of the same length, at least 1, but got shapes "
            f"{y_true.shape} and {y_pred.shape}"
        )
    return y_true, y_pred
