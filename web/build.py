"""Build the in-browser site: ``python -m web.build [--zip]``.

Into ``build/web``: the start page, stlite, Pyodide, the packages and the app, each as small as it
gets, and beside them what lessons fetch later.  Nothing comes from elsewhere when it runs, so the
same folder does for a host on the web and for a classroom without one.
"""

from __future__ import annotations

import gzip
import hashlib
import html
import io
import json
import logging
import re
import shutil
import sys
import tomllib
import zipfile
from pathlib import Path

from PIL import Image

from pages._home.beforehand import FIRST
from pages._home.pictures import PICTURES
from ui.policy import content_policy
from web import bundle, parts
from web.licences import licences

ROOT = parts.ROOT
SITE = Path(__file__).parent / "site"
OUT = ROOT / "build" / "web"

APP_FOLDERS = ("core", "ui", "pages", "assets/i18n", "assets/lessons")
APP_FILES = ("app.py", ".streamlit/config.toml", "assets/captcha_scores.json")
LATER_FOLDERS = ("assets/mnist", "assets/weights", "assets/fonts", "assets/digits8")
ARCHIVES = {
    "plotly": ("plotly", "_plotly_utils", "narwhals"),
    "pillow": ("PIL", "pillow"),
    "canvas": ("streamlit_drawable_canvas",),
}
PART = 1 << 20  # bytes at a time of what is fetched while a script waits: then progress is seen
LANGUAGES = ("en", "zh")
# What the page needs besides its own files, which is nothing from another host: the worker that
# inherits its policy, what that has unpacked, and the service worker.
ALLOWED = {"connect-src": "blob:", "worker-src": "'self' blob:"}
# stlite's scripts that every page needs.
SCRIPTS = re.compile(r'from "\./([\w.-]+\.js)"')


def main() -> None:
    """Build, and say what came of it."""
    try:
        build(OUT)
    except parts.PartsError as error:
        sys.exit(f"The in-browser site could not be built: {error}")
    total = sum(path.stat().st_size for path in OUT.rglob("*") if path.is_file())
    print(f"The site is in {OUT.relative_to(ROOT)}: {total / 1e6:.0f} MB, most of it fetched later")
    if sys.argv[1:] == ["--zip"]:
        print(f"The same is in {pack(OUT).relative_to(ROOT)}: unpack it, and run serve.py there")


def build(out: Path) -> None:
    """Build the site in a folder, anew."""
    shutil.rmtree(out, ignore_errors=True)
    (out / "python").mkdir(parents=True)
    take_stlite(out / "stlite")
    take_pyodide(out / "python")
    site = bundle.libraries()
    own = {path.name: path.read_bytes() for path in (ROOT / "web" / "python").glob("*.py")}
    site.update(bundle.compiled(own))
    for name, packages in ARCHIVES.items():
        files = {n: c for n, c in site.items() if n.startswith(packages)}
        site = {n: c for n, c in site.items() if n not in files}
        write(out / f"packages/{name}.tar.gz", bundle.tar_gz(files))
    write(out / "python/libraries.tar.gz", bundle.tar_gz(site))
    app = {**bundle.app(ROOT, APP_FOLDERS, APP_FILES), **home_pictures()}
    write(out / "python/app.tar.gz", bundle.tar_gz(app))
    write(out / "licences.txt", licences(ROOT).encode())
    write_start(out, later_files(out))


def pack(site: Path) -> Path:
    """Pack a site and what serves it into a zip beside it; return that."""
    archive = site.parent / "glassnet-offline.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(path for path in site.rglob("*") if path.is_file()):
            packed.write(path, Path("glassnet", path.relative_to(site)))
        packed.write(ROOT / "web" / "serve.py", "glassnet/serve.py")
    return archive


def take_stlite(folder: Path) -> None:
    """Copy stlite's build; its worker, which is written into it, becomes a file."""
    leave_out = shutil.ignore_patterns("*.map", "*.d.ts", "*.whl", "wheels")
    shutil.copytree(parts.stlite(), folder, ignore=leave_out)
    (folder / "worker.js").write_bytes(bundle.stlite_worker(folder))


def take_pyodide(folder: Path) -> None:
    """Copy Pyodide's core; the binary and the library packed, whatever the host may do."""
    for name in ("pyodide.mjs", "pyodide.asm.js"):
        shutil.copy(parts.pyodide() / name, folder / name)
    binary = (parts.pyodide() / "pyodide.asm.wasm").read_bytes()
    write(folder / "pyodide.asm.wasm.gz", gzip.compress(binary, 9, mtime=0))
    library = bundle.zipped(bundle.standard_library(), compress=False)
    write(folder / "stdlib.zip.gz", gzip.compress(library, 9, mtime=0))


