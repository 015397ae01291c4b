"""What the plane shows of a run: regions, fold lines and probabilities at any kept step."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import streamlit as st

from core.layers import Linear, Sequential
from core.losses import softmax
from core.training import predict
from pages._quadrants.settings import LESSON
from ui.plane import Curve, Frame, encode_region, plane_grid
from ui.training import Run, Snapshot

SIZE = 88  # pixels along a side of a region; the browser smooths between them


class Pictures:
    """Draws a run's snapshots, each once.

    It works on a copy of the network in float32, which is as exact as a picture can show and
    twice as fast, and leaves the run itself alone.
    """

    def __init__(self, run: Run, extent: float) -> None:
        self.run, self.extent = run, extent
        with np.errstate(over="ignore"):
            self.model: Sequential = deepcopy(run.model).to(np.float32)
        self.grid = plane_grid(SIZE, extent)
        self._regions: dict[tuple[int, int], str] = {}

    def frames(self, probe: tuple[float, float]) -> list[Frame]:
        """Return a frame for every snapshot."""
        return [self.frame(snapshot, probe) for snapshot in self.run.snapshots]

    def prepare(self, count: int) -> None:
        """Paint up to ``count`` regions that the timeline will need, so that a stop is not slow."""
        for snapshot in self.run.snapshots:
            if count and _place(snapshot) not in self._regions:
                self.frame(snapshot, (0.0, 0.0))
                count -= 1

    def newest(self, probe: tuple[float, float]) -> Frame:
        """Return a frame of the network as it is at this moment."""
        run = self.run
        flat = run.model.flat()
        params = np.zeros(0) if flat is None else flat[0]
        loss = run.losses[-1] if run.losses else run.snapshots[-1].loss
        here = Snapshot(run.step, loss, run.snapshots[-1].accuracy, params)
        return self.frame(here, probe, keep=False)

    def frame(self, snapshot: Snapshot, probe: tuple[float, float], keep: bool = True) -> Frame:
        """Return the frame of one snapshot; ``keep`` its region for the next time."""
        load(self.model, snapshot.params)
        place = _place(snapshot)
        region = self._regions.get(place)
        with np.errstate(all="ignore"):
            if region is None:
                region = encode_region(softmax(predict(self.model, self.grid, 4096)))
            at_probe = softmax(self.model(np.array([probe], np.float32)))[0]
        if keep:
            self._regions[place] = region
        return Frame(
            snapshot.step,
            snapshot.loss,
            snapshot.accuracy,
            region,
            fold_lines(self.model),
            at_probe.tolist(),
        )


def _place(snapshot: Snapshot) -> tuple[int, int]:
    """Return what tells one snapshot's picture from another's: weights can change within a step."""
    return snapshot.step, hash(snapshot.params.tobytes())


def load(model: Sequential, params: np.ndarray) -> None:
    """Put a snapshot's numbers into a network of the same shape."""
    flat = model.flat()
    if flat is not None:
        with np.errstate(over="ignore"):
            flat[0][...] = params


def network_shown(run: Run) -> tuple[Sequential, Snapshot]:
    """Return a copy of the network that the views below the plane show, and its snapshot.

    It is that of the timeline; and while a run is under way, of the moment it set out, so that
    nobody reads numbers that are already others.
    """
    step = st.session_state.get(f"{LESSON}.cursor")
    if run.playing:
        step = run.rested_at
    kept = [s for s in run.snapshots if step is None or s.step <= step]
    snapshot = (kept or run.snapshots)[-1]
    model = deepcopy(run.model)
    load(model, snapshot.params)
    return model, snapshot


def fold_lines(model: Sequential) -> list[tuple[float, float, float]]:
    """Return (w1, w2, b) of each first-layer neuron, where there is a hidden layer."""
    linear = [layer for layer in model if isinstance(layer, Linear)]
    if len(linear) < 2:
        return []
    rows = np.column_stack([linear[0].params["weight"], linear[0].params["bias"]])
    return [(float(a), float(b), float(c)) for a, b, c in rows]


def loss_curve(run: Run) -> Curve:
    """Return the loss of every step, and of the test points where they were looked at."""
    losses = run.losses[:]  # the script that was at work before this one may be adding to them
    steps = np.arange(1, len(losses) + 1)
    test = None
    if run.validation_losses:
        where, values = zip(*run.validation_losses, strict=True)
        test = np.interp(steps, where, values)
    return Curve(steps, losses, test)
