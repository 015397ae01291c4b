// The player of a two-dimensional classification lesson. It draws what Python sends into the same
// canvas elements again and again, and sends back only what the learner did.
//
// Vocabulary: a *scene* is the light part of the data (points, test point, tool, words), a *film*
// the heavy part (regions, fold lines, loss curve). While a network trains the film comes with the
// scene, one frame long; at rest it comes by itself and stays the same. Both are brought by small
// invisible components, the *feeds*, as events on the document: Streamlit sends a component's
// whole code with each of its updates, so this one is sent once and the feeds are tiny. A *view*
// is the state of one player.

const views = new WeakMap();

const FEED = "glassnet-plane-feed";
const WANTED = "glassnet-plane-wanted";
const PROBE_EVERY_MS = 150;
const TIMELINE_SETTLE_MS = 120;
// How long the browser's own idea of a thing wins over Python's answer to an older one.
const PATIENCE_MS = 1500;
// A screen reader hears how far a run is when it begins, ends or rests, and so often in between.
const SPEAK_EVERY_MS = 15000;
const FRAMES_PER_SECOND = 12;
const CALM_FRAMES_PER_SECOND = 4;
const REACH = { mouse: 14, pen: 18, touch: 26 };
const LOG_RATIO = 20;
// How much of the class colour a sure region shows; the points keep the full colour.
const REGION_MIX = 0.6;

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  let view = views.get(parentElement);
  if (!view || !parentElement.contains(view.root)) {
    if (view) rest(view);
    view = createView(parentElement);
    views.set(parentElement, view);
  }
  view.player = data.player;
  view.send = { state: setStateValue, trigger: setTriggerValue };
  wake(view);
  document.dispatchEvent(new CustomEvent(WANTED, { detail: { player: view.player } }));
  // Streamlit may call this early, when two payloads follow each other closely.
  return () => {
    if (!view.root.isConnected) rest(view);
  };
}

// ---------------------------------------------------------------- the view

function createView(parentElement) {
  const root = parentElement.querySelector(".plane");
  const parts = {};
  for (const node of root.querySelectorAll("[data-part]")) parts[node.dataset.part] = node;
  const view = {
    root,
    parts,
    player: "",
    send: null,
    listener: null,
    scene: null,
    // The film that came by itself, and the one that is shown.
    restingFilm: null,
    film: null,
    // Frames that belong to the film; both change together.
    frames: [],
    // The step that is shown; null is the newest.
    step: null,
    // The step that Python knows of.
    sentStep: null,
    stepTimer: 0,
    stepAwaitedUntil: 0,
    // The last word of Python's on it that was obeyed.
    knownCursor: null,
    probe: null,
    probeDrag: false,
    probeSent: null,
    probeSentAt: -Infinity,
    probeTimer: 0,
    probeAwaited: null,
    probeAwaitedUntil: 0,
    // Changes of points: one flies to Python, the others wait until its answer is here.
    flying: null,
    waiting: [],
    flyTimer: 0,
    pointsText: "",
    // A point being moved: { index, x, y, byKey }.
    held: null,
    hover: null,
    curveHover: null,
    scrubbing: false,
    playing: 0,
    drawing: 0,
    region: { text: null },
    square: { left: 0, top: 0, side: 1 },
    look: null,
    pointerType: "mouse",
    // Whether a run was going on when it was last spoken of, and when that was.
    spokeLive: false,
    spokeAt: 0,
    observer: null,
  };
  wirePicture(view);
  wireHandle(view);
  wireTimeline(view);
  wireCurve(view);
  return view;
}

function wake(view) {
  if (view.observer) return;
  view.listener = (event) => acceptFeed(view, event.detail);
  document.addEventListener(FEED, view.listener);
  view.observer = new ResizeObserver(() => requestDraw(view));
  view.observer.observe(view.parts.canvas);
  view.observer.observe(view.parts.curve);
}

function rest(view) {
  document.removeEventListener(FEED, view.listener);
  view.observer?.disconnect();
  view.observer = null;
  stopPlaying(view, false);
  cancelAnimationFrame(view.drawing);
  view.drawing = 0;
  clearTimeout(view.probeTimer);
  clearTimeout(view.stepTimer);
  view.stepTimer = 0;
  clearTimeout(view.flyTimer);
  view.flying = null;
}

// ---------------------------------------------------------------- data from Python

function acceptFeed(view, feed) {
  if (!view.root.isConnected) rest(view);
  if (feed.player !== view.player || !view.observer) return;
  if ("film" in feed) view.restingFilm = feed.film;
  const scene = feed.scene || view.scene;
  if (scene) acceptScene(view, scene);
}

function acceptScene(view, scene) {
  const before = view.scene;
  view.scene = scene;
  if (scene.live && !before?.live) stopPlaying(view, false);
  // Until the film of a resting scene has arrived, the old pictures stay.
  const film = scene.film || (view.restingFilm?.token === scene.token ? view.restingFilm : null);
  if (film) {
    view.film = film;
    view.frames = scene.frames;
  }
  acceptCursor(view);
  acceptProbe(view);
  acceptPoints(view);
  view.look = readLook(view);
  showWords(view);
  showRows(view);
  update(view);
}

// Python's cursor is obeyed when it changes, but not while the learner is ahead of it: while a drag,
// a key press or an answer to one is under way, what Python says may be older.
function acceptCursor(view) {
  const { live, cursor } = view.scene;
  if (live) {
    view.step = null;
    if (view.sentStep !== null) sendStepNow(view);
    return;
  }
  if (cursor === view.sentStep) {
    view.stepAwaitedUntil = 0;
    view.knownCursor = cursor;
  }
  const ahead = view.scrubbing || view.playing || view.stepTimer;
  if (ahead || performance.now() < view.stepAwaitedUntil || cursor === view.knownCursor) return;
  view.knownCursor = cursor;
  view.step = cursor;
  view.sentStep = cursor;
}

function acceptProbe(view) {
  if (view.probeDrag) return;
  const given = view.scene.probe && { x: view.scene.probe[0], y: view.scene.probe[1] };
  if (view.probeAwaited) {
    const answered = given && samePlace(given, view.probeAwaited);
    if (!answered && performance.now() < view.probeAwaitedUntil) return;
    view.probeAwaited = null;
  }
  view.probe = given;
  view.probeSent = given;
}

function acceptPoints(view) {
  const text = JSON.stringify(view.scene.points);
  if (text === view.pointsText) return;
  view.pointsText = text;
  view.hover = null;
  if (view.held && !view.held.byKey && view.held.index >= view.scene.points.length) view.held = null;
  landEdit(view);
}

function samePlace(a, b) {
  return Math.abs(a.x - b.x) < 1e-6 && Math.abs(a.y - b.y) < 1e-6;
}

// ---------------------------------------------------------------- frames

function frameIndex(view) {
  const last = view.frames.length - 1;
  if (view.step === null) return last;
  let index = last;
  while (index > 0 && view.frames[index].step > view.step) index -= 1;
  return index;
}

