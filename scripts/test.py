"""Run the tests.

    python scripts/test.py            those with a browser and, while that waits, all others
    python scripts/test.py fast       those that are neither slow nor need a browser

What needs no browser runs beside it at the lowest priority, and is reported after it.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

# One BLAS thread each: more would only take the cores away from each other.  What is compiled once
# is kept, whatever the machine's habit is: the tests start many Pythons.
ENVIRONMENT = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": ""}
PYTEST = [sys.executable, "-m", "pytest", "-q"]
BROWSER = [*PYTEST, "tests/browser"]  # in one process: they share a server and a browser
OTHERS = [*PYTEST, "-n", "2", "--dist", "worksteal", "--ignore", "tests/browser"]


def main(arguments: list[str]) -> int:
    """Run what is asked for; return 0 if all has passed."""
    if arguments == ["fast"]:
        return subprocess.run([*OTHERS, "-m", "not slow"], env=ENVIRONMENT).returncode
    if arguments:
        sys.exit("usage: python scripts/test.py [fast]")
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        others = subprocess.Popen(
            OTHERS, env=ENVIRONMENT, stdout=said, stderr=subprocess.STDOUT, start_new_session=True
        )
        step_back(others.pid)
        try:
            wrong = subprocess.run(BROWSER, env=ENVIRONMENT).returncode
            wrong = others.wait() or wrong
        finally:
            stop(others)
        said.seek(0)
        print(f"\nWithout a browser:\n{said.read()}")
    return wrong


def step_back(process: int) -> None:
    """Let a process, and all that it will start, compute only when nobody else wants to."""
    psutil.Process(process).nice(getattr(psutil, "IDLE_PRIORITY_CLASS", 19))
    with contextlib.suppress(OSError):  # Linux may share out time by session, whatever a process is
        Path(f"/proc/{process}/autogroup").write_text("19")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it has started, if it still runs."""
    if process.poll() is None:
        for one in [*psutil.Process(process.pid).children(recursive=True), process]:
            with contextlib.suppress(psutil.NoSuchProcess):  # it may have ended by itself just now
                one.terminate()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
