"""The three-layer network, walked backwards: from the outputs one wishes for to a picture."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

SHOWN = 0.01, 0.99  # what a layer is stretched to: a sigmoid never reaches 0 or 1


class BackQuery(NamedTuple):
    """The stations on the way from outputs back to inputs, in the order in which they come up."""

    final_inputs: np.ndarray  # logit of the targets, (..., out_features)
    hidden_raw: np.ndarray  # W₂ᵀ of it, (..., hidden_features)
    hidden_outputs: np.ndarray  # the same, stretched to 0.01 ... 0.99
    hidden_inputs: np.ndarray  # logit of it
    inputs_raw: np.ndarray  # W₁ᵀ of it, (..., in_features)
    inputs: np.ndarray  # the same, stretched to 0.01 ... 0.99: a picture


def walk_back(w1: np.ndarray, w2: np.ndarray, targets: np.ndarray) -> BackQuery:
    """Undo the layers one by one, to see what inputs the network would like for these outputs.

    Each layer is undone by the inverse of the sigmoid, logit(y) = ln(y/(1 − y)), and by the
    transposed weights.  The weights being no square matrix, that is not their inverse; so what
    comes out is shifted and scaled to 0.01 ... 0.99, where outputs of a layer can lie.  Where all
    numbers of a layer are equal there is nothing to stretch, and all of them become 0.5.

    Parameters
    ----------
    w1 : ndarray, (hidden_features, in_features)
    w2 : ndarray, (out_features, hidden_features)
    targets : ndarray, (out_features,) or (N, out_features)
        Wished outputs, each strictly between 0 and 1, such as ``one_hot([3])[0]``.

    Raises
    ------
    ValueError
        If the shape does not fit, or a number is not strictly between 0 and 1.
    """
    targets = np.asarray(targets, dtype=w2.dtype)
    if targets.ndim not in (1, 2) or targets.shape[-1] != len(w2) or not targets.size:
        raise ValueError(
            f"backquery expected targets of shape ({len(w2)},) or (N, {len(w2)}), but got "
            f"{targets.shape}"
        )
    if not np.all((targets > 0) & (targets < 1)):
        raise ValueError(
            "backquery expected targets strictly between 0 and 1, as sigmoids give them, but they "
            f"run from {targets.min()} to {targets.max()}"
        )
    final_inputs = _logit(targets)
    hidden_raw = final_inputs @ w2
    hidden_outputs = _stretched(hidden_raw)
    hidden_inputs = _logit(hidden_outputs)
    inputs_raw = hidden_inputs @ w1
    inputs = _stretched(inputs_raw)
    return BackQuery(final_inputs, hidden_raw, hidden_outputs, hidden_inputs, inputs_raw, inputs)


def _logit(y: np.ndarray) -> np.ndarray:
    return np.log(y / (1 - y))


def _stretched(values: np.ndarray) -> np.ndarray:
    """Return the numbers, shifted and scaled so that each row runs from 0.01 to 0.99."""
    lowest, highest = values.min(-1, keepdims=True), values.max(-1, keepdims=True)
    spread = highest - lowest
    share = np.where(spread > 0, (values - lowest) / np.where(spread > 0, spread, 1), 0.5)
    low, high = SHOWN
    return low + (high - low) * share
