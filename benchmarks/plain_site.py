"""The same app as a plain stlite site, built as its documentation says, to be measured beside ours.

Each package is a wheel that stlite's installer fetches and unpacks, each file of the app is fetched
by itself, everything is there before the first page.  What the app cannot do without in stlite
(see ``web/python``) is in, MNIST and weights are left out: it would only look worse with them.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterator
from email import message_from_string
from pathlib import Path

from web import parts
from web.build import APP_FILES, APP_FOLDERS, home_pictures, write

LISTING = Path(__file__).parent / "plain-wheels.txt"
ASKED_FOR = ["numpy", "pandas", "pillow", "plotly", "streamlit-drawable-canvas"]
NEEDED = {"anyio": ["ssl"], "streamlit": ["pyarrow"]}

PAGE = """<!doctype html>
<html><head><meta charset="utf-8"><title>plain</title>
<link rel="stylesheet" href="./stlite/stlite.css"></head>
<body><div id="root"></div><script type="module">
import {{ mount }} from "./stlite/stlite.js";
mount({{
  pyodideUrl: new URL("./pyodide/pyodide.mjs", location.href).href,
  requirements: {requirements}, entrypoint: "app.py", files: {files},
}}, document.getElementById("root"));
</script></body></html>
"""

MENDED = """
import streamlit as _st
import streamlit.runtime as _runtime
if not hasattr(_runtime.Runtime, "exists"):
    _runtime.Runtime.exists = classmethod(lambda cls: _runtime.exists())
    _runtime.Runtime.instance = classmethod(lambda cls: _runtime.get_instance())
"""


def build_plain(out: Path) -> None:
    """Build the site in a folder, anew."""
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(parts.stlite(), out / "stlite", ignore=shutil.ignore_patterns("*.map"))
    core = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
    for name in core:
        write(out / "pyodide" / name, (parts.pyodide() / name).read_bytes())
    wheels = [*parts.wheels(), *parts.plain_wheels(LISTING), *parts.compiled_wheels("beside")]
    wheels = [wheel for wheel in wheels if not wheel.name.startswith(("streamlit-", "stlite"))]
    for wheel in wheels:
        shutil.copy(wheel, out / "pyodide" / wheel.name)
    wheels += [stub(out / "pyodide", "ssl"), stub(out / "pyodide", "fastparquet")]
    lock = json.loads((parts.pyodide() / "pyodide-lock.json").read_text("utf-8"))
    lock["packages"] = dict(locked(wheels))
    write(out / "pyodide/pyodide-lock.json", json.dumps(lock).encode())
    files = dict(app_files(out))
    page = PAGE.format(requirements=json.dumps(ASKED_FOR), files=json.dumps(files))
    write(out / "index.html", page.encode())


def app_files(out: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Lay out the app's files; yield each with its address."""
    found = {name: (parts.ROOT / name).read_bytes() for name in APP_FILES}
    for folder in APP_FOLDERS:
        for path in sorted((parts.ROOT / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                found[path.relative_to(parts.ROOT).as_posix()] = path.read_bytes()
    found.update(home_pictures())
    head, _, rest = found["app.py"].decode().partition("import streamlit as st\n")
    found["app.py"] = f"{head}{MENDED}import streamlit as st\n{rest}".encode()
    for name, content in found.items():
        write(out / "app" / name.lstrip("."), content)
        yield name, {"url": f"./app/{name.lstrip('.')}"}


def stub(folder: Path, name: str) -> Path:
    """Write a wheel that stands in for a package that cannot be had."""
    source = parts.ROOT / "web" / "python" / f"{name}.py"
    wheel = folder / f"{name}-1.0.0-py3-none-any.whl"
    info = f"{name}-1.0.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as packed:
        packed.writestr(f"{name}.py", source.read_text("utf-8") if source.is_file() else "")
        packed.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0.0\n"
        )
        packed.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n")
        packed.writestr(f"{info}/RECORD", "")
    return wheel


def locked(wheels: list[Path]) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield each wheel's entry in the lock file, with what of its needs is there."""
    needs = {}
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as packed:
            names = packed.namelist()
            about = next(name for name in names if name.endswith(".dist-info/METADATA"))
            notes = message_from_string(packed.read(about).decode())
        tops = {
            name.split("/")[0].removesuffix(".py") for name in names if ".dist-info" not in name
        }
        needs[canonical(notes["Name"])] = wheel, notes, sorted(tops)
    for name, (wheel, notes, tops) in needs.items():
        asked = [line for line in notes.get_all("Requires-Dist") or [] if "extra" not in line]
        asked = [canonical(line.replace("(", " ").split(";")[0]) for line in asked]
        yield (
            name,
            {
                "name": notes["Name"],
                "version": notes["Version"],
                "file_name": wheel.name,
                "install_dir": "site",
                "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
                "package_type": "package",
                "imports": tops,
                "depends": sorted({n for n in asked if n in needs} | set(NEEDED.get(name, ()))),
                "unvendored_tests": False,
            },
        )


def canonical(name: str) -> str:
    """Return a package's name as the lock file writes it, without what follows it."""
    letters = ""
    for letter in name.strip():
        if not (letter.isalnum() or letter in "-_."):
            break
        letters += letter
    return letters.replace("_", "-").replace(".", "-").lower()
