"""What the browser gets, as plain JSON values; pure."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from ui.plane.model import Curve, Frame, thin_curve

CLASS_COLOURS: tuple[str, ...] = (
    "#009E73",
    "#CC79A7",
    "#F0E442",
    "#56B4E9",
    "#D55E00",
    "#0072B2",
)
"""Okabe-Ito colours of the classes, in the order of the class numbers."""

WORDS: dict[str, frozenset[str]] = {
    "fold_lines": frozenset(),
    "probe": frozenset(),
    "probe_at": frozenset({"x", "y"}),
    "probe_class": frozenset({"cls", "p"}),
    "loss": frozenset(),
    "test_loss": frozenset(),
    "accuracy": frozenset(),
    "training": frozenset(),
    "test": frozenset(),
    "play": frozenset(),
    "pause": frozenset(),
    "timeline": frozenset(),
    "step_of": frozenset({"step", "last"}),
    "loss_is": frozenset({"loss"}),
    "accuracy_is": frozenset({"accuracy"}),
    "hover": frozenset({"step", "loss"}),
    "hover_test": frozenset({"step", "loss", "test"}),
    "curve": frozenset({"first", "last", "step"}),
    "not_a_number": frozenset(),
    "twin": frozenset(),
    "class": frozenset(),
    "probability": frozenset(),
}
"""The words that `plane` needs, each with the ``{named}`` fields the browser fills in."""

TOOLS: tuple[str, ...] = ("probe", "add", "move", "remove")
"""What a click on the plane does."""

LIVE_CURVE, REST_CURVE = 600, 2000
"""The most values of one loss series that are sent while training, and at rest."""

Tool = Literal["probe", "add", "move", "remove"]


def _number(value: Any, digits: int = 6) -> float | None:
    """Return `value` with so many significant digits, or None if it is no finite number."""
    number = float("nan") if value is None else float(value)
    return float(f"{number:.{digits}g}") if math.isfinite(number) else None


def _numbers(values: Any) -> list[float | None]:
    return [_number(value) for value in values]


def _lines(frame: Frame) -> list[list[float]]:
    """Return the fold lines that are lines: finite, and not of two zero weights."""
    rows = ([value for value in _numbers(line) if value is not None] for line in frame.lines)
    return [row for row in rows if len(row) == 3 and (row[0] or row[1])]


def _token(film: Mapping[str, Any]) -> str:
    """Return a short name of this very content."""
    digest = hashlib.blake2b(json.dumps([film["lines"], film["curve"]]).encode(), digest_size=8)
    for region in film["regions"]:
        digest.update(region.encode())
    return digest.hexdigest()


def payload(
    *,
    frames: Sequence[Frame],
    points: ArrayLike,
    extent: float,
    classes: Sequence[str],
    curve: Curve,
    words: Mapping[str, str],
    probe: tuple[float, float] | None = None,
    live: bool = False,
    cursor: int | None = None,
    tool: Tool = "probe",
    add_class: int = 0,
    total: int | None = None,
    large: bool = False,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Prepare what the browser gets, as plain JSON values; the parameters are `plane`'s.

    Returns
    -------
    scene : dict
        What changes with every touch: the tool, the test point, its probabilities, the points.
    film : dict
        What is heavy and stays the same while a run rests: regions, fold lines and the curve,
        with a ``token`` that names this very content.

    Raises
    ------
    ValueError
        If there is no frame, a word is missing, there are more classes than colours, a tool is
        unknown, or points are not (n, 4).
    """
    missing = sorted(WORDS.keys() - words.keys())
    if missing:
        raise ValueError(f"words lacks {', '.join(missing)}")
    if not frames:
        raise ValueError("frames must hold at least one frame")
    if not 2 <= len(classes) <= len(CLASS_COLOURS):
        raise ValueError(f"expected 2 to {len(CLASS_COLOURS)} classes; got {len(classes)}")
    if tool not in TOOLS:
        raise ValueError(f"tool must be one of {', '.join(TOOLS)}; got {tool!r}")
    rows = np.asarray(points, float)
    rows = rows.reshape(0, 4) if rows.size == 0 else rows
    if rows.ndim != 2 or rows.shape[1] != 4:
        raise ValueError(f"expected points (n, 4): x, y, class, split; got {rows.shape}")
    thin = thin_curve(curve, LIVE_CURVE if live else REST_CURVE)
    film: dict[str, Any] = {
        "regions": [frame.region for frame in frames],
        "lines": [_lines(frame) for frame in frames],
        "curve": {
            "steps": [int(step) for step in np.asarray(thin.steps)],
            "loss": _numbers(np.asarray(thin.loss)),
            "test": None if thin.test is None else _numbers(np.asarray(thin.test)),
        },
    }
    film["token"] = _token(film)
    scene = {
        "frames": [
            {
                "step": int(frame.step),
                "loss": _number(frame.loss),
                "accuracy": _number(frame.accuracy),
                "probe": None if frame.probe is None else _numbers(frame.probe),
            }
            for frame in frames
        ],
        "token": film["token"],
        "points": [[round(x, 4), round(y, 4), int(c), int(s)] for x, y, c, s in rows.tolist()],
        "extent": float(extent),
        "classes": [str(name) for name in classes],
        "colours": list(CLASS_COLOURS),
        "probe": None if probe is None else [float(probe[0]), float(probe[1])],
        "live": bool(live),
        "cursor": None if cursor is None else int(cursor),
        "tool": tool,
        "addClass": int(add_class),
        "total": int(frames[-1].step if total is None else total),
        "large": bool(large),
        "words": {name: words[name] for name in WORDS},
    }
    return scene, film
