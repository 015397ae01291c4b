"""Tasks: a few goals for each lesson, checked against what is really on the page.

They are data, as the walks are: ``assets/lessons/<lesson>.walk.toml`` holds each task's ``id`` and
its condition ``done``; the words lie in the lesson's prose under ``## task.<id>``, ``hint.<id>``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from ui.conditions import holds
from ui.i18n import lesson as words_of
from ui.i18n import t, walk_data


def solved(lesson: str, facts: Mapping[str, Any]) -> set[str]:
    """Return the tasks that are solved: those solved before, and those that hold now."""
    key = f"{lesson}.solved"
    if key not in st.session_state:
        known = {task["id"] for task in walk_data(lesson)["task"]}
        st.session_state[key] = known & set(st.query_params.get("solved", "").split(","))
    done: set[str] = st.session_state[key]
    for task in walk_data(lesson)["task"]:
        if holds(task["done"], facts):
            done.add(task["id"])
    return done


def show_tasks(lesson: str, done: set[str]) -> None:
    """Draw a lesson's tasks side by side, each with its hint."""
    st.markdown(t("tasks.lead"))
    words = words_of(lesson)
    for column, task in zip(st.columns(3), walk_data(lesson)["task"], strict=True):
        with column.container(border=True, height="stretch"):
            mark = ":green[**✓**]" if task["id"] in done else "○"
            part = words[f"task.{task['id']}"]
            st.markdown(f"## {mark} {part.title}\n\n{part.body}")
            with st.expander(t("tasks.hint")):
                st.markdown(words[f"hint.{task['id']}"].body)
