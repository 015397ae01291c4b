// Linked number grids.  One file, no framework.  Python sends a payload and all the words; this
// file draws it, answers the mouse, the finger and the keys by itself, and sends back only the
// cell that was pinned and the gradient that is to be checked.
//
// A cell is a whole number: the start of its grid + row * columns + column.  Streamlit calls the
// default export again for every payload, with the same parentElement: the view stays, and only
// texts and colours change, unless the shape is another one.

const NONE = -1;
// Longer sums are folded in the middle, after a few terms and before the last: the bias.
const FOLD = { wide: { above: 11, head: 6, tail: 2 }, narrow: { above: 6, head: 3, tail: 1 } };
const NARROW = 560; // the same width as in the style sheet
const SPARSE_LIMIT = 60; // cells drawn of a grid that is too big to draw whole
// Cells of grids side by side that would not fit into one row: width, height, font; px.
const SMALLER = [
  [44, 34, 13],
  [40, 34, 13],
  [36, 32, 12.5],
  [33, 30, 12],
  [30, 28, 12],
  [27, 26, 11.5],
  [24, 26, 11],
];
const SPEEDS = [0.5, 1, 2, 5, 10, 20]; // numbers a second
const LEAVE_MS = 70; // a mouse that crosses a caption has not left yet
const SEND_MS = 150;
const SPEAK_MS = 350;
const ECHO_MS = 4000;

const views = new WeakMap();
const colours = new Map();

export default function mount(component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".glassnet");
  let view = views.get(parentElement);
  const shape = shapeOf(data);
  if (!view || view.root !== root || view.shape !== shape) {
    const memory = view ? recall(view) : null;
    if (view) stop(view);
    view = newView(root, shape);
    views.set(parentElement, view);
    view.send = component;
    begin(view, data, memory);
  }
  view.send = component;
  refresh(view, data);
  // Streamlit may call this early, when two payloads follow each other closely.
  return () => {
    if (!root.isConnected) stop(view);
  };
}

function newView(root, shape) {
  return {
    root,
    shape,
    texts: [], // [element, data => text], written again for every payload
    tables: [], // each { node, roving: its cell that the Tab key reaches }
    cells: [], // every drawn cell: { td, cell, text, look }
    drawn: new Map(), // cell -> its elements
    marked: [], // elements that wear a mark now
    hot: [],
    cursor: NONE,
    pinned: NONE,
    hover: NONE,
    unfolded: NONE,
    filter: "all",
    speed: 1,
    timers: {},
    sent: [],
    given: undefined,
    checking: null,
    width: root.clientWidth,
    beside: [], // bands whose grids should stand in one row
    fitted: "", // what their cells' size was found for
  };
}

function isNarrow(width) {
  return width <= NARROW;
}

// Asked of the browser once in a while: reading the width in the middle of changes is slow.
function watchWidth(view) {
  view.watcher = new ResizeObserver(() => {
    const before = view.width;
    view.width = view.root.clientWidth;
    if (isNarrow(view.width) !== isNarrow(before)) show(view);
    requestAnimationFrame(() => fitBands(view));
  });
  view.watcher.observe(view.root);
}

function stop(view) {
  clearInterval(view.timers.play);
  for (const timer of Object.values(view.timers)) clearTimeout(timer);
  view.timers = {};
  if (view.watcher) view.watcher.disconnect();
}

function shapeOf(data) {
  if (data.kind === "tiles") return `tiles ${data.width}x${data.height} ${data.tiles.length}`;
  const grids = data.grids.map((g) => [g.id, g.rows, g.columns]);
  const bands = data.bands.map((b) => [
    b.stacked,
    b.heads && b.heads.length,
    b.grids.map((g) => [g.grid, g.turned, g.sparse, !!g.labels, !!g.heads, g.direction]),
  ]);
  return JSON.stringify([grids, bands]);
}

// What a rebuilt view takes over from the one before it.
function recall(view) {
  if (!view.model) return null;
  return {
    cursor: idOf(view.model, view.cursor),
    pinned: idOf(view.model, view.pinned),
    playing: !!view.timers.play,
    filter: view.filter,
    speed: view.speed,
    given: view.given,
    scroll: scrollersOf(view).map((box) => box.scrollLeft),
  };
}

function begin(view, data, memory) {
  view.root.replaceChildren();
  if (data.kind === "tiles") {
    buildTiles(view, data);
    return;
  }
  view.model = readModel(data);
  buildGrids(view, data);
  if (!memory) return;
  view.given = memory.given;
  view.cursor = cellOf(view.model, memory.cursor);
  view.pinned = cellOf(view.model, memory.pinned);
  view.filter = memory.filter;
  view.speed = memory.speed;
  view.speedSelect.value = String(view.speed);
  scrollersOf(view).forEach((box, i) => {
    box.scrollLeft = memory.scroll[i] || 0;
  });
  if (memory.playing) play(view);
}

function refresh(view, data) {
  view.data = data;
  view.root.classList.toggle("large", !!data.large);
  view.root.classList.toggle("dark", isDark(view.root));
  for (const [node, write] of view.texts) setText(node, write(data));
  if (data.kind === "tiles") {
    refreshTiles(view, data);
    return;
  }
  view.model = readModel(data);
  paintAll(view);
  fitBands(view);
  reorder(view);
  showPlaying(view);
  adopt(view, data.chosen);
  if (data.check && data.check.id === view.checking) view.checking = null;
  show(view);
}

// ---- small tools -----------------------------------------------------------------------------

function el(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Tie an element's text to the payload.
function bind(view, node, write) {
  view.texts.push([node, write]);
  return node;
}

function bindName(view, node, write, attributes = ["aria-label"]) {
  const proxy = {
    get textContent() {
      return node.getAttribute("aria-label");
    },
    set textContent(text) {
      for (const name of attributes) node.setAttribute(name, text);
    },
  };
  view.texts.push([proxy, write]);
  return node;
}

// For the eye as well, while the mouse rests there.
function bindLabel(view, node, write) {
  return bindName(view, node, write, ["aria-label", "title"]);
}

function fill(text, fields) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in fields ? fields[name] : whole));
}

function later(view, name, ms, act) {
  clearTimeout(view.timers[name]);
  view.timers[name] = setTimeout(act, ms);
}

function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

