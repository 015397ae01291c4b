"""Three tasks, checked against what is really on the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages._quadrants.settings import LESSON
from ui.conditions import holds
from ui.i18n import lesson, t, walk_data


def solved(facts: Mapping[str, Any]) -> set[str]:
    """Return the tasks that are solved: those solved before, and those that hold now."""
    key = f"{LESSON}.solved"
    if key not in st.session_state:
        known = {task["id"] for task in walk_data(LESSON)["task"]}
        st.session_state[key] = known & set(st.query_params.get("solved", "").split(","))
    done: set[str] = st.session_state[key]
    for task in walk_data(LESSON)["task"]:
        if holds(task["done"], facts):
            done.add(task["id"])
    return done


def show_tasks(done: set[str]) -> None:
    """Draw the view."""
    st.markdown(t("tasks.lead"))
    words = lesson(LESSON)
    for column, task in zip(st.columns(3), walk_data(LESSON)["task"], strict=True):
        with column.container(border=True, height="stretch"):
            mark = ":green[**✓**]" if task["id"] in done else "○"
            part = words[f"task.{task['id']}"]
            st.markdown(f"#### {mark} {part.title}\n\n{part.body}")
            with st.expander(t("tasks.hint")):
                st.markdown(words[f"hint.{task['id']}"].body)
