"""What the layers of a network are called, on the page."""

from __future__ import annotations

import numpy as np

from core.conv import Conv2d
from core.layer import Layer
from core.layers import Dropout, Flatten, Linear
from core.pool import AvgPool2d, MaxPool2d
from ui.i18n import t

Answers = list[tuple[Layer, np.ndarray]]  # each layer with what it answers, first to last


def layer_name(layer: Layer) -> str:
    """Say in a few words what a layer is."""
    if isinstance(layer, Conv2d):
        kernels, _, size, _ = layer.params["weight"].shape
        return t("mnist_network.kernels", n=kernels, size=size)
    if isinstance(layer, Linear):
        return t("mnist_network.neurons", n=layer.out_features)
    if isinstance(layer, MaxPool2d | AvgPool2d):
        kind = "largest" if isinstance(layer, MaxPool2d) else "mean"
        return t(f"mnist_network.pool_{kind}", size=layer.kernel_size[0])
    if isinstance(layer, Dropout):
        return t("mnist_network.dropout_layer", share=f"{layer.p:.0%}")
    if isinstance(layer, Flatten):
        return t("mnist_network.flatten")
    return t(f"activation.{type(layer).__name__.lower()}")


def with_weights(answers: Answers) -> list[tuple[int, Layer]]:
    """Return the layers that have something to learn, each with its place in the network."""
    return [(place, layer) for place, (layer, _) in enumerate(answers) if "weight" in layer.params]