// Any CSS colour as [r, g, b].  A canvas can read them all, but is slow: so it is asked once.
function rgbOf(colour) {
  if (!colours.has(colour)) {
    const pen = el("canvas").getContext("2d", { willReadFrequently: true });
    pen.canvas.width = pen.canvas.height = 1;
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    colours.set(colour, [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3));
  }
  return colours.get(colour);
}

function cssColour(root, name, fallback) {
  return rgbOf(getComputedStyle(root).getPropertyValue(name).trim() || fallback);
}

function isDark(root) {
  const [r, g, b] = cssColour(root, "--st-background-color", "#fff");
  return 0.299 * r + 0.587 * g + 0.114 * b < 128;
}

// The same rule as core.trace.format_number.
function format(value) {
  if (Number.isNaN(value)) return "NaN";
  const sign = value < 0 ? "−" : "";
  const size = Math.abs(value);
  if (size === Infinity) return `${sign}∞`;
  if (Number.isInteger(size) && size < 100000) return sign + size;
  if (size < 0.001 || size >= 10000) {
    const short = size.toExponential(1);
    let [digits, exponent] = short.split("e");
    if (says(short, size)) digits = digits.replace(/\.0$/, "");
    return `${sign}${digits}e${exponent < 0 ? "−" : ""}${Math.abs(exponent)}`;
  }
  const places = Math.min(4, Math.max(0, 3 - Number(size.toExponential(3).split("e")[1])));
  const text = size.toFixed(places);
  return sign + (places && says(text, size) ? text.replace(/\.?0+$/, "") : text);
}

// Whether a text holds the whole number: then zeros at its end say nothing and can go.
function says(text, size) {
  return Math.abs(Number(text) - size) <= 1e-9 * size;
}

function exact(value) {
  return Number.isFinite(value) ? String(value).replaceAll("-", "−") : format(value);
}

// ---- the model: numbers and terms, packed ------------------------------------------------------

function readModel(data) {
  const last = data.grids[data.grids.length - 1];
  const size = last.start + last.rows * last.columns;
  const values = new Float64Array(size);
  const gridOf = new Uint16Array(size);
  const termsAt = new Int32Array(size).fill(NONE);
  const index = new Map();
  data.grids.forEach((grid, g) => {
    index.set(grid.id, g);
    grid.values.forEach((value, i) => {
      values[grid.start + i] = Number(value); // "NaN" and "Infinity" come as words
      gridOf[grid.start + i] = g;
    });
    let at = 0;
    for (let i = 0; at < grid.terms.length; i++) {
      termsAt[grid.start + i] = at;
      let left = grid.terms[at++];
      while (left--) at += grid.terms[at] + 1;
    }
  });
  return { data, grids: data.grids, size, values, gridOf, termsAt, index, users: null };
}

function gridAt(model, cell) {
  return model.grids[model.gridOf[cell]];
}

function isComputed(model, cell) {
  return model.termsAt[cell] !== NONE;
}

// The terms of a cell: a list of lists of cells.
function termsOf(model, cell) {
  let at = model.termsAt[cell];
  if (at === NONE) return [];
  const flat = gridAt(model, cell).terms;
  const terms = new Array(flat[at++]);
  for (let k = 0; k < terms.length; k++) {
    const size = flat[at++];
    terms[k] = flat.slice(at, at + size);
    at += size;
  }
  return terms;
}

// Who uses a cell: all terms read backwards, once, when first asked for.
function usersOf(model, cell) {
  if (!model.users) {
    model.users = new Map();
    for (let user = 0; user < model.size; user++) {
      for (const part of new Set(termsOf(model, user).flat())) {
        const known = model.users.get(part);
        if (known) known.push(user);
        else model.users.set(part, [user]);
      }
    }
  }
  return model.users.get(cell) || [];
}

function placeOf(model, cell) {
  const grid = gridAt(model, cell);
  const i = cell - grid.start;
  return [Math.floor(i / grid.columns), i % grid.columns];
}

function idOf(model, cell) {
  if (cell === NONE) return null;
  return [gridAt(model, cell).id, ...placeOf(model, cell)].join(".");
}

function cellOf(model, id) {
  if (!id) return NONE;
  const [name, row, column] = id.split(".");
  const grid = model.grids[model.index.get(name)];
  if (!grid || row >= grid.rows || column >= grid.columns) return NONE;
  return grid.start + Number(row) * grid.columns + Number(column);
}

// "z₁[(2, 1), 17]": the symbol and the names of row and column, as shown.
function nameOf(view, cell) {
  const grid = gridAt(view.model, cell);
  const [row, column] = placeOf(view.model, cell);
  const shown = view.shownAs.get(view.model.gridOf[cell]);
  const names = [];
  if (grid.rows > 1) names.push(namesAlong(view, shown, "row")[row] ?? row + 1);
  if (grid.columns > 1) names.push(namesAlong(view, shown, "column")[column] ?? column + 1);
  return names.length ? `${grid.symbol}[${names.join(", ")}]` : grid.symbol;
}

function namesAlong(view, shown, axis) {
  if (!shown) return [];
  const band = view.data.bands[shown.band];
  const piece = band.grids[shown.place];
  const across = (axis === "column") !== piece.turned;
  return (across ? piece.heads || (band.stacked && band.heads) : piece.labels) || [];
}

// A gate that is shut lets nothing through: ReLU below 0, forwards and backwards.
function isShut(model, cell) {
  const gate = model.data.ops[gridAt(model, cell).op].gate;
  if (gate === null || !isComputed(model, cell)) return false;
  if (gate === NONE) return true;
  return !(model.values[termsOf(model, cell)[gate][0]] > 0);
}

// ---- building ----------------------------------------------------------------------------------

function buildGrids(view, data) {
  view.shownAs = new Map(); // grid -> { band, place } where it is shown first
  view.rows = []; // for the arrow keys: bands of lines of elements
  view.sparse = []; // { grid, box, line }
  view.bands = el("div", "bands");
  view.root.append(buildLegend(view, data), view.bands, buildDock(view, data));
  data.bands.forEach((band, b) => {
    band.grids.forEach((piece, p) => {
      if (!view.shownAs.has(piece.grid)) view.shownAs.set(piece.grid, { band: b, place: p });
    });
    view.bands.append(buildBand(view, data, b));
  });
  listen(view);
  watchWidth(view);
}

