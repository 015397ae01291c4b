// The start page at work: it fetches, shows how far that is, says what went wrong, and makes way
// for the app.

import { bundles, scripts, sizes } from "./manifest.mjs";

const { able, say, fill, fail, by } = window.glassnet;
const QUIET = 30_000; // milliseconds without any news after which it says so
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

const loaded = {};
let heard = performance.now();
let there = false;
let failed = false;

/** Say what went wrong; what went wrong first counts, as the rest mostly follows from it. */
function giveUp(why, detail) {
  if (failed || there) return;
  failed = true;
  const lines = String(detail).trim().split("\n");
  fail(why, lines[lines.length - 1].slice(0, 160));
}

function showProgress() {
  const total = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  const now = Object.values(loaded).reduce((sum, size) => sum + size, 0);
  const share = Math.min(1, now / total);
  by("start-bar").firstElementChild.style.width = `${100 * share}%`;
  by("start-bar").setAttribute("aria-valuenow", Math.round(100 * share));
  if (share < 1) {
    const values = { loaded: megabytes(now), total: megabytes(total) };
    by("start-now").textContent = fill(say.coming, values);
  }
}

function showPhase(phase) {
  by("start-now").setAttribute("aria-live", "polite"); // megabytes would be read out without an end
  by("start-now").textContent = say[phase];
}

/** Show, over the app, what a lesson is waiting for. */
function showFetching({ name, loaded, total, failed }) {
  const box = by("fetching");
  const [text, bar, spoken] = box.children;
  const kind = name.split("/").slice(-2)[0];
  const values = {
    name: say[`file_${kind}`] ?? say.file_other,
    loaded: megabytes(loaded),
    total: megabytes(total),
  };
  text.textContent = fill(say.file, values);
  bar.style.width = `${(100 * loaded) / total}%`;
  if (box.hidden) spoken.textContent = text.textContent;
  box.hidden = failed || loaded >= total;
}

function hear({ data }) {
  if (data?.type === "event:loadError") giveUp("broken", data.data?.error?.message ?? "");
  if (data?.type !== "glassnet") return;
  heard = performance.now();
  if (data.what === "bytes") {
    loaded[data.name] = data.loaded;
    showProgress();
  } else if (data.what === "phase") {
    showPhase(data.phase === "libraries" ? "python" : "app");
  } else if (data.what === "lazy") {
    showFetching(data);
  } else if (data.what === "failed") {
    giveUp(data.network ? "network" : "broken", data.message);
  }
}

/** Make way when the app has drawn its first heading, or says what is wrong itself. */
function makeWay() {
  const drawn = by("root").querySelector(
    "[data-testid=stMain] h1, [data-testid=stException], [data-testid=stAlert]",
  );
  if (!drawn) return;
  there = true;
  by("start").hidden = true;
  watching.disconnect();
  performance.mark("glassnet-there");
}
const watching = new MutationObserver(makeWay);

/** Say so when nothing has come for long, instead of waiting without end. */
function watchForQuiet() {
  if (there || failed) return;
  if (performance.now() - heard > QUIET) {
    heard = performance.now();
    fail("slow");
  }
  setTimeout(watchForQuiet, 1000);
}

/** Keep what is fetched for the next visit; the first one does not wait for it for long. */
async function keepForLater() {
  if (!navigator.serviceWorker) return;
  const ready = navigator.serviceWorker.register("./sw.js").then(
    () =>
      navigator.serviceWorker.controller ??
      new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done)),
  );
  await Promise.race([ready.catch(() => {}), new Promise((done) => setTimeout(done, 1500))]);
}

/** Answer stlite's look whether a download is there: it has no address, its worker hands it out. */
function answerForDownloads() {
  const { fetch } = window;
  window.fetch = (asked, options) =>
    new URL(asked.url ?? asked, location.href).hostname === "stlite.invalid"
      ? Promise.resolve(new Response())
      : fetch.call(window, asked, options);
}

/** Give links their real address as soon as one points at them: stlite's lead nowhere outside. */
function mendLinks() {
  const mend = ({ target }) => {
    const link = target.closest?.("a[href]");
    if (link?.hostname !== "stlite.invalid") return;
    link.href = location.origin + link.pathname + link.search + link.hash;
  };
  for (const kind of ["pointerover", "focusin"]) document.addEventListener(kind, mend, true);
}

/** Mount stlite on the worker that runs already, at the address that is asked for. */
async function mountApp(worker) {
  const { mount } = await import("./stlite/stlite.js");
  loaded.scripts = sizes.scripts;
  showProgress();
  // stlite makes its worker by itself, and mount takes no other.
  const { Worker } = window;
  window.Worker = function () {
    window.Worker = Worker;
    worker.postMessage("begin");
    return worker;
  };
  // It takes the address it is mounted at for the app's own; a lesson's lies below.
  const address = location.href;
  history.replaceState(history.state, "", new URL(".", address).href);
  window.glassnet.app = mount(
    {
      pyodideUrl: new URL("./ready.mjs", import.meta.url).href,
      entrypoint: "app.py",
      files: {},
      // Nobody edits the files here, and looking whether somebody does takes time.
      streamlitConfig: { "server.fileWatcherType": "none" },
      disableProgressToasts: true,
    },
    by("root"),
  );
  history.replaceState(history.state, "", address);
}

/** Start the engine under this page's policy: only what has no address of its own inherits it. */
function startEngine() {
  const engine = new URL("./engine.mjs", import.meta.url).href;
  const source = new Blob([`import ${JSON.stringify(engine)};`], { type: "text/javascript" });
  return new Worker(URL.createObjectURL(source), { type: "module" });
}

async function begin() {
  await keepForLater();
  const worker = startEngine();
  window.glassnet.worker = worker;
  worker.addEventListener("message", hear);
  worker.addEventListener("error", (event) => giveUp("network", event.message ?? "engine.mjs"));
  watching.observe(by("root"), { childList: true, subtree: true });
  watchForQuiet();
  showProgress();
  document.head.append(
    Object.assign(document.createElement("link"), { rel: "stylesheet", href: "./stlite/stlite.css" }),
  );
  answerForDownloads();
  mendLinks();
  await mountApp(worker);
}

if (able) begin().catch((error) => giveUp("network", error.message));
