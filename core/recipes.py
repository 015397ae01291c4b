"""Recipes: all that is chosen before a network learns digits, under a name.

A recipe is data; ``build`` turns it into a network with all that training needs.  A page, a script
and a test build from the same recipe and the same seed, and get the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np

from core.architecture import build_network, one_hidden_layer
from core.augment import Augmentation, rotate
from core.classic import ThreeLayerNetwork, fit_classic, one_hot
from core.images import NOTES_PIXELS, STANDARD_PIXELS, UNIT_PIXELS, Preparation
from core.init import INITIALIZERS
from core.layers import Sequential
from core.losses import CrossEntropyLoss, Loss, MSELoss, softmax
from core.optim import OPTIMIZERS, Optimizer
from core.schedule import SCHEDULES
from core.training import Data, Event, Progress, fit

PREPARATIONS: dict[str, Preparation] = {
    "notes": NOTES_PIXELS,
    "standard": STANDARD_PIXELS,
    "unit": UNIT_PIXELS,
    "small": replace(NOTES_PIXELS, size=8),
}
METHODS = ("batches", "notes", "gradient")


@dataclass(frozen=True)
class Recipe:
    """A network for 28×28 digits, and how it learns.

    Attributes
    ----------
    method : str
        "batches": cross entropy, some examples a step.  "notes" and "gradient": the course notes'
        three-layer network, one example a step, with their rule or with the exact gradient; then
        only ``layers`` (one number), ``lr``, ``epochs``, ``preparation`` and ``copies`` count.
    layers, activation, dropout, init
        As ``core.architecture.build_network`` takes them; ``init`` by name.
    optimizer, lr, momentum, weight_decay
        By name, and as in ``core.optim``; ``momentum`` only where the optimizer has one.
    batch_size, epochs, schedule
        As ``core.training.fit`` takes them; ``schedule`` by name.
    preparation : str
        How pixels become inputs: "notes" (0.01 to 1), "standard" (mean 0, deviation 1), "unit"
        (0 to 1) or "small" (as "notes", shrunk to 8×8 pixels).
    degrees, translate, scale, shear, elastic
        The ranges of ``core.augment.Augmentation``.
    copies : float
        "notes" and "gradient": learn from each digit also turned by plus and minus so many
        degrees; 0 for none.
    train_size : int
        How many of the training images are used: the first so many.
    """

    method: Literal["batches", "notes", "gradient"] = "batches"
    layers: str = "128"
    activation: str = "relu"
    dropout: float = 0.0
    init: str = "fan_in_uniform"
    optimizer: str = "adam"
    lr: float = 0.001
    momentum: float = 0.0
    weight_decay: float = 0.0
    batch_size: int = 64
    epochs: int = 5
    schedule: str = "constant"
    preparation: str = "unit"
    degrees: float = 0.0
    translate: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    elastic: float = 0.0
    copies: float = 0.0
    train_size: int = 60_000


RECIPES: dict[str, Recipe] = {
    "classic": Recipe(
        method="notes",
        layers="200",
        activation="sigmoid",
        preparation="notes",
        lr=0.1,
        epochs=3,
    ),
    "classic-rotated": Recipe(
        method="notes",
        layers="200",
        activation="sigmoid",
        preparation="notes",
        lr=0.01,
        epochs=10,
        copies=10.0,
    ),
    "mlp": Recipe(
        layers="128",
        optimizer="sgd",
        lr=0.01,
        momentum=0.9,
        batch_size=32,
        preparation="standard",
    ),
    "mlp-adam": Recipe(layers="128", init="xavier_uniform", batch_size=32),
    "cnn-small": Recipe(
        layers="10c5-max2-20c5-max2-50",
        init="xavier_uniform",
        lr=0.002,
        batch_size=32,
        schedule="cosine",
    ),
    "cnn": Recipe(layers="32c3-max2-64c3-max2-128", init="xavier_uniform", schedule="cosine"),
    "mlp-best": Recipe(
        layers="512-512",
        init="kaiming_normal",
        lr=0.002,
        batch_size=128,
        epochs=30,
        schedule="one_cycle",
        dropout=0.1,
        degrees=10.0,
        translate=2.0,
        scale=0.1,
        shear=5.0,
    ),
    "cnn-best": Recipe(
        layers="32c5-max2-64c3-64c3-max2-256",
        init="kaiming_normal",
        lr=0.002,
        epochs=15,
        schedule="one_cycle",
        dropout=0.3,
        degrees=12.0,
        translate=1.5,
        scale=0.1,
        shear=6.0,
        elastic=12.0,
    ),
}


class Learner:
    """A network, and all that it needs to learn.

    Attributes
    ----------
    recipe : Recipe
    model : Sequential
        From prepared images to logits; with the notes' methods, to the outputs of the sigmoid.
    loss, optimizer
        What ``fit`` takes; with the notes' methods the optimizer is None: ``network`` learns.
    network : ThreeLayerNetwork or None
    prepare : Preparation
    rngs : dict of Generator
        "order" of the examples, "holes" that dropout makes, "moves" of the images.
    progress : core.training.Progress
        Where training stands.
    """

    def __init__(self, recipe: Recipe, seed: int) -> None:
        # One stream each: another number of neurons must not change the order of the examples.
        weights, order, holes, moves = np.random.default_rng(seed).spawn(4)
        self.recipe = recipe
        self.rngs = {"order": order, "holes": holes, "moves": moves}
        self.progress = Progress()
        self.prepare = PREPARATIONS[recipe.preparation]
        self.network: ThreeLayerNetwork | None = None
        self.optimizer: Optimizer | None = None
        self.loss: Loss
        size = self.prepare.size or 28
        if recipe.method == "batches":
            self.model = build_network(
                recipe.layers,
                image_size=size,
                activation=recipe.activation,
                dropout=recipe.dropout,
                init=INITIALIZERS[recipe.init],
                rng=weights,
                dropout_rng=holes,
            )
            self.loss = CrossEntropyLoss()
            self.optimizer = _optimizer(recipe, self.model)
        else:
            hidden = one_hidden_layer(recipe.layers)
            self.network = ThreeLayerNetwork(
                size * size, hidden, 10, recipe.lr, rule=recipe.method, rng=weights
            )
            self.model, self.loss = self.network.model, MSELoss()

    def set_rate(self, lr: float) -> None:
        """Change the learning rate from the next step on; a schedule takes its shares of it."""
        if self.network is not None:
            self.network.lr = lr
        elif self.optimizer is not None:
            self.optimizer.lr = lr

    def confidences(self, outputs: np.ndarray) -> np.ndarray:
        """Return how sure the network is of each class, 0 to 1, from its outputs (N, 10).

        For logits these are softmax's probabilities.  The notes' network answers with ten sigmoids,
        which need not sum to 1: they are taken as they are.
        """
        return outputs if self.network is not None else softmax(outputs)

    def test_loss(self, outputs: np.ndarray, labels: np.ndarray) -> float:
        """Return the mean loss of the model's outputs, as training measures it."""
        with np.errstate(all="ignore"):
            return self.loss.forward(outputs, labels if self.network is None else one_hot(labels))

    def steps_per_epoch(self, examples: int) -> int:
        """Return how many steps of ``fit`` an epoch takes with so many examples."""
        return -(-examples // self.recipe.batch_size)

    def fit(
        self,
        train: Data,
        *,
        validation: Data | None = None,
        epochs: int | None = None,
        resume: bool = False,
    ) -> Iterator[Event]:
        """Train on the first ``train_size`` examples; the events are ``core.training.fit``'s.

        Parameters
        ----------
        train, validation : (images, labels)
            uint8 images of shape (N, 28, 28), and whole numbers from 0 to 9.
        epochs : int, optional
            Another number of epochs than the recipe's; the schedule keeps to the recipe's.
        resume : bool
            Go on at ``progress`` instead of counting steps and epochs anew.
        """
        recipe = self.recipe
        if not resume:
            self.progress = Progress()
        images, labels = (array[: recipe.train_size] for array in train)
        common: dict[str, Any] = {
            "validation": validation,
            "epochs": recipe.epochs if epochs is None else epochs,
            "rng": self.rngs["order"],
            "progress": self.progress,
            "prepare": self.prepare,
        }
        if self.network is not None:
            copies = partial(_turned, degrees=recipe.copies) if recipe.copies else None
            return fit_classic(self.network, (images, labels), copies=copies, **common)
        assert self.optimizer is not None
        total = recipe.epochs * self.steps_per_epoch(len(images))
        return fit(
            self.model,
            self.loss,
            self.optimizer,
            (images, labels),
            batch_size=recipe.batch_size,
            augment=self._augment(),
            schedule=SCHEDULES[recipe.schedule](total) if total else None,
            **common,
        )

    def _augment(self) -> Callable[[np.ndarray], np.ndarray] | None:
        recipe = self.recipe
        names = ("degrees", "translate", "scale", "shear", "elastic")
        ranges = {name: getattr(recipe, name) for name in names}
        return (
            partial(Augmentation(**ranges), rng=self.rngs["moves"])
            if any(ranges.values())
            else None
        )


def _optimizer(recipe: Recipe, model: Sequential) -> Optimizer:
    extra = {"momentum": recipe.momentum} if recipe.optimizer in ("sgd", "rmsprop") else {}
    kind = OPTIMIZERS[recipe.optimizer]
    return kind(model, lr=recipe.lr, weight_decay=recipe.weight_decay, **extra)


def _turned(images: np.ndarray, degrees: float) -> list[np.ndarray]:
    """Return the images turned to the left and to the right."""
    return [rotate(images, degrees), rotate(images, -degrees)]