function buildLegend(view, data) {
  const legend = el("div", "legend");
  const add = (swatch, key) =>
    legend.append(el("span", "", el("i", swatch), bind(view, el("span"), (d) => d.words[key])));
  add("neg", "negative");
  add("pos", "positive");
  add("on", "chosen");
  add("op", "made_of");
  add("use", "used_by");
  if (data.grids.some((g) => data.ops[g.op].gate !== null)) add("shut", "closed");
  return legend;
}

function buildBand(view, data, b) {
  const band = data.bands[b];
  const box = el("section", band.stacked ? "band stacked" : "band beside");
  const title = bind(view, el("h2", "title"), (d) => d.bands[b].title);
  if (band.title) box.append(title);
  const whole = band.grids.map((piece, p) => ({ piece, p })).filter((x) => !x.piece.sparse);
  if (band.stacked && whole.length) box.append(buildStack(view, data, b, whole));
  if (!band.stacked) {
    const start = view.rows.length;
    for (const { p } of whole) box.append(buildFigure(view, data, b, p));
    tieBeside(view, start);
    if (whole.length > 1 && whole.length === band.grids.length) view.beside.push(box);
  }
  band.grids.forEach((piece, p) => {
    if (piece.sparse) box.append(buildSparse(view, b, p));
  });
  return box;
}

// `named` gives the words for those who do not see the captions above and within.
function newTable(view, columns, named) {
  const table = bindName(view, el("table"), named);
  table.setAttribute("role", "grid");
  view.tables.push({ node: table, roving: null });
  table.style.setProperty("--n", columns);
  return table;
}

// All grids of the band in one table: column j reads downwards through every one of them.
function buildStack(view, data, b, whole) {
  const columns = whole[0].piece.columns;
  const table = newTable(view, columns, (d) => whole.map(({ p }) => captionOf(d, b, p)).join("; "));
  const lines = [];
  table.append(buildHead(view, columns, true, (d, c) => (d.bands[b].heads || [])[c] ?? c + 1));
  for (const { p } of whole) {
    const body = el("tbody");
    const caption = el("th", "caption", buildCaption(view, b, p));
    caption.colSpan = columns + 1;
    caption.scope = "rowgroup";
    body.append(el("tr", "", caption));
    lines.push(...buildRows(view, data, b, p, body, true));
    table.append(body);
  }
  view.rows.push({ stacked: true, lines });
  fitLabels(data, b, whole, table);
  return el("div", "scroll", table);
}

function buildFigure(view, data, b, p) {
  const piece = data.bands[b].grids[p];
  const table = newTable(view, piece.columns, (d) => captionOf(d, b, p));
  if (piece.heads) {
    table.append(
      buildHead(view, piece.columns, !!piece.labels, (d, c) => d.bands[b].grids[p].heads[c])
    );
  }
  const body = el("tbody");
  view.rows.push({ stacked: false, lines: buildRows(view, data, b, p, body, !!piece.labels) });
  table.append(body);
  fitLabels(data, b, [{ piece, p }], table);
  return el("figure", "", buildCaption(view, b, p), el("div", "scroll", table));
}

function buildHead(view, columns, labelled, name) {
  const row = el("tr", "heads");
  if (labelled) row.append(el("td", "label"));
  for (let c = 0; c < columns; c++) {
    const head = bind(view, el("th", "head"), (d) => String(name(d, c)));
    head.scope = "col";
    row.append(head);
  }
  return el("thead", "", row);
}

// What is turned twice is as it was.
function turnedName(symbol) {
  return symbol.endsWith("ᵀ") ? symbol.slice(0, -1) : symbol + "ᵀ";
}

function captionOf(data, b, p) {
  const piece = data.bands[b].grids[p];
  const { symbol, note } = data.grids[piece.grid];
  return [piece.turned ? turnedName(symbol) : symbol, note].filter(Boolean).join(", ");
}

function buildCaption(view, b, p) {
  const grid = (d) => d.grids[d.bands[b].grids[p].grid];
  const turned = view.model.data.bands[b].grids[p].turned;
  return el(
    "div",
    "what",
    bind(view, el("b"), (d) => (turned ? turnedName(grid(d).symbol) : grid(d).symbol)),
    bind(view, el("span", "note"), (d) => grid(d).note),
    bind(view, el("small"), (d) => {
      const shape = [grid(d).rows, grid(d).columns];
      return (turned ? shape.reverse() : shape).join("×");
    })
  );
}

function buildRows(view, data, b, p, body, labelled) {
  const piece = data.bands[b].grids[p];
  const grid = data.grids[piece.grid];
  const lines = [];
  for (let r = 0; r < piece.rows; r++) {
    const row = el("tr");
    if (labelled) {
      row.append(buildLabel(view, b, p, r));
    }
    const line = [];
    for (let c = 0; c < piece.columns; c++) {
      const at = piece.turned ? c * grid.columns + r : r * grid.columns + c;
      const td = buildCell("td", grid.start + at);
      keep(view, td, grid.start + at);
      row.append(td);
      line.push(td);
    }
    lines.push(line);
    body.append(row);
  }
  return lines;
}

// A row without a name has no header: an empty one would be read out as that.
function buildLabel(view, b, p, r) {
  const blank = view.model.data.bands[b].grids[p].rows === 1 ? "" : String(r + 1);
  const nameIn = (d) => (d.bands[b].grids[p].labels || [])[r] ?? blank;
  const label = bind(view, el(nameIn(view.model.data) ? "th" : "td", "label"), nameIn);
  if (label.tagName === "TH") label.scope = "row";
  return label;
}

function buildCell(tag, cell) {
  const node = el(tag, "c");
  node.dataset.cell = cell;
  node.tabIndex = -1;
  return node;
}

function keep(view, td, cell) {
  view.cells.push({ td, cell, text: "", look: "", strength: "" });
  const known = view.drawn.get(cell);
  if (known) known.push(td);
  else view.drawn.set(cell, [td]);
}

function fitLabels(data, b, whole, table) {
  let longest = 1;
  let any = data.bands[b].stacked;
  for (const { piece } of whole) {
    for (const label of piece.labels || []) longest = Math.max(longest, widthOf(label));
    any = any || !!piece.labels;
  }
  table.classList.toggle("labelled", any);
  table.style.setProperty("--label-chars", Math.min(longest, 11));
}

// Chinese characters are about twice as wide as Latin ones.
function widthOf(text) {
  let width = 0;
  for (const letter of text) width += letter > "\u2e80" ? 2 : 1;
  return width;
}

