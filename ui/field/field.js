// A map and the picture that it is about.  Python sends all numbers, pixels, pieces and words; this
// file draws them, lets a mouse, a finger or the arrow keys point, and sends back only the place
// that was chosen.
//
// A place is a whole number: row * columns + column of the map.

const NONE = -1;
const SMALL = 0.6; // a piece with less of the picture than this stands out from the rest
const VEIL = 0.24; // how far the rest then goes towards grey
const SPEAK_MS = 350;
const ECHO_MS = 4000;

const views = new WeakMap();
const colours = new Map();

export default function mount(component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".field");
  let view = views.get(root);
  if (!view) {
    view = begin(root);
    views.set(root, view);
  }
  view.send = component;
  refresh(view, data);
}

function begin(root) {
  const find = (name) => root.querySelector(name);
  const view = {
    root,
    pair: find(".pair"),
    titles: [find(".title.picture"), find(".title.map")],
    frames: [find(".frame.picture"), find(".frame.map")],
    picture: find("canvas.picture"),
    map: find("canvas.map"),
    strip: find(".strip"),
    ends: [...root.querySelectorAll(".ends span")],
    marks: { piece: find(".mark.piece"), cell: find(".mark.cell"), kept: find(".mark.kept") },
    says: find(".says"),
    spoken: find(".spoken"),
    hover: NONE, // under the mouse or the finger
    cursor: NONE, // where the arrow keys are
    chosen: NONE,
    given: undefined, // what Python said last
    sent: [],
  };
  listen(view, view.map, placeOnMap);
  listen(view, view.picture, placeOnPicture);
  view.map.addEventListener("keydown", (event) => onKey(view, event));
  view.map.addEventListener("blur", () => {
    view.cursor = NONE;
    show(view);
  });
  return view;
}

function refresh(view, data) {
  const shape = `${data.height}x${data.width}`;
  if (shape !== view.shape) {
    Object.assign(view, { shape, hover: NONE, cursor: NONE, chosen: NONE, given: undefined });
    view.sent = [];
  }
  view.data = data;
  view.ink = bytesOf(data.picture);
  view.tints = tintsOf(view.root);
  layOut(view);
  data.titles.forEach((title, i) => setText(view.titles[i], title));
  data.ends.forEach((end, i) => setText(view.ends[i], end));
  view.root.setAttribute("aria-label", data.label);
  view.picture.setAttribute("aria-label", data.titles[0]);
  view.map.setAttribute("aria-label", `${data.label}: ${data.titles[1]}`);
  const pixels = bytesOf(data.pixels);
  const { signed } = view.tints;
  draw(view.map, data.width, data.height, (i) => signed[pixels[i]]);
  draw(view.strip, 255, 1, (i) => signed[i + 1]);
  adopt(view, data.chosen);
  show(view);
}

function layOut(view) {
  const { data, root, pair, frames } = view;
  const aspects = [data.picture_width / data.picture_height, data.width / data.height];
  root.classList.toggle("large", data.large);
  pair.style.setProperty("--aspects", aspects[0] + aspects[1]);
  pair.style.setProperty("--tracks", aspects.map((a) => `minmax(0, ${100 * a}fr)`).join(" "));
  aspects.forEach((aspect, i) => frames[i].style.setProperty("--aspect", aspect));
}

// ---- small tools -----------------------------------------------------------------------------

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function clamp(value, most) {
  return Math.max(0, Math.min(most, value));
}

// Any CSS colour as [r, g, b].  A canvas can read them all, but is slow: so it is asked once.
function rgbOf(colour) {
  if (!colours.has(colour)) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 1;
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    colours.set(colour, [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3));
  }
  return colours.get(colour);
}

