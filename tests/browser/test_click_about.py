"""Who clicks about at random finds what is wrong, and tells how it came to it."""

import tempfile

from scripts.click_about import visit
from scripts.server import running

APP = """
import streamlit as st

st.title("All well so far")
for name in "abc":
    st.button(name)
if st.button("the wrong one"):
    raise ValueError("here it is")
"""


def test_an_exception_is_found_and_told_with_the_clicks_before_it(browser, tmp_path):
    app = tmp_path / "app.py"
    app.write_text(APP, encoding="utf-8")
    with tempfile.TemporaryFile("w+") as log, running(log, str(app)) as (address, _):
        *clicks, wrong = visit(browser, address, seed=1, seconds=30)
    assert any("the wrong one" in click for click in clicks)
    assert "here it is" in wrong