function buildSparse(view, b, p) {
  const grid = view.model.data.bands[b].grids[p].grid;
  const line = el("div", "count");
  const box = bindName(view, el("div", "few"), (d) => captionOf(d, b, p));
  box.setAttribute("role", "group");
  box.tabIndex = 0; // it scrolls, and the keys have no other way to that
  view.sparse.push({ grid, line, box, drawn: new Map() });
  return el("figure", "sparse", buildCaption(view, b, p), line, box);
}

// Grids side by side count as one band for the arrow keys.
function tieBeside(view, start) {
  const pieces = view.rows.splice(start).map((x) => x.lines);
  if (pieces.length) view.rows.push({ stacked: false, pieces });
}

function buildDock(view, data) {
  view.parts = {
    name: el("span", "name"),
    check: bind(view, el("button", "check"), (d) => d.words.check),
    formula: el("div", "formula"),
    exact: el("div", "exact"),
    sentence: el("div", "sentence"),
    code: el("pre", "code"),
    checked: el("div", "checked"),
    spoken: el("div", "spoken"),
  };
  const { name, check, formula, exact: full, sentence, code, checked, spoken } = view.parts;
  check.type = "button";
  spoken.setAttribute("aria-live", "polite");
  const aside = el("div", "aside", code, checked);
  const main = el("div", "main", el("div", "first", name, check), formula, full, sentence);
  view.panel = el("section", "panel", main, aside);
  view.panel.classList.toggle("coded", data.grids.some((g) => g.code));
  view.dock = el("div", "dock", view.panel, buildBar(view, data), spoken);
  return view.dock;
}

function button(view, glyph, key, act) {
  const node = el("button", "", el("span", "glyph", glyph));
  node.type = "button";
  node.append(bind(view, el("span", "word"), (d) => d.words[key]));
  bindLabel(view, node, (d) => d.words[key]);
  node.addEventListener("click", act);
  return node;
}

function buildBar(view, data) {
  view.playButton = button(view, "▶", "play", () => (view.timers.play ? pause(view) : play(view)));
  view.scrubber = bindLabel(view, el("input", "scrubber"), (d) => d.words.position);
  Object.assign(view.scrubber, { type: "range", min: 0, step: 1 });
  view.scrubber.addEventListener("input", () => {
    pause(view);
    moveTo(view, view.order[Number(view.scrubber.value)]);
  });
  view.count = el("span", "position");
  view.speedSelect = bindLabel(view, el("select", "speed"), (d) => d.words.speed);
  for (const speed of SPEEDS) {
    const option = el("option", "", `${speed}×`);
    option.value = speed;
    view.speedSelect.append(option);
  }
  view.speedSelect.value = String(view.speed);
  view.speedSelect.addEventListener("change", () => {
    view.speed = Number(view.speedSelect.value);
    if (view.timers.play) play(view);
  });
  const bar = el(
    "div",
    "bar",
    button(view, "❮", "back", () => step(view, -1)),
    view.playButton,
    button(view, "❯", "step", () => step(view, 1)),
    view.scrubber,
    view.count,
    view.speedSelect
  );
  bar.children[2].classList.add("forth");
  const ways = new Set(data.bands.flatMap((band) => band.grids.map((g) => g.direction)));
  if (ways.size > 1) bar.append(buildFilter(view));
  return bar;
}

function buildFilter(view) {
  const group = el("span", "filter");
  view.filters = ["all", "forward", "backward"].map((way) => {
    const node = bind(view, el("button"), (d) => d.words[way]);
    node.type = "button";
    node.dataset.way = way;
    node.addEventListener("click", () => {
      view.filter = way;
      reorder(view);
      if (!view.at.has(view.cursor)) moveTo(view, view.order[0] ?? NONE);
      else showPosition(view);
    });
    group.append(node);
    return node;
  });
  return group;
}

// ---- painting: texts and colours of all cells ----------------------------------------------------

function paintAll(view) {
  const longest = new Map();
  for (const entry of view.cells) {
    paint(view, entry);
    const table = entry.table || (entry.table = entry.td.closest("table"));
    longest.set(table, Math.max(longest.get(table) || 0, entry.text.length));
  }
  // Columns may grow when a longer number comes, never shrink: nothing jumps to and fro.
  for (const [table, chars] of longest) {
    const known = Number(table.dataset.chars || 0);
    if (chars <= known) continue;
    table.dataset.chars = chars;
    table.style.setProperty("--chars", chars);
  }
}

// Make cells smaller where that brings a band's grids into one row, and only there.  A phone's
// fingers, and the back of a classroom, need them as large as they are.
function fitBands(view) {
  const { data, width, beside } = view;
  const tables = beside.flatMap((box) => [...box.querySelectorAll("table")]);
  const captions = data.grids.map((grid) => [grid.symbol, grid.note]);
  const chars = tables.map((table) => table.dataset.chars);
  const fitted = JSON.stringify([width, data.large, captions, chars]);
  if (!width || fitted === view.fitted) return;
  view.fitted = fitted;
  for (const box of beside) fitBand(box, !data.large && !isNarrow(width));
}

function fitBand(box, mayShrink) {
  const figures = [...box.querySelectorAll("figure")];
  box.classList.remove("fit");
  if (!mayShrink || figures.every((f) => f.offsetTop === figures[0].offsetTop)) return;
  box.classList.add("fit");
  box.style.setProperty("--figures", figures.length);
  for (const [width, height, font] of SMALLER) {
    box.style.setProperty("--fit-width", `${width}px`);
    box.style.setProperty("--fit-height", `${height}px`);
    box.style.setProperty("--fit-font", `${font}px`);
    if (box.scrollWidth <= box.clientWidth) return;
  }
  box.classList.remove("fit");
}

function paint(view, entry) {
  const { model, data } = view;
  const grid = gridAt(model, entry.cell);
  const value = model.values[entry.cell];
  const text = format(value);
  if (text !== entry.text) entry.td.textContent = entry.text = text;
  const look = lookOf(model, grid, entry.cell, value, data.emphasis);
  if (look !== entry.look) {
    for (const name of entry.look.split(" ")) if (name) entry.td.classList.remove(name);
    for (const name of look.split(" ")) if (name) entry.td.classList.add(name);
    entry.look = look;
  }
  const strength = strengthOf(value, grid.scale);
  if (strength !== entry.strength) {
    entry.td.style.setProperty("--a", strength);
    entry.strength = strength;
  }
}

