"""A page's settings: a frozen dataclass, a link, and the widgets, kept in step.

Each field of a settings class carries the rule that its values obey (``number``, ``whole``,
``choice``, ``text``, ``wholes``).  A link can therefore be read without trust: what is no value
becomes the default, what is out of range is moved to its edge, and both are reported.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

import streamlit as st

from ui.i18n import t

T = TypeVar("T")
NONE = "none"  # an empty list or text, in a link: browsers and servers drop empty parameters
# Parameters that are no setting of any page.
OTHERS = ("lang", "walk", "present", "solved", "going")


class Complaint(NamedTuple):
    """A value in a link that could not be taken as it was."""

    name: str
    got: str
    expected: tuple[str, dict[str, Any]]  # a key of the words and its fields
    used: str


class Rule(NamedTuple):
    """What a field's values look like: a kind, and its range or its options."""

    kind: str
    low: float = 0
    high: float = 0
    options: tuple[str, ...] = ()
    most: int = 1  # how many numbers a list may hold, or characters a text


def number(default: float, low: float, high: float) -> Any:
    """Declare a field that is a number from low to high."""
    return dataclasses.field(default=default, metadata={"rule": Rule("number", low, high)})


def whole(default: int, low: int, high: int) -> Any:
    """Declare a field that is a whole number from low to high."""
    return dataclasses.field(default=default, metadata={"rule": Rule("whole", low, high)})


def wholes(default: tuple[int, ...], low: int, high: int, most: int) -> Any:
    """Declare a field that is a list of up to ``most`` whole numbers, each from low to high."""
    rule = Rule("wholes", low, high, most=most)
    return dataclasses.field(default=default, metadata={"rule": rule})


def choice(default: str, options: tuple[str, ...]) -> Any:
    """Declare a field that is one of some ids."""
    return dataclasses.field(default=default, metadata={"rule": Rule("choice", options=options)})


def text(default: str, most: int) -> Any:
    """Declare a field that is a text of up to ``most`` characters, whose form others check."""
    return dataclasses.field(default=default, metadata={"rule": Rule("text", most=most)})


def rule_of(settings: Any, name: str) -> Rule:
    """Return the rule of one field."""
    rule: Rule = {f.name: f.metadata["rule"] for f in dataclasses.fields(settings)}[name]
    return rule


def from_params(
    cls: type[T],
    params: Mapping[str, str],
    others: tuple[str, ...] = OTHERS,
    base: T | None = None,
) -> tuple[T, list[Complaint]]:
    """Read settings from a link; whatever does not fit is replaced and reported.

    ``others`` are parameters that somebody else reads; names that nobody knows are reported, too.
    What the link leaves out is as in ``base``, or as it always is.
    """
    base = cls() if base is None else base
    values: dict[str, Any] = {}
    complaints = []
    for field in dataclasses.fields(cls):  # type: ignore[arg-type]
        if field.name not in params:
            continue
        rule: Rule = field.metadata["rule"]
        got = params[field.name]
        value, fits = _read(rule, got, getattr(base, field.name))
        values[field.name] = value
        if not fits:
            complaints.append(Complaint(field.name, shorten(got), _expected(rule), _write(value)))
    known = {field.name for field in dataclasses.fields(cls)} | set(others)  # type: ignore[arg-type]
    for name in sorted(params.keys() - known):
        unknown = Complaint(
            shorten(name), shorten(params[name]), ("state.expected_nothing", {}), ""
        )
        complaints.append(unknown)
    return dataclasses.replace(base, **values), complaints  # type: ignore[type-var]


def to_params(settings: Any, base: Any = None) -> dict[str, str]:
    """Write settings as a link's parameters; what is as in ``base``, or always, stays out."""
    base = type(settings)() if base is None else base
    return {
        field.name: _write(getattr(settings, field.name))
        for field in dataclasses.fields(settings)
        if getattr(settings, field.name) != getattr(base, field.name)
    }


def write_url(params: Mapping[str, str]) -> None:
    """Make the address bar say what the page shows, if it does not already."""
    wanted = {"lang": st.session_state.get("lang", "en"), **params}
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)


def plain(text: str) -> str:
    """Return a text in which Markdown finds nothing to do: what learners type stays what it is."""
    return re.sub(r"([^\w\s.,;-])", r"\\\1", text)


def say(kind: str, sentence: str, at: str = "") -> None:
    """Leave a sentence ("error", "warning", "info") for the top of the page, or for another place.

    Who has brought a file that cannot be read looks at where it was brought: on a phone the top of
    the page is out of sight then.
    """
    st.session_state.setdefault("said", []).append((at, kind, sentence))


def redraw() -> None:
    """Run the script again on the program's own account: what was said is not yet read."""
    st.session_state["redrawn"] = True
    st.rerun()


def show_said() -> None:
    """Draw the sentences that were left; they go when the learner does the next thing."""
    said = st.session_state.pop("said", [])
    if st.session_state.pop("redrawn", False):
        said = st.session_state.get("said_before", []) + said
    st.session_state["said_before"] = said
    show_said_at("")


