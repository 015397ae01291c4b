// The worker in which Python runs.  It starts Pyodide while the page still reads stlite, and then
// hands both to stlite's own worker.

import { loadPyodide } from "./python/pyodide.mjs";
import { bundles, lazy } from "./manifest.mjs";

const tell = (what, more) => self.postMessage({ type: "glassnet", what, ...more });

class NotFetched extends Error {}

/** Fetch a file of the site, say how much of it has come, and unpack it if it is gzip. */
async function fetchPacked(name) {
  const response = await plainFetch(new URL(name, import.meta.url)).catch((error) => {
    throw new NotFetched(`${name}: ${error.message}`);
  });
  if (!response.ok) throw new NotFetched(`${name}: ${response.status}`);
  let loaded = 0;
  const count = new TransformStream({
    transform(chunk, out) {
      loaded += chunk.byteLength;
      tell("bytes", { name, loaded });
      out.enqueue(chunk);
    },
  });
  return response.body.pipeThrough(count).pipeThrough(new DecompressionStream("gzip"));
}

const fetchUnpacked = async (name) =>
  new Uint8Array(await new Response(await fetchPacked(name)).arrayBuffer());

const text = new TextDecoder();

/** Yield name and content of the files in a tar archive; the contents are views. */
function* untar(archive) {
  const field = (at, length) => text.decode(archive.subarray(at, at + length)).split("\0")[0];
  for (let at = 0; at + 512 <= archive.length && archive[at]; ) {
    const size = parseInt(field(at + 124, 12), 8);
    const prefix = field(at + 345, 155);
    const name = (prefix ? `${prefix}/` : "") + field(at, 100);
    yield [name, archive.subarray(at + 512, at + 512 + size)];
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

/** Put an archive's files into a folder of Python's file system, which keeps the views. */
function unpack(FS, archive, folder) {
  const known = new Set();
  for (const [name, content] of untar(archive)) {
    const path = `${folder}/${name}`;
    const parent = path.slice(0, path.lastIndexOf("/"));
    if (!known.has(parent)) {
      FS.mkdirTree(parent);
      known.add(parent);
    }
    FS.writeFile(path, content, { canOwn: true });
  }
}

// Pyodide fetches its binary by itself: it gets the one that came packed.
const plainFetch = self.fetch.bind(self);
self.fetch = async (asked, options) => {
  if (!String(asked.url ?? asked).endsWith("pyodide.asm.wasm")) return plainFetch(asked, options);
  return new Response(await fetchPacked("python/pyodide.asm.wasm.gz"), {
    headers: { "content-type": "application/wasm" },
  });
};

/** Fetch a file when the running script asks for it: the script waits, the page sees how far. */
function fetchNow(name) {
  if (!(name in lazy)) return null;
  const { bytes, parts } = lazy[name];
  const whole = new Uint8Array(bytes);
  let loaded = 0;
  for (const part of parts) {
    tell("lazy", { name, loaded, total: bytes });
    const request = new XMLHttpRequest();
    try {
      request.open("GET", new URL(part, import.meta.url), false);
      request.responseType = "arraybuffer";
      request.send();
    } catch {
      request.failed = true;
    }
    if (request.failed || request.status !== 200 || loaded + request.response.byteLength > bytes) {
      tell("lazy", { name, failed: true });
      return null;
    }
    whole.set(new Uint8Array(request.response), loaded);
    loaded += request.response.byteLength;
  }
  tell("lazy", { name, loaded, total: bytes });
  return loaded === bytes ? whole : null;
}

async function start() {
  const [libraries, app] = [fetchUnpacked(bundles.libraries), fetchUnpacked(bundles.app)];
  const stdlib = fetchUnpacked(bundles.stdlib).then((zip) => URL.createObjectURL(new Blob([zip])));
  const pyodide = await loadPyodide({
    indexURL: new URL("python/", import.meta.url).href,
    stdLibURL: await stdlib,
    lockFileContents: JSON.stringify({
      info: { abi_version: "2025_0", arch: "wasm32", platform: "emscripten_4_0_9",
        python: "3.13.2", version: "0.29.3" },
      packages: {},
    }),
    fsInit: async (FS, { sitePackages }) => {
      unpack(FS, await libraries, sitePackages);
      unpack(FS, await app, FS.cwd());
    },
  });
  await Promise.all([libraries, app]);  // Pyodide goes on when fsInit has failed
  tell("phase", { phase: "libraries" });
  // All packages are there: stlite need not look for any.
  pyodide.loadPackage = async () => [];
  self.glassnetFetch = fetchNow;
  self.glassnetSend = ({ buffer }) =>
    self.postMessage({ type: "websocket:message", data: { payload: buffer } }, [buffer]);
  self.glassnetHas = (name) => name in lazy;
  self.glassnetUnpack = (archive, folder) => unpack(pyodide.FS, archive, folder);
  pyodide.runPython("import in_browser; in_browser.install()");
  tell("phase", { phase: "app" });
  return pyodide;
}

self.glassnetPyodide = start();
self.glassnetPyodide.catch((error) => {
  const network = error instanceof NotFetched || error instanceof TypeError;
  tell("failed", { network, message: String(error?.message ?? error) });
});

// stlite's worker takes over the messages; the page says when it is there to hear the first.
self.onmessage = async () => {
  self.onmessage = null;
  await import("./stlite/worker.js");
};