function lookOf(model, grid, cell, value, emphasis) {
  let look = value < 0 ? "neg" : value > 0 ? "pos" : "";
  if (!Number.isFinite(value)) look = "odd";
  if (isShut(model, cell)) look += " shut";
  if (emphasis !== null && grid.batch && placeOf(model, cell)[0] !== emphasis) look += " faint";
  return look;
}

function strengthOf(value, scale) {
  if (!Number.isFinite(value) || value === 0) return "0";
  return (0.06 + 0.94 * Math.min(1, Math.abs(value) / scale)).toFixed(2);
}

// ---- choosing ------------------------------------------------------------------------------------

function shownCell(view) {
  return view.hover !== NONE ? view.hover : view.cursor;
}

function moveTo(view, cell) {
  if (cell === undefined) return;
  view.cursor = cell;
  view.hover = NONE;
  show(view);
  revealAll(view, cell);
}

function pin(view, cell) {
  pause(view);
  view.pinned = cell;
  moveTo(view, cell);
  tellPinned(view);
}

function unpin(view) {
  const told = view.pinned !== NONE;
  view.pinned = view.cursor = view.hover = NONE;
  show(view);
  if (told) tellPinned(view);
}

function tellPinned(view) {
  const id = idOf(view.model, view.pinned);
  tell(view, id);
}

function tell(view, id) {
  later(view, "send", SEND_MS, () => {
    view.sent.push({ id, time: Date.now() });
    view.send.setStateValue("chosen", id);
  });
}

// Follow Python's choice when it is a new one, not when it only echoes what was sent from here.
function adopt(view, id) {
  if (id === view.given) return;
  const first = view.given === undefined;
  view.given = id;
  view.sent = view.sent.filter((x) => Date.now() - x.time < ECHO_MS);
  const echo = view.sent.findIndex((x) => x.id === id);
  if (echo !== -1) {
    view.sent.splice(0, echo + 1);
    return;
  }
  if (first && id === null) return;
  view.pinned = view.cursor = cellOf(view.model, id);
  if (view.cursor !== NONE) requestAnimationFrame(() => revealAll(view, view.cursor));
}

// Light up what belongs to the shown number, and write its sum.
function show(view) {
  const cell = shownCell(view);
  unmark(view);
  const terms = cell === NONE ? [] : termsOf(view.model, cell);
  drawSparse(view, cell, terms);
  view.bands.classList.toggle("dim", cell !== NONE);
  if (cell !== NONE) {
    for (const user of usersOf(view.model, cell)) mark(view, user, "use");
    for (const term of terms) for (const part of term) mark(view, part, "op");
    mark(view, cell, "on");
  }
  if (view.pinned !== NONE) mark(view, view.pinned, "pin");
  rove(view);
  writePanel(view, cell, terms);
  showPosition(view);
}

function elementsOf(view, cell) {
  const found = view.drawn.get(cell) || [];
  if (!view.sparse.length) return found;
  return [...found, ...view.sparse.flatMap((s) => s.drawn.get(cell) || [])];
}

function mark(view, cell, name) {
  for (const td of elementsOf(view, cell)) {
    td.classList.add(name);
    if (name === "on" && td.tagName === "TD") td.setAttribute("aria-selected", "true");
    view.marked.push(td);
  }
}

function unmark(view) {
  cool(view);
  for (const td of view.marked) {
    td.classList.remove("on", "op", "use", "pin");
    td.removeAttribute("aria-selected");
  }
  view.marked = [];
}

function heat(view, cells) {
  cool(view);
  for (const cell of cells) {
    for (const td of elementsOf(view, cell)) {
      td.classList.add("hot");
      view.hot.push(td);
    }
  }
}

function cool(view) {
  for (const td of view.hot) td.classList.remove("hot");
  view.hot = [];
}

// One cell of each grid can be reached with the Tab key; the arrows do the rest.
function rove(view) {
  const here = elementsOf(view, view.cursor);
  for (const table of view.tables) {
    const td = here.find((node) => table.node.contains(node));
    if (td === table.roving || (!td && table.roving)) continue;
    if (table.roving) table.roving.tabIndex = -1;
    table.roving = td || table.node.querySelector("td.c");
    table.roving.tabIndex = 0;
  }
}

// A grid that is too big to draw shows what belongs to the chosen number.
function drawSparse(view, cell, terms) {
  for (const sparse of view.sparse) {
    const grid = view.model.grids[sparse.grid];
    const here = new Set();
    const wanted = cell === NONE ? [] : [cell, ...terms.flat(), ...usersOf(view.model, cell)];
    for (const c of wanted) {
      if (view.model.gridOf[c] === sparse.grid) here.add(c);
      if (here.size >= SPARSE_LIMIT) break;
    }
    sparse.drawn = new Map();
    const nodes = [...here].map((c) => {
      const node = buildCell("span", c);
      paint(view, { td: node, cell: c, text: "", look: "", strength: "" });
      node.classList.add("few-cell");
      const [row, column] = placeOf(view.model, c);
      node.title = `${grid.symbol}[${row + 1}, ${column + 1}]`;
      sparse.drawn.set(c, [node]);
      return node;
    });
    const focused = view.root.getRootNode().activeElement;
    const lost = sparse.box.contains(focused) && focused !== sparse.box;
    sparse.box.replaceChildren(...nodes);
    if (lost) (sparse.drawn.get(cell)?.[0] ?? sparse.box).focus({ preventScroll: true });
    const total = grid.rows * grid.columns;
    const fields = { shown: nodes.length.toLocaleString("en"), total: total.toLocaleString("en") };
    setText(sparse.line, fill(view.data.words.shown, fields));
  }
}

// ---- the panel: the sum, written out ---------------------------------------------------------------

