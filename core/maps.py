"""What does a convolutional network see?  Its feature maps, and what each is the sum of.

A convolution answers with one picture per kernel, bright wherever the kernel has found what it
looks for: a feature map.  LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to
Document Recognition", 1998, section II.A.  What do all layers answer to one digit, and what does
each input channel add to one map?  ``core.receptive`` tells which pixels a number in a map can
depend on, ``core.exciting`` which digits excite a map, ``core.blame`` what the loss makes of it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext

import numpy as np

from core.conv import Conv2d
from core.layer import Layer
from core.pieces import in_stages, pass_on, uses_helpers
from core.sequential import Sequential, leaves
from core.threads import one_core


def twins(layers: Iterable[Layer]) -> list[Layer]:
    """Return layers with the same parameters, but with gradients and a memory of their own.

    So whoever only looks does not disturb a network that learns.  A network among the layers is
    opened.  The gradients hold nothing before ``backward``.
    """
    found = []
    for layer in leaves(layers):
        twin = copy.copy(layer)
        twin.grads = {name: np.empty_like(grad) for name, grad in layer.grads.items()}
        twin.forget()
        found.append(twin)
    return found


def passage(layers: Sequence[Layer]) -> Callable[[np.ndarray], np.ndarray]:
    """Return what passes batches through layers as they are, as fast as a network would."""
    stages = in_stages(layers)
    cores = one_core() if uses_helpers(stages) else nullcontext()

    def pass_through(x: np.ndarray) -> np.ndarray:
        with cores, np.errstate(all="ignore"):
            return pass_on(stages, x, False)

    return pass_through


def one_image(x: np.ndarray, where: str) -> None:
    """Raise a ValueError unless x is one image, (C, H, W)."""
    if x.ndim != 3:
        raise ValueError(f"{where} expected one image of shape (C, H, W), but got {x.shape}")


def feature_maps(model: Sequential, x: np.ndarray) -> list[tuple[Layer, np.ndarray]]:
    """Return each layer with what it answers to one image, first to last.

    y_0 = x and y_l = layer_l(y_(l−1)): the layers' own numbers, as outside training.  The model
    stays as it is.  A network inside it is opened: its layers come one by one.

    Parameters
    ----------
    x : ndarray, (C, H, W)
        The image, prepared.

    Returns
    -------
    list of (Layer, ndarray)
        The model's own layers; answers are (C', H', W') or, behind ``Flatten``, (units,).

    Raises
    ------
    ValueError
        If x is not one image, or a layer cannot take it.
    """
    one_image(x, "feature_maps")
    answers = [x[None]]
    with np.errstate(all="ignore"):
        for twin in twins(model):
            answers.append(twin.forward(answers[-1]))
    return [(layer, y[0]) for layer, y in zip(leaves(model), answers[1:], strict=True)]


def partial_sums(conv: Conv2d, x: np.ndarray, channel: int) -> np.ndarray:
    """Return what each input channel alone contributes to one feature map.

    s[c, h, w] = Σ_i Σ_j x[c, h·stride + i, w·stride + j] · W[o, c, i, j], x with its padding of
    zeros and o being ``channel``.  A convolution is their sum: z[o, h, w] = b[o] + Σ_c s[c, h, w].
    s has shape (in_channels, H', W').

    Parameters
    ----------
    x : ndarray, (in_channels, H, W)
        What goes into the convolution.
    channel : int
        Which feature map, from 0.

    Raises
    ------
    ValueError
        If x or the channel does not fit the convolution.
    """
    (top, left), (down, right), (kernel_h, kernel_w) = conv.padding, conv.stride, conv.kernel_size
    fits = x.ndim == 3 and len(x) == conv.in_channels and 0 <= channel < conv.out_channels
    if not fits or x.shape[1] + 2 * top < kernel_h or x.shape[2] + 2 * left < kernel_w:
        raise ValueError(
            f"partial_sums expected x of shape ({conv.in_channels}, H, W), no smaller than the "
            f"kernel of {kernel_h} × {kernel_w}, padding included, and a channel from 0 to "
            f"{conv.out_channels - 1}, but got {x.shape} and {channel}"
        )
    bordered = np.pad(x, ((0, 0), (top, top), (left, left)))
    windows = np.lib.stride_tricks.sliding_window_view(bordered, conv.kernel_size, axis=(1, 2))
    kernels = conv.params["weight"][channel]
    with np.errstate(all="ignore"):
        return np.einsum("chwij,cij->chw", windows[:, ::down, ::right], kernels)
