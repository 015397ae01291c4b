"""Conditions as data: they compare facts, and do nothing else."""

import pytest

from ui.conditions import holds, names_in

FACTS = {"step": 1000, "accuracy": 1.0, "data": "xor", "done": True, "loss": -0.5, "dead": False}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("step >= 1000", True),
        ("step > 1000", False),
        ("step < 1000", False),
        ("step <= 1000", True),
        ("step == 1000 and accuracy == 1", True),
        ("step == 1 and accuracy == 1", False),
        ("step == 1 or accuracy == 1", True),
        ("step == 1 or accuracy == 0", False),
        ("data == 'xor'", True),
        ("data != 'xor'", False),
        ("done", True),
        ("not done", False),
        ("not dead and done", True),
        ("loss == -0.5", True),
        ("0 < accuracy <= 1", True),
        ("0 < accuracy < 1", False),
        ("(dead or done) and step >= 1", True),
        ("dead or done and step < 1", False),
    ],
)
def test_a_condition_holds_or_not(condition, expected):
    assert holds(condition, FACTS) is expected


@pytest.mark.parametrize(
    "condition",
    [
        "print(step)",
        "__import__('os').system('true')",
        "data.upper == 1",
        "data.__class__ == 1",
        "data[0] == 'x'",
        "[1, 2] == step",
        "{'a': 1} == step",
        "(lambda: 1) == step",
        "step + 1 == 1001",
        "~step == 0",
        "+step == 1000",
        "1 if done else 0",
        "f'{data}' == 'xor'",
        "data in 'xor and others'",
        "data is data",
        "[x for x in data] == 1",
        "(step := 5) == 5",
        "done and data.upper",
        "not step()",
    ],
)
def test_anything_else_is_refused(condition):
    with pytest.raises(ValueError, match="a condition may hold"):
        holds(condition, FACTS)


@pytest.mark.parametrize("condition", ["", "step >=", "step = 5", "import os", "step; step"])
def test_what_is_no_expression_is_refused(condition):
    with pytest.raises(SyntaxError):
        holds(condition, FACTS)


def test_a_missing_fact_is_named():
    with pytest.raises(KeyError, match="weather"):
        holds("weather == 'fine'", FACTS)


def test_the_facts_a_condition_asks_for():
    assert names_in("not done and (data == 'xor' or 0 < loss < 1)") == {"done", "data", "loss"}
    assert names_in("1 == 1") == set()
