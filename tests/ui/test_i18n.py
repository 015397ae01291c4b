"""The words: a key that is not there is an error, and the language is the learner's."""

from unittest.mock import patch

import pytest
from streamlit.testing.v1 import AppTest

from ui.i18n import LANGUAGES, parts, strings


def app():
    import streamlit as st

    from ui.i18n import language, t

    st.session_state["now"] = language()
    if key := st.session_state.get("key"):
        st.session_state["said"] = t(key, **st.session_state.get("values", {}))


@pytest.fixture
def at():
    return AppTest.from_function(app, default_timeout=600)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_words(language):
    assert strings(language)["walk.next"]
    assert parts("quadrants", language)["title"].title


@pytest.mark.parametrize("key", ["walk.nothing", "nothing.next", "walk", "next", "", "Walk.next"])
def test_an_unknown_key_raises(at, key):
    with pytest.raises(KeyError):
        strings("en")[key]
    at.session_state["key"] = key or "."
    at.run()
    assert len(at.exception) == 1
    assert "said" not in at.session_state


def test_fields_are_filled_in(at):
    at.session_state["key"] = "training.monitor"
    at.session_state["values"] = {"lesson": "{step}", "step": "1,000"}
    at.run()
    expected = strings("en")["training.monitor"].replace("{step}", "1,000")
    assert at.session_state["said"] == expected.replace("{lesson}", "{step}")


def test_a_field_without_a_value_raises(at):
    at.session_state["key"] = "training.monitor"
    at.session_state["values"] = {"step": "1,000"}
    at.run()
    assert len(at.exception) == 1
    assert "said" not in at.session_state


@pytest.mark.parametrize(
    ("locale", "link", "expected"),
    [
        ("en-US", None, "en"),
        ("zh-CN", None, "zh"),
        ("zh-TW", None, "zh"),
        ("ZH", None, "zh"),
        ("ja-JP", None, "en"),
        (None, None, "en"),
        ("zh-CN", "en", "en"),
        ("en-US", "zh", "zh"),
        ("zh-CN", "xx", "zh"),
        ("en-US", "<b>", "en"),
        ("en-US", "", "en"),
    ],
)
def test_the_language_is_the_links_or_the_browsers(at, locale, link, expected):
    if link is not None:
        at.query_params["lang"] = link
    with patch("ui.i18n.browser_locale", lambda: locale or ""):
        at.run()
    assert at.session_state["now"] == expected


def test_the_learners_choice_is_kept(at):
    at.query_params["lang"] = "en"
    at.session_state["lang"] = "zh"
    at.run()
    at.session_state["key"] = "walk.next"
    at.run()
    assert at.session_state["said"] == strings("zh")["walk.next"]
