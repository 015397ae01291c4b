// Runs tests of core inside Pyodide: node core_tests.mjs PYODIDE_FOLDER WHEELS_FOLDER ROOT [PYTEST...]
//
// WHEELS_FOLDER holds wheels of NumPy, Pillow and pytest, ROOT the project.

import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [core, wheels, root, ...options] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(path.resolve(core, "pyodide.mjs")).href);
const python = await loadPyodide({ indexURL: path.resolve(core) + path.sep });
const site = python.runPython("import site; site.getsitepackages()[0]");
for (const name of fs.readdirSync(wheels)) {
  const wheel = new Uint8Array(fs.readFileSync(path.join(wheels, name)));
  python.unpackArchive(wheel, "wheel", { extractDir: site });
}
python.FS.mkdirTree("/project");
python.FS.mount(python.FS.filesystems.NODEFS, { root: path.resolve(root) }, "/project");
python.globals.set("options", python.toPy(options));
const failed = await python.runPythonAsync(`
import importlib
import os
import sys

importlib.invalidate_caches()
sys.dont_write_bytecode = True
os.chdir("/project")

import pytest

int(pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:faulthandler", *options]))
`);
process.exit(failed);
