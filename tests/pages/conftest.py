"""A visitor without a browser: Streamlit's AppTest on the app's door, and what a test asks of it.

``visit("quadrants", lang="zh", seed=5)`` opens a page by a link.  Each ``run`` of the script is
one look at the page: a run that is playing goes on by one slice.
"""

import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest, app_test, local_script_runner

from core import evaluate, softmax
from core.digits import Digits
from pages._mnist import run as mnist_run
from ui import controls
from ui.digits import mnist
from ui.i18n import strings

ROOT = Path(__file__).resolve().parents[2]
CODE = {"html_content", "css_content", "js_content"}  # of components: nothing for people


class Visitor:
    """Somebody who looks at a page, clicks and reads.

    Parameters
    ----------
    page : str
        The page's id.
    locale : str
        The browser's language.
    params : mapping of str to value
        What the link says.
    """

    def __init__(self, page: str, locale: str, params: dict[str, Any]) -> None:
        self.at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=600)
        self.locale = locale
        self.lesson = page if page != "home" else "quadrants"  # whose run is asked for
        if page != "home":
            self.at.switch_page(f"pages/{page}.py")
        for name, value in params.items():
            self.at.query_params[name] = str(value)
        self.look()

    # ---- what a visitor does

    def look(self) -> "Visitor":
        """Run the script once; no exception may show."""
        # AppTest's own context is younger than the oldest Streamlit that the app runs on.
        with patch("ui.i18n.browser_locale", lambda: self.locale):
            self.at.run()
        assert not self.at.exception, self.at.exception[0].value
        return self

    def press(self, key: str) -> "Visitor":
        """Click a button that is there and can be clicked."""
        button = self.at.button(key=key)
        assert not button.disabled, f"{key} cannot be pressed"
        button.click()
        return self.look()

    def put(self, kind: str, key: str, value: Any) -> "Visitor":
        """Give a widget another value; ``kind`` is as AppTest names it."""
        getattr(self.at, kind)(key=key).set_value(value)
        return self.look()

    def view(self, name: str) -> "Visitor":
        """Choose what to look into."""
        return self.put("button_group", f"{self.lesson}.view", name)

    def language(self, name: str) -> "Visitor":
        """Switch the language."""
        return self.put("button_group", "language", name)

    def go(self, page: str) -> "Visitor":
        """Open another page, as a click in the menu does."""
        self.at.switch_page(f"pages/{page}.py")
        self.lesson = self.lesson if page == "home" else page
        return self.look()

    def train(self) -> "Visitor":
        """Press Train and wait for the end."""
        self.press(f"{self.lesson}.play")
        return self.wait()

    def wait(self, until: Callable[[], bool] | None = None, looks: int = 600) -> "Visitor":
        """Look on until something is so, by default until the run rests."""
        over = until or (lambda: not self.run.playing)
        for _ in range(looks):
            if over():
                return self
            self.look()
        pytest.fail(f"still not after {looks} looks; at step {self.run.step}")

    # ---- what a visitor knows

    @property
    def run(self) -> Any:
        """The lesson's run."""
        return self.at.session_state["runs"][self.lesson]

    @property
    def settings(self) -> Any:
        """The lesson's settings."""
        return self.at.session_state[f"{self.lesson}.settings"]

    @property
    def params(self) -> dict[str, str]:
        """What the address bar says."""
        return {
            name: value[0] if isinstance(value, list) else value
            for name, value in self.at.query_params.items()
        }

    @property
    def lang(self) -> str:
        """The page's language."""
        return self.at.session_state["lang"]

    def word(self, key: str, **values: Any) -> str:
        """Return the text of a key, as this visitor sees it."""
        return strings(self.lang)[key].format(**values)

    def nodes(self) -> Iterator[Any]:
        """Yield everything on the page, from top to bottom, then the sidebar."""
        yield from self.at.main
        yield from self.at.sidebar

    def drawn(self) -> set[str]:
        """Return the keys of all that is drawn, containers too."""
        found = set()
        for node in self.nodes():
            identifier = getattr(getattr(node, "proto", None), "id", "") or ""
            if identifier.startswith("$$ID-"):
                found.add(identifier.split("-", 2)[2])
        return found

    def data(self, key: str) -> dict[str, Any]:
        """Return what a component of ours was given."""
        for node in self.at.get("bidi_component"):
            if node.proto.id.endswith(f"-{key}"):
                return json.loads(node.proto.json)
        raise KeyError(key)

    def texts(self, code: bool = True) -> list[str]:
        """Return every text on the page: labels, options, prose, what the components say."""
        found: list[str] = []
        for node in self.nodes():
            proto = getattr(node, "proto", None)
            if proto is None or (not code and node.type in ("code", "download_button")):
                continue
            found += _strings_in(proto)
        return found

    def text(self, code: bool = True) -> str:
        """Return all of it in one."""
        return "\n".join(self.texts(code))

    def complaints(self) -> list[str]:
        """Return the warnings and errors on the page."""
        return [box.value for kind in ("warning", "error") for box in getattr(self.at, kind)]

    def findings(self) -> set[str]:
        """Return what the page finds wrong with the run."""
        return {k.removeprefix("finding-") for k in self.drawn() if k.startswith("finding-")}

    def loss(self) -> float:
        """Return the loss as it is now, over all training points."""
        return evaluate(self.run.model, self.run.loss, self.run.data)[0]

    def bits(self) -> dict[str, bytes]:
        """Return the run's parameters, to the last bit."""
        return {name: array.tobytes() for name, array in self.run.model.params.items()}

    def probabilities(self) -> np.ndarray:
        """Return what the network makes of the four points of the verification."""
        points = [(2.0, 2.0), (-2.0, 2.0), (-2.0, -2.0), (2.0, -2.0)]
        # One at a time: a product of other shape may differ in its last bit.
        return np.array([softmax(self.run.model(np.array([point])))[0] for point in points])


