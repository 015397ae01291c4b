"""All that a learner needs to go on another day, and to reach the same bits.

The weights alone would not do: the optimizer remembers, the epoch under way has an order, and the
random generators stand where they stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from core.images import is_number
from core.recipes import Learner
from core.training import Progress

RESUME_SENTENCES = {
    "weights": "the weights are not those of this network",
    "memory": "the optimizer's memory does not fit this network, or holds what is no number",
    "order": "the order of the examples is none of {expected} examples",
    "progress": "{got} is no place in this training",
    "rngs": "the states of the random generators cannot be read",
}


class ResumeError(ValueError):
    """What was kept of a training is not whole: what is wrong with it.

    Attributes
    ----------
    code : str
        A key of ``RESUME_SENTENCES``.
    got, expected : str
        What stood there, and what should have.
    """

    def __init__(self, code: str, got: object = "", expected: object = "") -> None:
        self.code, self.got, self.expected = code, str(got)[:80], str(expected)
        super().__init__(code)

    def __str__(self) -> str:
        return RESUME_SENTENCES[self.code].format_map(vars(self))


def training_state(learner: Learner) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return where a learner stands: arrays, and what JSON can hold.

    Returns
    -------
    arrays : dict
        "model.<name>" for each parameter, "memory" of the optimizer, "order" of the epoch under
        way; the last two only where there is one.
    facts : dict
        "progress", "optimizer" and "rngs".
    """
    arrays = {f"model.{name}": array for name, array in learner.model.state_dict().items()}
    progress = asdict(learner.progress)
    order = progress.pop("order")
    if order is not None:
        arrays["order"] = order.astype(np.int32)
    if learner.optimizer is None:
        assert learner.network is not None
        optimizer: dict[str, Any] = {"steps": 0, "lr": learner.network.lr}
    else:
        optimizer = learner.optimizer.state_dict()
        memory = optimizer.pop("memory")
        if memory is not None:
            arrays["memory"] = memory
    rngs = {name: rng.bit_generator.state for name, rng in learner.rngs.items()}
    return arrays, {"progress": progress, "optimizer": optimizer, "rngs": rngs}


def take_up(
    learner: Learner, arrays: Mapping[str, np.ndarray], facts: Mapping[str, Any], examples: int
) -> None:
    """Bring a new learner of the same recipe to where another one stood.

    Parameters
    ----------
    arrays, facts
        What ``training_state`` returned, or what came out of a file: nothing in it is trusted.
    examples : int
        How many examples an epoch has.

    Raises
    ------
    ResumeError
        If something in it is missing, of the wrong kind or does not fit; the learner is of no use
        then.
    """
    learner.progress = _progress(facts.get("progress"), arrays.get("order"), examples)
    _take_weights(learner, arrays)
    _take_optimizer(learner, arrays.get("memory"), facts.get("optimizer"))
    try:
        for name, rng in learner.rngs.items():
            rng.bit_generator.state = facts["rngs"][name]
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise ResumeError("rngs") from error


def _progress(found: Any, order: np.ndarray | None, examples: int) -> Progress:
    """Read where training stood, with every number checked."""
    names = {field.name for field in fields(Progress)} - {"order"}
    if not isinstance(found, dict) or found.keys() != names:
        raise ResumeError("progress", got=found)
    for name, value in found.items():
        whole = name not in ("total", "full_lr", "last_lr")
        optional = name in ("full_lr", "last_lr") and value is None
        if not optional and not (
            is_number(value) and value >= 0 and (not whole or _is_whole(value))
        ):
            raise ResumeError("progress", got=f"{name} = {value}")
    at = Progress(**found)
    if at.epoch < 1 or at.seen > examples or at.right > at.counted or at.seen > at.counted:
        raise ResumeError("progress", got=f"epoch {at.epoch}, {at.seen} of {examples} examples")
    if order is not None:
        if order.shape != (examples,) or not np.array_equal(np.sort(order), np.arange(examples)):
            raise ResumeError("order", expected=f"{examples:,}")
        at.order = order.astype(np.int64)
    elif 0 < at.seen < examples:
        raise ResumeError("order", expected=f"{examples:,}")
    return at


def _take_weights(learner: Learner, arrays: Mapping[str, np.ndarray]) -> None:
    prefix = "model."
    weights = {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}
    if not all(np.isfinite(array).all() for array in weights.values()):
        raise ResumeError("weights")
    try:
        learner.model.load_state_dict(weights)
    except (KeyError, ValueError) as error:
        raise ResumeError("weights") from error


def _take_optimizer(learner: Learner, memory: np.ndarray | None, found: Any) -> None:
    kept = found if isinstance(found, dict) else {}
    steps, lr = kept.get("steps"), kept.get("lr")
    if not isinstance(steps, int) or steps < 0 or not is_number(lr) or lr < 0:
        raise ResumeError("progress", got=f"steps = {steps}, lr = {lr}")
    if learner.optimizer is None:
        learner.set_rate(lr)
        return
    if (memory is None) != (steps == 0) or (memory is not None and not np.isfinite(memory).all()):
        raise ResumeError("memory")
    try:
        learner.optimizer.load_state_dict({"steps": steps, "lr": lr, "memory": memory})
    except ValueError as error:
        raise ResumeError("memory") from error


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
