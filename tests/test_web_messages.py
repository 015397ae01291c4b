"""What leaves the in-browser site's Python for its page: everything, in its order, at once."""

import asyncio
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.runtime import Runtime, RuntimeConfig
from streamlit.runtime.scriptrunner.script_runner import ScriptRunnerEvent

SOURCE = Path(__file__).parents[1] / "web" / "python" / "in_browser.py"
PATCHED = ("flush_browser_queue", "_on_scriptrunner_event", "request_rerun")


@pytest.fixture
def left() -> list[str]:
    """Return the place where messages arrive that have left, as the page would see them."""
    return []


@pytest.fixture
def in_browser(monkeypatch: pytest.MonkeyPatch, left: list[str]) -> ModuleType:
    """Load the module as Pyodide does, with a page that only notes what comes."""
    page = SimpleNamespace(glassnetSend=lambda content: left.append(text_of(content)))
    monkeypatch.setitem(sys.modules, "js", page)
    monkeypatch.setitem(sys.modules, "pyodide", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "pyodide.ffi", SimpleNamespace(to_js=bytes))
    for name in PATCHED:
        monkeypatch.setattr(AppSession, name, getattr(AppSession, name))
    spec = importlib.util.spec_from_file_location("in_browser", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Runtime]:
    """Return Streamlit's own runtime, not started yet: it is what takes the messages."""
    monkeypatch.setattr(Runtime, "_instance", None)
    script = tmp_path / "app.py"
    script.touch()
    storage, files = MemoryMediaFileStorage("/media"), MemoryUploadedFileManager("/upload")
    yield Runtime(RuntimeConfig(str(script), storage, files))


def text_of(content: bytes) -> str:
    """Return what a message says."""
    return ForwardMsg.FromString(content).parent_message.message


def message(text: str) -> ForwardMsg:
    """Return a message that says something."""
    made = ForwardMsg()
    made.parent_message.message = text
    return made


async def connected(running: Runtime, left: list[str]) -> AppSession:
    """Start the runtime, let a visitor come, and return the session."""
    await running.start()
    client = SimpleNamespace(
        write_forward_msg=lambda made: left.append(text_of(made.SerializeToString()))
    )
    visitor = running.connect_session(client, {})
    await until(lambda: running._state.name == "ONE_OR_MORE_SESSIONS_CONNECTED")
    await asyncio.sleep(0.05)
    left.clear()
    return running._session_mgr.get_active_session_info(visitor).session


async def until(condition) -> None:
    """Give way until something is so."""
    async with asyncio.timeout(600):
        while not condition():
            await asyncio.sleep(0)


def draw(session: AppSession, text: str) -> None:
    """Send a message as a script does that is at work."""
    event = ScriptRunnerEvent.ENQUEUE_FORWARD_MSG
    session._on_scriptrunner_event(None, event, forward_msg=message(text))


def test_a_script_that_begins_while_messages_leave_does_not_overtake_them(
    in_browser: ModuleType, running: Runtime, left: list[str]
):
    in_browser.send_in_order()

    async def visit() -> None:
        session = await connected(running, left)
        for text in "abc":
            session._enqueue_forward_msg(message(text))
        await until(lambda: left)
        for text in "def":
            draw(session, text)
        await until(lambda: len(left) == 6)
        running.stop()

    asyncio.run(visit())
    assert "".join(left) == "abcdef"


def test_what_a_script_draws_leaves_before_it_ends(
    in_browser: ModuleType, running: Runtime, left: list[str]
):
    in_browser.send_in_order()

    async def visit() -> list[str]:
        session = await connected(running, left)
        draw(session, "a")  # and nothing gives way here: the script is still at work
        at_once = list(left)
        running.stop()
        return at_once

    assert asyncio.run(visit()) == ["a"]


def test_the_next_automatic_rerun_waits_until_the_last_has_been_sent(
    in_browser: ModuleType,
    running: Runtime,
    left: list[str],
    monkeypatch: pytest.MonkeyPatch,
):
    runs: list[bool] = []
    monkeypatch.setattr(AppSession, "request_rerun", lambda self, state: runs.append(True))
    in_browser.take_turns()
    automatic = SimpleNamespace(is_auto_rerun=True)
    clicked = SimpleNamespace(is_auto_rerun=False)

    async def visit() -> list[int]:
        session = await connected(running, left)
        counts = []

        def ask(state) -> None:
            session.request_rerun(state)
            counts.append(len(runs))

        ask(automatic)
        session._state = AppSessionState.APP_IS_RUNNING
        await asyncio.sleep(5 * in_browser.REST)
        ask(automatic)  # too early: the script is at work
        ask(clicked)  # a click never waits
        session._state = AppSessionState.APP_NOT_RUNNING
        await asyncio.sleep(5 * in_browser.REST)
        ask(automatic)
        running.stop()
        return counts

    assert asyncio.run(visit()) == [1, 1, 2, 3]