function frameNearest(view, step) {
  let best = 0;
  view.frames.forEach((frame, index) => {
    if (Math.abs(frame.step - step) < Math.abs(view.frames[best].step - step)) best = index;
  });
  return best;
}

function showFrame(view, index) {
  const last = view.frames.length - 1;
  view.step = index >= last ? null : view.frames[Math.max(0, index)].step;
  update(view);
}

// Tell Python which step was chosen, once it stays: held arrow keys would send a flood.
function sendStep(view) {
  clearTimeout(view.stepTimer);
  view.stepTimer = setTimeout(() => {
    view.stepTimer = 0;
    if (view.scrubbing || view.playing || view.scene.live || view.step === view.sentStep) return;
    sendStepNow(view);
  }, TIMELINE_SETTLE_MS);
}

function sendStepNow(view) {
  view.sentStep = view.step;
  view.stepAwaitedUntil = performance.now() + PATIENCE_MS;
  view.send.state("cursor", view.step);
}

// ---------------------------------------------------------------- words and numbers

function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (field, name) => (name in values ? values[name] : field));
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

const grouped = new Intl.NumberFormat("en-US");

function count(value) {
  return grouped.format(value);
}

function minus(text) {
  return text.replace("-", "\u2212");
}

function place(value) {
  const text = value.toFixed(2);
  return minus(text === "-0.00" ? "0.00" : text);
}

function share(value) {
  if (value === null || value === undefined) return "\u2013";
  return `${(value * 100).toFixed(1).replace(/^100\.0$/, "100")}\u202f%`;
}

function lossText(view, value) {
  if (value === null || value === undefined) return view.scene.words.not_a_number;
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1000 || size < 0.001) return minus(value.toExponential(1).replace("e+", "e"));
  return minus(value.toPrecision(size >= 100 ? 4 : 3));
}

function statusText(view, frame) {
  const { words, total } = view.scene;
  const last = count(Math.max(total, frame.step));
  const texts = [
    fill(words.step_of, { step: count(frame.step), last }),
    fill(words.loss_is, { loss: lossText(view, frame.loss) }),
  ];
  if (frame.accuracy !== null) {
    texts.push(fill(words.accuracy_is, { accuracy: share(frame.accuracy) }));
  }
  return texts.join(" \u00b7 ");
}

function probeText(view, frame) {
  if (!view.probe) return "";
  const { words, classes } = view.scene;
  const where = fill(words.probe_at, { x: place(view.probe.x), y: place(view.probe.y) });
  const top = topClass(frame.probe);
  if (top < 0) return where;
  const what = fill(words.probe_class, { cls: classes[top], p: share(frame.probe[top]) });
  return `${where} \u00b7 ${what}`;
}

function topClass(probabilities) {
  if (!probabilities || probabilities.includes(null)) return -1;
  return probabilities.indexOf(Math.max(...probabilities));
}

// ---------------------------------------------------------------- look

function readLook(view) {
  const style = getComputedStyle(view.root);
  const named = (name, otherwise) => rgb(style.getPropertyValue(name).trim() || otherwise);
  const look = {
    text: named("--st-text-color", "#1f2430"),
    back: named("--st-background-color", "#ffffff"),
    line: style.getPropertyValue("--st-border-color").trim() || "rgba(128,128,128,.35)",
    accent: style.getPropertyValue("--st-primary-color").trim() || "#0072B2",
    font: style.fontFamily || "sans-serif",
    scale: view.scene.large ? 1.35 : 1,
    colours: view.scene.colours.map(rgb),
  };
  look.key = JSON.stringify([look.back, look.text, look.colours]);
  return look;
}

const knownColours = new Map();
let colourProbe = null;

// Any CSS colour as [red, green, blue]: the browser paints one pixel of it.
function rgb(colour) {
  if (!knownColours.has(colour)) {
    if (!colourProbe) {
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = 1;
      colourProbe = canvas.getContext("2d", { willReadFrequently: true });
    }
    colourProbe.fillStyle = "#808080";
    colourProbe.fillStyle = colour;
    colourProbe.fillRect(0, 0, 1, 1);
    knownColours.set(colour, [...colourProbe.getImageData(0, 0, 1, 1).data.slice(0, 3)]);
  }
  return knownColours.get(colour);
}

function ink([red, green, blue], alpha = 1) {
  return `rgba(${red},${green},${blue},${alpha})`;
}

function mix(from, to, amount) {
  return from.map((value, channel) => Math.round(value + (to[channel] - value) * amount));
}

// A class's shape around (0, 0), as wide as a circle of that radius looks.
function shapePath(cls, radius) {
  const path = new Path2D();
  if (cls % 6 === 0) path.arc(0, 0, radius, 0, 2 * Math.PI);
  else polygon(path, shapeCorners(cls, radius));
  return path;
}

function shapeCorners(cls, radius) {
  const ring = (corners, size, start) =>
    Array.from({ length: corners }, (_, i) => {
      const angle = start + (2 * Math.PI * i) / corners;
      const far = Array.isArray(size) ? size[i % size.length] : size;
      return [far * Math.cos(angle), far * Math.sin(angle)];
    });
  const up = -Math.PI / 2;
  const kinds = [
    () => ring(24, radius, up),
    () => ring(4, radius * 1.25, Math.PI / 4),
    () => ring(3, radius * 1.4, up),
    () => ring(4, radius * 1.35, up),
    () => ring(5, radius * 1.2, up),
    () => ring(10, [radius * 1.5, radius * 0.68], up),
  ];
  return kinds[cls % 6]();
}

