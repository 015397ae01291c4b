"""A whole run in a file: loaded another day it goes on as if it had never been interrupted.

Beside the weights the file holds what the optimizer remembers, the order of the epoch under way,
the states of the random generators, and all that the page shows of the way so far.  The digits are
not in it: a checksum says whether those at hand are the ones that it learned from.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Any, NamedTuple

import numpy as np

from core.checkpoint import save
from core.digits import Digits
from core.images import is_number
from core.resume import ResumeError, take_up, training_state
from core.training import EpochEnd
from pages._mnist import session
from pages._mnist.run import Change, DigitsRun, Epoch
from pages._mnist.settings import MOST_EPOCHS, Settings
from pages._mnist.weights import Loaded, LoadedRun, WeightsError, notes_of, settings_in


class Kept(NamedTuple):
    """A file that holds a whole run."""

    file: str
    settings: Settings
    arrays: dict[str, np.ndarray]
    notes: dict[str, Any]


def file_name_of_run(run: DigitsRun) -> str:
    """Return the name that the file of a whole run gets."""
    return f"glassnet_{run.settings.recipe}_step_{run.step}.npz"


def holds_run(notes: Mapping[str, Any]) -> bool:
    """Whether a file with these notes is one of a whole run."""
    return "rngs" in notes


def write_run(run: DigitsRun) -> bytes:
    """Return the file: all of a run as it stands now."""
    file = io.BytesIO()
    with run.lock:
        arrays, facts = training_state(run.learner)
        arrays |= {"losses": np.array(run.losses), "places": np.array(run.places)}
        save(file, arrays, **notes_of(run), **facts, run=_facts(run))
    return file.getvalue()


def read_run(name: str, arrays: dict[str, np.ndarray], notes: dict[str, Any]) -> Kept:
    """Take what was found in a file for a whole run.

    Raises
    ------
    ArchitectureError, WeightsError
        If its notes speak of no network that there is here.
    """
    return Kept(PurePath(name).name, settings_in(notes), arrays, notes)


def go_on_with(kept: Kept) -> None:
    """Put the kept run in the place of the one before, which goes into the drawer.

    Raises
    ------
    ResumeError
        If something in the file is not whole; nothing is changed then.
    WeightsError
        If it learned from other digits than those at hand.
    """
    session.take_run(run_of(kept, *session.digits()))


def run_of(kept: Kept, train: Digits, test: Digits) -> DigitsRun:
    """Build the run that was kept; see ``go_on_with``."""
    facts = kept.notes.get("run")
    facts = facts if isinstance(facts, dict) else {}
    if facts.get("digits") != [_checksum(train), _checksum(test)]:
        raise WeightsError("digits")
    began_with = kept.notes.get("began_with")
    run = DigitsRun(kept.settings, train, test)
    if began_with:
        loaded = Loaded(str(began_with), kept.settings, run.learner.model.state_dict(), None)
        run = LoadedRun(loaded, train, test)
    take_up(run.learner, kept.arrays, kept.notes, run.size)
    run.step = run.learner.progress.step
    try:
        _take_facts(run, facts, kept.arrays)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ResumeError("progress", got=error) from error
    return run


def _facts(run: DigitsRun) -> dict[str, Any]:
    ended = run.untested
    return {
        "digits": [_checksum(run.train), _checksum(run.test)],
        "epochs": [list(epoch) for epoch in run.epochs],
        "untested": ended and [ended.epoch, ended.train_loss, ended.train_accuracy or 0.0],
        "changes": [list(change) for change in [*run.changes, *run.planned]],
        "last_epoch": run.last_epoch,
        "stop_at": run.stop_at,
        "stopped": run.stopped,
        "seconds": run.seconds,
        "wall": run.wall,
    }


def _take_facts(run: DigitsRun, facts: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Give a run what the page shows of its way; raises whatever a wrong value leads to."""
    losses, places = (np.asarray(arrays[name], float) for name in ("losses", "places"))
    if losses.shape != (run.step,) or places.shape != (run.step,):
        raise ValueError(f"{losses.shape} losses")
    run.losses, run.places = losses.tolist(), places.tolist()
    run.epochs = [Epoch(*_numbers(epoch, 6)) for epoch in facts["epochs"]]
    run.untested = None
    if facts["untested"] is not None:
        epoch, loss, accuracy = _numbers(facts["untested"], 3)
        run.untested = EpochEnd(int(epoch), loss, None, None, accuracy)
    changes = [Change(int(step), float(lr)) for step, lr in facts["changes"]]
    run.changes = [change for change in changes if change.step <= run.step]
    run.planned = [change for change in changes if change.step > run.step]
    last_epoch, run.stop_at = (int(facts[name]) for name in ("last_epoch", "stop_at"))
    run.last_epoch = min(max(1, last_epoch), MOST_EPOCHS + int(run.place) + 1)
    run.stopped = bool(facts["stopped"])
    run.seconds, run.wall = _numbers([facts["seconds"], facts["wall"]], 2)
    if run.settings.schedule == "constant":  # else the plan is part of the schedule
        run.settings = replace(run.settings, epochs=min(run.last_epoch, MOST_EPOCHS))


def _numbers(values: Any, count: int) -> list[float]:
    if len(values) != count or not all(is_number(value) for value in values):
        raise ValueError(f"{count} numbers are expected, not {values}")
    return list(values)


def _checksum(digits: Digits) -> int:
    images, labels = digits
    return zlib.crc32(np.ascontiguousarray(labels, np.int64), zlib.crc32(images))
