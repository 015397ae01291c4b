"""Who reads the drawing: the networks that came trained, what they were taught here, and one's own.

What the learner trains on the MNIST page reads along as it is at that moment.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from core.maps import passage, twins
from core.recipes import Learner
from pages._draw.settings import LESSON, NETWORKS, Settings
from ui.networks import shipped
from ui.training import runs

SHIPPED = {"classic": "classic", "mlp": "mlp", "cnn": "cnn-best"}  # their files
TRAINED_ON = "mnist"  # the lesson whose network is the learner's own
TAUGHT = f"{LESSON}.taught"  # what the networks became here: their forms, oldest first, by id
COPY = f"{LESSON}.own_network"  # the learner's own, and of which moment it is a copy


class Network(NamedTuple):
    """A network that reads; all visitors may share it, so nobody writes to it."""

    id: str
    learner: Learner
    accuracy: float | None  # on MNIST's 10,000 test images, 0 to 1, if that was measured
    lessons: int = 0  # how often it was taught here

    def sure(self, images: np.ndarray) -> np.ndarray:
        """Return how sure it is of each digit, (N, 10), for images (N, 28, 28)."""
        answer = passage(twins(self.learner.model))
        with np.errstate(all="ignore"):
            return self.learner.confidences(answer(self.learner.prepare(images)))


def networks() -> list[Network]:
    """Return all that read, in their order; the learner's own if there is one."""
    found = [network_named(name) for name in NETWORKS]
    return [network for network in found if network is not None]


def network_of(settings: Settings) -> Network:
    """Return the one that is chosen, or the CNN in place of one's own that is not there."""
    chosen = network_named(settings.network) or network_named("cnn")
    assert chosen is not None
    return chosen


def network_named(name: str) -> Network | None:
    """Return a network as it is now, with all that it was taught."""
    taught = lessons(name)
    if taught:
        return Network(name, taught[-1], None, len(taught))
    if name in SHIPPED:
        came = shipped(SHIPPED[name])
        return Network(name, came.learner, came.accuracy)
    return _own()


def lessons(name: str) -> list[Learner]:
    """Return what a network became here, oldest first."""
    taught: dict[str, list[Learner]] = st.session_state.get(TAUGHT, {})
    return list(taught.get(name, ()))


def keep_lessons(name: str, forms: list[Learner]) -> None:
    """Let a network be the last of these; with none, what it was before."""
    st.session_state[TAUGHT] = {**st.session_state.get(TAUGHT, {}), name: forms}


def _own() -> Network | None:
    """Return a copy of the network of the MNIST page, if it has learned anything."""
    run: Any = runs().get(TRAINED_ON)
    if run is None or run.untrained:
        return None
    kept = st.session_state.get(COPY)
    if kept is None or kept[0] != (id(run), run.step):
        with run.lock:
            state, step = run.learner.model.state_dict(), run.step
        if not all(np.isfinite(array).all() for array in state.values()):
            return None
        learner = Learner(run.learner.recipe, run.settings.seed)
        learner.model.load_state_dict(state)
        tested = run.epochs[-1].test_accuracy if run.epochs else None
        kept = st.session_state[COPY] = ((id(run), step), Network("own", learner, tested))
    network: Network = kept[1]
    return network