function polygon(path, corners) {
  corners.forEach(([x, y], i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
  path.closePath();
}

// ---------------------------------------------------------------- texts around the pictures

function showWords(view) {
  const { parts, scene } = view;
  const { words } = scene;
  const hasTest = Boolean(view.film?.curve.test);
  view.root.classList.toggle("large", scene.large);
  setText(parts.foldsLabel, words.fold_lines);
  setText(parts.splitTrain, words.training);
  setText(parts.splitTest, words.test);
  setText(parts.lossLabel, words.loss);
  setText(parts.testLabel, words.test_loss);
  setText(parts.accuracyLabel, words.accuracy);
  setText(parts.twinCaption, words.twin);
  setAttribute(parts.range, "aria-label", words.timeline);
  setAttribute(parts.handle, "aria-label", words.probe);
  parts.testStat.hidden = !hasTest;
  parts.lossLine.style.visibility = hasTest ? "visible" : "hidden";
  parts.splits.hidden = !scene.points.some((point) => point[3] === 1);
}

// The rows of the readout and of the text twin; built only when the classes change.
function showRows(view) {
  const { parts, scene } = view;
  const signature = JSON.stringify([scene.classes, scene.colours, scene.words.class]);
  if (signature === view.rowsFor) return;
  view.rowsFor = signature;
  view.rows = scene.classes.map((name, cls) => createRow(name, cls, scene.colours[cls]));
  parts.bars.replaceChildren(...view.rows.map((row) => row.node));
  const { words } = scene;
  const headings = [words.class, words.training, words.test, words.probability];
  parts.twinHead.replaceChildren(...headings.map((text) => headCell("col", text)));
  parts.twinBody.replaceChildren(...view.rows.map((row) => row.twin));
}

function createRow(name, cls, colour) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const mark = document.createElementNS("http://www.w3.org/2000/svg", "path");
  const corners = shapeCorners(cls, 5.2).map((corner) => corner.map((v) => v.toFixed(2)).join(" "));
  svg.setAttribute("viewBox", "-9 -9 18 18");
  svg.setAttribute("aria-hidden", "true");
  mark.setAttribute("d", `M${corners.join("L")}Z`);
  mark.setAttribute("fill", colour);
  svg.append(mark);
  const bar = box("bar");
  bar.style.background = colour;
  const track = box("track");
  track.append(bar);
  const shareNode = box("share");
  const node = box("row");
  const label = box("name");
  label.textContent = name;
  label.title = name;
  node.append(svg, label, track, shareNode);
  const cells = ["", "", ""].map((text) => cell("td", text));
  const twin = document.createElement("tr");
  twin.append(headCell("row", name), ...cells);
  return { node, bar, share: shareNode, twin, cells };
}

function box(name) {
  const node = document.createElement("div");
  node.className = name;
  return node;
}

function cell(kind, text) {
  const node = document.createElement(kind);
  node.textContent = text;
  return node;
}

function headCell(scope, text) {
  const node = cell("th", text);
  node.scope = scope;
  return node;
}

function showReadout(view, frame) {
  const top = topClass(frame.probe);
  const points = shownPoints(view);
  setText(view.parts.where, probeText(view, frame) || "\u00a0");
  view.parts.bars.classList.toggle("mute", !view.probe);
  view.rows.forEach((row, cls) => {
    const value = frame.probe?.[cls] ?? null;
    row.bar.style.transform = `scaleX(${value ?? 0})`;
    row.node.classList.toggle("top", cls === top);
    setText(row.share, share(value));
    const number = (split) => points.filter((p) => p[2] === cls && p[3] === split).length;
    setText(row.cells[0], count(number(0)));
    setText(row.cells[1], count(number(1)));
    setText(row.cells[2], share(value));
  });
}

function showStats(view, frame) {
  const { parts, film } = view;
  setText(parts.lossValue, lossText(view, frame.loss));
  parts.lossValue.classList.toggle("wordy", frame.loss === null);
  setText(parts.accuracyValue, share(frame.accuracy));
  parts.accuracyStat.hidden = frame.accuracy === null;
  if (film.curve.test && film.curve.steps.length) {
    const index = stepIndex(film.curve.steps, frame.step);
    setText(parts.testValue, lossText(view, film.curve.test[index]));
    parts.testValue.classList.toggle("wordy", film.curve.test[index] === null);
  }
}

function showTimeline(view, frame, index) {
  const { parts, scene, frames } = view;
  const only = scene.live || frames.length < 2;
  const text = statusText(view, frame);
  const last = only ? 1 : frames.length - 1;
  if (parts.range.max !== String(last)) parts.range.max = last;
  parts.range.value = only ? last : index;
  parts.range.disabled = only;
  setAttribute(parts.range, "aria-valuetext", text);
  setText(parts.status, text);
  parts.play.disabled = only;
  parts.play.classList.toggle("playing", Boolean(view.playing));
  const label = view.playing ? scene.words.pause : scene.words.play;
  setAttribute(parts.play, "aria-label", label);
  setAttribute(parts.play, "title", label);
  const twin = [probeText(view, frame), text].filter(Boolean).join(". ");
  setAttribute(parts.canvas, "aria-label", twin);
}

// At rest the learner moves through the steps, and the timeline itself says which one it is.
function speak(view, frame) {
  const { live, frames } = view.scene;
  const now = performance.now();
  if (frames !== view.frames) return; // the pictures that belong to the scene are on their way
  const due = live !== view.spokeLive || (live && now - view.spokeAt > SPEAK_EVERY_MS);
  if (!due) return;
  view.spokeLive = live;
  view.spokeAt = now;
  setText(view.parts.spoken, statusText(view, frame));
}

function showHandle(view, frame) {
  const { handle } = view.parts;
  handle.hidden = !view.probe;
  if (!view.probe) return;
  const { extent, live, tool } = view.scene;
  const at = toScreen(view, view.probe.x, view.probe.y);
  handle.style.transform = `translate(${at.x}px, ${at.y}px)`;
  handle.classList.toggle("idle", tool !== "probe");
  setAttribute(handle, "aria-valuemin", -extent);
  setAttribute(handle, "aria-valuemax", extent);
  setAttribute(handle, "aria-valuenow", view.probe.x);
  // A screen reader speaks every change of this text: only the learner's own while training.
  const moved = `${view.probe.x} ${view.probe.y}`;
  if (!live || moved !== view.spokenAt) {
    view.spokenAt = moved;
    setAttribute(handle, "aria-valuetext", probeText(view, frame));
  }
}

// ---------------------------------------------------------------- drawing

function update(view) {
  if (!view.film || !view.frames.length) return;
  const index = frameIndex(view);
  const frame = view.frames[index];
  showReadout(view, frame);
  showStats(view, frame);
  showTimeline(view, frame, index);
  speak(view, frame);
  requestDraw(view);
}

function requestDraw(view) {
  if (view.drawing) return;
  view.drawing = requestAnimationFrame(() => {
    view.drawing = 0;
    if (!view.film || !view.frames.length) return;
    const index = frameIndex(view);
    drawPicture(view, index);
    drawCurve(view, index);
    showHandle(view, view.frames[index]);
    showCursorShape(view);
  });
}

// A context with a clean page, in CSS pixels. The backing store changes only with the layout.
function openCanvas(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  const wide = Math.round(width * ratio);
  const high = Math.round(height * ratio);
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return { pen, width, height };
}

// The square of the plane inside the picture, in CSS pixels.
function measureSquare(view) {
  const low = Math.round(26 * view.look.scale);
  const far = 2;
  const side = Math.max(1, view.parts.canvas.clientWidth - low - far);
  view.square = { left: low, top: far, side };
}

function toScreen(view, x, y) {
  const { left, top, side } = view.square;
  const { extent } = view.scene;
  return {
    x: left + ((x + extent) / (2 * extent)) * side,
    y: top + ((extent - y) / (2 * extent)) * side,
  };
}

function toPlane(view, px, py) {
  const { left, top, side } = view.square;
  const { extent } = view.scene;
  return clampPlace(view, {
    x: ((px - left) / side) * 2 * extent - extent,
    y: extent - ((py - top) / side) * 2 * extent,
  });
}

function clampPlace(view, { x, y }) {
  const { extent } = view.scene;
  const fit = (value) => Math.round(Math.min(extent, Math.max(-extent, value)) * 1000) / 1000;
  return { x: fit(x), y: fit(y) };
}

function drawPicture(view, index) {
  measureSquare(view);
  const { pen } = openCanvas(view.parts.canvas);
  const { left, top, side } = view.square;
  const { look } = view;
  readRegion(view, view.film.regions[index]);
  pen.save();
  pen.beginPath();
  pen.roundRect(left, top, side, side, 10);
  pen.clip();
  pen.imageSmoothingEnabled = true;
  pen.imageSmoothingQuality = "high";
  pen.drawImage(view.region.picture, left, top, side, side);
  drawZeroLines(view, pen);
  drawContour(view, pen);
  if (view.parts.folds.checked) drawFolds(view, pen, view.film.lines[index]);
  drawPoints(view, pen);
  pen.restore();
  pen.strokeStyle = look.line;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.roundRect(left + 0.5, top + 0.5, side - 1, side - 1, 10);
  pen.stroke();
  drawPlaneTicks(view, pen);
}

function readRegion(view, text) {
  const { region, look } = view;
  if (region.text === text && region.look === look.key) return;
  if (region.text !== text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    region.text = text;
    region.bytes = bytes;
    region.size = Math.round(Math.sqrt(bytes.length / 2));
    region.border = classBorders(bytes, region.size, view.scene.classes.length);
  }
  region.look = look.key;
  paintRegion(region, look);
}

function paintRegion(region, look) {
  const { size, bytes } = region;
  if (!region.picture) region.picture = document.createElement("canvas");
  if (region.picture.width !== size) region.picture.width = region.picture.height = size;
  const pen = region.picture.getContext("2d");
  const image = pen.createImageData(size, size);
  for (let i = 0; i < size * size; i += 1) {
    const colour = look.colours[bytes[2 * i]] || look.back;
    const amount = (bytes[2 * i + 1] / 255) * REGION_MIX;
    for (let channel = 0; channel < 3; channel += 1) {
      const back = look.back[channel];
      image.data[4 * i + channel] = back + (colour[channel] - back) * amount;
    }
    image.data[4 * i + 3] = 255;
  }
  pen.putImageData(image, 0, 0);
}

// Where the class changes, as a path over the unit square, so that the border is seen without its
// colours: marching squares between the pixel centres, for one class after the other.
function classBorders(bytes, size, classes) {
  const path = new Path2D();
  const last = classes === 2 ? 1 : classes;
  for (let cls = 0; cls < last; cls += 1) {
    for (let row = 0; row + 1 < size; row += 1) {
      for (let column = 0; column + 1 < size; column += 1) {
        const points = cellCrossings(bytes, size, cls, column, row);
        for (let i = 0; i + 1 < points.length; i += 2) {
          path.moveTo(points[i][0] / size, points[i][1] / size);
          path.lineTo(points[i + 1][0] / size, points[i + 1][1] / size);
        }
      }
    }
  }
  return path;
}

// Where a class's border crosses the sides of the cell between four pixel centres: top, right,
// bottom, left.
function cellCrossings(bytes, size, cls, column, row) {
  const at = row * size + column;
  const [a, b, c, d] = [at, at + 1, at + size + 1, at + size].map((i) => bytes[2 * i] === cls);
  const found = [];
  if (a === b && b === c && c === d) return found;
  const across = (i) => borderBetween(bytes, i, 1, column > 0, column + 2 < size);
  const down = (i) => borderBetween(bytes, i, size, row > 0, row + 2 < size);
  const [x, y] = [column + 0.5, row + 0.5];
  if (a !== b) found.push([x + across(at), y]);
  if (b !== c) found.push([x + 1, y + down(at + 1)]);
  if (d !== c) found.push([x + across(at + size), y + 1]);
  if (a !== d) found.push([x, y + down(at)]);
  return found;
}

// How far from pixel i to the next one (0 to 1) the class changes: the strengths on both sides
// fall towards the border, and it lies where their straight continuations meet.
function borderBetween(bytes, i, stride, hasBefore, hasAfter) {
  const sure = (at) => bytes[2 * at + 1];
  const fall = (at, further, exists) =>
    exists && bytes[2 * at] === bytes[2 * further] ? Math.max(0, sure(further) - sure(at)) : 0;
  const next = i + stride;
  const here = fall(i, i - stride, hasBefore);
  const there = fall(next, next + stride, hasAfter);
  if (here + there < 1) return 0.5;
  return Math.min(1, Math.max(0, (sure(i) - sure(next) + there) / (here + there)));
}

function drawContour(view, pen) {
  const { left, top, side } = view.square;
  const path = new Path2D();
  path.addPath(view.region.border, new DOMMatrix([side, 0, 0, side, left, top]));
  pen.strokeStyle = ink(view.look.text, 0.55);
  pen.lineWidth = 1.4 * view.look.scale;
  pen.lineCap = "round";
  pen.stroke(path);
}

function drawZeroLines(view, pen) {
  const { left, top, side } = view.square;
  const zero = toScreen(view, 0, 0);
  pen.strokeStyle = ink(view.look.text, 0.22);
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(left, Math.round(zero.y) + 0.5);
  pen.lineTo(left + side, Math.round(zero.y) + 0.5);
  pen.moveTo(Math.round(zero.x) + 0.5, top);
  pen.lineTo(Math.round(zero.x) + 0.5, top + side);
  pen.stroke();
}

// w1 x + w2 y + b = 0: from the line's point nearest to the origin, far enough both ways.
function drawFolds(view, pen, lines) {
  const far = 3 * view.scene.extent;
  pen.strokeStyle = ink(view.look.text, 0.6);
  pen.lineWidth = view.look.scale;
  pen.setLineDash([6, 4]);
  pen.beginPath();
  for (const [w1, w2, b] of lines) {
    const length = Math.hypot(w1, w2);
    const foot = [(-b * w1) / length ** 2, (-b * w2) / length ** 2];
    const along = [-w2 / length, w1 / length];
    const from = toScreen(view, foot[0] - far * along[0], foot[1] - far * along[1]);
    const to = toScreen(view, foot[0] + far * along[0], foot[1] + far * along[1]);
    pen.moveTo(from.x, from.y);
    pen.lineTo(to.x, to.y);
  }
  pen.stroke();
  pen.setLineDash([]);
}

function pointRadius(view) {
  const many = view.scene.points.length > 250 ? 0.8 : 1;
  return 4.6 * many * view.look.scale;
}

function drawPoints(view, pen) {
  const points = shownPoints(view);
  points.forEach((point, i) => {
    if (i !== view.hover?.index) drawPoint(view, pen, point, 1);
  });
  drawTouched(view, pen, points);
}

function drawPoint(view, pen, [x, y, cls, split], size) {
  const stamp = pointStamp(view, cls, split);
  const at = toScreen(view, x, y);
  const wide = stamp.wide * size;
  pen.drawImage(stamp.picture, at.x - wide / 2, at.y - wide / 2, wide, wide);
}

// A point's picture, drawn once and then only copied: hundreds of points are redrawn ten times a
// second, and outlines are slow on a phone.
function pointStamp(view, cls, split) {
  const radius = pointRadius(view);
  const ratio = window.devicePixelRatio || 1;
  const signature = `${view.look.key} ${radius} ${ratio}`;
  if (view.stampsFor !== signature) {
    view.stampsFor = signature;
    view.stamps = new Map();
  }
  const name = `${cls} ${split}`;
  if (!view.stamps.has(name)) view.stamps.set(name, makeStamp(view.look, cls, split, radius, ratio));
  return view.stamps.get(name);
}

function makeStamp(look, cls, split, radius, ratio) {
  const wide = Math.ceil(radius * 3.4 + 6 * look.scale);
  const picture = document.createElement("canvas");
  // Twice as fine as the screen, for the enlarged point under the pointer and for odd places.
  picture.width = picture.height = Math.ceil(wide * ratio * 2);
  const pen = picture.getContext("2d");
  pen.scale(picture.width / wide, picture.width / wide);
  pen.translate(wide / 2, wide / 2);
  pen.lineJoin = "round";
  const shape = shapePath(cls, radius);
  const colour = ink(look.colours[cls] || look.text);
  if (split === 1) {
    pen.fillStyle = ink(look.back);
    pen.strokeStyle = ink(look.text, 0.95);
    pen.lineWidth = 4 * look.scale;
    pen.stroke(shape);
    pen.strokeStyle = colour;
    pen.lineWidth = 2.2 * look.scale;
    pen.fill(shape);
    pen.stroke(shape);
  } else {
    pen.strokeStyle = ink(look.back);
    pen.lineWidth = 3.2 * look.scale;
    pen.stroke(shape);
    pen.fillStyle = colour;
    pen.fill(shape);
    pen.strokeStyle = ink(look.text, 0.9);
    pen.lineWidth = 1.1 * look.scale;
    pen.stroke(shape);
  }
  return { picture, wide };
}

// The point under the pointer, or the one that a click would add.
function drawTouched(view, pen, points) {
  const { hover, scene, look } = view;
  if (!hover) return;
  const adds = scene.tool === "add";
  const point = adds ? [hover.x, hover.y, scene.addClass, 0] : points[hover.index];
  if (!point) return;
  const radius = pointRadius(view);
  pen.globalAlpha = adds ? 0.6 : 1;
  drawPoint(view, pen, point, adds ? 1 : 1.35);
  pen.globalAlpha = 1;
  if (adds) return;
  const at = toScreen(view, point[0], point[1]);
  pen.strokeStyle = look.accent;
  pen.lineWidth = 2 * look.scale;
  pen.beginPath();
  pen.arc(at.x, at.y, radius * 2.3, 0, 2 * Math.PI);
  if (scene.tool === "remove") {
    const arm = radius * 1.63;
    pen.moveTo(at.x - arm, at.y + arm);
    pen.lineTo(at.x + arm, at.y - arm);
  }
  pen.stroke();
}

function drawPlaneTicks(view, pen) {
  const { left, top, side } = view.square;
  const { extent } = view.scene;
  const { look } = view;
  const every = extent < 1 ? 0.5 : Math.max(1, Math.round(extent / 3));
  pen.fillStyle = ink(look.text, 0.72);
  pen.font = `${12 * look.scale}px ${look.font}`;
  for (let value = -Math.floor(extent / every) * every; value <= extent; value += every) {
    if (Math.abs(value) > 0.97 * extent) continue; // half of it would lie outside the picture
    const at = toScreen(view, value, value);
    const text = minus(String(value));
    pen.textAlign = "center";
    pen.textBaseline = "top";
    pen.fillText(text, at.x, top + side + 6 * look.scale);
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    pen.fillText(text, left - 7, at.y);
  }
}

// ---------------------------------------------------------------- the loss curve

function curveScale(view, width, height) {
  const { steps, loss, test } = view.film.curve;
  const { scale } = view.look;
  const values = [...loss, ...(test || [])].filter((value) => value !== null);
  let low = values.length ? values.reduce((a, b) => Math.min(a, b)) : 0;
  let high = values.length ? values.reduce((a, b) => Math.max(a, b)) : 1;
  const log = low > 0 && high / low > LOG_RATIO;
  if (!log) low = Math.min(0, low);
  if (high <= low) high = low + 1;
  const area = { left: 54 * scale, right: width - 76 * scale, top: 12, bottom: height - 26 * scale };
  const first = steps.length ? steps[0] : 0;
  const last = steps.length ? steps[steps.length - 1] : 1;
  const bend = log ? Math.log10 : (value) => value;
  const [floor, roof] = [bend(low), bend(high)];
  // Some air above the highest value, and below the lowest where the axis has no zero.
  const air = (roof - floor) * 0.06;
  const below = log ? air : 0;
  const span = roof - floor + air + below;
  return {
    area,
    log,
    low,
    high,
    first,
    last,
    x: (step) => area.left + ((step - first) / Math.max(1, last - first)) * (area.right - area.left),
    y: (value) => area.bottom - ((bend(value) - floor + below) / span) * (area.bottom - area.top),
    step: (px) => first + ((px - area.left) / (area.right - area.left)) * (last - first),
  };
}

function drawCurve(view, index) {
  const { pen, width, height } = openCanvas(view.parts.curve);
  if (width < 80 || height < 80) return;
  const { curve } = view.film;
  const { look } = view;
  const axes = curveScale(view, width, height);
  view.axes = axes;
  drawCurveAxes(view, pen, axes);
  const step = view.frames[index].step;
  if (curve.test) drawSeries(view, pen, axes, curve.test, step, [5, 4]);
  drawSeries(view, pen, axes, curve.loss, step, []);
  drawBreaks(view, pen, axes);
  drawLastValues(view, pen, axes);
  if (!view.scene.live) drawCursor(view, pen, axes, step);
  if (view.curveHover !== null) drawCurveHover(view, pen, axes);
  setAttribute(view.parts.curve, "aria-label", curveText(view, curve));
}

function curveText(view, { steps, loss }) {
  const { words } = view.scene;
  const last = loss.length - 1;
  if (last < 0) return words.loss;
  const [start, end] = [lossText(view, loss[0]), lossText(view, loss[last])];
  return fill(words.curve, { first: start, last: end, step: count(steps[last]) });
}

function drawCurveAxes(view, pen, axes) {
  const { look } = view;
  const { area } = axes;
  pen.font = `${12 * look.scale}px ${look.font}`;
  pen.fillStyle = ink(look.text, 0.72);
  pen.strokeStyle = ink(look.text, 0.12);
  pen.lineWidth = 1;
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const value of axes.log ? logTicks(axes.low, axes.high) : evenTicks(axes.low, axes.high, 5)) {
    const y = Math.round(axes.y(value)) + 0.5;
    pen.beginPath();
    pen.moveTo(area.left, y);
    pen.lineTo(area.right, y);
    pen.stroke();
    pen.fillText(tickText(value), area.left - 7, y);
  }
  pen.textBaseline = "top";
  for (const value of evenTicks(axes.first, axes.last, area.right - area.left < 380 ? 3 : 5)) {
    if (!Number.isInteger(value)) continue;
    const x = axes.x(value);
    pen.textAlign = "center";
    pen.fillText(count(value), x, area.bottom + 8);
  }
}

