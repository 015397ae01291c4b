"""What the site carries of others' work, and under which licences: one text, beside the site.

Licences ask to be passed on with what they license, and the packages' own copies are left out of
what a browser loads.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from email.parser import HeaderParser
from pathlib import Path

from web import parts

TEXTS = re.compile(r"(^|/)(licen[cs]e|copying|notice|copyright)[^/]*$", re.IGNORECASE)
SCRIPTS = ("@stlite/browser", "pyodide")
LINE = "=" * 80


def licences(root: Path) -> str:
    """Return names, versions and licences of all parts, then of fonts and digits."""
    found = [_of_npm(parts.npm_package(name)) for name in SCRIPTS]
    found += [_of_wheel(wheel) for wheel in parts.wheels()]
    notes = sorted((root / "assets").glob("*/SOURCE_AND_LICENCE.md"))
    found += [note.read_text("utf-8") for note in notes]
    own = (root / "LICENSE").read_text("utf-8")
    return f"\n{LINE}\n".join([f"Glassnet\n\n{own}", *found])


def _of_npm(folder: Path) -> str:
    says = json.loads((folder / "package.json").read_text("utf-8"))
    texts = [
        path.read_text("utf-8") for path in sorted(folder.iterdir()) if TEXTS.search(path.name)
    ]
    return "\n\n".join([f"{says['name']} {says['version']}: {says.get('license', '')}", *texts])


def _of_wheel(wheel: Path) -> str:
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
        says = HeaderParser().parsestr(packed.read(metadata).decode("utf-8", "replace"))
        kind = says["License-Expression"] or "; ".join(_classified(says.get_all("Classifier", [])))
        texts = [
            packed.read(name).decode("utf-8", "replace")
            for name in sorted(names)
            if ".dist-info/" in name and TEXTS.search(name)
        ]
    return "\n\n".join([f"{says['Name']} {says['Version']}: {kind or says['License']}", *texts])


def _classified(classifiers: list[str]) -> Iterator[str]:
    for line in classifiers:
        if line.startswith("License ::"):
            yield line.rpartition(" :: ")[2]