def home_pictures() -> dict[str, bytes]:
    """Return the home page's pictures: its networks are trained now, not at every first visit."""
    logging.disable(logging.WARNING)  # Streamlit's, that it is not running
    made = {}
    for name, make in PICTURES.items():
        content = io.BytesIO()
        Image.fromarray(make(FIRST)[0]).save(content, "PNG", optimize=True)
        made[f"assets/home/{name}.png"] = content.getvalue()
    logging.disable(logging.NOTSET)
    return made


def later_files(out: Path) -> dict[str, dict[str, object]]:
    """Lay out what lessons fetch when they need it, large files in parts; return the table."""
    table: dict[str, dict[str, object]] = {}
    for folder in LATER_FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            # Further fonts are for training, which the site does not do.
            if path.is_file() and path.suffix != ".md" and path.parent.name != "further":
                name = path.relative_to(ROOT).as_posix()
                table[name] = in_parts(out, name, path.read_bytes())
    for name in ARCHIVES:
        archive = out / f"packages/{name}.tar.gz"
        content = archive.read_bytes()
        archive.unlink()
        table[f"packages/{name}.tar.gz"] = in_parts(out, f"packages/{name}.tar.gz", content)
    return table


def in_parts(out: Path, name: str, content: bytes) -> dict[str, object]:
    """Write a file, in parts if it is large; return its line in the table."""
    if len(content) <= PART:
        write(out / name, content)
        return {"bytes": len(content), "parts": [name]}
    names = []
    for number, start in enumerate(range(0, len(content), PART)):
        names.append(f"{name}.{number:02}")
        write(out / names[-1], content[start : start + PART])
    return {"bytes": len(content), "parts": names}


def write_start(out: Path, later: dict[str, dict[str, object]]) -> None:
    """Write the start page and what it needs to know: sizes, names, words, version."""
    bundles = {
        "libraries": "python/libraries.tar.gz",
        "app": "python/app.tar.gz",
        "stdlib": "python/stdlib.zip.gz",
    }
    packed = [*bundles.values(), "python/pyodide.asm.wasm.gz"]
    scripts = sorted(needed_scripts(out / "stlite"))
    sizes = {name: (out / name).stat().st_size for name in packed}
    sizes["scripts"] = sum(
        len(gzip.compress((out / "stlite" / name).read_bytes(), 6)) for name in scripts
    )
    manifest = {"bundles": bundles, "lazy": later, "sizes": sizes, "scripts": scripts}
    lines = [f"export const {name} = {json.dumps(value)};" for name, value in manifest.items()]
    write(out / "manifest.mjs", ("\n".join(lines) + "\n").encode())
    for name in ("engine.mjs", "ready.mjs", "start.mjs"):
        shutil.copy(SITE / name, out / name)
    page = start_page()
    # Many hosts serve a lesson's address from a file of its name; the others send 404.html.
    for name in ("index", "404", *lesson_names()):
        (out / f"{name}.html").write_text(page, "utf-8")
    worker = (SITE / "sw.js").read_text("utf-8")
    first = ["./", "./start.mjs", "./manifest.mjs"]
    worker = fill(worker, version=version_of(out), first_files=json.dumps(first))
    (out / "sw.js").write_text(worker, "utf-8")


def needed_scripts(folder: Path) -> set[str]:
    """Return stlite's scripts that are read before anything is drawn, from what imports what."""
    found, waiting = set(), ["stlite.js"]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += SCRIPTS.findall((folder / name).read_text("utf-8"))
    return found


def start_page() -> str:
    """Return the start page with its words, style and first script inside: it is there at once."""
    words = {lang: tomllib.loads(_words(lang).read_text("utf-8")) for lang in LANGUAGES}
    first = fill(
        (SITE / "first.js").read_text("utf-8"),
        words=json.dumps(words, ensure_ascii=False).replace("<", "\\u003c"),
        lessons="|".join(lesson_names()),
    )
    return fill(
        (SITE / "index.html").read_text("utf-8"),
        policy=content_policy(f"<script>{first}</script>", ALLOWED),
        style=(SITE / "start.css").read_text("utf-8"),
        first=first,
        noscript=html.escape(" ".join(words[lang]["script"] for lang in LANGUAGES)),
    )


def lesson_names() -> list[str]:
    """Return what the lessons are called in an address."""
    return sorted(path.stem for path in (ROOT / "pages").glob("[!_]*.py"))


def _words(lang: str) -> Path:
    return ROOT / "assets" / "web" / f"{lang}.toml"


def fill(template: str, **values: str) -> str:
    """Fill the ``{{slots}}`` of a template."""
    return re.sub(r"\{\{(\w+)\}\}", lambda slot: values[slot[1]], template)


def version_of(out: Path) -> str:
    """Return a digest of the whole site: another site, another version."""
    whole = hashlib.sha256()
    for path in sorted(out.rglob("*")):
        if path.is_file():
            whole.update(path.relative_to(out).as_posix().encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()[:16]


def write(path: Path, content: bytes) -> None:
    """Write a file, its folder first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


if __name__ == "__main__":
    main()