function evenTicks(low, high, wanted) {
  const rough = Math.max((high - low) / wanted, 1e-12);
  const power = 10 ** Math.floor(Math.log10(rough));
  const every = [1, 2, 5, 10].map((k) => k * power).find((size) => size >= rough);
  const ticks = [];
  for (let i = Math.ceil(low / every); i * every <= high * (1 + 1e-9); i += 1) {
    ticks.push(Number((i * every).toPrecision(12)));
  }
  return ticks;
}

function logTicks(low, high) {
  const decades = Math.log10(high / low);
  const digits = decades > 3 ? [1] : [1, 2, 5].slice(0, decades > 2 ? 1 : 3);
  const skip = Math.ceil(decades / 6);
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
    if (((power % skip) + skip) % skip) continue;
    for (const digit of digits) {
      const value = Number(`${digit}e${power}`);
      if (value >= low && value <= high) ticks.push(value);
    }
  }
  return ticks;
}

function tickText(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 10000 || size < 0.001)) return minus(value.toExponential(0).replace("e+", "e"));
  return minus(String(Number(value.toPrecision(4))));
}

// The line up to the cursor in full ink, what came later faintly.
function drawSeries(view, pen, axes, values, until, dash) {
  const { look } = view;
  const { area } = axes;
  const path = seriesPath(view.film.curve.steps, values, axes);
  const whole = view.scene.live || until >= axes.last;
  const edge = whole ? area.right + 4 : axes.x(until) + 0.5;
  const strong = dash.length ? 0.62 : 0.95;
  pen.setLineDash(dash);
  pen.lineJoin = "bevel";
  pen.lineWidth = (dash.length ? 1.6 : 2) * look.scale;
  for (const [from, to, alpha] of [[0, edge, strong], [edge, area.right + 4, 0.22]]) {
    if (to <= from) continue;
    pen.save();
    pen.beginPath();
    pen.rect(from, 0, to - from, area.bottom + 4);
    pen.clip();
    pen.strokeStyle = ink(look.text, alpha);
    pen.stroke(path);
    pen.restore();
  }
  pen.setLineDash([]);
}

