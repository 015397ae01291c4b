"""Networks that come trained with the app, and the moments of one that was watched learning.

scripts/train.py has made the files in assets/weights, with ``--save`` and with ``--course``.  Their
notes hold the recipe and the seed, so that a file says which network its numbers belong to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from core.checkpoint import load
from core.recipes import Learner, Recipe
from ui.assets import at_hand
from ui.i18n import ASSETS

WEIGHTS = ASSETS / "weights"


class Shipped(NamedTuple):
    """A trained network."""

    name: str  # of its file, which mostly is its recipe's
    learner: Learner
    accuracy: float  # on MNIST's 10,000 test images, 0 to 1


class Moment(NamedTuple):
    """A network as it was after some steps of its training."""

    step: int  # 0 is before the first
    accuracy: float  # of these very numbers on MNIST's 10,000 test images, 0 to 1
    loss: float  # their mean, on the same images
    learner: Learner


@st.cache_resource(show_spinner=False)
def shipped(name: str) -> Shipped:
    """Return the network in assets/weights/<name>.npz.

    All visitors share it, so nobody can write to its weights: whoever wants to train it copies them
    with ``state_dict`` into a ``Learner`` of the same recipe.

    One image at a time may be passed through its model, or whatever works on ``core.maps.twins`` of
    it, as those functions of core do that look into a network.  ``predict``, or a batch, may not:
    batches of images are computed in memory of the model's own, and two visitors who asked at the
    same moment would get a mixture.  ``passage(twins(model))`` takes batches.

    Raises
    ------
    OSError, CheckpointError, KeyError, ValueError
        If the file is missing, damaged, or holds another network than it says.
    """
    state, notes = load(at_hand(WEIGHTS / f"{name}.npz"))
    return Shipped(name, _learner(notes, state), notes["accuracy"])


@st.cache_resource(show_spinner=False)
def course(name: str) -> list[Moment]:
    """Return the moments in assets/weights/<name>-course.npz, first to last.

    What is said of ``shipped`` holds here, too.
    """
    stacks, notes = load(at_hand(WEIGHTS / f"{name}-course.npz"))
    found = []
    for place, moment in enumerate(notes["moments"]):
        state = {key: stack[place] for key, stack in stacks.items()}
        found.append(Moment(**moment, learner=_learner(notes, state)))
    return found


def _learner(notes: Mapping[str, Any], state: Mapping[str, np.ndarray]) -> Learner:
    """Return the network that the notes speak of with these weights, in single precision."""
    learner = Learner(Recipe(**notes["settings"]), notes["seed"])
    learner.model.load_state_dict(state)
    # The vector that all lie in as well: an optimizer writes there.
    flat = learner.model.flat() or ()
    for array in (*learner.model.params.values(), *flat[:1]):
        array.flags.writeable = False
    return learner
