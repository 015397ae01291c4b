"""The house rules that no linter knows: which way imports run, what each storey may touch.

    app.py -> pages -> ui -> core -> numpy

Read from the source (AST), so nothing is imported and nothing needs to work.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# What each storey may import besides the standard library.
STOREYS = {
    "core": {"core", "numpy"},
    "ui": {"ui", "core", "numpy", "streamlit", "plotly", "PIL", "streamlit_drawable_canvas"},
    "pages": {"pages", "ui", "core", "numpy", "streamlit"},
    "app.py": {"pages", "ui", "core", "streamlit"},
}
BESIDE = ("scripts", "benchmarks", "web")  # tools: free, but for the tests
EXCEPTIONS = {
    "core/captcha.py": {"PIL"},
    "ui/server.py": {"starlette"},  # Streamlit's own server, whose middleware st.App takes
}
ONLY_IN_TRY = {"core/threads.py": {"threadpoolctl"}}  # an optional help: its absence is no error

# The standard library has doors of its own, which core does not use.
CLOSED_TO_CORE = {"random", "pickle", "urllib", "http", "socket", "subprocess"}

MAY_OPEN_FILES = {"core/checkpoint.py", "core/datasets.py", "core/digits.py"}
FILE_CALLS = {"open", "np.load", "numpy.load"}
FILE_METHODS = {
    *("open", "read_text", "read_bytes", "write_text", "write_bytes", "tofile", "fromfile"),
    *("save", "savez", "savez_compressed", "savetxt", "loadtxt", "genfromtxt", "memmap"),
}
RANDOM_TYPES = {
    *("Generator", "RandomState", "SeedSequence", "BitGenerator", "default_rng"),
    *("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"),
}

LONGEST, LONGEST_PAGE = 300, 200
PASSED_AWAY = ("use_container_width", "components.v1")  # Streamlit has deprecated them

# Added up from pieces, or this file would find itself.
MARKERS = ("TO" + "DO", "FIX" + "ME", "X" + "XX")
HOMES = ("ho" + "me", "ro" + "ot", "Us" + "ers", "wo" + "rk", "m" + "nt")
LEFTOVERS = {
    "unfinished work": re.compile(rf"\b(?:{'|'.join(MARKERS)})\b"),
    # Not after a letter or a dot: a folder of a URL or of a relative path is nobody's home.
    "a path on somebody's computer": re.compile(
        rf"(?<![\w.~>-])/(?:{'|'.join(HOMES)})/[\w.]|\b[A-Z]:\\{HOMES[2]}\\"
    ),
}


def storey_of(name: str) -> str:
    """Return the storey of a file by its path from the root, such as ``core`` or ``app.py``."""
    return name.split("/")[0]


def longest(name: str) -> int:
    """Return how many lines a file may have: a page fewer than what pages are made with."""
    is_page = re.fullmatch(r"app\.py|pages/\w+\.py", name)
    return LONGEST_PAGE if is_page else LONGEST


def imports(tree: ast.AST) -> Iterator[tuple[ast.stmt, str, bool]]:
    """Yield every import with the top-level name it asks for and whether a ``try`` guards it."""
    guarded = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Try) and node.handlers
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name.split(".")[0], id(node) in guarded
        elif isinstance(node, ast.ImportFrom):
            top = "." * node.level if node.level else (node.module or "").split(".")[0]
            yield node, top, id(node) in guarded


def wrong_imports(name: str, source: str) -> list[str]:
    """Return what is wrong with the imports of one file, a sentence each."""
    storey = storey_of(name)
    allowed = STOREYS[storey] | EXCEPTIONS.get(name, set())
    found = []
    for node, top, guarded in imports(ast.parse(source)):
        fine = top in allowed or (guarded and top in ONLY_IN_TRY.get(name, set()))
        if not fine and top in sys.stdlib_module_names:
            fine = not (storey == "core" and top in CLOSED_TO_CORE)
        if not fine:
            found.append(f"{name}:{node.lineno}: {storey} may not import {top}")
    return found


def dotted(node: ast.AST) -> str:
    """Return ``a.b.c`` for such an expression; what is no name comes out as ``?``."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def wrong_in_core(name: str, source: str) -> list[str]:
    """Return what a file of core does that core does not do: print, open, draw from global luck."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = dotted(node.func)
            if called == "print":
                found.append(f"{name}:{node.lineno}: core prints nothing")
            is_method = "." in called and called.rpartition(".")[2] in FILE_METHODS
            if (called in FILE_CALLS or is_method) and name not in MAY_OPEN_FILES:
                found.append(f"{name}:{node.lineno}: only {sorted(MAY_OPEN_FILES)} open files")
        elif isinstance(node, ast.Attribute):
            where, _, what = dotted(node).rpartition(".")
            if where in ("np.random", "numpy.random") and what not in RANDOM_TYPES:
                found.append(f"{name}:{node.lineno}: random numbers come from rng, not np.random")
        elif isinstance(node, ast.ImportFrom) and node.module == "numpy.random":
            found += [
                f"{name}:{node.lineno}: random numbers come from rng, not numpy.random.{alias.name}"
                for alias in node.names
                if alias.name not in RANDOM_TYPES
            ]
    return found


def wrong_habits(name: str, source: str) -> list[str]:
    """Return what no file of the app may do: swallow every error, use what has passed away."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ExceptHandler):
            catches = "everything" if node.type is None else dotted(node.type)
            silent = all(isinstance(statement, ast.Pass) for statement in node.body)
            if catches == "everything" or (silent and catches in ("Exception", "BaseException")):
                found.append(f"{name}:{node.lineno}: an except that hides every error")
    for number, line in enumerate(source.splitlines(), 1):
        found += [
            f"{name}:{number}: {word} has passed away" for word in PASSED_AWAY if word in line
        ]
    return found


