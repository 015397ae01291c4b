"""What can be set in the MNIST lesson, with its ranges; a link holds all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace

from core.architecture import ACTIVATION_KINDS
from core.init import INITIALIZERS
from core.optim import OPTIMIZERS
from core.recipes import METHODS, PREPARATIONS, RECIPES, Recipe
from core.schedule import SCHEDULES
from ui.assets import IN_BROWSER
from ui.state import choice, number, text, whole

LESSON = "mnist"
VIEWS = ("data", "network", "inside", "results", "backquery", "sweep", "compare", "tasks", "code")
RESULTS = ("mixed", "worst", "classes", "bears", "doubt")
FIRST_RECIPE = "mlp"
MOST_EPOCHS = 100
PLAIN = Recipe()


@dataclass(frozen=True)
class Settings:
    """One recipe, perhaps changed by the learner, and how its network is looked at."""

    recipe: str = choice(FIRST_RECIPE, tuple(RECIPES))
    seed: int = whole(1, 0, 9999)
    method: str = choice(PLAIN.method, METHODS)
    layers: str = text(PLAIN.layers, 80)
    activation: str = choice(PLAIN.activation, tuple(ACTIVATION_KINDS))
    dropout: float = number(PLAIN.dropout, 0.0, 0.9)
    init: str = choice(PLAIN.init, tuple(INITIALIZERS))
    optimizer: str = choice(PLAIN.optimizer, tuple(OPTIMIZERS))
    lr: float = number(PLAIN.lr, 1e-6, 1000.0)
    momentum: float = number(PLAIN.momentum, 0.0, 0.99)
    weight_decay: float = number(PLAIN.weight_decay, 0.0, 1.0)
    batch_size: int = whole(PLAIN.batch_size, 1, 2048)
    epochs: int = whole(PLAIN.epochs, 1, MOST_EPOCHS)
    schedule: str = choice(PLAIN.schedule, tuple(SCHEDULES))
    preparation: str = choice(PLAIN.preparation, tuple(PREPARATIONS))
    degrees: float = number(PLAIN.degrees, 0.0, 45.0)
    translate: float = number(PLAIN.translate, 0.0, 6.0)
    scale: float = number(PLAIN.scale, 0.0, 0.4)
    shear: float = number(PLAIN.shear, 0.0, 30.0)
    elastic: float = number(PLAIN.elastic, 0.0, 60.0)
    copies: float = number(PLAIN.copies, 0.0, 45.0)
    train_size: int = whole(PLAIN.train_size, 100, 70_000)
    view: str = choice("data", VIEWS)
    digit: int = whole(0, 0, 69_999)  # the image that is looked at
    results: str = choice("mixed", RESULTS)  # which part of the results is open
    shown: int = whole(-1, -1, 69_999)  # the test image whose numbers are open; -1 for none
    done: int = whole(0, 0, 10_000_000)  # the step that a link was made at
    changes: str = text("", 2_000)  # of the learning rate, while the run was under way


RECIPE_FIELDS = tuple(field.name for field in fields(Recipe))
#: The first network in a browser, where NumPy takes ten to thirty times as long: after a few
#: seconds it reads nine of ten test digits.
LIGHT = {"layers": "64", "train_size": 20_000, "epochs": 3}
TELLING = {"recipe", "seed", "done", "changes", *RECIPE_FIELDS}  # a link with these says it all


def settings_of_recipe(name: str) -> Settings:
    """Return the settings that a recipe stands for."""
    return Settings(recipe=name, **asdict(RECIPES[name]))


def base_of(params: Mapping[str, str]) -> Settings:
    """Return the settings that hold where a link says nothing: its recipe's.

    In a browser, a link that says nothing at all of the network begins with a light one.
    """
    if IN_BROWSER and not TELLING & params.keys():
        return replace(settings_of_recipe(FIRST_RECIPE), **LIGHT)
    name = params.get("recipe", FIRST_RECIPE)
    return settings_of_recipe(name if name in RECIPES else FIRST_RECIPE)


def recipe_of(settings: Settings) -> Recipe:
    """Return the recipe that the settings describe."""
    return Recipe(**{name: getattr(settings, name) for name in RECIPE_FIELDS})


def changed_fields(settings: Settings) -> tuple[str, ...]:
    """Return the names of what differs from the chosen recipe."""
    recipe = RECIPES[settings.recipe]
    return tuple(n for n in RECIPE_FIELDS if getattr(settings, n) != getattr(recipe, n))
