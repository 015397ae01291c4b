"""Python's byte code, made at build time: compiling in the browser takes a third of the start.

Compiled by the very Python that the site carries, under Node; kept by the digest of the source, so
that a build compiles what has changed.
"""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from web import parts

KEPT = parts.CACHE / "bytecode"
AT_ONCE = 2  # Pythons that compile side by side


def byte_code(sources: Mapping[str, bytes], optimize: int) -> dict[str, bytes]:
    """Return the byte code of some files by their names.

    Parameters
    ----------
    sources : mapping
        Name to content: Python, or byte code (``.pyc``) whose docstrings are to be taken out.
    optimize : int
        1 leaves out asserts and what functions' docstrings say, 0 nothing.
    """
    keys = {name: _key(name, content, optimize) for name, content in sources.items()}
    missing = [name for name in sorted(sources) if not (KEPT / keys[name]).is_file()]
    if missing:
        KEPT.mkdir(parents=True, exist_ok=True)
        print(f"Compiling {len(missing)} Python files", flush=True)
        shares = [missing[k::AT_ONCE] for k in range(AT_ONCE)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda share: _compile(share, sources, keys, optimize), shares))
    return {name: (KEPT / keys[name]).read_bytes() for name in sources}


def _key(name: str, content: bytes, optimize: int) -> str:
    """Return a digest of all that the byte code depends on."""
    tool = (Path(__file__).parent / "compile.mjs").read_bytes()
    core = parts.pyodide().parent.name.encode()
    whole = b"\0".join([tool, core, name.encode(), str(optimize).encode(), content])
    return hashlib.sha256(whole).hexdigest()


def _compile(
    names: list[str], sources: Mapping[str, bytes], keys: Mapping[str, str], optimize: int
) -> None:
    if not names:
        return
    with tempfile.TemporaryDirectory(dir=KEPT) as made:
        folder = Path(made)
        for name in names:
            stem = folder / keys[name]
            stem.with_suffix(Path(name).suffix).write_bytes(sources[name])
            stem.with_suffix(".name").write_text(name, "utf-8")
        tool = str(Path(__file__).parent / "compile.mjs")
        command = [parts.node(), tool, str(parts.pyodide()), str(folder), str(optimize)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise parts.PartsError(f"Node could not compile Python: {done.stderr[-500:]}")
        for name in names:
            (folder / keys[name]).with_suffix(".pyc").rename(KEPT / keys[name])
