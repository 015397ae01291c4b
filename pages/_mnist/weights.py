"""Weights in a file: what is noted beside them, and a run that begins with those of a file.

The notes hold the recipe and the preparation of the pixels, so that a file says by itself which
network its numbers belong to and what that network wants to see.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import PurePath
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from core.architecture import MOST_PARAMETERS, parse_layers
from core.checkpoint import load, save
from core.digits import Digits
from core.images import Preparation, is_number
from core.layers import Sequential
from core.metrics import accuracy_score
from core.recipes import PREPARATIONS, RECIPES, Learner
from pages._mnist import session
from pages._mnist.run import DigitsRun
from pages._mnist.script import layer_call, quoted
from pages._mnist.settings import RECIPE_FIELDS, Settings, recipe_of
from ui.assets import at_hand, is_there
from ui.digits import mnist
from ui.i18n import ASSETS
from ui.state import from_params, shorten

MOST_MEGABYTES = 90  # of a file: the largest network here takes 20, an optimizer's memory 60
MOST_BYTES = 16 * MOST_PARAMETERS + (8 << 20)  # of all arrays, and of the losses so far

TORCH = """import numpy as np
import torch
from torch import nn

model = nn.Sequential(
{layers}
)
with np.load({file}) as file:
    model.load_state_dict({{k: torch.from_numpy(file[k]) for k in file if k != "notes"}})
model.eval()
# images: a tensor (N, 1, 28, 28) of 0 (paper) to 255 (ink)
x = {inputs}
outputs = model(x)
"""


class WeightsError(ValueError):
    """What a file of weights holds fits no network here.

    Attributes
    ----------
    code : str
        What is wrong: "size", "setting_missing", "setting_unknown", "setting", "prepare",
        "classic_layers", "missing", "unknown", "shape", "finite" or "digits".
    values : dict
        The fields of the sentence that says so.
    """

    def __init__(self, code: str, **values: str) -> None:
        self.code = code
        self.values = {name: shorten(text) for name, text in values.items()}
        super().__init__(code, self.values)


class Loaded(NamedTuple):
    """A file of weights that was read and found to fit."""

    file: str
    settings: Settings
    state: dict[str, np.ndarray]
    accuracy: float | None  # on test images, as the notes say


class LoadedRun(DigitsRun):
    """A run that begins with the weights of a file; it can be trained on from there.

    Attributes
    ----------
    file : str
        The file's name.
    promised : float or None
        The test accuracy that its notes speak of.
    """

    def __init__(self, loaded: Loaded, train: Digits, test: Digits) -> None:
        super().__init__(loaded.settings, train, test)
        self.file, self.promised = loaded.file, loaded.accuracy
        self.learner.model.load_state_dict(loaded.state)

    @property
    def untrained(self) -> bool:
        """Never: somebody has trained it before."""
        return False


def own_digits(run: DigitsRun) -> tuple[str, ...]:
    """Return which of "train" and "test" are digits that the learner has brought."""
    train, test = mnist()
    return ("train",) * (run.train is not train) + ("test",) * (run.test is not test)


def file_name(run: DigitsRun) -> str:
    """Return the name that a run's file of weights gets."""
    return f"glassnet_{run.settings.recipe}.npz"


def is_finite(run: DigitsRun) -> bool:
    """Whether all of a run's weights are numbers, so that it is worth keeping them."""
    return all(np.isfinite(array).all() for array in run.learner.model.params.values())


def write_weights(run: DigitsRun) -> bytes:
    """Return the file: a run's weights as they are now, with notes."""
    file = io.BytesIO()
    accuracy = share_right(run)
    with run.lock:
        save(file, run.learner.model.state_dict(), accuracy=accuracy, **notes_of(run))
    return file.getvalue()


def share_right(run: DigitsRun) -> float:
    """Return the share of the test images that the network gets right."""
    return accuracy_score(run.test.labels, run.outputs().argmax(axis=1))


def torch_lines(learner: Learner, file: str) -> str:
    """Return the lines with which PyTorch builds this network and reads its weights."""
    layers = "\n".join(f"    nn.{layer_call(layer)}," for layer in learner.model)
    prepare, inputs = learner.prepare, "images.float()"
    if prepare.size is not None:  # each pixel repeated, and then the mean of every cell: exact
        larger = f"nn.functional.interpolate({inputs}, scale_factor={prepare.size})"
        inputs = f"nn.functional.avg_pool2d({larger}, 28)"
    inputs += f" * {prepare.scale!r}"
    if prepare.offset:
        inputs += f" {'-' if prepare.offset < 0 else '+'} {abs(prepare.offset)!r}"
    return TORCH.format(layers=layers, file=quoted(file), inputs=inputs)


