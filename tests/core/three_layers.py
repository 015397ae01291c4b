"""A three-layer network that is small enough to be learned by hand, and what it learns from."""

import numpy as np

from core.classic import ThreeLayerNetwork


def make(sizes=(6, 5, 3), lr=0.3, rule="notes", dtype=np.float64):
    return ThreeLayerNetwork(*sizes, lr, rule=rule, rng=1, dtype=dtype)


def examples(rng, count, sizes=(6, 5, 3)):
    return rng.random((count, sizes[0])), rng.uniform(0.01, 0.99, (count, sizes[2]))


def weights(network):
    return [array.copy() for array in (network.hidden_weight, network.output_weight)]