function seriesPath(steps, values, axes) {
  const path = new Path2D();
  let down = false;
  values.forEach((value, i) => {
    if (value === null) {
      down = false;
      return;
    }
    const x = axes.x(steps[i]);
    const y = axes.y(value);
    if (down) path.lineTo(x, y);
    else path.moveTo(x, y);
    // A single value between two gaps would be an empty line: give it a dot's length.
    if (!down) path.lineTo(x + 0.01, y);
    down = true;
  });
  return path;
}

// A cross at the top edge wherever the loss stops being a number.
function drawBreaks(view, pen, axes) {
  const { steps, loss } = view.film.curve;
  const { look } = view;
  const y = axes.area.top + 6;
  pen.strokeStyle = ink(look.text, 0.95);
  pen.lineWidth = 2 * look.scale;
  loss.forEach((value, i) => {
    if (value !== null || (i > 0 && loss[i - 1] === null)) return;
    const x = axes.x(steps[i]);
    const arm = 4.5 * look.scale;
    pen.beginPath();
    pen.moveTo(x - arm, y - arm);
    pen.lineTo(x + arm, y + arm);
    pen.moveTo(x - arm, y + arm);
    pen.lineTo(x + arm, y - arm);
    pen.stroke();
  });
}

function lastFinite(values) {
  let index = values.length - 1;
  while (index >= 0 && values[index] === null) index -= 1;
  return index;
}

