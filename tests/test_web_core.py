"""What the networks compute is the same in the browser's Python, with the NumPy that it carries."""

import re
import subprocess
import sys

import pytest

CORE = [
    "layers",
    "conv",
    "losses",
    "optim",
    "training",
    "gradcheck",
    "golden",
    "classic",
    "resume",
    "checkpoint",
]


@pytest.mark.slow
def test_core_passes_its_own_tests_inside_pyodide():
    """Under Node; ``make web-core`` runs the others, too, which takes minutes."""
    files = [f"tests/core/test_{name}.py" for name in CORE]
    command = [sys.executable, "-m", "web.core_tests", *files, "-m", "not slow and not threads"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    [passed] = re.findall(r"(\d+) passed", done.stdout)
    assert int(passed) > 400
