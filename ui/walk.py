"""Guided walks: a lesson taken in small steps, one idea each.

A step lights up what it speaks of, knows from the page's real state when it has been done, and
can show how.  Steps are data: ``assets/lessons/<lesson>.walk.toml`` holds, for each, its ``id``,
the part of the page in ``focus`` (the key of a container), the ``view`` that has it, if not every
view has, the condition ``done`` and the action ``show``; the words lie in the lesson's prose under
``## walk.<id> | Title``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import streamlit as st

from ui.component import component
from ui.conditions import holds
from ui.i18n import lesson as words_of
from ui.i18n import t, walk_data
from ui.state import update

T = TypeVar("T")

SCROLL = """
export default function ({ data, parentElement }) {
  const memory = parentElement.host ?? parentElement;
  if (memory.dataset.step === data.step) return;
  memory.dataset.step = data.step;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const target = document.querySelector(".st-key-" + CSS.escape(data.focus));
  target?.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
}
"""


def position(lesson: str) -> int | None:
    """Return which step of the walk is open, counted from 0, or None."""
    where: int | None = st.session_state.get(f"{lesson}.walk")
    return where


def presenting() -> bool:
    """Whether the page is shown by a projector."""
    return bool(st.session_state.get("present", False))


def params(lesson: str) -> dict[str, str]:
    """Return what the link must say so that it opens this very step."""
    where = position(lesson)
    found = {} if where is None else {"walk": str(where + 1)}
    return {**found, "present": "1"} if presenting() else found


def read_params(lesson: str, query: Mapping[str, str]) -> None:
    """Open the step that a link names; a number beyond the last step opens the last."""
    steps = walk_data(lesson)["step"]
    asked = query.get("walk", "")
    if asked.isdecimal():
        go(lesson, min(max(int(asked[:6]), 1), len(steps)) - 1)
    if query.get("present") == "1":
        st.session_state["present"] = True


def go(lesson: str, where: int | None) -> None:
    """Open a step, or leave the walk."""
    st.session_state[f"{lesson}.walk"] = where
    st.session_state[f"{lesson}.arrived"] = where is not None
    if where is None:
        st.session_state["present"] = False


def read_link(lesson: str) -> None:
    """Open the step that the link names, when the lesson is opened; call it before all else."""
    if f"{lesson}.settings" not in st.session_state:
        read_params(lesson, st.query_params.to_dict())


def arrive(lesson: str, settings: T) -> T:
    """Return a lesson's settings with the view that the step needs, if it has just been opened."""
    where = position(lesson)
    if where is None or not st.session_state.pop(f"{lesson}.arrived", False):
        return settings
    view: str | None = walk_data(lesson)["step"][where].get("view")
    if view is None:
        return settings
    update(lesson, view=view)
    return replace(settings, view=view)  # type: ignore[type-var]


def did(lesson: str, what: str) -> None:
    """Remember that the learner has done something: walks and tasks may ask for it."""
    st.session_state.setdefault(f"{lesson}.did", set()).add(what)


def deeds(lesson: str) -> set[str]:
    """Return what the learner has done."""
    done: set[str] = st.session_state.get(f"{lesson}.did", set())
    return done


def start_button(lesson: str) -> None:
    """Draw the door to a lesson's walk, if it is not open."""
    if position(lesson) is None:
        st.button(
            t("walk.start", n=len(walk_data(lesson)["step"])),
            icon=":material/directions_walk:",
            key="walk.start",
            on_click=go,
            args=(lesson, 0),
        )


def show_walk(
    lesson: str, facts: Mapping[str, Any], actions: Mapping[str, Callable[[], None]]
) -> None:
    """Draw the open step of a lesson's walk, if one is open.

    Parameters
    ----------
    facts : mapping
        The page's state, for the steps' conditions.
    actions : mapping of str to callable
        What "show me" can do, by the names that the steps use.
    """
    steps = walk_data(lesson)["step"]
    where = position(lesson)
    if where is None:
        return
    step = steps[where]
    if presenting():
        st.html(PRESENTER)
    st.html(LIT.replace("TARGET", f".st-key-{step['focus']}"))
    done = _done(lesson, step, facts)
    words = words_of(lesson)[f"walk.{step['id']}"]
    with st.container(key="walk", border=True, gap="small"):
        st.progress((where + 1) / len(steps))
        text, act = st.columns([3, 2], gap="medium", vertical_alignment="center")
        text.markdown(f"**{where + 1}/{len(steps)} · {words.title}**  \n{words.body}")
        with act:
            mark = f":green[**✓ {t('walk.done')}**]" if done else f"○ {t('walk.todo')}"
            st.markdown(mark)
            _buttons(lesson, step, where, len(steps), done, actions)
    _scroll_to(step)


