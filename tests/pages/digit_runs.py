"""Small runs on digits, one of each kind of network, as the MNIST lesson's page takes them."""

from dataclasses import replace

import pytest

from core.threads import one_core
from pages._mnist.run import DigitsRun
from pages._mnist.settings import settings_of_recipe
from ui.digits import mnist

TINY = {"train_size": 200, "layers": "8", "epochs": 2}
PADDED = {"train_size": 150, "layers": "3c3p1-avg2-4c3-max2-8", "activation": "tanh", "epochs": 1}
MOVED = {"train_size": 200, "layers": "8-8", "epochs": 2, "elastic": 9.0, "batch_size": 32}
KINDS = [
    ("mlp", {**TINY, "weight_decay": 1e-3}),
    ("mlp-adam", {**TINY, "layers": ""}),
    ("cnn", {**PADDED, "dropout": 0.25}),
    ("mlp-best", MOVED),
    ("classic", TINY),
    ("classic-rotated", {**TINY, "method": "gradient", "preparation": "small"}),
]
each_kind = pytest.mark.parametrize(("recipe", "changes"), KINDS, ids=[name for name, _ in KINDS])


def a_run(recipe, changes, test, step=0):
    """Return a run that has taken some steps, as the page takes them: with one core."""
    run = DigitsRun(replace(settings_of_recipe(recipe), **changes), mnist()[0], test)
    with one_core():
        run.train_to(step)
    return run
