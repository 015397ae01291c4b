"""Nothing that comes from outside is run, unpacked into objects, written, or taken for HTML.

Read from the source, as the house's other rules are; and hostile words are handed to everything
that puts HTML together.
"""

import ast
import base64
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest

from tests.test_architecture import app_sources, assert_none, dotted, imports
from ui.answers import Bar, bars
from ui.curves import Band, Line, Panel, pictures
from ui.described import described
from ui.ink import ink_numbers
from ui.sketch import sketch
from ui.spread import Axes, Cloud, spread_picture

RUNS = {"eval", "exec", "compile", "__import__", "os.system", "os.popen"}
RUNNING = {"pickle", "marshal", "shelve", "subprocess", "ctypes", "multiprocessing", "code"}
WRITES = {"write_text", "write_bytes", "tofile", "touch", "mkdir", "makedirs", "unlink", "rename"}
# Weights for the scripts that train: a page only lets it write into memory.
MAY_WRITE = {"core/checkpoint.py"}

# What returns HTML, each with its words escaped, as the tests below try.
MAKERS = {"bars", "described", "ink_numbers", "pictures", "sketch", "spread_picture"}
# HTML with nothing in it but numbers, words of assets/i18n, and names that the app has chosen.
OWN_WORDS = {
    *("pages/_home/beforehand.py", "pages/_draw/view_networks.py", "pages/_mnist/view_train.py"),
    "ui/walk.py",
}


def wrong_with_outsiders(name: str, source: str) -> list[str]:
    """Return where a file runs, unpacks or writes what it should not, a sentence each."""
    tree = ast.parse(source)
    found = [
        f"{name}:{node.lineno}: nothing of the app imports {top}"
        for node, top, _ in imports(tree)
        if top in RUNNING
    ]
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        called = dotted(call.func)
        if called in RUNS:
            found.append(f"{name}:{call.lineno}: {called} runs text")
        if not all(
            isinstance(keyword.value, ast.Constant) and keyword.value.value is False
            for keyword in call.keywords
            if keyword.arg in ("allow_pickle", "unsafe_allow_html", "unsafe_allow_javascript")
        ):
            found.append(f"{name}:{call.lineno}: {called} lets in what it should keep out")
        if name not in MAY_WRITE and writes(call):
            found.append(f"{name}:{call.lineno}: {called} writes a file")
    return found


def writes(call: ast.Call) -> bool:
    """Tell whether a call writes a file by its name."""
    last = dotted(call.func).rpartition(".")[2]
    if last != "open":
        return last in WRITES
    modes = [*call.args[1:2], *(word.value for word in call.keywords if word.arg == "mode")]
    if isinstance(call.func, ast.Attribute):  # as of a path, whose first argument it is
        modes += call.args[:1]
    texts = [mode.value for mode in modes if isinstance(mode, ast.Constant)]
    return any(re.fullmatch(r"[rwaxbt+]*[wax+][rwaxbt+]*", str(text)) for text in texts)


def wrong_html(name: str, source: str) -> list[str]:
    """Return where a file draws HTML that is neither a constant nor a maker's."""
    if name in OWN_WORDS:
        return []
    return [
        f"{name}:{call.lineno}: st.html takes a constant, or what {sorted(MAKERS)} return"
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and dotted(call.func) == "st.html"
        if not (isinstance(call.args[0], ast.Name) and call.args[0].id.isupper())
        if not (isinstance(call.args[0], ast.Call) and dotted(call.args[0].func) in MAKERS)
    ]


@pytest.mark.slow
def test_nothing_from_outside_is_run_unpacked_or_written():
    assert_none(wrong for item in app_sources().items() for wrong in wrong_with_outsiders(*item))


def test_html_is_constant_or_made_where_words_are_escaped():
    assert_none(wrong for item in app_sources().items() for wrong in wrong_html(*item))


@pytest.mark.parametrize("name", sorted(OWN_WORDS))
def test_no_exception_outlives_its_reason(name):
    assert "st.html(" in app_sources()[name]


@pytest.mark.parametrize(
    "source",
    [
        "eval(text)",
        "import pickle",
        "from subprocess import run",
        "np.load(file, allow_pickle=True)",
        "np.load(file, allow_pickle=trusted)",
        "st.markdown(text, unsafe_allow_html=True)",
        "open(name, 'wb')",
        "path.open('a')",
        "path.open(mode='r+')",
        "(folder / name).write_bytes(content)",
    ],
)
def test_a_wrong_deed_is_seen(source):
    assert len(wrong_with_outsiders("pages/mnist.py", source)) == 1


@pytest.mark.parametrize(
    "source", ["re.compile(x)", "path.open('rb')", "open(name)", "archive.open(info)"]
)
def test_a_right_deed_passes(source):
    assert wrong_with_outsiders("pages/mnist.py", source) == []


@pytest.mark.parametrize("given", ["f'<b>{name}</b>'", "text", "t('draw.first')"])
def test_wrong_html_is_seen(given):
    assert len(wrong_html("pages/mnist.py", f"st.html({given})")) == 1


# --------------------------------------------------------------------------------- hostile words

HOSTILE = "\"'><img src=x onerror=alert(1)><script>alert(1)</script>"
LINE = Line(HOSTILE, [0, 1], [0, 1])
BAND = Band(HOSTILE, np.array([0, 1]), np.array([0, 0]), np.array([1, 1]))

MADE = {
    "bars": bars([Bar(HOSTILE, 0.5, HOSTILE, HOSTILE)]),
    "described": described(np.zeros((2, 2), np.uint8), HOSTILE, None, printed=False)
    + described(np.zeros((2, 2), np.uint8), HOSTILE, 9, printed=True),
    "ink_numbers": ink_numbers(np.eye(2, dtype=int), dark=True, label=HOSTILE, says=HOSTILE),
    "pictures": pictures(
        [Panel(HOSTILE, [LINE], HOSTILE, 1, 0, 1, BAND)], dark=True, label=HOSTILE
    ),
    "sketch": sketch([0, 1], dark=True, label=HOSTILE),
    "spread_picture": spread_picture(
        [Cloud(HOSTILE, 0, [0.5]), Cloud(HOSTILE, 1, [0.6])],
        Axes(HOSTILE, HOSTILE),
        dark=True,
        label=HOSTILE,
    ),
}


class Elements(HTMLParser):
    """Collects what a browser would make of a text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_every_maker_is_tried():
    assert MADE.keys() == MAKERS


@pytest.mark.parametrize("maker", sorted(MAKERS))
def test_hostile_words_stay_words(maker):
    parser = Elements()
    parser.feed(MADE[maker])
    assert parser.found
    for tag, attributes in parser.found:
        assert tag != "script"
        assert not [name for name in attributes if name.startswith("on")]
        if tag == "img":
            kind, _, data = str(attributes["src"]).partition(";base64,")
            if kind == "data:image/png":
                continue
            assert kind == "data:image/svg+xml"
            drawn = ElementTree.fromstring(base64.b64decode(data))
            tags = {element.tag.rpartition("}")[2] for element in drawn.iter()}
            assert not tags & {"script", "img", "foreignObject", "a"}
