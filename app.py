"""Glassnet's door: language, menu, and the run that goes on while you look around."""

from __future__ import annotations

import streamlit as st

from ui.answering import answering
from ui.assets import said_if_not_fetched
from ui.clicks import count_every_click
from ui.document import tend_document
from ui.i18n import LANGUAGES, language, language_names, t
from ui.lessons import navigate
from ui.training import answer_clicks, monitor

# A lesson's picture should be seen without scrolling, so the empty head of the page is cut.
STYLE = """<style>
[data-testid="stMainBlockContainer"] { padding-top: 2.6rem; padding-bottom: 4rem; }
h1 { padding-top: 0; }
/* Streamlit writes captions, what is chosen, and some words of code too faintly for weak eyes. */
div[data-testid="stCaptionContainer"] { color: inherit; opacity: 0.75; }
[data-testid="stSliderThumbValue"],
button:is([data-selected="true"], [kind="segmented_controlActive"], [kind="pillsActive"]) p {
  color: light-dark(#1b5575, #9fd0ec); }
[data-testid="stCode"] :is(.token.boolean, .token.constant) { color: light-dark(#0b6b3a, #5ce488); }
[data-testid="stCode"] .token.number { color: light-dark(#0b6b5e, #4fd3bf); }
[data-testid="stCode"] :is(.token.keyword, .token.function, .token.class-name) {
  color: light-dark(#1a5fa8, #60b4ff); }
/* On a phone a table of numbers gets the room that lies around them, or is moved by itself. */
[data-testid="stMarkdownContainer"]:has(> table) { overflow-x: auto; }
@media (max-width: 640px) {
  [data-testid="stMarkdownContainer"] :is(th, td) { padding-inline: 0.4rem; }
  /* There columns lie under each other, and what parts them should not be a hole. */
  [data-testid="stHorizontalBlock"] { row-gap: 1rem; } }
</style>"""


def main() -> None:
    count_every_click()
    language()
    st.html(STYLE)
    current, page = navigate()
    with st.sidebar:
        st.segmented_control(
            t("app.language"),
            LANGUAGES,
            format_func=language_names().get,
            key="language",
            default=language(),
            on_change=lambda: st.session_state.update(
                lang=st.session_state["language"] or language()
            ),
            label_visibility="collapsed",
        )
        monitor(current)
        tend_document()
    with answering(answer_clicks), said_if_not_fetched():
        page.run()


if __name__ == "__main__":
    main()
else:
    # `streamlit run` imports this file once, for the server; every visit then runs it as a script.
    from ui.server import guards, open_browser
    from ui.sharing import share_python

    share_python()
    app = st.App(__file__, middleware=guards(), lifespan=open_browser)
