"""A page's settings: whatever a link says, what is used obeys the rules, and nothing is lost."""

import dataclasses
import math
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pages._quadrants.settings import Settings
from ui.i18n import LANGUAGES, strings
from ui.state import (
    NONE,
    choice,
    from_params,
    number,
    rule_of,
    shorten,
    text,
    to_params,
    whole,
    wholes,
)

patiently = hypothesis_settings(deadline=None, max_examples=150)

FIELDS = {field.name: field for field in dataclasses.fields(Settings)}
BY_KIND = {
    kind: [name for name in FIELDS if rule_of(Settings, name).kind == kind]
    for kind in ("number", "whole", "wholes", "choice", "text")
}


@dataclasses.dataclass(frozen=True)
class Small:
    """One field of each kind."""

    share: float = number(0.5, 0.0, 1.0)
    count: int = whole(3, 1, 10)
    sizes: tuple[int, ...] = wholes((2, 3), 1, 9, 3)
    word: str = choice("tea", ("tea", "coffee"))
    note: str = text("", 5)


def valid(name: str) -> st.SearchStrategy:
    """Values that a field may have."""
    rule = rule_of(Settings, name)
    low, high = rule.low, rule.high
    if rule.kind == "number":
        return st.floats(low, high)
    if rule.kind == "whole":
        return st.integers(int(low), int(high))
    if rule.kind == "wholes":
        return st.lists(st.integers(int(low), int(high)), max_size=rule.most).map(tuple)
    if rule.kind == "choice":
        return st.sampled_from(rule.options)
    return st.text(max_size=60).filter(lambda written: written != NONE)  # a link's word for ""


def obeys(name: str, value: object) -> bool:
    """Whether a value is one that its field may have, and of the right type."""
    rule = rule_of(Settings, name)
    low, high = rule.low, rule.high
    if rule.kind == "choice":
        return value in rule.options
    if rule.kind == "text":
        return isinstance(value, str) and len(value) <= rule.most
    if rule.kind == "number":
        return isinstance(value, int | float) and math.isfinite(value) and low <= value <= high
    parts = value if rule.kind == "wholes" else (value,)
    return len(parts) <= max(1, rule.most) and all(
        type(part) is int and low <= part <= high for part in parts
    )


any_settings = st.builds(Settings, **{name: valid(name) for name in FIELDS})


@patiently
@given(any_settings)
@example(Settings(lr=0.7 / 10))  # what the button that mends a diverged run may set
@example(Settings(hidden=()))
@example(Settings(points="x, y, class\n1.5, -2.25, 1\n", data="own"))
def test_settings_survive_a_link(settings):
    params = dict(parse_qsl(urlencode(to_params(settings)), keep_blank_values=True))
    assert from_params(Settings, params) == (settings, [])


def test_a_link_says_only_what_is_not_as_always():
    assert to_params(Settings()) == {}
    assert to_params(Settings(hidden=(), seed=7)) == {"hidden": "none", "seed": "7"}


def test_what_a_link_does_not_say_is_as_always():
    assert from_params(Settings, {"seed": "12", "lang": "zh"}) == (Settings(seed=12), [])


def test_a_name_that_means_nothing_is_complained_of_once():
    settings, complaints = from_params(Settings, {"seed": "12", "sead": "7" * 99, "\u79cd": ""})
    assert settings == Settings(seed=12)
    assert sorted(complaint.name for complaint in complaints) == ["sead", "\u79cd"]
    for complaint in complaints:
        assert all(complaint.expected[0] in strings(language) for language in LANGUAGES)
        assert len(complaint.got) <= 40


@patiently
@given(name=st.sampled_from(sorted(FIELDS)), got=st.text(max_size=80))
@example(name="hidden", got="1,2,3,4,5")
@example(name="n", got="20.5")
@example(name="lr", got="\uff11e5")
@example(name="seed", got="9" * 5000)
@example(name="view", got="a" * 500)
def test_whatever_a_link_says_is_used_within_the_rule_or_complained_of(name, got):
    settings, complaints = from_params(Settings, {name: got})
    assert obeys(name, getattr(settings, name))
    assert settings == dataclasses.replace(Settings(), **{name: getattr(settings, name)})
    assert len(complaints) <= 1
    for complaint in complaints:
        assert complaint.name == name
        assert len(complaint.got) <= 40
        assert from_params(Settings, {name: complaint.used}) == (settings, [])


