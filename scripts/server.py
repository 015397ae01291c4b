"""Run the app on this machine for as long as a program looks at it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

ROOT = Path(__file__).resolve().parent.parent


class Server(NamedTuple):
    """Where an app is served, and by which process."""

    address: str
    process: subprocess.Popen[bytes]


@contextmanager
def running(
    log: IO[str], app: str = "app.py", more: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Start an app on a free port, yield its server, stop it; what it says goes into ``log``.

    ``more`` is added to its environment.

    Raises
    ------
    RuntimeError
        If it does not answer within a minute.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", app]
    command += [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    command += ["--server.fileWatcherType=none", "--browser.gatherUsageStats=false"]
    address = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", **(more or {})}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
    )
    try:
        if not is_up(f"{address}/_stcore/health", process):
            raise RuntimeError("The app did not start")
        yield Server(address, process)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def is_up(address: str, process: subprocess.Popen[bytes], seconds: float = 60) -> bool:
    """Ask until the server answers; give up when it ends or the time is over."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return True
        except OSError:
            time.sleep(0.05)
    return False
