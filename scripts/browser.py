"""Find the browser that the tests drive; get one if there is none.

    python scripts/browser.py         find or get a browser that starts, and print where it is

In this order: what the variable CHROMIUM names (a file, or ``playwright`` for Playwright's own), a
Chromium or Chrome of the system, Playwright's own, and, as root on Debian, the system's package.
To be run by the Python of .venv, which has Playwright.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Error, Playwright, sync_playwright

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = ("Google Chrome.app/Contents/MacOS/Google Chrome", "Chromium.app/Contents/MacOS/Chromium")
WINDOWS = ("Google/Chrome/Application/chrome.exe", "Chromium/Application/chrome.exe")

ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No name but this computer's is looked up: a test that needs the world outside fails anywhere.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


def find() -> str | None:
    """Return the first browser that starts, as a path, or None."""
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        return next((path for path in candidates(own) if starts(playwright, path)), None)


def candidates(own: str) -> Iterator[str]:
    """Yield where a browser may be, best first; ``own`` is Playwright's."""
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        yield own if chosen == "playwright" else chosen
        return
    yield from filter(None, map(shutil.which, COMMANDS))
    if sys.platform == "darwin":
        yield from (f"/Applications/{name}" for name in MAC)
    if sys.platform == "win32":
        for variable in ("ProgramFiles", "ProgramFiles(x86)", "LocalAppData"):
            yield from (str(Path(os.environ.get(variable, ""), name)) for name in WINDOWS)
    yield own


def starts(playwright: Playwright, path: str) -> bool:
    """Tell whether the file is there and is a browser that Playwright can drive."""
    if not Path(path).is_file():
        return False
    try:
        playwright.chromium.launch(executable_path=path, args=ARGUMENTS, timeout=60_000).close()
    except Error:
        return False
    return True


def get_playwrights() -> None:
    """Download Playwright's own Chromium; a failure shows when the browser is looked for again."""
    print("No Chromium or Chrome here: fetching Playwright's own", flush=True)
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def get_debians() -> None:
    """Install Debian's package, with a font that has Chinese; only root can."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return
    print("Installing Debian's Chromium and a Chinese font", flush=True)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
    for command in (["apt-get", "update", "-qq"], [*install, "chromium", "fonts-noto-cjk"]):
        subprocess.run(command, env=env, stdout=subprocess.DEVNULL)


def main() -> None:
    """Print the path of a browser, after getting one if need be."""
    ways = {"": (get_playwrights, get_debians), "playwright": (get_playwrights,)}
    path = find()
    for get in ways.get(os.environ.get("CHROMIUM", ""), ()):
        if path is None:
            get()
            path = find()
    if path is None:
        sys.exit(
            "The tests need a browser and found none that starts: install Chromium or Chrome, "
            "or set CHROMIUM to the path of one."
        )
    print(f"Browser: {path}")


if __name__ == "__main__":
    main()