function writePanel(view, cell, terms) {
  const { parts, model, data } = view;
  const nothing = cell === NONE;
  view.panel.classList.toggle("empty", nothing);
  parts.check.hidden = nothing || !gridAt(model, cell).checkable;
  if (nothing) {
    setText(parts.name, "");
    setText(parts.sentence, data.words.hint);
    for (const key of ["formula", "exact", "code", "checked"]) parts[key].replaceChildren();
    return;
  }
  const grid = gridAt(model, cell);
  if (view.unfolded !== cell) view.unfolded = NONE;
  setText(parts.name, nameOf(view, cell));
  parts.formula.replaceChildren(...writeFormula(view, cell, terms));
  writeExact(view, cell);
  const sentence = grid.sentence || data.words[`op_${grid.op}`];
  setText(parts.sentence, fill(sentence, { n: terms.length, name: nameOf(view, cell) }));
  writeCode(view, grid);
  writeCheck(view, cell);
  later(view, "speak", SPEAK_MS, () => {
    if (view.timers.play) return; // it would talk without an end; the last number is said
    setText(parts.spoken, `${nameOf(view, cell)} = ${parts.formula.textContent}. ${parts.sentence.textContent}`);
  });
}

function writeExact(view, cell) {
  const value = view.model.values[cell];
  const full = exact(value);
  const { words } = view.data;
  if (!Number.isFinite(value)) setText(view.parts.exact, words.no_number);
  else setText(view.parts.exact, full === format(value) ? "" : `${words.exact} ${full}`);
}

function writeCode(view, grid) {
  setText(view.parts.code, grid.code);
  view.parts.code.title = grid.code ? view.data.words.code : "";
  view.parts.code.tabIndex = grid.code ? 0 : -1; // long lines are scrolled, also by keyboard
}

function writeFormula(view, cell, terms) {
  const { model, data } = view;
  const result = el("strong", "result", format(model.values[cell]));
  if (!terms.length) return [result];
  const grid = gridAt(model, cell);
  const nodes = [];
  for (const piece of data.ops[grid.op].template.split(/(\{[^}]+\})/)) {
    const token = /^\{(\(?)([+,n]|\d+)\)?\}$/.exec(piece);
    if (!token) nodes.push(piece);
    else if (token[2] === "+") nodes.push(...writeList(view, cell, terms, " + "));
    else if (token[2] === ",") nodes.push(...writeList(view, cell, terms, ", "));
    else if (token[2] === "n") nodes.push(String(terms.length));
    else nodes.push(writeTerm(view, terms[token[2]], token[1] === "(", false));
  }
  // The sign of equality and the result stay on one line.
  return [...nodes, " ", el("span", "outcome", "= ", result)];
}

function writeList(view, cell, terms, join) {
  const { above, head, tail } = FOLD[isNarrow(view.width) ? "narrow" : "wide"];
  const folded = terms.length > above && view.unfolded !== cell;
  const hidden = folded ? terms.length - head - tail : 0;
  const nodes = [];
  terms.forEach((term, k) => {
    if (folded && k >= head && k < head + hidden) {
      if (k === head) nodes.push(join, writeFold(view, cell, "more", hidden));
      return;
    }
    if (k) nodes.push(join);
    nodes.push(writeTerm(view, term, false, join === " + "));
  });
  if (terms.length > above && !folded) nodes.push(" ", writeFold(view, cell, "fewer", 0));
  return nodes;
}

function writeFold(view, cell, key, n) {
  const node = el("button", "fold", fill(view.data.words[key], { n }));
  node.type = "button";
  node.dataset.fold = cell;
  return node;
}

// A term is a handle: each factor can be pressed, all of them light up together.
function writeTerm(view, term, bracket, fade) {
  const { values } = view.model;
  const node = el("span", "term");
  node.dataset.cells = term.join(" ");
  if (fade && term.some((part) => values[part] === 0)) node.classList.add("zero");
  term.forEach((part, k) => {
    if (k) node.append("×");
    const text = format(values[part]);
    const factor = el("button", "factor", bracket && values[part] < 0 ? `(${text})` : text);
    factor.type = "button";
    factor.dataset.cell = part;
    factor.title = nameOf(view, part);
    node.append(factor);
  });
  return node;
}

function writeCheck(view, cell) {
  const { parts, data } = view;
  const id = idOf(view.model, cell);
  const waiting = view.checking === id;
  setText(parts.check, waiting ? data.words.checking : data.words.check);
  parts.check.setAttribute("aria-disabled", String(waiting)); // disabled, it would lose the focus
  const answer = data.check && data.check.id === id ? data.check : null;
  if (!answer) {
    parts.checked.replaceChildren();
    return;
  }
  const number = (key) => Number(answer[key]);
  const rows = [
    ["analytic", exact(number("analytic"))],
    ["numeric", exact(number("numeric"))],
    ["difference", number("relative_error").toExponential(1).replace("-", "−")],
  ].map(([key, text]) => el("tr", "", el("th", "", data.words[key]), el("td", "", text)));
  const h = exact(number("h"));
  const sum = `(${exact(number("loss_plus"))} − ${exact(number("loss_minus"))}) / (2×${h})`;
  parts.checked.replaceChildren(el("table", "", el("tbody", "", ...rows)), el("code", "", sum));
}

// ---- scrolling: inside the bands, never the page ----------------------------------------------------

function scrollersOf(view) {
  return [...view.root.querySelectorAll(".scroll")];
}

function revealAll(view, cell) {
  if (cell === NONE) return;
  const own = elementsOf(view, cell)[0];
  const smooth = !view.timers.play; // a fast player would pile up half-done movements
  if (own) reveal(own, smooth);
  const done = new Set([own && own.closest(".scroll")]);
  const parts = termsOf(view.model, cell).flat();
  for (const part of parts) {
    for (const td of elementsOf(view, part)) {
      const box = td.closest(".scroll");
      if (!box || done.has(box)) continue;
      done.add(box);
      reveal(td, smooth);
    }
  }
}

function reveal(td, smooth) {
  const box = td.closest(".scroll");
  if (!box || box.scrollWidth <= box.clientWidth) return;
  const label = td.parentElement.querySelector(".label");
  const frame = box.getBoundingClientRect();
  const place = td.getBoundingClientRect();
  const left = frame.left + (label ? label.offsetWidth : 0) + 4;
  const right = frame.right - 4;
  const by = place.left < left ? place.left - left : Math.max(0, place.right - right);
  if (by) box.scrollBy({ left: by, behavior: smooth && !calm() ? "smooth" : "instant" });
}

// Only a deliberate step of the reader, by key or by pressing a factor, may move the page.
function focusOn(view, cell) {
  const td = elementsOf(view, cell)[0];
  if (!td) return;
  td.focus({ preventScroll: true });
  const room = innerHeight - view.dock.getBoundingClientRect().height;
  const place = td.getBoundingClientRect();
  if (place.top < 70 || place.bottom > room) {
    td.scrollIntoView({ block: "center", inline: "nearest", behavior: calm() ? "auto" : "smooth" });
  }
}

