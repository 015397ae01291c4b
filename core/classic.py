"""The course notes' network: three layers of sigmoids that learn from one example at a time.

Inputs x, hidden outputs h = σ(W₁ x), outputs o = σ(W₂ h), without biases.  The targets t say what o
should be: near 1 for the right class, near 0 for the others.  One example changes the weights by

    Δ₂ = e₂ · o(1 − o)        W₂ ← W₂ + lr · Δ₂ hᵀ        with e₂ = t − o
    Δ₁ = e₁ · h(1 − h)        W₁ ← W₁ + lr · Δ₁ xᵀ

and the two rules differ in e₁, the blame that a hidden neuron gets for the errors behind it:

    "notes"       e₁ = W₂ᵀ e₂   the errors are shared out along the weights
    "gradient"    e₁ = W₂ᵀ Δ₂   steepest descent on E = ½ Σ (t − o)²

Only the second is the gradient.  The first leaves out the slope o(1 − o), which is at most ¼: its
hidden layer learns faster, all the more where outputs are wrong and sure of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from core.activations import Sigmoid
from core.classic_backquery import BackQuery, walk_back
from core.classic_blocks import TOGETHER, BlockTrainer, Learned
from core.init import Initializer, RandomSource, Shape, as_generator
from core.layers import Flatten, Linear, Sequential
from core.losses import MSELoss
from core.metrics import accuracy_score
from core.training import Data, Diverged, EpochEnd, Event, Prepare, Progress, predict

Copies = Callable[[np.ndarray], list[np.ndarray]]

RULES = ("notes", "gradient")
LOW, HIGH = 0.01, 0.99  # a sigmoid never reaches 0 or 1: the notes keep away from them


def one_hot(
    labels: np.ndarray, num_classes: int = 10, low: float = LOW, high: float = HIGH
) -> np.ndarray:
    """Return targets of shape (N, num_classes): ``high`` at each label's place, ``low`` elsewhere.

    Raises
    ------
    ValueError
        If labels are not whole numbers from 0 to num_classes − 1 in one row.
    """
    labels = np.asarray(labels)
    fine = labels.ndim == 1 and labels.dtype.kind in "iu"
    if not fine or (labels.size and not 0 <= labels.min() <= labels.max() < num_classes):
        raise ValueError(
            f"one_hot expected whole numbers from 0 to {num_classes - 1} of shape (N,), but got "
            f"{labels.dtype} of shape {labels.shape}"
            + (f" from {labels.min()} to {labels.max()}" if labels.size else "")
        )
    targets = np.full((len(labels), num_classes), low)
    targets[np.arange(len(labels)), labels] = high
    return targets


def nodes_normal(shape: Shape, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw weights from N(0, 1/n), n being the neurons that they lead to, as the notes do."""
    return rng.normal(0.0, shape[0] ** -0.5, shape), np.zeros(shape[0])


class ThreeLayerNetwork:
    """Inputs, hidden sigmoids, output sigmoids: learns from one example at a time.

    Parameters
    ----------
    in_features, hidden_features, out_features : int
        How many numbers each layer holds; at least 1.
    lr : float
        The learning rate.  It may be changed at any time.
    rule : str
        "notes" or "gradient".  How hidden neurons are blamed: see the top of this file.
    rng : Generator, RandomState, int or None
        Where the first weights come from.
    init : Initializer
        How they are drawn; see ``core.init``.
    dtype : dtype
        float32 to train, float64 to check.

    Attributes
    ----------
    model : Sequential
        The same network as layers, ``Flatten`` in front so that it takes images.  Training changes
        its weights in place, so whatever looks into a ``Sequential`` looks into this.
    """

    def __init__(
        self,
        in_features: int,
        hidden_features: int,
        out_features: int,
        lr: float = 0.1,
        *,
        rule: str = "notes",
        rng: RandomSource = None,
        init: Initializer = nodes_normal,
        dtype: Any = np.float32,
    ) -> None:
        if rule not in RULES:
            raise ValueError(f"ThreeLayerNetwork expected a rule of {RULES}, but got {rule!r}")
        rng = as_generator(rng)
        self.lr, self.rule = lr, rule
        self.model = Sequential(
            Flatten(),
            Linear(in_features, hidden_features, bias=False, rng=rng, init=init, dtype=dtype),
            Sigmoid(),
            Linear(hidden_features, out_features, bias=False, rng=rng, init=init, dtype=dtype),
            Sigmoid(),
        )

    @property
    def hidden_weight(self) -> np.ndarray:
        """W₁, the model's own array, of shape (hidden_features, in_features)."""
        return self.model[1].params["weight"]

    @property
    def output_weight(self) -> np.ndarray:
        """W₂, the model's own array, of shape (out_features, hidden_features)."""
        return self.model[3].params["weight"]

    def query(self, inputs: np.ndarray) -> np.ndarray:
        """Return the outputs, (out_features,) for one example and (N, out_features) for N."""
        return self.model.forward(np.asarray(inputs, dtype=self.hidden_weight.dtype))

    def train_plainly(self, inputs: np.ndarray, targets: np.ndarray) -> None:
        """Learn from one example after another, as the formulas say; ``train`` does it faster.

        inputs has shape (N, in_features), targets (N, out_features).
        """
        w1, w2 = self.hidden_weight, self.output_weight
        sigmoid = Sigmoid()
        for x, t in zip(*self._examples(inputs, targets), strict=True):
            h = sigmoid(w1 @ x)
            o = sigmoid(w2 @ h)
            output_error = t - o
            output_delta = output_error * o * (1 - o)
            blame = output_error if self.rule == "notes" else output_delta
            hidden_delta = (w2.T @ blame) * h * (1 - h)  # with the weights as they were
            w2 += self.lr * np.outer(output_delta, h)
            w1 += self.lr * np.outer(x, hidden_delta).T  # in the order in which w1 lies in memory

    def train(self, inputs: np.ndarray, targets: np.ndarray) -> Learned:
        """Learn from one example after another: ``train_plainly``'s steps, several times as fast.

        Parameters
        ----------
        inputs : ndarray, (N, in_features)
            N may be 0.  Images of more dimensions are flattened.
        targets : ndarray, (N, out_features)
            What the outputs should be, such as ``one_hot(labels)``.

        Returns
        -------
        Learned
            If a weight or an output stops being a number, the loss is NaN; the weights stay as
            they were before the block of examples where it happened, and the rest is not learned.

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        x, t = self._examples(inputs, targets)
        trainer = BlockTrainer(
            self.hidden_weight, self.output_weight, min(TOGETHER, max(1, len(x)))
        )
        return trainer.train(x, t, self.lr, self.rule)

    def backquery(self, targets: np.ndarray) -> BackQuery:
        """Ask what the network would like to see; see ``core.classic_backquery``."""
        return walk_back(self.hidden_weight, self.output_weight, targets)

    def _examples(self, inputs: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return both in the weights' precision, inputs one row an example, if they fit."""
        x = np.asarray(inputs, dtype=self.hidden_weight.dtype)
        t = np.asarray(targets, dtype=self.hidden_weight.dtype)
        x = x.reshape(len(x), math.prod(x.shape[1:])) if x.ndim > 2 else x
        wide, outputs = self.hidden_weight.shape[1], len(self.output_weight)
        if x.ndim != 2 or x.shape[1] != wide or t.shape != (len(x), outputs):
            raise ValueError(
                f"expected inputs of shape (N, {wide}) and targets of shape (N, {outputs}), but "
                f"got {np.shape(inputs)} and {t.shape}"
            )
        return x, t