// The last value of each series, written right of its end, never over one another.
function drawLastValues(view, pen, axes) {
  const { steps, loss, test } = view.film.curve;
  const { look } = view;
  const labels = [];
  for (const values of [loss, test]) {
    const i = values ? lastFinite(values) : -1;
    if (i < 0) continue;
    labels.push({ text: lossText(view, values[i]), x: axes.x(steps[i]), y: axes.y(values[i]) });
  }
  labels.sort((a, b) => a.y - b.y);
  const high = 16 * look.scale;
  let least = axes.area.top;
  pen.font = `600 ${12.5 * look.scale}px ${look.font}`;
  pen.textAlign = "left";
  labels.forEach(({ text, x, y }, i) => {
    const below = labels.length - 1 - i;
    const at = Math.max(least, Math.min(y, axes.area.bottom - below * high));
    least = at + high;
    pen.fillStyle = ink(look.text);
    pen.beginPath();
    pen.arc(x, y, 3 * look.scale, 0, 2 * Math.PI);
    pen.fill();
    haloText(view, pen, text, x + 9 * look.scale, at, 0.95);
  });
}

function haloText(view, pen, text, x, y, alpha) {
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  pen.lineWidth = 4;
  pen.strokeStyle = ink(view.look.back, 0.9);
  pen.strokeText(text, x, y);
  pen.fillStyle = ink(view.look.text, alpha);
  pen.fillText(text, x, y);
}

function drawCursor(view, pen, axes, step) {
  const { steps, loss } = view.film.curve;
  const { look } = view;
  const x = Math.min(axes.area.right, Math.max(axes.area.left, axes.x(step)));
  pen.strokeStyle = look.accent;
  pen.lineWidth = 2 * look.scale;
  pen.beginPath();
  pen.moveTo(x, axes.area.top - 4);
  pen.lineTo(x, axes.area.bottom);
  pen.stroke();
  const value = loss[stepIndex(steps, step)];
  if (value === null || value === undefined) return;
  pen.fillStyle = look.accent;
  pen.strokeStyle = ink(look.back);
  pen.beginPath();
  pen.arc(x, axes.y(value), 5 * look.scale, 0, 2 * Math.PI);
  pen.fill();
  pen.stroke();
}

function drawCurveHover(view, pen, axes) {
  const { steps, loss, test } = view.film.curve;
  const { look } = view;
  if (!steps.length) return;
  const i = stepIndex(steps, view.curveHover);
  const x = axes.x(steps[i]);
  const { words } = view.scene;
  const values = { step: count(steps[i]), loss: lossText(view, loss[i]) };
  const text = test
    ? fill(words.hover_test, { ...values, test: lossText(view, test[i]) })
    : fill(words.hover, values);
  pen.strokeStyle = ink(look.text, 0.4);
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(x, axes.area.top);
  pen.lineTo(x, axes.area.bottom);
  pen.stroke();
  pen.fillStyle = ink(look.text);
  for (const value of [loss[i], test?.[i]]) {
    if (value === null || value === undefined) continue;
    pen.beginPath();
    pen.arc(x, axes.y(value), 3.5 * look.scale, 0, 2 * Math.PI);
    pen.fill();
  }
  drawChip(view, pen, axes, text, x);
}

