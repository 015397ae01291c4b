"""Glassnet's door: language, menu, and the run that goes on while you look around."""

from __future__ import annotations

import streamlit as st

from ui.i18n import LANGUAGES, language, t
from ui.lessons import HOME, LESSONS
from ui.training import monitor

st.set_page_config(page_title="Glassnet", page_icon="🔍", layout="wide")
st.session_state["lang"] = language()
titles = {lesson.id: t(f"lesson.{lesson.id}") for lesson in (HOME, *LESSONS)}
pages = {
    lesson.id: st.Page(
        lesson.file,
        title=titles[lesson.id],
        icon=lesson.icon,
        url_path="" if lesson is HOME else lesson.id,
        default=lesson is HOME,
    )
    for lesson in (HOME, *LESSONS)
}
chosen = st.navigation(list(pages.values()))
current = next(name for name, page in pages.items() if page is chosen)
with st.sidebar:
    st.segmented_control(
        t("app.language"),
        list(LANGUAGES),
        format_func=LANGUAGES.get,
        key="language",
        default=language(),
        on_change=lambda: st.session_state.update(
            lang=st.session_state["language"] or language()
        ),
        label_visibility="collapsed",
    )
    monitor(titles, current)
st.session_state["pages"] = pages
chosen.run()
