"""The code that ran: shown as it stands in the files, and as one script to take home."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Sequence
from functools import cache
from types import ModuleType
from typing import Any

import streamlit as st


def show_source(*things: Any) -> None:
    """Print the source of functions or classes, read from the very file that was run."""
    for thing in things:
        source, line = _source(thing)
        file = thing.__module__.replace(".", "/") + ".py"
        st.caption(f"`{file}`, {line}")
        st.code(source, language="python")


@cache
def _source(thing: Any) -> tuple[str, int]:
    """Return the source of a function or class, and the line at which it begins."""
    lines, line = inspect.getsourcelines(thing)
    return "".join(lines), line


@cache
def lines_with(function: Callable[..., Any], marks: tuple[str, ...]) -> str:
    """Return the lines of a function's source that hold one of the marks, without indentation."""
    lines = inspect.getsource(function).splitlines()
    return "\n".join(line.strip() for line in lines if any(mark in line for mark in marks))


@cache
def _parsed(module: ModuleType) -> tuple[str, ast.Module]:
    source = inspect.getsource(module)
    return source, ast.parse(source)


def standalone(program: str, modules: Sequence[ModuleType], heading: str) -> str:
    """Return one Python file that holds some modules of ``core`` and a program that uses them.

    The modules' code is copied as it stands, but for their imports of each other: so the file
    needs nothing but NumPy, and what it computes is what the page computed.

    Parameters
    ----------
    program : str
        What the file is for; it finds all of the modules' names.
    modules : sequence of module
        Those that it uses; what they need in turn comes along, each before what needs it.
    heading : str
        The file's own docstring.
    """
    imports: list[str] = []
    bodies = []
    for module in _with_what_they_need(modules):
        bodies.append(f"# ---- {module.__name__.replace('.', '/')}.py ----\n")
        bodies.append(_without_imports(module, imports) + "\n")
    head = "\n".join(sorted(set(imports)))
    parts = [f'"""{heading}"""', "from __future__ import annotations\n", head, *bodies]
    return "\n".join(parts) + f"\n\n# ---- the program ----\n\n{program}"


def _with_what_they_need(modules: Sequence[ModuleType]) -> list[ModuleType]:
    """Return modules of ``core`` and all that they import from it, in an order that works."""
    found: dict[str, ModuleType] = {}

    def take(module: ModuleType) -> None:
        if module.__name__ in found:
            return
        for node in _parsed(module)[1].body:
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("core."):
                take(sys.modules[str(node.module)])
        found[module.__name__] = module

    for module in modules:
        take(module)
    return list(found.values())


def _without_imports(module: ModuleType, imports: list[str]) -> str:
    """Cut a module's imports and docstring out; those from elsewhere go into ``imports``."""
    source, tree = _parsed(module)
    lines = source.splitlines()
    for node in tree.body:
        if isinstance(node, ast.Expr) and node is tree.body[0]:
            _blank(lines, node)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            own = isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                ("core", "__future__")
            )
            if not own:
                imports.append(ast.unparse(node))
            _blank(lines, node)
    return "\n".join(lines).strip() + "\n"


def _blank(lines: list[str], node: ast.stmt) -> None:
    for number in range(node.lineno - 1, node.end_lineno or node.lineno):
        lines[number] = ""