def _buttons(
    lesson: str,
    step: dict[str, Any],
    where: int,
    count: int,
    done: bool,
    actions: Mapping[str, Callable[[], None]],
) -> None:
    with st.container(horizontal=True, gap="small", key="walk-buttons"):
        st.button(
            t("walk.back"),
            key="walk.back",
            disabled=where == 0,
            on_click=go,
            args=(lesson, where - 1),
            shortcut="Left" if presenting() else None,
        )
        if step.get("show"):
            st.button(
                t("walk.show"),
                key="walk.show",
                icon=":material/play_circle:",
                disabled=done,
                on_click=_show,
                args=(actions[step["show"]],),
            )
        last = where == count - 1
        st.button(
            t("walk.finish") if last else t("walk.next"),
            key="walk.next",
            type="primary" if done else "secondary",
            on_click=go,
            args=(lesson, None if last else where + 1),
            shortcut="Right" if presenting() else None,
        )
        st.button(
            t("walk.plain") if presenting() else t("walk.present"),
            key="walk-present",
            type="tertiary",
            on_click=lambda: st.session_state.update(present=not presenting()),
        )
        st.button(
            t("walk.leave"), key="walk.leave", type="tertiary", on_click=go, args=(lesson, None)
        )


def _done(lesson: str, step: dict[str, Any], facts: Mapping[str, Any]) -> bool:
    """Whether a step has been done; once done, it stays done."""
    finished: set[str] = st.session_state.setdefault(f"{lesson}.walked", set())
    if holds(step["done"], facts):
        finished.add(step["id"])
    return step["id"] in finished


def _show(action: Callable[[], None]) -> None:
    st.session_state["walk.shown"] = st.session_state.get("walk.shown", 0) + 1
    action()


def _scroll_to(step: dict[str, Any]) -> None:
    """Bring what a step speaks of into view: when the step begins, and when it has been shown."""
    moment = f"{step['id']}.{st.session_state.get('walk.shown', 0)}"
    scroller = component("glassnet_scroller", js=SCROLL)
    scroller(data={"focus": step["focus"], "step": moment}, key="walk-scroll", height=1)


# The card is docked at the lower edge; what sticks has to be the wrapper, not the card itself,
# because a thing sticks only within its parent.
LIT = """<style>
:root { --walk-dock: 13rem; }
TARGET { outline: 3px solid #f2b705; outline-offset: 8px; border-radius: 10px;
  scroll-margin: 4.5rem 0 18rem; }
[data-testid="stLayoutWrapper"]:has(> .st-key-walk) { position: sticky; bottom: 0; z-index: 90; }
.st-key-walk { background: var(--st-background-color, Canvas); border-top: 4px solid #f2b705;
  box-shadow: 0 -8px 28px rgba(0, 0, 0, 0.18); max-height: 46vh; overflow: auto; }
.st-key-walk p { margin-bottom: 0.2rem; }
.st-key-walk-buttons { gap: 0.4rem; }
@media (max-width: 640px) {
  :root { --walk-dock: 17rem; }
  .st-key-walk { font-size: 0.9rem; padding: 0.6rem; gap: 0.3rem; }
  .st-key-walk [data-testid="stProgress"], .st-key-walk-present { display: none; }
}
[data-testid="stMainBlockContainer"] { padding-bottom: 0.5rem; }
</style>"""

PRESENTER = """<style>
html { font-size: 21px; }
[data-testid="stSidebar"], [data-testid="stExpandSidebarButton"], [data-testid="stHeader"],
.st-key-intro, .st-key-guide { display: none; }
[data-testid="stMainBlockContainer"] { padding-top: 1.2rem; max-width: 100%; }
</style>"""