def fit_classic(
    network: ThreeLayerNetwork,
    data: Data,
    *,
    prepare: Prepare,
    validation: Data | None = None,
    epochs: int = 1,
    rng: RandomSource = None,
    copies: Copies | None = None,
    progress: Progress | None = None,
) -> Iterator[Event]:
    """Train on labelled images, with the events of ``core.training.fit``; a step is a block.

    Each epoch draws a new order of the images (``rng.permutation``).

    Parameters
    ----------
    data, validation : (images, labels)
        Images of shape (N, ...), mostly uint8 and (N, 28, 28), and whole numbers of shape (N,).
    prepare : callable
        Turns a batch of images into what the network takes, one row of numbers an image once it
        is flattened.
    epochs : int
        How often all images are seen.
    rng : Generator, RandomState, int or None
        Where the orders come from.
    copies : callable, optional
        Turns a batch of images into a list of further batches of the same examples, such as the
        images turned left and turned right.  They are prepared like the originals, and each
        example's copies are learned right after it, in the order of the list.
    progress : core.training.Progress, optional
        Where to go on, and where to write down how far it is.

    Yields
    ------
    StepEnd, EpochEnd or Diverged
        Losses are means of (t − o)² over all outputs.  In training, copies count as examples.
        After ``Diverged`` nothing follows; the weights are as before the block of examples in
        which they stopped being numbers.

    Raises
    ------
    ValueError
        If images and labels differ in length or are empty, epochs is below 0, or shapes or labels
        do not fit the network.
    """
    images, labels = data
    if len(images) != len(labels) or not len(images) or epochs < 0:
        raise ValueError(
            "fit_classic expected as many images as labels, at least one, and epochs from 0, but "
            f"got {len(images)}, {len(labels)} and {epochs}"
        )
    rng, at = as_generator(rng), progress or Progress()
    targets = one_hot(labels, len(network.output_weight))
    trainer = BlockTrainer(network.hidden_weight, network.output_weight, TOGETHER)
    while at.epoch <= epochs:
        if at.order is None:
            at.order = rng.permutation(len(images))
        for start in range(at.seen, len(images), TOGETHER):
            rows = at.order[start : start + TOGETHER]
            x = _with_copies(images[rows], prepare, copies)
            each = len(x) // len(rows)
            x, t = network._examples(x, np.repeat(targets[rows], each, axis=0))
            loss, right = trainer.train(x, t, network.lr, network.rule)
            if not math.isfinite(loss):
                yield Diverged(at.step + 1, at.epoch, loss)
                return
            yield at.take_step(len(rows), len(x), loss, right)
        checked = _evaluate_classic(network, validation, prepare)
        ended = EpochEnd(at.epoch, at.total / at.counted, *checked, at.right / at.counted)
        at.end_epoch()
        yield ended


def _with_copies(images: np.ndarray, prepare: Prepare, copies: Copies | None) -> np.ndarray:
    """Return one row of numbers for each image, and after it one for each of its copies."""
    if copies is None:
        return prepare(images).reshape(len(images), -1)
    versions = [images, *copies(images)]
    flat = [prepare(version).reshape(len(images), -1) for version in versions]
    return np.stack(flat, axis=1).reshape(-1, flat[0].shape[1])


def _evaluate_classic(
    network: ThreeLayerNetwork, data: Data | None, prepare: Prepare
) -> tuple[float | None, float | None]:
    """Return (mean squared error, accuracy), or nothing twice for no data."""
    if data is None:
        return None, None
    images, labels = data
    outputs = predict(network.model, images, prepare=prepare)
    loss = MSELoss().forward(outputs, one_hot(labels, outputs.shape[1]))
    return loss, accuracy_score(labels, outputs.argmax(axis=1))
