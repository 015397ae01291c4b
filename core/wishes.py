"""What would make it an 8?  Change a digit step by step until a network calls it one.

Training keeps the pictures and moves the weights.  Here the weights stay and the picture moves,
uphill on the logarithm of the probability that the network gives to the wished class k:

    x ← x + lr · g / max |g|        with g = ∂ ln p_k / ∂x and ln p_k = o_k − ln Σ_j exp(o_j)

So the logit o_k rises and those that compete with it fall: if o_k alone were asked to rise, another
class could rise with it and stay ahead.  Ten sigmoids, as in the notes' network, take the same way,
on the logits before them.

A few steps mostly do, and the picture has hardly changed: a network can be led astray by changes
that a person does not even notice.  Szegedy et al., "Intriguing properties of neural networks",
2014; Goodfellow, Shlens, Szegedy, "Explaining and Harnessing Adversarial Examples", 2015.  A person
would draw a stroke.  So the gradient can be smoothed, g ← G g G with a Gaussian G: neighbours then
move together and the picture changes where one can see it.  That is not the steepest way any more,
but still one uphill.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from core.activations import Sigmoid
from core.layer import Layer
from core.losses import softmax
from core.maps import one_image, twins
from core.pieces import pass_back, pass_on
from core.rubber import _gaussian_matrix
from core.sequential import Sequential

WIDEST_BLUR = 28.0  # pixels: beyond, all pixels of a digit move alike


class Wish(NamedTuple):
    """How far a picture has come after some steps."""

    step: int
    image: np.ndarray  # (C, H, W), in the network's own range
    sure: np.ndarray  # (classes,): how sure the network is of each, 0 to 1


def wish(
    model: Sequential,
    x: np.ndarray,
    label: int,
    *,
    paper: float,
    ink: float,
    steps: int = 60,
    lr: float = 0.08,
    sigma: float = 0.0,
    enough: float = 0.9,
    confidences: Callable[[np.ndarray], np.ndarray] = softmax,
) -> Iterator[Wish]:
    """Change an image step by step until the network is sure enough that it shows the label.

    Parameters
    ----------
    model : Sequential
        From images to one output per class; it stays as it is, and others may use it meanwhile.
    x : ndarray, (C, H, W)
        The image, prepared, from paper to ink; it stays as it is.
    label : int
        The wished class, from 0.
    paper, ink : float
        The inputs for an empty and for a full pixel; no pixel leaves this range.
    steps : int
        How many steps are taken at most, from 0.
    lr : float
        How far the pixel that matters most moves in a step, as a share of the range, up to 1.
    sigma : float
        The Gaussian's standard deviation in pixels, 0 to 28; 0 smooths nothing.
    enough : float
        How sure the network shall be of the wished class, 0 to 1.
    confidences : callable
        From outputs, (1, classes), to how sure the network is of each class, such as
        ``Learner.confidences``.

    Yields
    ------
    Wish
        Step 0 is the image as it was given, then one after each step.  The last one is the first
        in which the wish has come true; or it has not, because ``steps`` were taken.

    Raises
    ------
    ValueError
        If x is not one image, there is no such class, or a number is out of range.
    """
    one_image(x, "wish")
    _check_wish(paper, ink, steps, lr, sigma, enough)
    layers = twins(model)
    squash: list[Layer] = [layers.pop()] if isinstance(layers[-1], Sigmoid) else []
    x = np.array(x, np.result_type(x.dtype, np.float32))
    down, across = (_smoothing(length, sigma, x.dtype) for length in x.shape[1:])
    for step in range(steps + 1):
        with np.errstate(all="ignore"):
            logits = pass_on(layers, x[None], False)
            if not 0 <= label < logits.shape[-1]:
                raise ValueError(
                    f"wish expected a class from 0 to {logits.shape[-1] - 1}, but got {label}"
                )
            sure = confidences(pass_on(squash, logits, False))[0]
        yield Wish(step, x.copy(), sure)
        if sure[label] >= enough or step == steps:
            return
        with np.errstate(all="ignore"):
            slope = -softmax(logits)
            slope[0, label] += 1.0
            way = down @ pass_back(layers, slope, True, 0)[0] @ across
        x = np.clip(x + (lr * (ink - paper)) * _unit(way), paper, ink).astype(x.dtype, copy=False)


def _check_wish(
    paper: float, ink: float, steps: int, lr: float, sigma: float, enough: float
) -> None:
    fine = paper < ink and steps >= 0 and 0 < lr <= 1
    if not fine or not (0 <= sigma <= WIDEST_BLUR and 0 <= enough <= 1):
        raise ValueError(
            "wish expected paper below ink, steps from 0, lr above 0 and up to 1, sigma from 0 to "
            f"{WIDEST_BLUR:g} and enough from 0 to 1, but got {paper}, {ink}, {steps}, {lr}, "
            f"{sigma} and {enough}"
        )


def _smoothing(length: int, sigma: float, dtype: np.dtype[Any]) -> np.ndarray:
    """Return G for one axis; for no smoothing the matrix that changes nothing."""
    smooth = _gaussian_matrix(length, sigma) if sigma else np.eye(length)
    return smooth.astype(dtype)


def _unit(way: np.ndarray) -> np.ndarray:
    """Return a direction whose largest number is 1 or −1; where there is none, a step nowhere."""
    steepest = np.abs(way).max()
    return way / steepest if 0 < steepest < np.inf else np.zeros_like(way)
