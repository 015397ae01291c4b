"""From settings to a run, and to the program that does the same without the page."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.activations import ReLU, Sigmoid, Step, Tanh
from core.datasets import DATASETS, parse_points, train_test_split
from core.init import INITIALIZERS
from core.layers import Layer, Linear, Sequential
from core.losses import CrossEntropyLoss
from core.optim import OPTIMIZERS
from pages._quadrants.settings import Settings
from ui.training import Change, Run

ACTIVATION_LAYERS: dict[str, type[Layer]] = {
    "step": Step,
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "relu": ReLU,
}

Points = tuple[np.ndarray, np.ndarray]


def build_data(settings: Settings) -> tuple[Points, Points | None]:
    """Return (training points, test points or None)."""
    rng = np.random.default_rng(settings.seed)
    if settings.data == "own":
        points = parse_points(settings.points)
    else:
        chosen = DATASETS[settings.data]
        points = chosen.make(**arguments(settings, rng))
    if not settings.test or len(points[0]) < 4:
        return points, None
    x_train, x_test, y_train, y_test = train_test_split(*points, test_size=settings.test, rng=rng)
    return (x_train, y_train), (x_test, y_test)


def arguments(settings: Settings, rng: Any) -> dict[str, Any]:
    """Return what the data set's function is called with."""
    chosen = DATASETS[settings.data]
    known = {"n_samples": settings.n, "noise": settings.noise}
    values = {name: known.get(name, settings.classes) for name in chosen.arguments}
    return {**values, "rng": rng} if values else {}


def class_count(settings: Settings, y: np.ndarray) -> int:
    """Return how many classes the network has to tell apart, at least 2."""
    return max(2, int(y.max()) + 1) if len(y) else settings.classes


def build_model(settings: Settings, classes: int) -> Sequential:
    """Return the network with its first weights, in float64."""
    # The legacy generator, because the notes' network was drawn with it.
    rng = np.random.RandomState(settings.seed)
    init = INITIALIZERS[settings.init]
    layers: list[Layer] = []
    sizes = (2, *settings.hidden, classes)
    for inputs, outputs in zip(sizes, sizes[1:], strict=False):
        if layers and settings.activation != "none":
            layers.append(ACTIVATION_LAYERS[settings.activation]())
        layers.append(Linear(inputs, outputs, rng=rng, init=init, dtype=np.float64))
    return Sequential(*layers)


def build_run(settings: Settings) -> Run:
    """Return a run that stands at step 0."""
    train, test = build_data(settings)
    labels = train[1] if test is None else np.concatenate([train[1], test[1]])
    model = build_model(settings, class_count(settings, labels))
    optimizer = OPTIMIZERS[settings.optimizer](
        model, lr=settings.lr, weight_decay={"weight": settings.l2}
    )
    run = Run(
        model,
        CrossEntropyLoss(),
        optimizer,
        train,
        validation=test,
        batch_size=settings.batch or len(train[0]),
        rng=np.random.default_rng(settings.seed),
        until=settings.steps,
        settings=settings,
    )
    run.speed = settings.speed
    return run


def write_changes(changes: list[Change]) -> str:
    """Write what was done to a run in its middle as text for a link: step:what[:index]:value."""
    parts = []
    for change in changes:
        where = ".".join(map(str, change.place))
        what = f"{change.what}@{where}" if where else change.what
        parts.append(f"{change.step}:{what}:{change.value:.17g}")
    return ";".join(parts)


def read_changes(text: str, model: Sequential) -> list[Change]:
    """Read them back.

    Raises
    ------
    ValueError
        If the text has another form, or names something that the model does not have.
    """
    changes = []
    for part in filter(None, text.split(";")):
        step, what, value = part.split(":")
        name, _, where = what.partition("@")
        index = tuple(int(number) for number in where.split(".")) if where else ()
        if name != "lr":
            number = model.params[name][index]  # raises where there is no such number
            if np.ndim(number):
                raise ValueError(f"expected the place of one number, got {what}")
        elif not 0 < float(value) <= 1000:
            raise ValueError(f"expected a learning rate up to 1000, got {value}")
        if not np.isfinite(float(value)) or abs(float(value)) > 1e6 or int(step) < 0:
            raise ValueError(f"expected a number from -1e6 to 1e6, got {value}")
        changes.append(Change(int(step), name, index, float(value)))
    return sorted(changes)
