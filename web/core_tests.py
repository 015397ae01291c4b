"""Run the tests of ``core`` inside Pyodide, with the NumPy that the site carries.

    python -m web.core_tests [PYTEST...]

Without arguments, those that are fast and need no threads.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from web import parts

HERE = Path(__file__).parent


def main() -> None:
    """Run them; end as pytest ends."""
    chosen = sys.argv[1:] or ["tests/core", "-m", "not slow and not threads"]
    try:
        sys.exit(run(chosen))
    except parts.PartsError as error:
        sys.exit(f"The tests could not be run: {error}")


def run(chosen: list[str]) -> int:
    """Run pytest with some arguments under Node; return what it returns."""
    with tempfile.TemporaryDirectory() as folder:
        wheels = parts.plain_wheels(HERE / "test-wheels.txt") + parts.compiled_wheels("compiled")
        for wheel in wheels:
            shutil.copy(wheel, folder)
        tool = [parts.node(), "--stack-size=4000", str(HERE / "core_tests.mjs")]
        where = [str(parts.pyodide()), folder, str(parts.ROOT)]
        return subprocess.run([*tool, *where, *chosen]).returncode


if __name__ == "__main__":
    main()
