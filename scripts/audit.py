"""Ask whether a weakness is known in what Glassnet stands on: ``python scripts/audit.py``.

Looked up, over the network, is every package of .venv, and every one that the in-browser site
carries, which has releases of its own.  The exit code is 0 if nothing is known, else 1.

pip-audit does the asking, from a folder of its own: it brings many packages, and none of them is to
be taken for one that Glassnet stands on.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OWN = ROOT / ".cache" / "audit"
TOOL = "pip-audit>=2.10"


def main() -> None:
    """Audit both, whatever the first one says."""
    python = own_python()
    with tempfile.TemporaryDirectory() as folder:
        carried = Path(folder) / "carried.txt"
        carried.write_text("\n".join(in_the_browser()), "utf-8")
        audits = {
            "Installed here": ["--path", sysconfig.get_path("purelib")],
            "In the in-browser site": ["--no-deps", "--disable-pip", "-r", str(carried)],
        }
        codes = []
        for title, what in audits.items():
            print(f"{title}:", flush=True)
            # --strict: a package that could not be asked about is no good news.
            command = [python, "-m", "pip_audit", "--strict", "--progress-spinner=off", *what]
            codes.append(subprocess.run(command).returncode)
    sys.exit(any(codes))


def own_python() -> str:
    """Return the Python that has pip-audit; make it if it is not there."""
    python = OWN / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not python.exists():
        venv.create(OWN, with_pip=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", TOOL]
    if subprocess.run(install).returncode != 0:
        sys.exit("Could not get pip-audit: what pip says stands above.")
    return str(python)


def in_the_browser() -> list[str]:
    """Return what the in-browser site carries, each package with its release."""
    wheels = (ROOT / "web" / "wheels.txt").read_text("utf-8").splitlines()
    plain = [line.split()[0] for line in wheels if "==" in line]
    lock = tomllib.loads((ROOT / "web" / "lock.toml").read_text("utf-8"))
    return plain + ["==".join(name.split("-")[:2]) for name in lock["compiled"]]


if __name__ == "__main__":
    main()
