"""Make .venv and install there what a task needs.

    python scripts/setup.py app       what `streamlit run app.py` needs
    python scripts/setup.py dev       that, and the tools that test and check it
    python scripts/setup.py lowest    like dev, with the oldest releases that are allowed
    python scripts/setup.py bench     app, scikit-learn, torch; goes on without those two
    python scripts/setup.py golden    the same, but fails without those two

The second run is quick: a stamp in .venv holds a digest of the requirements that were installed.
Standard library only, and plain enough for an older Python to read as far as the sentence that
says it is too old.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
RELEASE = "{}.{}"
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

FILES = {
    "app": ["requirements.txt"],
    "dev": ["requirements.txt", "requirements-dev.txt"],
    "lowest": ["requirements.txt", "requirements-dev.txt"],
    "bench": ["requirements.txt", "requirements-bench.txt"],
    "golden": ["requirements.txt", "requirements-bench.txt"],
}
ENOUGH = {"app": ["app", "dev", "lowest"], "bench": ["bench", "golden"], "golden": ["golden"]}


def main(arguments: list[str]) -> None:
    """Set up for the task that the one argument names."""
    if len(arguments) != 1 or arguments[0] not in FILES:
        sys.exit("usage: python scripts/setup.py " + "|".join(FILES))
    if sys.version_info < OLDEST:
        sys.exit(
            f"Glassnet needs Python {RELEASE.format(*OLDEST)} or newer, and this is "
            f"{sys.version.split()[0]}: say where a newer one is, as in "
            "make PYTHON=/path/to/python3"
        )
    task = arguments[0]
    if not venv_fits():
        make_venv()
    if any(is_stamped(name) for name in ENOUGH.get(task, [task])):
        return
    say("Installing what is needed into .venv: about a minute, and only now")
    if task == "lowest":
        install_lowest(task)
    elif task in ("bench", "golden"):
        install_bench(task)
    else:
        install(task)


def say(sentence: str) -> None:
    """Print at once: what comes next takes a while."""
    print(sentence, flush=True)


# ---------------------------------------------------------------------------------------- .venv


def venv_fits() -> bool:
    """Tell whether .venv is there, works, has pip and is of this Python's release."""
    ask = f"import pip, sys; print('{RELEASE}'.format(*sys.version_info))"
    try:
        answer = subprocess.run([str(PYTHON), "-c", ask], capture_output=True, text=True)
    except OSError:
        return False
    return answer.returncode == 0 and answer.stdout.strip() == RELEASE.format(*sys.version_info)


def make_venv() -> None:
    """Make .venv anew with the Python that runs this."""
    if importlib.util.find_spec("ensurepip") is None:
        get_venv_module()
    say(f"Making .venv with Python {sys.version.split()[0]}")
    if VENV.exists():
        shutil.rmtree(VENV)
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)])
    if made.returncode != 0:
        sys.exit("Could not make .venv: what venv says stands above.")


def get_venv_module() -> None:
    """Install the part of Python that Debian and its children ship as a package of its own."""
    package = f"python{RELEASE.format(*sys.version_info)}-venv"
    if shutil.which("apt-get") and os.geteuid() == 0:
        say(f"Installing {package}, without which no .venv can be made")
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", package]):
            done = subprocess.run(command, env=env, stdout=subprocess.DEVNULL)
        if done.returncode == 0:
            importlib.invalidate_caches()
            return
    sys.exit(
        f"This Python ({sys.executable}) cannot make virtual environments: on Debian and Ubuntu, "
        f"sudo apt-get install {package} mends that; elsewhere choose another, as in "
        "make PYTHON=/path/to/python3"
    )


# --------------------------------------------------------------------------------- requirements


def digest(task: str) -> str:
    """Return one number for all that the task's requirements say."""
    texts = [(ROOT / name).read_bytes() for name in FILES[task]]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()


def stamp(task: str) -> Path:
    """Return the file that remembers what was installed for the task."""
    return VENV / f"installed-for-{task}"


def is_stamped(task: str) -> bool:
    """Tell whether the task's requirements, as they are now, were installed."""
    return stamp(task).exists() and stamp(task).read_text() == digest(task)


def pip(*arguments: str) -> bool:
    """Run pip in .venv and tell whether it succeeded.

    --no-compile halves the time: Python compiles what is used, when it is used.
    """
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--no-input", "--no-compile"]
    command += ["--disable-pip-version-check", *arguments]
    return subprocess.run(command, cwd=str(ROOT)).returncode == 0


def install(task: str, *more: str) -> None:
    """Install the last of the task's files, which names the ones before it, and stamp it."""
    if not pip("-r", FILES[task][-1], *more):
        sys.exit(f"Could not install {FILES[task][-1]}: what pip says stands above.")
    stamp(task).write_text(digest(task))


def install_lowest(task: str) -> None:
    """Install with every lower bound of requirements.txt taken as the one version allowed."""
    bounds = re.findall(
        r"^([\w.-]+)\s*>=\s*([\w.]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE
    )
    exact = VENV / "lowest.txt"
    exact.write_text("".join(f"{name}=={version}\n" for name, version in bounds))
    install(task, "--constraint", str(exact))


def install_bench(task: str) -> None:
    """Install the app's needs, then each thing to compare with by itself: torch may be missing."""
    if not pip("-r", "requirements.txt"):
        sys.exit("Could not install requirements.txt: what pip says stands above.")
    lines = (ROOT / "requirements-bench.txt").read_text().splitlines()
    wanted = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    missing = [requirement for requirement in wanted if not pip(requirement)]
    if missing and task == "golden":
        sys.exit(f"Golden numbers need {' and '.join(missing)}, which pip could not get.")
    for requirement in missing:
        say(f"Going on without {requirement}: pip could not get it.")
    if not missing:
        stamp(task).write_text(digest(task))


if __name__ == "__main__":
    main(sys.argv[1:])