function tintsOf(root) {
  const style = getComputedStyle(root);
  const read = (name, otherwise) => rgbOf(style.getPropertyValue(name).trim() || otherwise);
  const ground = read("--st-background-color", "#fff");
  const dark = 0.299 * ground[0] + 0.587 * ground[1] + 0.114 * ground[2] < 128;
  root.classList.toggle("dark", dark); // the style sheet's two colours depend on it
  const text = read("--st-text-color", "#111");
  const ends = [read("--neg", "#1e68a0"), read("--pos", "#e07614")];
  const grey = mix(ground, text, 0.5);
  const ink = (byte) => mix(ground, text, byte / 255);
  return {
    signed: palette((byte) => mix(ground, ends[byte < 128 ? 0 : 1], Math.abs(byte - 128) / 127)),
    ink: palette(ink),
    veiled: palette((byte) => mix(ink(byte), grey, VEIL)),
  };
}

function mix(from, to, share) {
  return from.map((value, k) => value + (to[k] - value) * share);
}

// 256 colours, each as the four bytes of a pixel.
function palette(colourOf) {
  const bytes = new Uint8ClampedArray(4 * 256).fill(255);
  for (let byte = 0; byte < 256; byte++) bytes.set(colourOf(byte), 4 * byte);
  return new Uint32Array(bytes.buffer);
}

function draw(canvas, width, height, colourAt) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = colourAt(i);
  pen.putImageData(image, 0, 0);
}

// ---- places and pieces -----------------------------------------------------------------------

function shownPlace(view) {
  return [view.hover, view.cursor, view.chosen].find((place) => place !== NONE) ?? NONE;
}

function rowAndColumn(data, place) {
  return [Math.floor(place / data.width), place % data.width];
}

// The piece of the picture that a place is about, or null.
function pieceOf(data, place) {
  if (place === NONE) return null;
  const [row, column] = rowAndColumn(data, place);
  const [[top, bottom], [left, right]] = [data.rows[row], data.columns[column]];
  return top < bottom && left < right ? { top, bottom, left, right } : null;
}

// x and y run from 0 to 1 over the map or over the picture.
function placeOnMap(data, x, y) {
  const row = clamp(Math.floor(y * data.height), data.height - 1);
  return row * data.width + clamp(Math.floor(x * data.width), data.width - 1);
}

function placeOnPicture(data, x, y) {
  const row = nearest(data.rows, y * data.picture_height);
  const column = nearest(data.columns, x * data.picture_width);
  return row === NONE || column === NONE ? NONE : row * data.width + column;
}

// Which piece has its middle next to a place along one side.
function nearest(spans, at) {
  let [found, least] = [NONE, Infinity];
  spans.forEach(([from, to], i) => {
    const distance = Math.abs((from + to) / 2 - at);
    if (from === to || distance >= least) return;
    [found, least] = [i, distance];
  });
  return found;
}

// ---- showing what is pointed at --------------------------------------------------------------

function show(view) {
  const { data, marks } = view;
  const place = shownPlace(view);
  const piece = pieceOf(data, place);
  const kept = view.chosen === place ? NONE : view.chosen;
  paintPicture(view, piece);
  setMark(marks.piece, piece, data.picture_width, data.picture_height);
  setMark(marks.cell, cellOf(data, place), data.width, data.height);
  setMark(marks.kept, cellOf(data, kept), data.width, data.height);
  const text = sentence(data, place, piece);
  setText(view.says, text);
  clearTimeout(view.speaking);
  view.speaking = setTimeout(() => setText(view.spoken, text), SPEAK_MS);
}

function cellOf(data, place) {
  if (place === NONE) return null;
  const [row, column] = rowAndColumn(data, place);
  return { top: row, bottom: row + 1, left: column, right: column + 1 };
}

function setMark(mark, box, width, height) {
  mark.hidden = !box;
  if (!box) return;
  mark.style.left = `${(100 * box.left) / width}%`;
  mark.style.top = `${(100 * box.top) / height}%`;
  mark.style.width = `${(100 * (box.right - box.left)) / width}%`;
  mark.style.height = `${(100 * (box.bottom - box.top)) / height}%`;
}