function drawChip(view, pen, axes, text, x) {
  const { look } = view;
  pen.font = `${12.5 * look.scale}px ${look.font}`;
  const wide = pen.measureText(text).width + 18;
  const high = 25 * look.scale;
  const right = axes.area.right + 56 * look.scale;
  const left = Math.max(2, Math.min(right - wide, x - wide / 2));
  pen.fillStyle = ink(mix(look.back, look.text, 0.06), 0.97);
  pen.strokeStyle = ink(look.text, 0.3);
  pen.lineWidth = 1;
  pen.beginPath();
  pen.roundRect(left, axes.area.top - 8, wide, high, 7);
  pen.fill();
  pen.stroke();
  pen.fillStyle = ink(look.text);
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  pen.fillText(text, left + 9, axes.area.top - 8 + high / 2);
}

// Index of the value whose step is nearest; the steps increase.
function stepIndex(steps, step) {
  let low = 0;
  let high = steps.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] < step) low = middle + 1;
    else high = middle;
  }
  return low > 0 && step - steps[low - 1] < steps[low] - step ? low - 1 : low;
}

// ---------------------------------------------------------------- points and their changes

// Python's points with the changes that it has not answered yet, so that a click shows at once.
function shownPoints(view) {
  const points = view.scene.points.slice();
  for (const edit of view.flying ? [view.flying, ...view.waiting] : view.waiting) {
    if (edit.op === "add") points.push([edit.x, edit.y, edit.cls, 0]);
    else if (!points[edit.index]) continue;
    else if (edit.op === "remove") points.splice(edit.index, 1);
    else points[edit.index] = [edit.x, edit.y, edit.cls, points[edit.index][3]];
  }
  const { held } = view;
  if (held && points[held.index]) {
    points[held.index] = [held.x, held.y, ...points[held.index].slice(2)];
  }
  return points;
}

// One change at a time: of two that reach Python in one run, Streamlit hands over only the last.
function pushEdit(view, edit) {
  view.waiting.push(edit);
  flyEdit(view);
  view.hover = null;
  update(view);
}

function flyEdit(view) {
  if (view.flying || !view.waiting.length) return;
  view.flying = view.waiting.shift();
  view.send.trigger("edit", view.flying);
  view.flyTimer = setTimeout(() => {
    landEdit(view);
    update(view);
  }, PATIENCE_MS);
}

function landEdit(view) {
  clearTimeout(view.flyTimer);
  view.flying = null;
  flyEdit(view);
}

function addPoint(view, { x, y }) {
  pushEdit(view, { op: "add", index: -1, x, y, cls: view.scene.addClass });
}

function removePoint(view, index) {
  const [x, y, cls] = shownPoints(view)[index];
  pushEdit(view, { op: "remove", index, x, y, cls });
}

function dropPoint(view) {
  const { held } = view;
  view.held = null;
  const point = held && shownPoints(view)[held.index];
  if (point && (held.x !== point[0] || held.y !== point[1])) {
    pushEdit(view, { op: "move", index: held.index, x: held.x, y: held.y, cls: point[2] });
  }
  update(view);
}

// The nearest point within reach (CSS pixels) of a place on the screen, or -1.
function pointNear(view, px, py, reach) {
  let best = -1;
  let least = reach;
  shownPoints(view).forEach(([x, y], index) => {
    const at = toScreen(view, x, y);
    const far = Math.hypot(at.x - px, at.y - py);
    if (far <= least) [best, least] = [index, far];
  });
  return best;
}

// ---------------------------------------------------------------- the test point

function moveProbe(view, place, last) {
  view.probe = place;
  // Awaited from now on, not from when it is sent: an answer to an older place must not undo it.
  view.probeAwaited = place;
  view.probeAwaitedUntil = performance.now() + PATIENCE_MS;
  update(view);
  sendProbe(view, last);
}

// At most one message in 150 ms, and always the last place.
function sendProbe(view, last) {
  clearTimeout(view.probeTimer);
  if (view.probeSent && samePlace(view.probe, view.probeSent)) return;
  const wait = view.probeSentAt + PROBE_EVERY_MS - performance.now();
  if (!last && wait > 0) {
    view.probeTimer = setTimeout(() => sendProbe(view, true), wait);
    return;
  }
  view.probeSent = { ...view.probe };
  view.probeSentAt = performance.now();
  view.send.state("probe", view.probeSent);
}

function wireHandle(view) {
  const { handle } = view.parts;
  handle.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || view.scene.tool !== "probe") return;
    view.pointerType = event.pointerType;
    startProbeDrag(view, handle, event, false);
  });
  handle.addEventListener("pointermove", (event) => dragProbe(view, event));
  handle.addEventListener("pointerup", (event) => endProbeDrag(view, event));
  handle.addEventListener("pointercancel", (event) => endProbeDrag(view, event));
  handle.addEventListener("keydown", (event) => handleKey(view, event));
}

function startProbeDrag(view, node, event, jump) {
  const at = localPlace(view, event);
  const on = toScreen(view, view.probe.x, view.probe.y);
  // Keep the grip: the ring does not jump to the finger that takes it at its edge.
  view.grip = jump ? { x: 0, y: 0 } : { x: on.x - at.x, y: on.y - at.y };
  view.probeDrag = true;
  node.setPointerCapture(event.pointerId);
  if (jump) dragProbe(view, event);
}

function dragProbe(view, event) {
  if (!view.probeDrag) return;
  const at = localPlace(view, event);
  moveProbe(view, toPlane(view, at.x + view.grip.x, at.y + view.grip.y), false);
}

function endProbeDrag(view) {
  if (!view.probeDrag) return;
  view.probeDrag = false;
  sendProbe(view, true);
}

function localPlace(view, event) {
  const frame = view.parts.canvas.getBoundingClientRect();
  return { x: event.clientX - frame.left, y: event.clientY - frame.top };
}

const ARROWS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

function handleKey(view, event) {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const arrow = ARROWS[event.key];
  if (arrow) {
    const stride = event.shiftKey ? 0.5 : 0.1;
    const x = view.probe.x + arrow[0] * stride;
    const y = view.probe.y + arrow[1] * stride;
    moveProbe(view, clampPlace(view, { x, y }), false);
    if (view.held?.byKey) {
      Object.assign(view.held, view.probe);
      update(view);
    }
  } else if (event.key === "Enter" || event.key === " ") {
    actAtProbe(view);
  } else if (event.key === "Escape" && view.held) {
    view.held = null;
    update(view);
  } else {
    return;
  }
  event.preventDefault();
}

