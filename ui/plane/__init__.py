"""The plane of a two-dimensional classification lesson, as a player.

Decision regions as a picture that is updated in place while a network trains, the data points on
top, a test point to drag, the loss curve beside it, and a timeline that is dragged wholly in the
browser. It is a Streamlit component (components v2) because Streamlit's Plotly chart is taken out
of the page and built anew at every update, which flickers; a canvas of our own never does.

`ui.plane.model` and `ui.plane.message` are pure; here they meet Streamlit. All words come from the
caller.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st
from numpy.typing import ArrayLike

from ui.component import component
from ui.plane.message import CLASS_COLOURS, TOOLS, WORDS, Tool, payload
from ui.plane.model import (
    Curve,
    Edit,
    Frame,
    PlaneValue,
    encode_region,
    plane_grid,
    thin_curve,
)

__all__ = [
    "CLASS_COLOURS",
    "TOOLS",
    "WORDS",
    "Curve",
    "Edit",
    "Frame",
    "PlaneValue",
    "encode_region",
    "plane",
    "plane_grid",
    "plane_value",
    "thin_curve",
]

Callback = Callable[[], None]

FEED = """
// Brings data to a player: as an event now, and again whenever a player that has just been mounted
// asks for it.  What has gone is told by the page: the clean-up that Streamlit lets a component
// return is also called when it has just been given the same data twice.
const kept = new Map();
const tell = (detail) => document.dispatchEvent(new CustomEvent("glassnet-plane-feed", { detail }));
document.addEventListener("glassnet-plane-wanted", ({ detail }) => {
  for (const [name, { data, place }] of kept) {
    if (!place.isConnected) kept.delete(name);
    else if (data.player === detail.player) tell(data);
  }
});
export default function ({ data, parentElement }) {
  kept.set(data.name, { data, place: parentElement });
  tell(data);
}
"""


def _read_point(value: Any) -> tuple[float, float] | None:
    """Return (x, y) of a value from the browser, or None if it is not that."""
    try:
        x, y = float(value["x"]), float(value["y"])
    except (KeyError, TypeError, ValueError):
        return None
    return (x, y) if math.isfinite(x) and math.isfinite(y) else None


def _read_edit(value: Any) -> Edit | None:
    """Return the change of a value from the browser, or None if it is not one."""
    where = _read_point(value)
    try:
        op, index, cls = str(value["op"]), int(value["index"]), int(value["cls"])
    except (KeyError, TypeError, ValueError):
        return None
    return None if where is None or op not in TOOLS[1:] else Edit(op, index, *where, cls)


def _read(value: Any) -> PlaneValue:
    """Turn a component's state, which a browser may have made up, into a `PlaneValue`."""
    got: dict[str, Any] = {
        name: None if value is None else value.get(name) for name in PlaneValue._fields
    }
    step = got["cursor"]
    cursor = int(step) if isinstance(step, int | float) and math.isfinite(step) else None
    return PlaneValue(_read_point(got["probe"]), cursor, _read_edit(got["edit"]))


def plane_value(key: str) -> PlaneValue:
    """Tell what the learner did on the plane `key`, before it is drawn or in a callback.

    Parameters
    ----------
    key : str
        The key given to `plane`.

    Returns
    -------
    PlaneValue
        All None if the plane was not drawn yet.
    """
    return _read(st.session_state.get(key))


def _nothing() -> None:
    """Stand in for a callback: Streamlit only reports values that have one."""


def plane(
    *,
    key: str,
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
    on_probe: Callback | None = None,
    on_cursor: Callback | None = None,
    on_edit: Callback | None = None,
) -> PlaneValue:
    """Draw the plane.

    Parameters
    ----------
    key : str
        Unique in the app; its state is at `plane_value(key)` while the plane is on the page:
        Streamlit forgets it when it is not drawn, so a page keeps what must outlive that.
    frames : sequence of Frame
        While live just the newest; at rest all that the timeline should show (up to about 80).
    points : array_like, (n, 4)
        Rows x, y, class (0 to C - 1), split (0 training, 1 test).
    extent : float
        The plane shows -extent to +extent on both axes, > 0.
    classes : sequence of str, (C,)
        Names of the classes, 2 to 6.
    curve : Curve
        The loss so far; thinned here where it is long.
    words : mapping of str
        The texts named in `WORDS`, with their fields in braces.
    probe : (float, float) or None
        The test point; None shows none. The learner's drag in progress wins over it.
    live : bool
        Whether a run is going on: the timeline then rests at its end.
    cursor : int or None
        The step shown; None is the newest. Obeyed when it changes.
    tool : {"probe", "add", "move", "remove"}
        What a click on the plane does.
    add_class : int
        Class of an added point.
    total : int or None
        The "of ..." in the timeline's label; by default the last frame's step.
    large : bool
        Larger, for the projector.
    on_probe, on_cursor, on_edit : callable or None
        Called, before the script runs, when the learner moved the test point, let go of the
        timeline, or changed the points; they read `plane_value(key)`.

    Returns
    -------
    PlaneValue
        What the learner did; ``edit`` is there in one run only, so apply it at once (best in
        ``on_edit``: then this very run already draws the new points).
    """
    scene, film = payload(
        frames=frames,
        points=points,
        extent=extent,
        classes=classes,
        curve=curve,
        words=words,
        probe=probe,
        live=live,
        cursor=cursor,
        tool=tool,
        add_class=add_class,
        total=total,
        large=large,
    )
    player = component("glassnet_plane", folder=Path(__file__).parent)
    feed = component("glassnet_plane_feed", js=FEED)
    # Streamlit sends an element's code and data at every run, or only their hash if both are as
    # before. So the player's own message never changes; what changes comes by feeds with hardly
    # any code, and at rest the heavy film has a feed to itself, sent once.
    with st.container(gap=None):
        got = player(
            key=key,
            data={"player": key},
            on_probe_change=on_probe or _nothing,
            on_cursor_change=on_cursor or _nothing,
            on_edit_change=on_edit or _nothing,
        )
        name = f"{key}-scene"
        scene["film"] = film if live else None
        feed(key=name, data={"player": key, "name": name, "scene": scene})
        name = f"{key}-film"
        feed(key=name, data={"player": key, "name": name, "film": None if live else film})
    return _read(got)
