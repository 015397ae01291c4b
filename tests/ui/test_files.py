import ast
import gc
import tomllib
import weakref
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from ui.files import MOST_MEGABYTES, contents, forget, shared, when_asked

ROOT = Path(__file__).resolve().parents[2]


def test_the_server_takes_files_as_large_as_the_page_says():
    config = ROOT / ".streamlit" / "config.toml"
    assert tomllib.loads(config.read_text("utf-8"))["server"]["maxUploadSize"] == MOST_MEGABYTES


def test_equal_arrays_are_kept_once_and_nobody_may_write_to_them():
    first, second = np.arange(500), np.arange(500)
    kept = shared(first)
    assert shared(second) is kept is first
    with pytest.raises(ValueError, match="read-only"):
        kept[0] = 1


@pytest.mark.parametrize(
    "other",
    [np.arange(501), np.arange(500).reshape(5, 100), np.arange(500).astype(np.float64)],
    ids=["bytes", "shape", "kind"],
)
def test_arrays_that_differ_are_kept_apart(other):
    kept = shared(np.arange(500))
    assert shared(other) is other is not kept


def test_an_array_that_nobody_holds_any_more_is_let_go():
    kept = shared(np.arange(321))
    held = weakref.ref(kept)
    assert held() is kept
    del kept
    gc.collect()
    assert held() is None


def test_the_server_forgets_the_files_that_were_read_and_no_others(monkeypatch):
    manager = MemoryUploadedFileManager("/upload")
    for name in ("a", "b"):
        manager.add_file("me", UploadedFileRec(name, f"{name}.csv", "", b"1,2"))
    context = SimpleNamespace(uploaded_file_mgr=manager, session_id="me")
    monkeypatch.setattr("ui.files.get_script_run_ctx", lambda: context)
    (record,) = manager.get_files("me", ["a"])
    file = UploadedFile(record, None)
    assert contents([file]) == [("a.csv", b"1,2")]
    forget([file])
    assert [kept.file_id for kept in manager.get_files("me", ["a", "b"])] == ["b"]


def test_outside_a_visit_there_is_nothing_to_forget():
    forget([SimpleNamespace(file_id="a")])


def test_a_file_is_built_when_it_is_asked_for_and_at_once_where_there_are_no_threads(monkeypatch):
    built = []

    def build():
        built.append(1)
        return b"file"

    assert when_asked(build) is build
    assert built == []
    monkeypatch.setattr("ui.files.IN_BROWSER", True)
    assert when_asked(build) == b"file"


def test_every_download_is_built_when_it_is_asked_for():
    """Else the page asks for an address that the next run may just have taken away."""
    offered = 0
    for path in [*(ROOT / "pages").rglob("*.py"), *(ROOT / "ui").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "st.download_button":
                offered += 1
                assert "when_asked(" in ast.unparse(node.args[1]), f"{path.name}:{node.lineno}"
    assert offered
