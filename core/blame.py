"""How a network's loss for one image depends on every number on the way, back to the pixels.

Training asks this question for a whole batch and keeps the answers for the parameters only.  Here
they are all kept, for one image: beside each layer's feature maps the maps of ∂L/∂(each number in
them), which say where a little more would make the loss rise, and where it would make it fall.
Rumelhart, Hinton, Williams, "Learning representations by back-propagating errors", 1986.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.layer import Layer
from core.losses import CrossEntropyLoss
from core.maps import one_image, twins
from core.sequential import Sequential, leaves


class Blame(NamedTuple):
    """One image's loss, and its slope with respect to every number behind it."""

    loss: float  # −ln p of the right class, in nats
    answers: list[tuple[Layer, np.ndarray]]  # y of each layer, as ``feature_maps`` returns them
    slopes: list[np.ndarray]  # ∂loss/∂y of each layer, in the order and the shapes of the answers
    dx: np.ndarray  # ∂loss/∂image, (C, H, W)
    grads: dict[str, np.ndarray]  # ∂loss/∂parameters, by the names of ``model.params``


def backward_maps(model: Sequential, x: np.ndarray, target: int) -> Blame:
    """Return what each layer answers to one image, and how the loss follows every number.

    L = CrossEntropyLoss(model(x), target), its slope dy_L = p − onehot(target), and then, layer by
    layer, dy_(l−1) = ∂L/∂y_(l−1) from dy_l: the layers' own numbers, as outside training, so
    ``Dropout`` is asleep.  The model stays as it is.  A network inside it is opened.

    Parameters
    ----------
    model : Sequential
        From images to one logit per class.
    x : ndarray, (C, H, W)
        The image, prepared.
    target : int
        The right class, from 0, or any other: what would have to change for the network to say it.

    Raises
    ------
    ValueError
        If x is not one image, a layer cannot take it, or there is no such class.
    """
    one_image(x, "backward_maps")
    layers, loss = twins(model), CrossEntropyLoss()
    ys = [x[None]]
    with np.errstate(all="ignore"):
        for layer in layers:
            ys.append(layer.forward(ys[-1]))
        value = loss.forward(ys[-1], np.array([target]))
        slopes = [loss.backward()]
        for layer in reversed(layers):
            slopes.append(layer.backward(slopes[-1]))
    dx, *after = (dy[0] for dy in reversed(slopes))
    answers = [(layer, y[0]) for layer, y in zip(leaves(model), ys[1:], strict=True)]
    found = (grad for layer in layers for grad in layer.grads.values())
    return Blame(value, answers, after, dx, dict(zip(model.params, found, strict=True)))