def leftovers(name: str, text: str) -> list[str]:
    """Return what one forgot in a text: markers of unfinished work, paths of one's own computer."""
    return [
        f"{name}:{number}: {what}: {match.group()}"
        for number, line in enumerate(text.splitlines(), 1)
        for what, pattern in LEFTOVERS.items()
        for match in pattern.finditer(line)
    ]


def app_sources() -> dict[str, str]:
    """Return the source of every Python file of the four storeys, by its path from the root."""
    paths = [path for storey in STOREYS for path in [ROOT / storey, *(ROOT / storey).rglob("*.py")]]
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(paths)
        if path.is_file()
    }


def project_texts() -> Iterator[tuple[str, str]]:
    """Yield name and text of every text file that git keeps, or would keep once it is added."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
    )
    if listing.returncode == 0:
        names = listing.stdout.decode().rstrip("\0").split("\0")
    else:  # a copy without git's memory: what does not begin with a dot
        names = [path.relative_to(ROOT).as_posix() for path in ROOT.rglob("[!.]*")]
        names = [name for name in names if "/." not in f"/{name}" and "__pycache__" not in name]
    for name in names:
        path = ROOT / name
        if path.is_file() and b"\0" not in (content := path.read_bytes()):
            yield name, content.decode("utf-8", errors="replace")


def assert_none(wrongs: Iterable[str]) -> None:
    """Fail with all that is wrong, a line each, unless nothing is."""
    if listed := list(wrongs):
        pytest.fail("\n".join(listed), pytrace=False)


# ------------------------------------------------------------------------------------- the house


@pytest.mark.parametrize("storey", STOREYS)
def test_every_storey_is_there(storey):
    assert any(storey_of(name) == storey for name in app_sources()), f"there is no {storey}"


@pytest.mark.slow
def test_imports_run_one_way():
    assert_none(wrong for item in app_sources().items() for wrong in wrong_imports(*item))


def test_nothing_else_imports_tests():
    paths = [path for folder in BESIDE for path in (ROOT / folder).rglob("*.py")]
    assert_none(
        f"{path.relative_to(ROOT).as_posix()}:{node.lineno}: nothing imports tests"
        for path in paths
        for node, top, _ in imports(ast.parse(path.read_text(encoding="utf-8")))
        if top == "tests"
    )


def test_core_is_quiet_and_repeatable():
    core = {name: text for name, text in app_sources().items() if storey_of(name) == "core"}
    assert_none(wrong for item in core.items() for wrong in wrong_in_core(*item))


def test_no_file_hides_errors_or_uses_what_is_deprecated():
    assert_none(wrong for item in app_sources().items() for wrong in wrong_habits(*item))


def test_files_stay_short():
    lengths = {name: len(text.splitlines()) for name, text in app_sources().items()}
    assert_none(
        f"{name}: {length} lines, {longest(name)} at most"
        for name, length in lengths.items()
        if length > longest(name)
    )


def test_nothing_was_left_behind():
    assert_none(wrong for item in project_texts() for wrong in leftovers(*item))


# ------------------------------------------------------------------- and these tests do see things


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("core/layers.py", "import streamlit as st"),
        ("core/layers.py", "from ui.charts import curve"),
        ("core/layers.py", "def f():\n    import pandas"),
        ("core/layers.py", "from PIL import Image"),
        ("core/layers.py", "import random"),
        ("core/layers.py", "from .init import kaiming_normal"),
        ("core/layers.py", "try:\n    import threadpoolctl\nexcept ImportError:\n    raise"),
        ("core/threads.py", "import threadpoolctl"),
        ("core/threads.py", "try:\n    x = 1\nexcept ImportError:\n    import threadpoolctl"),
        ("ui/charts.py", "import pages.mnist"),
        ("ui/charts.py", "from tests.browser import conftest"),
        ("pages/mnist.py", "import plotly.graph_objects as go"),
        ("pages/mnist.py", "import app"),
        ("app.py", "import numpy as np"),
    ],
)
def test_a_wrong_import_is_seen(name, source):
    assert len(wrong_imports(name, source)) == 1


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("core/layers.py", "import math, numpy as np\nfrom core.init import kaiming_normal"),
        ("core/captcha.py", "from PIL import Image"),
        ("core/threads.py", "try:\n    import threadpoolctl\nexcept ImportError:\n    x = None"),
        ("ui/charts.py", "import plotly.graph_objects as go\nimport core.metrics"),
        ("pages/mnist.py", "import streamlit as st\nfrom ui.i18n import t\nfrom core import fit"),
        ("app.py", "import streamlit as st\nfrom ui.lessons import LESSONS"),
    ],
)
def test_a_right_import_passes(name, source):
    assert wrong_imports(name, source) == []


@pytest.mark.parametrize(
    "source",
    [
        "print(1)",
        "open('a')",
        "path.read_bytes()",
        "np.load(path)",
        "np.random.seed(1)",
        "draw = np.random.uniform",
        "from numpy.random import rand",
    ],
)
def test_a_wrong_deed_in_core_is_seen(source):
    assert len(wrong_in_core("core/layers.py", source)) == 1


@pytest.mark.parametrize(
    "source", ["np.random.default_rng(1)", "rng.uniform(0, 1)", "optimizer.load(x)", "x.copy()"]
)
def test_a_right_deed_in_core_passes(source):
    assert wrong_in_core("core/layers.py", source) == []


def test_core_opens_files_where_it_may():
    assert wrong_in_core("core/checkpoint.py", "np.load(open('a', 'rb'))") == []


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    f()\nexcept:\n    g()",
        "try:\n    f()\nexcept Exception:\n    pass",
        "st.button('x', use_container_width=True)",
        "import streamlit.components.v1",
    ],
)
def test_a_wrong_habit_is_seen(source):
    assert len(wrong_habits("pages/mnist.py", source)) == 1


@pytest.mark.parametrize(
    "line",
    [
        *(f"# {marker}: later" for marker in MARKERS),
        *(f"DATA = '/{home}/ann/x'" for home in HOMES),
        f"C:\\{HOMES[2]}\\ann",
    ],
)
def test_a_leftover_is_seen(line):
    assert len(leftovers("a.py", line)) == 1


@pytest.mark.parametrize(
    "line", ["todos", *(f"https://a.org/{home}/x" for home in HOMES), f"pages/{HOMES[0]}/a.py"]
)
def test_what_only_looks_like_a_leftover_passes(line):
    assert leftovers("a.py", line) == []