def show_said_at(place: str) -> None:
    """Draw the sentences that were left for a place, which comes after the top of the page."""
    for at, kind, sentence in st.session_state["said_before"]:
        if at == place:
            getattr(st, kind)(sentence)


def shorten(text: str, most: int = 40) -> str:
    """Return a text that fits into a sentence."""
    text = re.sub(r"\s+", " ", text)
    return text if len(text) <= most else text[: most - 1] + "…"


def _read(rule: Rule, got: str, default: Any) -> tuple[Any, bool]:
    """Return (value, whether it is what was asked for)."""
    if rule.kind == "choice":
        return (got, True) if got in rule.options else (default, False)
    if rule.kind == "text":
        return ("" if got == NONE else got, True) if len(got) <= rule.most else (default, False)
    if rule.kind == "wholes":
        return _read_list(rule, got, default)
    value = _number(got)
    if value is None:
        return default, False
    clamped = min(max(value, rule.low), rule.high)
    if rule.kind == "whole":
        return round(clamped), clamped == value and value == round(value)
    return clamped, clamped == value


def _read_list(rule: Rule, got: str, default: Any) -> tuple[Any, bool]:
    if got in ("", NONE):
        return (), True
    numbers = [_number(part) for part in got.split(",")]
    if any(value is None for value in numbers):
        return default, False
    known = [value for value in numbers if value is not None]
    clamped = tuple(round(min(max(v, rule.low), rule.high)) for v in known[: rule.most])
    return clamped, list(clamped) == known


def _number(got: str) -> float | None:
    try:
        value = float(got)
    except ValueError:
        return None
    return None if math.isnan(value) else value


def _expected(rule: Rule) -> tuple[str, dict[str, Any]]:
    """Return the words that say what a rule expects."""
    if rule.kind == "choice":
        return "state.expected_choice", {"options": ", ".join(rule.options)}
    if rule.kind == "text":
        return "state.expected_text", {"most": rule.most}
    fields = {"low": f"{rule.low:g}", "high": f"{rule.high:g}", "most": rule.most}
    return f"state.expected_{rule.kind}", fields


def _write(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(str(part) for part in value) or NONE
    return str(value) or NONE  # of a float, the shortest text that reads back to the same bits


def settings_of(
    lesson: str, cls: type[T], base: Callable[[Mapping[str, str]], T] | None = None
) -> tuple[T, list[Complaint]]:
    """Return a page's settings; the first time they come from the link.

    Parameters
    ----------
    base : callable, optional
        Returns, for a link, the settings that hold where it says nothing.

    Returns
    -------
    settings : cls
        What the learner has set.
    complaints : list of Complaint
        What the link asked for in vain; reported once, when the link is read.
    """
    key = f"{lesson}.settings"
    if key in st.session_state:
        kept: T = st.session_state[key]
        return kept, []
    params = st.query_params.to_dict()
    settings, complaints = from_params(cls, params, base=base(params) if base else None)
    st.session_state[key] = settings
    return settings, complaints


def open_settings(
    lesson: str, cls: type[T], base: Callable[[Mapping[str, str]], T] | None = None
) -> T:
    """Return a page's settings as ``settings_of`` does; say what the link asked for in vain."""
    settings, complaints = settings_of(lesson, cls, base)
    for c in complaints:
        key, values = c.expected
        name, got = plain(c.name), plain(c.got)
        sentence = t("state.complaint", name=name, got=got, expected=t(key, **values))
        used = t("state.used", used=c.used) if c.used else ""
        say("warning", f"{sentence} {used}")
    return settings


def update(lesson: str, **values: Any) -> None:
    """Change settings from a callback; the widgets follow."""
    key = f"{lesson}.settings"
    st.session_state[key] = dataclasses.replace(st.session_state[key], **values)


def bound(lesson: str, name: str) -> dict[str, Any]:
    """Return the arguments that tie a widget to a field: its key, its value, its callback.

    The widget's value is written anew at every run of the script, so it is always what the
    settings say, also after a link, a page switch or an action has changed them.
    """
    key = f"{lesson}.{name}"
    st.session_state[key] = getattr(st.session_state[f"{lesson}.settings"], name)
    return {"key": key, "on_change": _take, "args": (lesson, name)}


def _take(lesson: str, name: str) -> None:
    value = st.session_state[f"{lesson}.{name}"]
    if _obeys(rule_of(st.session_state[f"{lesson}.settings"], name), value):
        update(lesson, **{name: value})


def _obeys(rule: Rule, value: Any) -> bool:
    """Whether a widget's answer is one that its field can hold.

    It is None when a choice is clicked away or a number field emptied, and it can be the label of
    a choice in the language before, when the language changes while a run is drawn.
    """
    if rule.kind == "choice":
        return value in rule.options
    return isinstance(value, str) if rule.kind == "text" else isinstance(value, int | float)