// ---- moving through the computation ------------------------------------------------------------------

function reorder(view) {
  const { model, data } = view;
  const ways = new Map();
  for (const band of data.bands) {
    for (const piece of band.grids) {
      if (!piece.sparse && !ways.has(piece.grid)) ways.set(piece.grid, piece.direction);
    }
  }
  view.order = [];
  for (const [g, way] of [...ways].sort((a, b) => a[0] - b[0])) {
    const grid = model.grids[g];
    if (grid.op === "given" || (view.filter !== "all" && way !== view.filter)) continue;
    for (let i = 0; i < grid.rows * grid.columns; i++) view.order.push(grid.start + i);
  }
  view.at = new Map(view.order.map((cell, i) => [cell, i]));
  view.scrubber.max = Math.max(0, view.order.length - 1);
  for (const node of view.filters || []) {
    node.setAttribute("aria-pressed", String(node.dataset.way === view.filter));
  }
}

function showPosition(view) {
  const at = view.at.get(view.cursor);
  view.scrubber.value = at ?? 0;
  setText(view.count, `${at === undefined ? "–" : at + 1} / ${view.order.length}`);
}

function advance(view, by) {
  const { length } = view.order;
  if (!length) return;
  const at = view.at.get(view.cursor);
  const next = at === undefined ? (by > 0 ? 0 : length - 1) : (at + by + length) % length;
  moveTo(view, view.order[next]);
}

function step(view, by) {
  pause(view);
  advance(view, by);
}

function play(view) {
  clearInterval(view.timers.play);
  if (view.cursor === NONE) advance(view, 1);
  view.timers.play = setInterval(() => {
    if (view.hover !== NONE || document.hidden) return; // somebody is looking: wait
    advance(view, 1);
    if (view.at.get(view.cursor) === view.order.length - 1) pause(view);
  }, 1000 / view.speed);
  showPlaying(view);
}

function pause(view) {
  clearInterval(view.timers.play);
  view.timers.play = 0;
  showPlaying(view);
}

function showPlaying(view) {
  const [glyph, word] = view.playButton.children;
  const playing = !!view.timers.play;
  setText(glyph, playing ? "❚❚" : "▶");
  if (!view.data) return;
  const text = view.data.words[playing ? "pause" : "play"];
  setText(word, text);
  view.playButton.setAttribute("aria-label", text);
  view.playButton.title = text;
}

// ---- mouse, finger, keys -------------------------------------------------------------------------------

function cellFrom(event, selector = ".c") {
  const node = event.target.closest && event.target.closest(selector);
  return node ? Number(node.dataset.cell) : NONE;
}

function listen(view) {
  const { bands, panel } = view;
  bands.addEventListener("pointerover", (event) => onOver(view, event));
  bands.addEventListener("pointerleave", () => onLeave(view));
  bands.addEventListener("click", (event) => onClick(view, event));
  bands.addEventListener("keydown", (event) => onKey(view, event));
  panel.addEventListener("pointerover", (event) => onTerm(view, event));
  panel.addEventListener("focusin", (event) => onTerm(view, event));
  panel.addEventListener("pointerleave", () => cool(view));
  panel.addEventListener("focusout", () => cool(view));
  panel.addEventListener("click", (event) => onPanel(view, event));
}

function onOver(view, event) {
  if (event.pointerType === "touch") return; // a finger taps; it does not hover
  const cell = cellFrom(event);
  if (cell === NONE) {
    onLeave(view);
    return;
  }
  clearTimeout(view.timers.leave);
  if (event.target.closest(".few")) {
    heat(view, [cell]); // choosing here would exchange the cells under the mouse
    return;
  }
  if (cell === view.hover) return;
  view.hover = cell;
  show(view);
}

function onLeave(view) {
  later(view, "leave", LEAVE_MS, () => {
    cool(view);
    if (view.hover === NONE) return;
    view.hover = NONE;
    show(view);
  });
}

function onClick(view, event) {
  const cell = cellFrom(event);
  if (cell === NONE) return;
  if (cell === view.pinned) unpin(view);
  else pin(view, cell);
}

function onKey(view, event) {
  const cell = cellFrom(event);
  if (cell === NONE || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "Escape") unpin(view);
  else if (event.key === "Enter" || event.key === " ") {
    if (cell === view.pinned) unpin(view);
    else pin(view, cell);
  } else {
    const next = neighbour(view, event.target.closest(".c"), event.key);
    if (!next) return;
    pause(view);
    view.cursor = Number(next.dataset.cell);
    view.hover = NONE;
    show(view);
    revealAll(view, view.cursor);
    focusOn(view, view.cursor);
  }
  event.preventDefault();
}

function onTerm(view, event) {
  const term = event.target.closest(".term");
  if (term) heat(view, term.dataset.cells.split(" ").map(Number));
  else cool(view);
}

function onPanel(view, event) {
  const fold = event.target.closest(".fold");
  const factor = cellFrom(event, ".factor");
  if (fold) {
    const cell = Number(fold.dataset.fold);
    view.unfolded = view.unfolded === cell ? NONE : cell;
    show(view);
    panelFold(view)?.focus({ preventScroll: true });
  } else if (factor !== NONE) {
    pin(view, factor);
    focusOn(view, factor);
  } else if (event.target.closest(".check:not([aria-disabled=true])")) {
    view.checking = idOf(view.model, shownCell(view));
    // The time makes it another value each time.  A state, as Streamlit may lose a trigger when
    // something else is sent just after it.
    view.send.setStateValue("check", `${view.checking} ${Date.now()}`);
    show(view);
  }
}

function panelFold(view) {
  return view.parts.formula.querySelector(".fold");
}

// Where a key leads: along the row, through the column, and on into the next grid or band.
function neighbour(view, td, key) {
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  const place = findCell(view, td);
  if (!place) return null;
  const { b, piece, row, column } = place;
  const pieces = piecesOf(view.rows[b]);
  const lines = pieces[piece];
  if (key === "Home") return lines[row][0];
  if (key === "End") return lines[row][lines[row].length - 1];
  if (!steps[key]) return null;
  const [down, right] = steps[key];
  if (lines[row + down]?.[column + right]) return lines[row + down][column + right];
  if (right) {
    const next = pieces[piece + right];
    if (!next) return null;
    const line = next[Math.min(row, next.length - 1)];
    return line[right > 0 ? 0 : line.length - 1];
  }
  const other = view.rows[b + down];
  if (!other) return null;
  const first = piecesOf(other)[0];
  const line = first[down > 0 ? 0 : first.length - 1];
  return line[Math.min(column, line.length - 1)];
}