def open_file(content: bytes) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return what is in a file that was saved here: arrays, and notes about them.

    Raises
    ------
    CheckpointError
        If it is no such file, or a broken one.
    WeightsError
        If it is larger than any file that is saved here.
    """
    if len(content) > MOST_MEGABYTES << 20:
        raise WeightsError("size", got=f"{len(content) / (1 << 20):.0f}", most=str(MOST_MEGABYTES))
    return load(io.BytesIO(content), limit=MOST_BYTES)


def read_weights(name: str, state: dict[str, np.ndarray], notes: dict[str, Any]) -> Loaded:
    """Take what was found in a file that ``write_weights``, or scripts/train.py, has written.

    Raises
    ------
    ArchitectureError
        If its notes speak of layers that are no network.
    WeightsError
        If the notes or the weights do not fit.
    """
    settings = settings_in(notes)
    learner = Learner(recipe_of(settings), settings.seed)
    accuracy = notes.get("accuracy")
    known = accuracy if is_number(accuracy) and 0.0 <= accuracy <= 1.0 else None
    return Loaded(PurePath(name).name, settings, _fitting(state, learner.model), known)


@st.cache_resource(show_spinner=False)
def shipped(recipe: str) -> Loaded | None:
    """Return the weights that come with the app for a recipe, or None; scripts/train.py made them.

    All visitors share them: whoever begins with them gets a copy.
    """
    path = ASSETS / "weights" / f"{recipe}.npz"
    return (
        read_weights(path.name, *open_file(at_hand(path).read_bytes())) if is_there(path) else None
    )


def begin_with(loaded: Loaded) -> None:
    """Put a run with these weights in the place of the one before, which goes into the drawer."""
    session.take_run(LoadedRun(loaded, *session.digits()))


def notes_of(run: DigitsRun) -> dict[str, Any]:
    """Return what is noted beside a run's numbers: how they were made."""
    own = own_digits(run)
    return {
        "recipe": run.settings.recipe,
        "seed": run.settings.seed,
        "settings": asdict(recipe_of(run.settings)),
        "prepare": run.learner.prepare.to_dict(),
        "steps": run.step,
        "epochs": run.place,
        "learning_rates": [[change.step, change.lr] for change in run.changes],
        "began_with": run.file if isinstance(run, LoadedRun) else "",
        "learned_from": f"{'own' if 'train' in own else 'MNIST'}, {run.size} images",
        "tested_on": f"{'own' if 'test' in own else 'MNIST'}, {len(run.test)} images",
    }


def settings_in(notes: Mapping[str, Any]) -> Settings:
    """Return the settings that the notes speak of, by the rules of a link."""
    fields = notes.get("settings")
    fields = fields if isinstance(fields, dict) else {}
    for name in RECIPE_FIELDS:
        if name not in fields:
            raise WeightsError("setting_missing", name=name)
    if unknown := sorted(fields.keys() - set(RECIPE_FIELDS)):
        raise WeightsError("setting_unknown", name=unknown[0])
    values = {**fields, "seed": notes.get("seed", 0)}
    for name, value in values.items():
        if not isinstance(value, str) and not is_number(value):
            raise WeightsError("setting", name=name, got=str(value))
    recipe = notes.get("recipe")
    params = {name: str(value) for name, value in values.items()}
    params["recipe"] = recipe if recipe in list(RECIPES) else Settings().recipe
    settings, complaints = from_params(Settings, params)
    for complaint in complaints:
        raise WeightsError("setting", name=complaint.name, got=complaint.got)
    _check(settings, notes.get("prepare"))
    return settings


def _check(settings: Settings, prepare: Any) -> None:
    """Refuse a preparation that is not the recipe's, and layers that the method cannot have."""
    try:
        prepared = Preparation.from_dict(prepare)
    except ValueError as error:
        raise WeightsError("prepare", expected=settings.preparation) from error
    if prepared != PREPARATIONS[settings.preparation]:
        raise WeightsError("prepare", expected=settings.preparation)
    kinds = [part.kind for part in parse_layers(settings.layers)]
    if settings.method != "batches" and kinds != ["n"]:
        raise WeightsError("classic_layers", got=settings.layers)


def _fitting(state: Mapping[str, np.ndarray], model: Sequential) -> dict[str, np.ndarray]:
    """Return the arrays in single precision if they are just those that the network has."""
    for name in sorted(model.params.keys() - state.keys()):
        raise WeightsError("missing", name=name)
    for name in sorted(state.keys() - model.params.keys()):
        raise WeightsError("unknown", name=name)
    found = {}
    for name, param in model.params.items():
        if state[name].shape != param.shape:
            expected, got = (" × ".join(map(str, array.shape)) for array in (param, state[name]))
            raise WeightsError("shape", name=name, expected=expected, got=got)
        with np.errstate(over="ignore"):
            found[name] = state[name].astype(np.float32)
        if not np.isfinite(found[name]).all():
            raise WeightsError("finite", name=name)
    return found
