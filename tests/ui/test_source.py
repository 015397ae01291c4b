"""The script to take home: plain Python that needs nothing but NumPy."""

import ast
import sys

import pytest

from pages._quadrants.experiment import build_model
from pages._quadrants.script import MODULES, program, script
from pages._quadrants.settings import Settings
from ui.source import standalone
from ui.training import Change


def imported(tree: ast.AST) -> dict[str, bool]:
    """Return the packages that a file imports, and whether it gets by without them."""
    guarded = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Try) and node.handlers
        for inner in ast.walk(node)
    }
    found = {}
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = ["." * node.level + (node.module or "")]
        for name in names:
            top = name.partition(".")[0]
            found[top] = found.get(top, True) and id(node) in guarded
    return found


def defined(tree: ast.Module) -> dict[str, str]:
    """Return what a module defines at its top, by name."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = ast.dump(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {t.id: ast.dump(node.value) for t in targets if isinstance(t, ast.Name)}
    return found


@pytest.fixture(scope="module")
def tree() -> ast.Module:
    changes = [Change(0, "0.bias", (3,), 0.5), Change(10, "lr", (), 0.1)]
    return ast.parse(script(Settings(test=0.25, data="moons"), 2, 100, changes))


def test_it_needs_only_numpy(tree):
    needed = {name for name, spared in imported(tree).items() if not spared}
    assert "numpy" in needed
    assert needed - {"numpy"} <= sys.stdlib_module_names


def test_it_says_what_it_is(tree):
    assert "NumPy" in ast.get_docstring(tree)


def test_future_imports_come_first(tree):
    first = next(node for node in tree.body if not isinstance(node, ast.Expr))
    assert isinstance(first, ast.ImportFrom)
    assert first.module == "__future__"
    assert sum(isinstance(n, ast.ImportFrom) and n.module == "__future__" for n in tree.body) == 1


def test_no_module_hides_another_ones_names():
    """In one file, a later function of the same name would take the earlier one's place."""
    seen: dict[str, tuple[str, str]] = {}
    for module in MODULES:
        with open(module.__file__, encoding="utf-8") as file:
            names = defined(ast.parse(file.read()))
        for name, what in names.items():
            if name == "__all__":
                continue
            earlier = seen.setdefault(name, (module.__name__, what))
            assert earlier[1] == what, f"{name} is in {earlier[0]} and in {module.__name__}"


def test_the_library_in_it_is_the_library(tree):
    ours = defined(tree)
    for module in MODULES:
        with open(module.__file__, encoding="utf-8") as file:
            names = defined(ast.parse(file.read()))
        names.pop("__all__", None)
        assert {name: ours.get(name) for name in names} == names


def test_a_program_is_put_behind_its_modules():
    text = standalone("print(softmax)\n", MODULES, "Heading.")
    assert text.startswith('"""Heading."""\n')
    assert text.endswith("print(softmax)\n")
    assert text.index("def softmax") < text.index("print(softmax)")


@pytest.mark.parametrize("hidden", [(), (3,), (4, 5, 6)])
def test_the_program_has_the_pages_layers(hidden):
    settings = Settings(hidden=hidden, data="blobs", classes=3, activation="tanh")
    lines = program(settings, 3, 0, [])
    layers = [type(layer).__name__ for layer in build_model(settings, 3)]
    assert lines.count("Linear(") == layers.count("Linear") == len(hidden) + 1
    assert lines.count("Tanh()") == layers.count("Tanh") == len(hidden)
