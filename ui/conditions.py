"""Conditions as data: "step >= 1000 and accuracy == 1", checked against a page's real state."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def holds(condition: str, facts: Mapping[str, Any]) -> bool:
    """Say whether a condition holds.

    Parameters
    ----------
    condition : str
        Comparisons of names, numbers and quoted words, joined by ``and``, ``or`` and ``not``.
    facts : mapping of str to value
        What the names stand for.

    Raises
    ------
    ValueError
        If the condition contains anything else.
    KeyError
        If a name is no fact.
    """
    return bool(_value(ast.parse(condition, mode="eval").body, facts))


def names_in(condition: str) -> set[str]:
    """Return the facts that a condition asks for."""
    return {node.id for node in ast.walk(ast.parse(condition)) if isinstance(node, ast.Name)}


def _value(node: ast.expr, facts: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return facts[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return not _value(node.operand, facts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, facts)
    if isinstance(node, ast.BoolOp):
        combine = all if isinstance(node.op, ast.And) else any
        return combine(bool(_value(part, facts)) for part in node.values)
    if isinstance(node, ast.Compare) and all(type(op) in COMPARE for op in node.ops):
        values = [_value(part, facts) for part in [node.left, *node.comparators]]
        pairs = zip(node.ops, values, values[1:], strict=False)
        return all(COMPARE[type(op)](left, right) for op, left, right in pairs)
    raise ValueError(f"a condition may hold comparisons, and, or, not; got {ast.unparse(node)}")