NOT_A_NUMBER = ("", " ", "abc", "NaN", "-nan", "10**9", "0x10", "1;2", "\u00bd", "\u4e94", "<b>")
TOO_LARGE = ("1e9", "inf", "1e999", "9" * 400, "\uff19" * 9)
TOO_SMALL = ("-1e9", "-inf", "-1e999", "-" + "9" * 400)


@pytest.mark.parametrize("name", BY_KIND["number"] + BY_KIND["whole"])
@pytest.mark.parametrize(
    ("wild", "used"),
    [(wild, "default") for wild in NOT_A_NUMBER]
    + [(wild, "high") for wild in TOO_LARGE]
    + [(wild, "low") for wild in TOO_SMALL],
)
def test_a_wild_number_is_replaced_and_complained_of_once(name, wild, used):
    settings, complaints = from_params(Settings, {name: wild})
    rule = rule_of(Settings, name)
    expected = {"default": FIELDS[name].default, "low": rule.low, "high": rule.high}[used]
    assert getattr(settings, name) == expected
    assert [complaint.name for complaint in complaints] == [name]


@pytest.mark.parametrize("name", BY_KIND["whole"])
def test_a_broken_whole_number_is_rounded_and_complained_of(name):
    middle = int(rule_of(Settings, name).low) + 1
    settings, complaints = from_params(Settings, {name: f"{middle}.25"})
    assert getattr(settings, name) == middle
    assert len(complaints) == 1


@pytest.mark.parametrize(
    ("wild", "used"),
    [
        ("abc", (50,)),
        (",", (50,)),
        ("5,,5", (50,)),
        ("10**9", (50,)),
        ("5,nan", (50,)),
        ("1e9", (64,)),
        ("inf,-inf", (64, 1)),
        ("0,65", (1, 64)),
        ("5,5.2", (5, 5)),
        ("1,2,3,4,5", (1, 2, 3, 4)),
        (",".join(["7"] * 5000), (7, 7, 7, 7)),
    ],
)
def test_a_wild_list_is_replaced_and_complained_of_once(wild, used):
    settings, complaints = from_params(Settings, {"hidden": wild})
    assert settings.hidden == used
    assert [complaint.name for complaint in complaints] == ["hidden"]


@pytest.mark.parametrize("name", BY_KIND["choice"])
@pytest.mark.parametrize("wild", ["", "ADAM ", "<script>", "\u4e2d\u6587", "x" * 10_000, "0"])
def test_an_unknown_choice_is_replaced_and_complained_of_once(name, wild):
    settings, complaints = from_params(Settings, {name: wild})
    assert getattr(settings, name) == FIELDS[name].default
    assert [complaint.name for complaint in complaints] == [name]


@pytest.mark.parametrize("name", BY_KIND["text"])
def test_a_text_may_be_long_but_not_longer(name):
    most = rule_of(Settings, name).most
    assert from_params(Settings, {name: "x" * most})[1] == []
    settings, complaints = from_params(Settings, {name: "x" * (most + 1)})
    assert getattr(settings, name) == FIELDS[name].default
    assert [complaint.name for complaint in complaints] == [name]


def test_each_wild_value_is_complained_of_by_itself():
    wild = {"share": "2", "count": "many", "sizes": "0", "word": "milk", "note": "too long"}
    settings, complaints = from_params(Small, wild)
    assert settings == Small(share=1.0, sizes=(1,))
    assert [complaint.name for complaint in complaints] == list(wild)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_complaint_can_be_said_in_every_language(language):
    wild = {"share": "2", "count": "many", "sizes": "0", "word": "milk", "note": "too long"}
    _, complaints = from_params(Small, wild)
    for complaint in complaints:
        key, fields = complaint.expected
        sentence = strings(language)[key].format(**fields)
        assert "{" not in sentence
        ends = {"share": "01", "count": ("1", "10"), "sizes": "193", "note": "5"}
        for number_said in ends.get(complaint.name, ("tea", "coffee")):
            assert number_said in sentence


def test_what_is_said_of_a_long_value_is_short_and_on_one_line():
    assert shorten("a" * 41) == "a" * 39 + "\u2026"
    assert shorten("a" * 40) == "a" * 40
    assert shorten("one\n\n\ttwo") == "one two"
