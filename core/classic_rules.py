"""Which of the two rules is the gradient?  Move each weight a little and see.

``core.classic`` states both rules.
"""

from __future__ import annotations

import copy
from typing import NamedTuple

import numpy as np

from core.classic import RULES, ThreeLayerNetwork
from core.gradcheck import numerical_gradient


class RuleComparison(NamedTuple):
    """Where both rules would move the weights into one hidden neuron, for one example.

    The first three have shape (in_features,), are −∂E/∂W₁ or what stands for it, and leave out the
    learning rate.
    """

    notes: np.ndarray
    gradient: np.ndarray
    numerical: np.ndarray  # by central differences of E = ½ Σ (t − o)²: knows no rule
    cosine: float  # between both rules' moves of all of W₁, −1 to 1; 0 where one stands still


def compare_rules(
    network: ThreeLayerNetwork, inputs: np.ndarray, targets: np.ndarray, neuron: int
) -> RuleComparison:
    """Show which rule is the gradient, on one example and the weights into one hidden neuron.

    Works on copies in float64.  Moving each weight both ways asks for two forward passes per
    weight: about a tenth of a second for one neuron with 784 inputs.

    Parameters
    ----------
    inputs, targets : ndarray, (in_features,) and (out_features,)
    neuron : int
        From 0 to hidden_features − 1.

    Raises
    ------
    IndexError
        If there is no such neuron.
    ValueError
        If a shape does not fit.
    """
    hidden = len(network.hidden_weight)
    if not 0 <= neuron < hidden:
        raise IndexError(f"compare_rules expected a neuron from 0 to {hidden - 1}, got {neuron}")
    probe = copy.deepcopy(network)
    probe.model.to(np.float64)
    x, t = np.asarray(inputs, np.float64)[None], np.asarray(targets, np.float64)[None]
    notes, gradient = (_move(probe, x, t, rule) for rule in RULES)

    def error() -> float:
        return float(((t - probe.query(x)) ** 2).sum() / 2)

    numerical = -numerical_gradient(error, probe.hidden_weight[neuron])
    lengths = float(np.linalg.norm(notes) * np.linalg.norm(gradient))
    cosine = float((notes * gradient).sum()) / lengths if lengths else 0.0
    return RuleComparison(notes[neuron], gradient[neuron], numerical, cosine)


def _move(network: ThreeLayerNetwork, x: np.ndarray, t: np.ndarray, rule: str) -> np.ndarray:
    """Return how a step with a learning rate of 1 would change W₁."""
    moved = copy.deepcopy(network)
    moved.lr, moved.rule = 1.0, rule
    moved.train_plainly(x, t)
    return moved.hidden_weight - network.hidden_weight
