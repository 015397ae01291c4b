"""The live picture: regions, loss, timeline; and the controls that drive it."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.losses import softmax
from pages._quadrants.pictures import loss_curve, network_shown
from pages._quadrants.session import bring_back, did, needs_another_run, pictures, start_again
from pages._quadrants.settings import LESSON, MOST_STEPS, SPEEDS, Settings
from pages._quadrants.view_points import apply_edit
from ui import walk
from ui.controls import play_button
from ui.i18n import t, template
from ui.plane import WORDS, plane, plane_value
from ui.state import bound, redraw, update
from ui.training import Run, runs

KEY = f"{LESSON}.plane"
_PLAY_WIDTH = 110  # pixels: room for both of its words
VERIFY = ((2.0, 2.0), (-2.0, 2.0), (-2.0, -2.0), (2.0, -2.0))  # what the notes ask afterwards


def show_controls(settings: Settings, run: Run) -> None:
    """Draw play, step, start again, speed and learning rate."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="controls"):
        if run.playing:
            now: tuple[str, str, Any] = "controls.pause", "pause", pause
        else:
            now = "controls.train", "play_arrow", train
        play_button(LESSON, *now, width=_PLAY_WIDTH, disabled=run.diverged is not None)
        st.button(
            t("controls.step"),
            icon=":material/skip_next:",
            key=f"{LESSON}.one",
            on_click=one_step,
            disabled=run.playing or run.diverged is not None,
        )
        st.button(
            t("controls.again"),
            icon=":material/replay:",
            key=f"{LESSON}.again",
            on_click=start_again,
        )
        if f"{LESSON}.previous" in st.session_state and not run.playing:
            st.button(
                t("controls.bring_back"),
                icon=":material/undo:",
                type="tertiary",
                key=f"{LESSON}.bring_back",
                on_click=bring_back,
            )
        speeds = {n: t("controls.speed_value", n=f"{n:,}") for n in {*SPEEDS, settings.speed}}
        speeds[0] = t("controls.speed_auto")
        st.selectbox(
            t("controls.speed"),
            sorted(speeds),
            format_func=speeds.get,
            width=215,
            **bound(LESSON, "speed"),
        )
        with st.container(width=150, key="lr"):
            binding = {**bound(LESSON, "lr"), "on_change": _set_rate, "args": ()}
            st.number_input(t("setting.lr"), 1e-6, 1000.0, None, step=0.001, format="%g", **binding)
        walk.start_button(LESSON)
    if needs_another_run(settings, run):
        st.info(t("controls.pending"))
        st.button(t("controls.apply"), key=f"{LESSON}.apply", on_click=_apply)


def show_player(run: Run, extent: float, classes: list[str]) -> None:
    """Draw the plane with its curve and timeline as the run stands now."""
    settings: Settings = st.session_state[f"{LESSON}.settings"]
    run.speed = 1000 if run.step < run.replay_to else settings.speed
    probe = (settings.px, settings.py)
    film = pictures(run, extent)
    if not run.playing:
        run.settle()
    frames = [film.newest(probe)] if run.playing else film.frames(probe)
    st.session_state.setdefault(f"{LESSON}.tool", "probe")
    tool = st.session_state[f"{LESSON}.tool"] or "probe"
    plane(
        key=KEY,
        frames=frames,
        points=_points(run),
        extent=extent,
        classes=classes,
        curve=loss_curve(run),
        words={name: template(f"plane.{name}") for name in WORDS},
        probe=probe,
        live=run.playing,
        cursor=st.session_state.get(f"{LESSON}.cursor"),
        tool=tool if settings.view == "playground" else "probe",
        add_class=st.session_state.get(f"{LESSON}.add_class", 0),
        total=run.until,
        large=walk.presenting(),
        on_probe=_move_probe,
        on_cursor=_move_cursor,
        on_edit=_edit,
    )
    if run.playing:
        film.prepare(4)
    if st.session_state.pop(f"{LESSON}.refresh", False):
        redraw()


def show_verification(run: Run, classes: list[str]) -> None:
    """Ask the network about four points that it has never seen."""
    model, snapshot = network_shown(run)
    with np.errstate(all="ignore"):
        p = softmax(model(np.array(VERIFY)))
    head = "| (x, y) | " + " | ".join(classes) + f" | {t('player.answer')} |"
    lines = [head, "|---" * (len(classes) + 2) + "|"]
    for (x, y), row in zip(VERIFY, p, strict=True):
        cells = " | ".join(f"{100 * value:.1f}%" for value in row)
        lines.append(f"| ({x:g}, {y:g}) | {cells} | **{classes[int(row.argmax())]}** |")
    verify = t("player.verify", step=f"{snapshot.step:,}", seconds=f"{run.seconds:.2f}")
    st.markdown(verify + "\n\n" + "\n".join(lines))


def train() -> None:
    """Let the run go on; if it has reached its end, as far again."""
    run, settings = runs()[LESSON], st.session_state[f"{LESSON}.settings"]
    st.session_state.pop(f"{LESSON}.cursor", None)
    run.until = settings.steps if run.step < settings.steps else run.step + settings.steps
    run.until = min(run.until, MOST_STEPS)
    run.playing = not run.finished


def pause() -> None:
    """Stop after the slice that is being computed."""
    runs()[LESSON].playing = False


def one_step() -> None:
    """Take a single step."""
    run = runs()[LESSON]
    st.session_state.pop(f"{LESSON}.cursor", None)
    run.until = max(run.until, min(run.step + 1, MOST_STEPS))
    run.advance(1)
    did("stepped")


def _points(run: Run) -> np.ndarray:
    parts = [(run.data, 0.0)] + ([] if run.validation is None else [(run.validation, 1.0)])
    return np.vstack([np.column_stack([x, y, np.full(len(x), split)]) for (x, y), split in parts])


def _move_probe() -> None:
    where = plane_value(KEY).probe
    if where is not None:
        x, y = round(where[0], 2), round(where[1], 2)
        update(LESSON, px=x, py=y)
        # Only the picture is drawn anew while the point is dragged, so it writes its own address.
        st.query_params["px"], st.query_params["py"] = str(x), str(y)
        if not _has_refreshed("moved_probe"):
            st.session_state[f"{LESSON}.refresh"] = True


def _has_refreshed(what: str) -> bool:
    """Remember that something was done; say whether it was done before."""
    before = what in walk.deeds(LESSON)
    did(what)
    return before


def _move_cursor() -> None:
    run = runs()[LESSON]
    step = plane_value(KEY).cursor
    newest = step is None or step >= run.step
    st.session_state[f"{LESSON}.cursor"] = None if newest else step
    did("scrubbed")
    st.session_state[f"{LESSON}.refresh"] = True


def _edit() -> None:
    apply_edit()
    st.session_state[f"{LESSON}.refresh"] = True


def _set_rate() -> None:
    """Change the learning rate, also of a run that is on its way."""
    value = st.session_state[f"{LESSON}.lr"]
    if value is None:
        return
    update(LESSON, lr=value)
    run = runs()[LESSON]
    if run.step or run.changes:
        run.change("lr", value)


def _apply() -> None:
    """Leave the run that is on its way for one with the settings as they are now."""
    start_again()
    runs()[LESSON].playing = True
