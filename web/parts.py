"""Fetch what the site is made of, once, and check every byte of it.

Everything lands in ``.cache/web``, whose folders are named after the digests of what the lock files
ask for: a second build fetches nothing.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "web"
LOCK = tomllib.loads((Path(__file__).parent / "lock.toml").read_text("utf-8"))
WHEELS = Path(__file__).parent / "wheels.txt"


class PartsError(RuntimeError):
    """Something that the site is made of cannot be had, or is not what it was."""


def stlite() -> Path:
    """Return the folder of stlite's own build."""
    return npm_package("@stlite/browser") / "build"


def pyodide() -> Path:
    """Return the folder of Pyodide's core."""
    return npm_package("pyodide")


def npm_package(name: str) -> Path:
    """Return the unpacked folder of a package of the lock file."""
    package, sha256 = next(
        (package, sha256)
        for package, sha256 in LOCK["npm"].items()
        if package.rpartition("@")[0] == name
    )
    return _kept(f"npm-{sha256[:12]}", lambda folder: _fetch_npm(package, sha256, folder)) / (
        "package"
    )


def wheels() -> list[Path]:
    """Return all wheels: those of plain Python, and those compiled for Pyodide."""
    return sorted(
        [*plain_wheels(WHEELS), *compiled_wheels("compiled"), *stlite().glob("wheels/*.whl")]
    )


def plain_wheels(listing: Path) -> list[Path]:
    """Return the wheels of plain Python that a file with digests lists."""
    name = f"wheels-{digest_of(listing)[:12]}"
    return sorted(_kept(name, lambda folder: _fetch_wheels(listing, folder)).glob("*.whl"))


def compiled_wheels(table: str) -> list[Path]:
    """Return the wheels for Pyodide that a table of the lock file names."""
    digests = LOCK[table]
    name = f"compiled-{_digest(''.join(digests.values()).encode())[:12]}"
    return sorted(_kept(name, lambda folder: _fetch_compiled(digests, folder)).glob("*.whl"))


def node() -> str:
    """Return the path of Node, which comes with npm; on Debian as root it is installed.

    Raises
    ------
    PartsError
        If it is not there and cannot be had.
    """
    if not (shutil.which("node") and shutil.which("npm")):
        _install_node()
    found = shutil.which("node")
    if not (found and shutil.which("npm")):
        raise PartsError(
            "the in-browser site is built with Node and npm, and they are not here: install "
            "Node.js 18 or newer, which brings both"
        )
    return found


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return _digest(path.read_bytes())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _kept(name: str, fetch: Callable[[Path], None]) -> Path:
    """Return a folder of the cache; what fails halfway leaves none."""
    folder = CACHE / name
    if not folder.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as place:
            made = Path(place, name)
            made.mkdir()
            fetch(made)
            try:
                made.rename(folder)
            except OSError:
                if not folder.is_dir():  # else another process was quicker
                    raise
    return folder


def _check(path: Path, sha256: str) -> None:
    if (got := digest_of(path)) != sha256:
        raise PartsError(
            f"expected {path.name} with the SHA-256 {sha256}, but got {got}: fetch it again, or "
            "look at what has changed and put the new one into web/lock.toml"
        )


def _fetch_npm(package: str, sha256: str, folder: Path) -> None:
    node()
    _say(f"Fetching {package}")
    command = [str(shutil.which("npm")), "pack", "--json", "--pack-destination", str(folder)]
    done = subprocess.run([*command, package], capture_output=True, text=True, cwd=folder)
    if done.returncode != 0:
        raise PartsError(f"npm could not fetch {package}: {_last_line(done.stderr)}")
    archive = next(folder.glob("*.tgz"))
    _check(archive, sha256)
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    archive.unlink()


def _fetch_wheels(listing: Path, folder: Path) -> None:
    _say(f"Fetching the wheels of {listing.name}")
    target = ["--python-version", "3.13", "--platform", "any", "--only-binary=:all:"]
    _pip_download(folder, *target, "--require-hashes", "-r", str(listing))


def _fetch_compiled(digests: dict[str, str], folder: Path) -> None:
    """Take compiled wheels out of the package that carries them, and let go of the rest."""
    carrier = LOCK["carrier"]
    _say(f"Fetching {len(digests)} wheels for Pyodide out of a package of 145 MB")
    with tempfile.TemporaryDirectory(dir=CACHE) as passing:
        _pip_download(Path(passing), carrier["package"])
        archive = next(Path(passing).glob("*.whl"))
        _check(archive, carrier["sha256"])
        with zipfile.ZipFile(archive) as packed:
            for name, sha256 in digests.items():
                (folder / name).write_bytes(packed.read(f"{carrier['folder']}/{name}"))
                _check(folder / name, sha256)


def _pip_download(folder: Path, *what: str) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-input"]
    command += ["--disable-pip-version-check", "--dest", str(folder), *what]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise PartsError(f"pip could not fetch {what[-1]}: {_last_line(done.stderr)}")


def _install_node() -> None:
    """Install Debian's packages, which only root can."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return
    _say("Installing Debian's Node and npm")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "nodejs", "npm"]
    for command in (["apt-get", "update", "-qq"], install):
        subprocess.run(command, env=env, stdout=subprocess.DEVNULL)


def _last_line(said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else "it does not say why"


def _say(sentence: str) -> None:
    print(sentence, flush=True)
