"""The shape of a network: layer by layer, what it is, what comes out, and what it has to learn."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from core.conv import Conv2d
from core.layer import Layer
from core.layers import Linear
from core.pool import AvgPool2d, MaxPool2d
from core.recipes import PREPARATIONS, Learner
from pages._mnist.layer_names import Answers, layer_name
from pages._mnist.run import DigitsRun
from pages._mnist.settings import Settings, recipe_of
from ui.i18n import t

BUILT_FROM = ("method", "layers", "activation", "dropout", "preparation")  # what decides the shape


def show_shape(settings: Settings, run: DigitsRun) -> None:
    """Draw the table, and above it the whole in one line."""
    side = PREPARATIONS[settings.preparation](np.zeros((1, 28, 28), np.uint8)).shape[-1]
    answers = _shapes(settings, run)
    st.header(t("mnist_network.shape"), anchor=False)
    st.markdown(f"**{chain(answers, side)}**")
    lines = [[t(f"mnist_network.head_{name}") for name in ("layer", "shape", "parameters")]]
    lines += [["---", "---", "---:"], [t("mnist_network.input"), f"{side}×{side}", ""]]
    total = 0
    for layer, y in answers:
        count = sum(array.size for array in layer.params.values())
        total += count
        lines.append([layer_name(layer), _shape(y), _sum(layer, count)])
    lines.append([f"**{t('mnist_network.total')}**", "", f"**{total:,}**"])
    st.markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))
    kinds = {type(layer) for layer, _ in answers}
    notes = [t("mnist_network.note_neurons")]
    if Conv2d in kinds:
        notes.insert(0, t("mnist_network.note_kernels"))
    st.caption(" ".join(notes))


def chain(answers: Answers, side: int) -> str:
    """Return how many numbers there are from layer to layer: 784 → 128 → 10."""
    kinds = (Linear, Conv2d, MaxPool2d, AvgPool2d)
    steps = [f"{side}×{side}" if isinstance(answers[0][0], kinds) else str(side**2)]
    steps += [_shape(y) for layer, y in answers if isinstance(layer, kinds)]
    return " → ".join(steps)


def _shapes(settings: Settings, run: DigitsRun) -> Answers:
    """Return each layer with what it answers to an empty image."""
    image = np.zeros((1, 28, 28), np.uint8)
    if all(getattr(settings, name) == getattr(run.settings, name) for name in BUILT_FROM):
        return run.through(image)
    learner = Learner(recipe_of(settings), settings.seed)  # of a network that waits for its run
    answers: Answers = []
    y = learner.prepare(image)
    for layer in learner.model:
        y = layer.forward(y)
        answers.append((layer, y))
    return answers


def _shape(y: np.ndarray) -> str:
    return "×".join(map(str, y.shape[1:]))


def _sum(layer: Layer, count: int) -> str:
    """Write how a layer's parameters are counted: 784·128 + 128 = 100,480."""
    if not count:
        return ""
    units, *each = layer.params["weight"].shape
    inputs = "·".join(map(str, (*each, units))) if math.prod(each) > 1 else str(units)
    biases = f" + {units}" if "bias" in layer.params else ""
    return f"{inputs}{biases} = {count:,}"
