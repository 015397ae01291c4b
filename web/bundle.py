"""Bundles: many files in one, packed as small as gzip can.

A bundle is a plain tar.gz, or a zip of files that are not compressed where Python itself looks into
it.  The same files give the same bytes.
"""

from __future__ import annotations

import base64
import gzip
import io
import re
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from web import parts
from web.bytecode import byte_code

Files = dict[str, bytes]

# What no lesson ever needs of the packages.
LEFT_OUT = (
    *("/tests/", "/test/", "/_pyinstaller/", "/include/", "/f2py/", "/distutils/"),
    *("/typing/tests", "numpy/random/lib/", "numpy/random/_examples", "numpy/_core/lib/"),
    *("streamlit/.agents/", "streamlit/hello/", "streamlit/static/", "streamlit/testing/"),
    *("plotly/labextension/", "plotly/matplotlylib/", "plotly/express/", "plotly/figure_factory/"),
    *("plotly/data/", "plotly/package_data/plotly", "plotly/package_data/widgetbundle"),
    *("plotly/package_data/datasets/", ".data/", "/licenses/"),
)
KEPT_KINDS = (".py", ".pyc", ".so", ".json", ".js", ".css", ".txt", "METADATA", ".toml")

# Of the standard library: what asks for a terminal, for tests or for other machines.
STDLIB_LEFT_OUT = (
    *("unittest/", "pydoc_data/", "idlelib/", "ensurepip/", "lib2to3/", "tkinter/", "turtledemo/"),
    *("xmlrpc/", "wsgiref/", "venv/", "sqlite3/", "curses/", "dbm/", "turtle.py", "doctest.py"),
    *("pydoc.py", "mailbox.py", "imaplib.py", "ftplib.py", "poplib.py", "smtplib.py", "pdb.py"),
    *("pickletools.py", "_pyrepl/"),
)


def libraries() -> Files:
    """Return site-packages: byte code, binaries, data."""
    return compiled({n: c for wheel in parts.wheels() for n, c in _wanted(wheel)})


def compiled(files: Files) -> Files:
    """Return files with byte code in place of sources, without docstrings."""
    code = {n: c for n, c in files.items() if n.endswith((".py", ".pyc"))}
    rest = {n: c for n, c in files.items() if n not in code}
    made = byte_code(code, optimize=1)
    return {**rest, **{n.removesuffix("c") + "c": c for n, c in made.items()}}


def standard_library() -> Files:
    """Return Python's standard library as byte code."""
    with zipfile.ZipFile(parts.pyodide() / "python_stdlib.zip") as packed:
        files = {n: packed.read(n) for n in packed.namelist() if not n.endswith("/")}
    return compiled({n: c for n, c in files.items() if not n.startswith(STDLIB_LEFT_OUT)})


def app(root: Path, folders: tuple[str, ...], files: tuple[str, ...]) -> Files:
    """Return the app itself: its sources, which its pages show, with their byte code."""
    found = {name: (root / name).read_bytes() for name in files}
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                found[path.relative_to(root).as_posix()] = path.read_bytes()
    # Pages are compiled by stlite, which reads their sources.
    sources = {n: c for n, c in found.items() if n.endswith(".py") and "/" in n}
    for name, code in byte_code(sources, optimize=0).items():
        folder, _, file = name.rpartition("/")
        found[f"{folder}/__pycache__/{file.removesuffix('.py')}.cpython-313.pyc"] = code
    return found


def tar_gz(files: Mapping[str, bytes]) -> bytes:
    """Pack files into a tar.gz."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as packed:
        for name in sorted(files):
            entry = tarfile.TarInfo(name)
            entry.size = len(files[name])
            packed.addfile(entry, io.BytesIO(files[name]))
    return gzip.compress(plain.getvalue(), 9, mtime=0)


def zipped(files: Mapping[str, bytes], *, compress: bool) -> bytes:
    """Pack files into a zip."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
            packed.writestr(entry, files[name], compresslevel=9 if compress else None)
    return content.getvalue()


def _wanted(wheel: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(wheel) as packed:
        for name in packed.namelist():
            needed = name.endswith(KEPT_KINDS) and not any(part in name for part in LEFT_OUT)
            if needed and not name.endswith(("top_level.txt", "entry_points.txt")):
                yield name, packed.read(name)


def stlite_worker(folder: Path) -> bytes:
    """Return stlite's worker, which stands as a data address in its script."""
    for path in sorted(folder.glob("index-*.js")):
        if found := re.search(
            rb'"data:text/javascript;base64,([\w+/=]{9999,})"', path.read_bytes()
        ):
            return base64.b64decode(found[1])
    raise parts.PartsError("expected stlite's worker inside its script, but it is not there")