function paintPicture(view, piece) {
  const { ink, tints } = view;
  const { picture_height: height, picture_width: width } = view.data;
  const { top, bottom, left, right } = piece || { top: 0, bottom: height, left: 0, right: width };
  const isLarge = (bottom - top) * (right - left) >= SMALL * height * width;
  draw(view.picture, width, height, (i) => {
    const [row, column] = [Math.floor(i / width), i % width];
    const isInside = row >= top && row < bottom && column >= left && column < right;
    return (isLarge || isInside ? tints.ink : tints.veiled)[ink[i]];
  });
}

function sentence(data, place, piece) {
  if (place === NONE) return "";
  const [row, column] = rowAndColumn(data, place);
  const fields = { row: row + 1, column: column + 1, value: data.texts[place] };
  if (piece) {
    const { top, bottom, left, right } = piece;
    Object.assign(fields, { top: top + 1, bottom, left: left + 1, right });
  }
  const text = piece ? data.says : data.says_none;
  return text.replace(/\{(\w+)\}/g, (whole, name) => fields[name] ?? whole);
}

// ---- mouse, finger, keys ---------------------------------------------------------------------

function point(view, place) {
  if (place === view.hover) return;
  view.hover = place;
  show(view);
}

// What is let go of is chosen: a click, a tap, the end of a finger's way over the map.
function listen(view, node, placeAt) {
  let pressed = false;
  const at = (event) => {
    const box = node.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width;
    return placeAt(view.data, x, (event.clientY - box.top) / box.height);
  };
  const leave = () => {
    pressed = false;
    point(view, NONE);
  };
  node.addEventListener("pointermove", (event) => {
    if (event.isPrimary) point(view, at(event));
  });
  node.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button) return;
    pressed = true;
    point(view, at(event));
  });
  node.addEventListener("pointerup", (event) => {
    if (pressed && event.isPrimary) choose(view, at(event));
    pressed = false;
  });
  node.addEventListener("pointerleave", leave);
  node.addEventListener("pointercancel", leave);
}

function onKey(view, event) {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "Escape") {
    view.hover = view.cursor = NONE;
    show(view);
  } else if (event.key === "Enter" || event.key === " ") choose(view, startOfKeys(view));
  else if (!move(view, event.key)) return;
  event.preventDefault();
}

// Without anything to start from the keys begin in the middle, where most pictures have their ink.
function startOfKeys(view) {
  const place = shownPlace(view);
  return place === NONE ? placeOnMap(view.data, 0.5, 0.5) : place;
}

function move(view, key) {
  const { height, width } = view.data;
  const ways = {
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    Home: [0, -width],
    End: [0, width],
  };
  if (!ways[key]) return false;
  const begun = shownPlace(view) !== NONE;
  const [down, right] = begun ? ways[key] : [0, 0];
  const [row, column] = rowAndColumn(view.data, startOfKeys(view));
  view.hover = NONE;
  view.cursor = clamp(row + down, height - 1) * width + clamp(column + right, width - 1);
  show(view);
  return true;
}

function choose(view, place) {
  if (place === NONE) return;
  view.chosen = place;
  view.cursor = NONE;
  show(view);
  const name = rowAndColumn(view.data, place).join(".");
  view.sent.push({ name, time: Date.now() });
  // The time makes it another value each time.  A state, as Streamlit may lose a trigger when
  // something else is sent just after it.
  view.send.setStateValue("picked", `${name} ${Date.now()}`);
}

// Follow Python's choice when it is a new one, not when it only echoes what was sent from here.
function adopt(view, name) {
  if (name === view.given) return;
  view.given = name;
  view.sent = view.sent.filter((one) => Date.now() - one.time < ECHO_MS);
  const echo = view.sent.findIndex((one) => one.name === name);
  view.sent.splice(0, echo + 1);
  if (echo !== -1) return;
  const [row, column] = name === null ? [] : name.split(".").map(Number);
  view.chosen = name === null ? NONE : row * view.data.width + column;
}