def _strings_in(proto: Any) -> list[str]:
    found: list[str] = []
    for field, value in proto.ListFields():
        if field.name in CODE or field.name in ("id", "icon", "form_id", "component_name"):
            continue
        several = hasattr(value, "__len__") and not isinstance(value, str | bytes)
        for part in value if several else [value]:
            if isinstance(part, str):
                found += _strings_in_json(part) if field.name == "json" else [part]
            elif hasattr(part, "ListFields"):
                found += _strings_in(part)
    return found


def _strings_in_json(text: str) -> list[str]:
    found: list[str] = []

    def collect(value: Any) -> None:
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, list):
            for part in value:
                collect(part)
        elif isinstance(value, dict):
            for name, part in value.items():
                if name != "code":
                    collect(part)

    collect(json.loads(text))
    return found


class OnlyNavigation(PagesManager):
    """The pages of an app whose door has been passed once.

    Before each run AppTest forgets that ``st.navigation`` was ever called, and Streamlit takes the
    folder ``pages`` for its older kind of app, in which a page's file runs without its door.
    """

    def __init__(self, *args: Any, **more: Any) -> None:
        PagesManager.uses_pages_directory = False
        super().__init__(*args, **more)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder as slow, but for those that open every page once."""
    for item in items:
        if item.path.parent == Path(__file__).parent and item.path.name != "test_every_page.py":
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def one_click_is_one_click(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test press the same button twice as fast as it likes."""
    monkeypatch.setattr(controls, "DOUBLE_CLICK", 0.0)


@pytest.fixture(autouse=True)
def through_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every page be opened through app.py, as on a server that is running."""
    monkeypatch.setattr(app_test, "PagesManager", OnlyNavigation)


@pytest.fixture(scope="session", autouse=True)
def read_once() -> Iterator[None]:
    """Read once what is installed and what the scripts are: AppTest would before every run."""
    found = functools.cache(manifest_scanner.scan_component_manifests)
    scripts = ScriptCache()
    with (
        patch.object(manifest_scanner, "scan_component_manifests", found),
        patch.object(local_script_runner, "ScriptCache", lambda: scripts),
    ):
        yield


@pytest.fixture
def short_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a look at a run of digits train for a moment: what matters is that it goes on."""
    monkeypatch.setattr(mnist_run, "SHORTEST", 0.05)
    monkeypatch.setattr(mnist_run, "LONGEST", 0.05)


@pytest.fixture
def visit() -> Callable[..., Visitor]:
    """Give a function that lets somebody open a page: ``visit("quadrants", seed=5)``."""

    def open_page(page: str = "quadrants", *, locale: str = "en-US", **params: Any) -> Visitor:
        return Visitor(page, locale, params)

    return open_page


@pytest.fixture
def few() -> Digits:
    """Give some of MNIST's digits, to be tested with."""
    images, labels = mnist()[1]
    return Digits(images[:300], labels[:300])
