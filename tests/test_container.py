"""The container without Docker: what the Dockerfile copies is enough, and writes where it may.

The copied app runs with the Dockerfile's own command and settings, under a guard that takes the
place of the container's user: nothing may be written but in a temporary folder, and nothing of the
tools for development is there.
"""

import asyncio
import contextlib
import fnmatch
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from benchmarks.visitor import Visitor
from scripts.server import is_up
from ui.lessons import LESSONS

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ("pytest", "hypothesis", "playwright", "psutil", "distributed", "sklearn", "torch")

# Becomes sitecustomize.py of the server's Python.
GUARD = """
import os, sys
MAY, TOOLS = {may!r}, {tools!r}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = ("os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink", "os.truncate")

def guard(event, arguments):
    if event == "import" and arguments[0].partition(".")[0] in TOOLS:
        raise ImportError(arguments[0] + " is no part of requirements.txt")
    if event == "open":
        writes = isinstance(arguments[2], int) and arguments[2] & WRITING
        if not writes or isinstance(arguments[0], int):
            return
    elif event not in CHANGES:
        return
    path = os.path.realpath(os.fsdecode(arguments[0]))
    if not path.startswith((MAY, os.devnull)):
        print("WROTE OUTSIDE:", event, path, flush=True)
        raise PermissionError(path)

sys.addaudithook(guard)
"""


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions: name and what follows, on one line."""
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines)]


def said(name: str) -> list[str]:
    return [rest for instruction, rest in instructions() if instruction == name]


def ignored(path: str) -> bool:
    """Tell whether .dockerignore keeps a path from Docker: the last line that fits counts."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    left_out = False
    for line in (line for line in lines if line and not line.startswith("#")):
        pattern = line.removeprefix("!").removeprefix("**/")
        names = path.split("/")
        if "**/" not in line:
            names = ["/".join(names[: n + 1]) for n in range(len(names))]
        if any(fnmatch.fnmatch(name, pattern) for name in names):
            left_out = not line.startswith("!")
    return left_out


def copied() -> dict[str, str]:
    """Return what lands in the image, by its path there, as paths of the repository."""
    found = {}
    for rest in said("COPY"):
        *sources, target = rest.split()
        for source in sources:
            origin = ROOT / source
            assert origin.exists(), f"the Dockerfile copies {source}, which is not there"
            for path in [origin] if origin.is_file() else sorted(origin.rglob("*")):
                name = path.relative_to(ROOT).as_posix()
                if path.is_file() and not ignored(name):
                    inside = path.name if path == origin else path.relative_to(origin).as_posix()
                    found[(Path(target) / inside).as_posix()] = name
    return found


@pytest.fixture(scope="module")
def image(tmp_path_factory) -> Path:
    """Lay out the app as it lies in the image."""
    folder = tmp_path_factory.mktemp("image")
    for target, name in copied().items():
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / target)
    return folder


@pytest.fixture
def settings(tmp_path) -> dict[str, str]:
    """Return the environment of the Dockerfile, with a free port and the guard."""
    own = dict(pair.split("=", 1) for rest in said("ENV") for pair in shlex.split(rest))
    for name in ("guard", "temporary"):
        (tmp_path / name).mkdir()
    may = os.path.realpath(tmp_path / "temporary")
    (tmp_path / "guard" / "sitecustomize.py").write_text(GUARD.format(may=may, tools=TOOLS))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        own["PORT"] = str(probe.getsockname()[1])
    own |= {"PYTHONPATH": str(tmp_path / "guard"), "HOME": may, "TMPDIR": may, "TEMP": may}
    return {**os.environ, **own}


@contextlib.contextmanager
def started(image: Path, settings: dict[str, str]):
    """Run the Dockerfile's command; yield the server's address and its log."""
    shell, flag, line = json.loads(said("CMD")[0])
    assert (shell, flag) == ("sh", "-c")
    words = shlex.split(line.replace("$PORT", settings["PORT"]))
    assert words[:2] == ["exec", "streamlit"]
    command = [sys.executable, "-m", *words[1:]]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        process = subprocess.Popen(
            command, cwd=image, env=settings, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            address = f"http://127.0.0.1:{settings['PORT']}"
            assert is_up(f"{address}/_stcore/health", process)
            yield address, log
        finally:
            process.terminate()
            process.wait(10)


def health(settings: dict[str, str]) -> int:
    """Run the Dockerfile's health check; return its exit code."""
    kind, _, command = said("HEALTHCHECK")[0].partition("CMD ")
    python, *arguments = json.loads(command)
    assert python == "python"
    return subprocess.run(
        [sys.executable, *arguments], env=settings, stderr=subprocess.DEVNULL
    ).returncode


async def visit(address: str) -> dict[str, int]:
    """Open the home page and every lesson; return how many exceptions each shows."""
    shown = {}
    for page in ("", *(lesson.id for lesson in LESSONS)):
        visitor = Visitor(address, page, "lang=zh")
        await visitor.arrive()
        shown[page] = visitor.exceptions
        await visitor.leave()
    return shown


@pytest.mark.slow
def test_what_is_copied_runs_without_writing_and_is_healthy(image, settings):
    assert health(settings) != 0
    before = {path: path.stat().st_mtime_ns for path in image.rglob("*")}
    with started(image, settings) as (address, log):
        assert health(settings) == 0
        assert set(asyncio.run(visit(address)).values()) == {0}
        log.seek(0)
        printed = log.read()
    assert "Traceback" not in printed
    assert "WROTE OUTSIDE" not in printed
    assert "External URL" not in printed  # to know it, Streamlit would ask another host
    assert "external IP" not in printed
    assert {path: path.stat().st_mtime_ns for path in image.rglob("*")} == before


def test_the_guard_sees_what_it_is_there_for(settings, tmp_path):
    def run(code: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", code]
        return subprocess.run(command, env=settings, capture_output=True, text=True)

    outside, inside = tmp_path / "a.txt", Path(settings["HOME"], "a.txt")
    assert "WROTE OUTSIDE" in run(f"open({str(outside)!r}, 'w')").stdout
    assert "WROTE OUTSIDE" in run(f"import os; os.mkdir({str(outside)!r})").stdout
    assert "no part of requirements.txt" in run("import pytest").stderr
    assert run(f"open({str(inside)!r}, 'w').write('x'); open({str(inside)!r}).read()").stdout == ""
    assert inside.read_text() == "x"


def test_only_the_app_is_copied():
    names = set(copied().values())
    assert {"app.py", "requirements.txt", "LICENSE", ".streamlit/config.toml"} <= names
    assert any(name.startswith("assets/mnist/") for name in names)
    outside = {name.split("/")[0] for name in names} - {"assets", "core", "pages", "ui"}
    assert outside == {"app.py", "requirements.txt", "LICENSE", ".streamlit"}
    assert not [name for name in names if re.search(r"__pycache__|further/|readme/|secrets", name)]


def test_the_user_is_nobody_in_particular_and_the_packages_keep_their_layer():
    order = [name for name, _ in instructions()]
    assert int(said("USER")[0]) > 0
    assert order.index("USER") < order.index("CMD")
    assert said("FROM") == ["python:3.12-slim"]
    install = next(n for n, (name, rest) in enumerate(instructions()) if "pip install" in rest)
    before = [rest for name, rest in instructions()[:install] if name == "COPY"]
    assert before == ["requirements.txt ./"]
