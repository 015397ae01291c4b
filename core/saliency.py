"""Which pixels made the network say 3?  Three ways to ask, from the output back to the digit.

The gradient tells which pixels the answer would follow if they changed a little; covering a part of
the digit tells what the answer loses without it; and in a fully connected layer the shares of all
inputs can simply be read off, as the answer is their sum.  The three questions are different, and
so are their answers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from core.activations import Sigmoid
from core.layers import Linear
from core.losses import softmax
from core.maps import one_image, passage, twins
from core.pieces import pass_back, pass_on
from core.sequential import Sequential

COVERED_TOGETHER = 256  # images: more would only take more memory


def input_gradient(model: Sequential, x: np.ndarray, label: int) -> np.ndarray:
    """Return ∂o_k/∂x for one image: how the logit of class k follows each pixel.

    The logit, not the probability: p_k = softmax(o)_k also rises when the *other* classes fall, so
    its gradient mixes what speaks for k with what speaks against the others; and where the network
    is sure, p_k is nearly 1 and its slope nearly 0, whatever the pixels say.  Source: Simonyan,
    Vedaldi, Zisserman, "Deep Inside Convolutional Networks: Visualising Image Classification Models
    and Saliency Maps", 2014, section 3; on the logit, section 2.

    Parameters
    ----------
    model : Sequential
        From images to one output per class; it stays as it is, its gradients too.  If it ends with
        a sigmoid, as the notes' network does, the logit is what goes into that.
    x : ndarray, (C, H, W)
        The image, prepared.
    label : int
        The class k, from 0.

    Returns
    -------
    ndarray, (C, H, W)
        Positive where more would make the network say k more strongly.  For the saliency map of the
        paper, take the largest absolute value over the channels.

    Raises
    ------
    ValueError
        If x is not one image, or there is no such class.
    """
    one_image(x, "input_gradient")
    layers = twins(model)
    if isinstance(layers[-1], Sigmoid):
        layers.pop()
    with np.errstate(all="ignore"):
        outputs = pass_on(layers, x[None], False)
        _check_label(label, outputs.shape[-1], "input_gradient")
        wish = np.zeros_like(outputs)
        wish[0, label] = 1.0
        return pass_back(layers, wish, True, 0)[0]


def gradient_times_input(model: Sequential, x: np.ndarray, label: int) -> np.ndarray:
    """Return x · ∂o_k/∂x, number by number: how much each pixel, as it is, weighs in the logit.

    For a network of convolutions, ReLUs, pooling and fully connected layers without any bias these
    sum to o_k itself; biases have their share besides.  A pixel of 0 gets 0: where the preparation
    makes empty paper 0, what is *not* drawn never counts.  Source: Shrikumar, Greenside,
    Shcherbina, Kundaje, "Not Just A Black Box: Learning Important Features Through Propagating
    Activation Differences", 2016.

    Parameters, shapes and errors are those of ``input_gradient``.
    """
    with np.errstate(all="ignore"):
        return x * input_gradient(model, x, label)


class Occlusion(NamedTuple):
    """How sure the network is of a class while a part of the image is covered.

    Number [i, j] of a map is about the patch of which ``tops[i]`` is the first row and ``lefts[j]``
    the first column.  It stands for the block of ``stride`` × ``stride`` pixels in the middle of
    that patch, which begins at row i·stride, column j·stride: so the map, each number drawn as such
    a block, lies exactly over the image.
    """

    whole: float  # the probability with nothing covered
    probability: np.ndarray  # (rows, columns)
    tops: np.ndarray  # of int, (rows,); the first and last patches may hang over the edge
    lefts: np.ndarray  # of int, (columns,)

    @property
    def drop(self) -> np.ndarray:
        """What the probability falls by, (rows, columns): negative where covering helps."""
        return self.whole - self.probability


def occlusion(
    model: Sequential,
    x: np.ndarray,
    label: int,
    *,
    size: int = 5,
    stride: int = 1,
    value: float = 0.0,
    confidences: Callable[[np.ndarray], np.ndarray] = softmax,
) -> Occlusion:
    """Cover a patch of the image, at one place after the other, and see what the answer loses.

    drop[i, j] = p_k(x) − p_k(x with patch i, j covered).  Here the probability, not the logit, is
    what is asked for: how much of its certainty the network owes to this part.  Source: Zeiler and
    Fergus, "Visualizing and Understanding Convolutional Networks", 2014, section 4.2.

    Parameters
    ----------
    model : Sequential
        From images to one output per class; it stays as it is.
    x : ndarray, (C, H, W)
        The image, prepared.
    label : int
        The class k, from 0.
    size : int
        Rows and columns of the patch, from 1.
    stride : int
        How far apart the patches are, from 1.  Up to ``size`` no pixel is left out.
    value : float
        What the patch is filled with, in the prepared image's own range: paper, or grey.
    confidences : callable
        From outputs, (N, classes), to how sure the network is of each class, such as
        ``Learner.confidences``.

    Returns
    -------
    Occlusion
        With ⌈H/stride⌉ × ⌈W/stride⌉ numbers.  Patches hang over the edge where they have to, and
        cover less there.

    Raises
    ------
    ValueError
        If x is not one image, there is no such class, or a number is out of range.
    """
    one_image(x, "occlusion")
    if size < 1 or stride < 1 or not np.isfinite(value):
        raise ValueError(
            "occlusion expected a size and a stride from 1 and a finite value, but got "
            f"{size}, {stride} and {value}"
        )
    x = x.astype(np.result_type(x.dtype, np.float32), copy=False)
    paint = x.dtype.type(value)
    tops, lefts = (np.arange(0, n, stride) + (stride - size) // 2 for n in x.shape[1:])
    answer = passage(twins(model))

    def sure(images: np.ndarray) -> np.ndarray:
        outputs = answer(images)
        _check_label(label, outputs.shape[-1], "occlusion")
        with np.errstate(all="ignore"):
            return confidences(outputs)[:, label]

    whole = sure(x[None])[0]
    probability = np.full(len(tops) * len(lefts), whole)
    # A patch that changes nothing, such as paper on paper, needs no answer.
    changes = _windows_with((x != paint).any(axis=0), tops, lefts, size)
    patches = np.flatnonzero(changes)
    for start in range(0, len(patches), COVERED_TOGETHER):
        some = patches[start : start + COVERED_TOGETHER]
        rows, columns = np.divmod(some, len(lefts))
        probability[some] = sure(_covered(x, tops[rows], lefts[columns], size, paint))
    return Occlusion(float(whole), probability.reshape(len(tops), len(lefts)), tops, lefts)


class Contributions(NamedTuple):
    """What each input of a fully connected layer adds to one output."""

    terms: np.ndarray  # of the inputs' shape
    bias: float

    @property
    def total(self) -> float:
        """The output itself: all terms and the bias."""
        return float(self.terms.sum()) + self.bias


def contributions(linear: Linear, x: np.ndarray, label: int) -> Contributions:
    """Return which inputs of a fully connected layer push a class up, and which down.

    o_k = b_k + Σ_i W_ki·x_i, so input i contributes W_ki·x_i: nothing is estimated here.

    Parameters
    ----------
    linear : Linear
        Mostly the last layer, whose outputs are the logits.
    x : ndarray of in_features numbers
        What goes into the layer, of any shape: feature maps (C, H, W) count in the order in which
        ``Flatten`` lays them out.
    label : int
        The class k, from 0.

    Returns
    -------
    Contributions
        Terms in the shape of x, and the bias, 0 without one; together they are the logit.

    Raises
    ------
    ValueError
        If x has not as many numbers as the layer has inputs, or there is no such class.
    """
    if x.size != linear.in_features:
        raise ValueError(
            f"contributions expected {linear.in_features} inputs, but got {x.size} of shape "
            f"{x.shape}"
        )
    _check_label(label, linear.out_features, "contributions")
    weight, bias = linear.params["weight"][label], linear.params.get("bias")
    with np.errstate(all="ignore"):
        terms = weight.reshape(x.shape) * x
    return Contributions(terms, 0.0 if bias is None else float(bias[label]))


def _check_label(label: int, classes: int, where: str) -> None:
    if not 0 <= label < classes:
        raise ValueError(f"{where} expected a class from 0 to {classes - 1}, but got {label}")


def _windows_with(marked: np.ndarray, tops: np.ndarray, lefts: np.ndarray, size: int) -> np.ndarray:
    """Return whether each patch covers a marked pixel: (tops, lefts) from (H, W)."""
    rows = _covers(tops, size, marked.shape[0])
    columns = _covers(lefts, size, marked.shape[1])
    return rows @ marked @ columns.T


def _covers(starts: np.ndarray, size: int, length: int) -> np.ndarray:
    """Return whether each run of ``size`` pixels covers each pixel of one axis: (runs, length)."""
    offsets = np.arange(length) - starts[:, None]
    return (offsets >= 0) & (offsets < size)


def _covered(
    x: np.ndarray, tops: np.ndarray, lefts: np.ndarray, size: int, paint: np.floating[Any]
) -> np.ndarray:
    """Return one copy of x for each patch, covered there: (patches, C, H, W)."""
    rows, columns = _covers(tops, size, x.shape[1]), _covers(lefts, size, x.shape[2])
    patches = rows[:, None, :, None] & columns[:, None, None, :]
    return np.where(patches, paint, x)
