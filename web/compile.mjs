// Compiles Python files to byte code with the very Python that the site carries.
//
//     node compile.mjs PYODIDE_FOLDER FOLDER [OPTIMIZE]
//
// Every FOLDER/*.py gets a FOLDER/*.pyc beside it.  With OPTIMIZE 1, asserts stay out, and functions
// have empty docstrings, those in *.pyc files that are there already, too.  (Python's own level 2
// would leave none, and NumPy wants some.)  What a traceback calls a file stands in FOLDER/*.name.

import path from "node:path";
import { pathToFileURL } from "node:url";

const [core, folder, optimize = "0"] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(path.resolve(core, "pyodide.mjs")).href);
const python = await loadPyodide({ indexURL: path.resolve(core) + path.sep });
python.FS.mkdirTree("/files");
python.FS.mount(python.FS.filesystems.NODEFS, { root: path.resolve(folder) }, "/files");
python.globals.set("optimize", Number(optimize));
await python.runPythonAsync(`
import importlib.util
import marshal
from pathlib import Path

HAS_DOCSTRING = 0x4000000  # CO_HAS_DOCSTRING of Python 3.13: the first constant is the docstring


def without_docstrings(code):
    """Return code whose functions have empty docstrings."""
    constants = [without_docstrings(c) if hasattr(c, "co_consts") else c for c in code.co_consts]
    if code.co_flags & HAS_DOCSTRING:
        constants[0] = ""
    return code.replace(co_consts=tuple(constants))


def write(path, code):
    # The flags 0b01 say: take it as it is, do not compare it with a source.
    head = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8)
    path.write_bytes(head + marshal.dumps(code))


for path in sorted(Path("/files").iterdir()):
    if path.suffix == ".py":
        name = path.with_suffix(".name").read_text()
        code = compile(path.read_bytes(), name, "exec", dont_inherit=True, optimize=optimize)
        write(path.with_suffix(".pyc"), without_docstrings(code) if optimize else code)
    elif path.suffix == ".pyc" and optimize and not path.with_suffix(".py").exists():
        code = marshal.loads(path.read_bytes()[16:])
        write(path, without_docstrings(code))
`);
process.exit(0);