// The edit tools from the keyboard: the test point is the hand.
function actAtProbe(view) {
  const { tool } = view.scene;
  if (tool === "add") return addPoint(view, view.probe);
  if (view.held) return dropPoint(view);
  if (tool !== "move" && tool !== "remove") return undefined;
  const at = toScreen(view, view.probe.x, view.probe.y);
  const index = pointNear(view, at.x, at.y, view.square.side / 8);
  if (index < 0) return undefined;
  if (tool === "remove") return removePoint(view, index);
  view.held = { index, ...view.probe, byKey: true };
  return update(view);
}

// ---------------------------------------------------------------- the pointer on the picture

function wirePicture(view) {
  const { canvas, folds } = view.parts;
  folds.addEventListener("change", () => requestDraw(view));
  canvas.addEventListener("pointerdown", (event) => pressPicture(view, event));
  canvas.addEventListener("pointermove", (event) => movePicture(view, event));
  canvas.addEventListener("pointerup", (event) => releasePicture(view, event));
  canvas.addEventListener("pointercancel", (event) => releasePicture(view, event));
  canvas.addEventListener("pointerleave", () => setHover(view, null));
  canvas.addEventListener("click", (event) => clickPicture(view, event));
  // A finger scrolls the page, except when it lands on a point that it may move. Only a touch
  // listener that is not passive can decide that by place.
  canvas.addEventListener(
    "touchstart",
    (event) => {
      const touch = event.touches[0];
      if (view.scene.tool !== "move" || event.touches.length !== 1) return;
      const at = localPlace(view, touch);
      if (pointNear(view, at.x, at.y, REACH.touch) >= 0) event.preventDefault();
    },
    { passive: false },
  );
}

function pressPicture(view, event) {
  view.pointerType = event.pointerType;
  if (event.button !== 0) return;
  const at = localPlace(view, event);
  if (view.scene.tool === "move") {
    const index = pointNear(view, at.x, at.y, REACH[event.pointerType] || REACH.touch);
    if (index < 0) return;
    const [x, y] = shownPoints(view)[index];
    view.held = { index, x, y, byKey: false };
    view.hover = { index };
    view.parts.canvas.setPointerCapture(event.pointerId);
    update(view);
  } else if (view.scene.tool === "probe" && view.probe && event.pointerType === "mouse") {
    // A finger may want to scroll: it moves the test point with a tap, see clickPicture.
    event.preventDefault();
    view.parts.handle.focus({ preventScroll: true, focusVisible: false });
    startProbeDrag(view, view.parts.canvas, event, true);
  }
}

function movePicture(view, event) {
  if (view.probeDrag) {
    dragProbe(view, event);
    return;
  }
  const at = localPlace(view, event);
  const { tool } = view.scene;
  if (view.held && !view.held.byKey) {
    Object.assign(view.held, toPlane(view, at.x, at.y));
    requestDraw(view);
  } else if (event.pointerType === "touch" || tool === "probe") {
    setHover(view, null);
  } else if (tool === "add") {
    setHover(view, { index: -1, ...toPlane(view, at.x, at.y) });
  } else {
    const index = pointNear(view, at.x, at.y, REACH.mouse);
    setHover(view, index < 0 ? null : { index });
  }
}

function releasePicture(view, event) {
  endProbeDrag(view);
  if (!view.held || view.held.byKey) return;
  if (event.type === "pointercancel") {
    view.held = null;
    update(view);
  } else {
    dropPoint(view);
  }
  view.hover = null;
}

function clickPicture(view, event) {
  const at = localPlace(view, event);
  const { tool } = view.scene;
  if (tool === "add") {
    addPoint(view, toPlane(view, at.x, at.y));
  } else if (tool === "remove") {
    const index = pointNear(view, at.x, at.y, REACH[view.pointerType] || REACH.touch);
    if (index >= 0) removePoint(view, index);
  } else if (tool === "probe" && view.probe && view.pointerType !== "mouse") {
    moveProbe(view, toPlane(view, at.x, at.y), true);
  }
}

function setHover(view, hover) {
  if (!view.held && (hover || view.hover)) {
    view.hover = hover;
    requestDraw(view);
  }
}

function showCursorShape(view) {
  const { tool } = view.scene;
  let shape = "default";
  if (tool === "probe" && view.probe) shape = "crosshair";
  else if (tool === "add") shape = "copy";
  else if (view.held && !view.held.byKey) shape = "grabbing";
  else if (view.hover) shape = tool === "move" ? "grab" : "pointer";
  view.parts.canvas.style.cursor = shape;
}

// ---------------------------------------------------------------- the timeline

function wireTimeline(view) {
  const { range, play } = view.parts;
  const letGo = () => {
    if (!view.scrubbing) return;
    view.scrubbing = false;
    sendStep(view);
  };
  range.addEventListener("pointerdown", () => {
    if (!range.disabled) view.scrubbing = true;
  });
  range.addEventListener("input", () => {
    stopPlaying(view, false);
    showFrame(view, Number(range.value));
  });
  range.addEventListener("change", () => {
    view.scrubbing = false;
    sendStep(view);
  });
  range.addEventListener("pointerup", letGo);
  range.addEventListener("pointercancel", letGo);
  play.addEventListener("click", () => (view.playing ? stopPlaying(view, true) : startPlaying(view)));
}

function startPlaying(view) {
  if (view.scene.live || view.frames.length < 2) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const pace = 1000 / (calm ? CALM_FRAMES_PER_SECOND : FRAMES_PER_SECOND);
  let index = frameIndex(view);
  if (index >= view.frames.length - 1) index = -1;
  view.playing = setInterval(() => {
    index += 1;
    showFrame(view, index);
    if (index >= view.frames.length - 1) stopPlaying(view, true);
  }, pace);
  update(view);
}

function stopPlaying(view, tell) {
  if (!view.playing) return;
  clearInterval(view.playing);
  view.playing = 0;
  if (tell) sendStep(view);
  update(view);
}

function wireCurve(view) {
  const { curve } = view.parts;
  curve.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || view.scene.live || view.frames.length < 2) return;
    stopPlaying(view, false);
    view.scrubbing = true;
    curve.setPointerCapture(event.pointerId);
    scrubCurve(view, event);
  });
  curve.addEventListener("pointermove", (event) => scrubCurve(view, event));
  const letGo = (event) => {
    if (event.pointerType !== "mouse") view.curveHover = null;
    requestDraw(view);
    if (!view.scrubbing) return;
    view.scrubbing = false;
    sendStep(view);
  };
  curve.addEventListener("pointerup", letGo);
  curve.addEventListener("pointercancel", letGo);
  curve.addEventListener("pointerleave", () => {
    view.curveHover = null;
    requestDraw(view);
  });
}

function scrubCurve(view, event) {
  if (!view.axes) return;
  const left = view.parts.curve.getBoundingClientRect().left;
  const step = view.axes.step(event.clientX - left);
  view.curveHover = Math.min(view.axes.last, Math.max(view.axes.first, step));
  if (view.scrubbing) showFrame(view, frameNearest(view, step));
  else requestDraw(view);
  view.parts.curve.style.cursor = view.scene.live || view.frames.length < 2 ? "default" : "ew-resize";
}