function piecesOf(band) {
  return band.stacked ? [band.lines] : band.pieces;
}

function findCell(view, td) {
  for (let b = 0; b < view.rows.length; b++) {
    const pieces = piecesOf(view.rows[b]);
    for (let piece = 0; piece < pieces.length; piece++) {
      for (let row = 0; row < pieces[piece].length; row++) {
        const column = pieces[piece][row].indexOf(td);
        if (column !== -1) return { b, piece, row, column };
      }
    }
  }
  return null;
}

// ---- tiles: every cell a small picture --------------------------------------------------------------

function buildTiles(view, data) {
  view.wall = bindName(view, el("div", "wall"), (d) => d.title || d.words.wall);
  view.wall.setAttribute("role", "listbox");
  view.tiles = data.tiles.map((_, i) => buildTile(view, data, i));
  view.wall.append(...view.tiles.map((tile) => tile.node));
  view.root.append(buildScale(view, data), view.wall);
  view.wall.addEventListener("click", (event) => {
    const tile = event.target.closest(".tile");
    if (tile) chooseTile(view, Number(tile.dataset.tile), true);
  });
  view.wall.addEventListener("keydown", (event) => onTileKey(view, event));
}

function buildTile(view, data, i) {
  const canvas = el("canvas");
  canvas.width = data.width;
  canvas.height = data.height;
  const node = el("div", "tile", canvas, bind(view, el("span"), (d) => d.tiles[i].caption));
  node.dataset.tile = i;
  node.tabIndex = i ? -1 : 0;
  node.setAttribute("role", "option");
  bindLabel(view, node, (d) => d.tiles[i].label);
  return { node, canvas, drawn: "" };
}

function buildScale(view, data) {
  view.scale = el("div", "legend");
  const word = (key, end) =>
    bind(view, el("span"), (d) => {
      const number = d[end] === null ? "" : ` ${format(Number(d[end]))}`;
      return d.words[key] + number;
    });
  const ends = data.scale === "diverging" ? ["negative", "positive"] : ["low", "high"];
  view.strip = el("canvas", "strip");
  view.strip.width = 128;
  view.strip.height = 1;
  const name = el("span", "heading");
  name.append(bind(view, el("b"), (d) => d.title), bind(view, el("span"), (d) => d.note));
  view.scale.append(
    name,
    word(ends[0], "low"),
    view.strip,
    word(ends[1], "high"),
    el("span", "chosen", el("i", "on"), bind(view, el("span"), (d) => d.words.chosen))
  );
  return view.scale;
}

function refreshTiles(view, data) {
  const palette = paletteOf(view, data.scale);
  view.scale.hidden = !data.legend;
  for (const name of ["smooth", "compact"]) view.wall.classList.toggle(name, !!data[name]);
  view.wall.classList.toggle("columns", !!data.columns);
  view.wall.style.setProperty("--columns", data.columns || 1);
  const repainted = palette.name !== view.palette;
  view.palette = palette.name;
  if (repainted) drawPixels(view.strip, (i) => i * 2 + 1, palette);
  view.tiles.forEach((tile, i) => {
    const { pixels } = data.tiles[i];
    if (!repainted && tile.drawn === pixels) return;
    tile.drawn = pixels;
    const bytes = atob(pixels);
    drawPixels(tile.canvas, (k) => bytes.charCodeAt(k), palette);
  });
  if (data.chosen !== view.given) {
    view.given = data.chosen;
    view.chosenTile = data.chosen === null ? NONE : Number(data.chosen);
  }
  markTile(view);
}

// 256 colours: blue, background, orange; or background to ink.  As bytes, four for each.
function paletteOf(view, scale) {
  const ground = cssColour(view.root, "--st-background-color", "#fff");
  const ink = cssColour(view.root, "--st-text-color", "#111");
  const style = getComputedStyle(view.root);
  const colour = (name) => rgbOf(`rgb(${style.getPropertyValue(name).trim()})`);
  const [low, high] = scale === "diverging" ? [colour("--neg"), colour("--pos")] : [ink, ink];
  const bytes = new Uint8ClampedArray(4 * 256).fill(255);
  for (let i = 0; i < 256; i++) {
    const t = scale === "diverging" ? Math.max(-1, (i - 128) / 127) : i / 255;
    const end = t < 0 ? low : high;
    for (let k = 0; k < 3; k++) bytes[4 * i + k] = ground[k] + (end[k] - ground[k]) * Math.abs(t);
  }
  return { colours: new Uint32Array(bytes.buffer), name: [scale, ground, low, high].join(" ") };
}

function drawPixels(canvas, byteAt, palette) {
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(canvas.width, canvas.height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = palette.colours[byteAt(i)];
  pen.putImageData(image, 0, 0);
}

function chooseTile(view, i, toggle) {
  view.chosenTile = toggle && view.chosenTile === i ? NONE : i;
  markTile(view);
  tell(view, view.chosenTile === NONE ? null : String(view.chosenTile));
}

function markTile(view) {
  const chosen = view.chosenTile ?? NONE;
  view.tiles.forEach(({ node }, i) => {
    node.classList.toggle("on", i === chosen);
    node.setAttribute("aria-selected", String(i === chosen));
    node.tabIndex = i === Math.max(0, view.tileFocus ?? chosen) ? 0 : -1;
  });
}

function onTileKey(view, event) {
  const tile = event.target.closest(".tile");
  if (!tile) return;
  const i = Number(tile.dataset.tile);
  const top = view.tiles[0].node.offsetTop;
  const across = view.tiles.filter(({ node }) => node.offsetTop === top).length;
  const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across }[event.key];
  if (by !== undefined) {
    const next = view.tiles[i + by];
    if (!next) return;
    view.tileFocus = i + by;
    markTile(view);
    next.node.focus();
  } else if (event.key === "Enter" || event.key === " ") chooseTile(view, i, true);
  else if (event.key === "Escape") chooseTile(view, NONE, false);
  else return;
  event.preventDefault();
}
