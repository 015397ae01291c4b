// Numbers to choose from.  Python sends all numbers, shades and words; this file draws them and
// sends back the number of the cell that was picked.

const drawn = new WeakMap();

export default function mount(component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".cells");
  const shape = JSON.stringify([data.heads, data.sides, data.across, data.down, data.cells.length]);
  let view = drawn.get(root);
  if (!view || view.shape !== shape) {
    view = build(root, data, shape);
    drawn.set(root, view);
  }
  view.send = component;
  refresh(root, view, data);
}

function el(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

function build(root, data, shape) {
  const buttons = data.cells.map((_, i) => {
    const button = el("button");
    button.type = "button";
    button.dataset.cell = i;
    return button;
  });
  const view = { shape, buttons, across: data.heads.length, send: null };
  const body = view.across ? table(data, buttons) : el("div", "wall", ...buttons);
  if (!view.across) body.setAttribute("role", "group");
  root.replaceChildren(body);
  body.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) pick(view, Number(button.dataset.cell));
  });
  body.addEventListener("keydown", (event) => move(view, event));
  return view;
}

function table(data, buttons) {
  const across = data.heads.length;
  const title = header("axis", data.across, "colgroup");
  title.colSpan = across;
  // Chinese reads downwards as it is, letters are laid on their side.
  const upright = /[\u3400-\u9fff]/.test(data.down) ? "upright" : "";
  const side = header("axis down", data.down && el("span", upright, data.down), "rowgroup");
  side.rowSpan = data.sides.length;
  const heads = data.heads.map((name) => header("", name, "col"));
  const head = el("tr", "", ...corner(), ...heads);
  const rows = data.sides.map((name, r) => {
    const th = header("side", name, "row");
    const cells = buttons.slice(r * across, (r + 1) * across).map((button) => el("td", "", button));
    return el("tr", "", ...(r ? [] : [side]), th, ...cells);
  });
  const first = el("tr", "", ...corner(), title);
  return el("table", "", el("thead", "", first, head), el("tbody", "", ...rows));
}

// Without a name it is no header, or it would be read out as an empty one.
function header(className, name, scope) {
  const node = el(name ? "th" : "td", className, name);
  if (name) node.scope = scope;
  return node;
}

function corner() {
  return [el("td", "axis down"), el("td", "side")];
}

function refresh(root, view, data) {
  const style = getComputedStyle(root);
  root.classList.toggle("dark", isDark(style.getPropertyValue("--st-background-color")));
  root.classList.toggle("large", data.large);
  root.style.setProperty("--side", `${widest(data.sides)}em`);
  root.firstElementChild.setAttribute("aria-label", data.label);
  view.buttons.forEach((button, i) => {
    const [text, shade, says, note] = data.cells[i];
    const ink = data.diverging ? (shade < 0 ? "--neg" : "--pos") : "--accent";
    button.style.setProperty("--ink", `var(${ink})`);
    button.style.setProperty("--shade", Math.abs(shade));
    button.replaceChildren(...(note ? [el("small", "", note)] : []), text);
    button.setAttribute("aria-label", says);
    const diagonal = data.diagonal && Math.floor(i / view.across) === i % view.across;
    button.classList.toggle("right", diagonal);
    button.classList.toggle("nought", text === "0");
  });
  mark(view, data.chosen);
}

// About how wide the longest name is, in em: letters take half of what Chinese characters take.
function widest(names) {
  const wide = (name) => [...name].reduce((sum, c) => sum + (c > "\u2e80" ? 1.05 : 0.62), 0);
  return Math.max(1.7, ...names.map(wide));
}

function mark(view, chosen) {
  view.buttons.forEach((button, i) => {
    button.classList.toggle("on", i === chosen);
    button.setAttribute("aria-pressed", String(i === chosen));
    button.tabIndex = i === Math.max(0, chosen) ? 0 : -1;
  });
}

function pick(view, i) {
  mark(view, i);
  // The time makes it another value each time.  A state, as Streamlit may lose a trigger when
  // something else is sent just after it.
  view.send.setStateValue("picked", `${i} ${Date.now()}`);
}

function move(view, event) {
  const i = view.buttons.indexOf(event.target.closest("button"));
  if (i < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
  const across = view.across || perLine(view.buttons);
  const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across }[event.key];
  const next = by && view.buttons[i + by];
  if (!next) return;
  view.buttons[i].tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
  event.preventDefault();
}

function perLine(buttons) {
  const top = buttons[0].offsetTop;
  return buttons.filter((button) => button.offsetTop === top).length;
}

function isDark(colour) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.fillStyle = colour.trim() || "#fff";
  pen.fillRect(0, 0, 1, 1);
  const [r, g, b] = pen.getImageData(0, 0, 1, 1).data;
  return 0.299 * r + 0.587 * g + 0.114 * b < 128;
}
