"""What the document as a whole needs and Streamlit does not do: its language, a focus that stays.

A button that one has pressed may be gone after the run that it has caused, or be disabled; then
the browser drops the focus, and whoever works by keyboard begins anew at the top of the page.
"""

from __future__ import annotations

from ui.component import component
from ui.i18n import language

TAGS = {"en": "en", "zh": "zh-CN"}

_TEND = """
const FOCUSABLE = "button, a[href], input, select, textarea, [tabindex='0']";
const SETTLE_MS = 250; // a run has mostly put its elements in place by then
// What opens or closes something leads there, and not to what stands beside it.
const HEIRS = {
  "st-key-walk-start": ".st-key-walk-next",
  "st-key-walk-leave": ".st-key-walk-start",
};

let held = null; // what has the focus of the keyboard, and what that stands in

export default function ({ data }) {
  document.documentElement.lang = data.tag;
  if (document.body.dataset.keepsFocus) return;
  document.body.dataset.keepsFocus = "yes";
  document.addEventListener("focusin", ({ target }) => {
    held = target.matches(":focus-visible") ? { node: target, around: boxesAround(target) } : null;
  });
  document.addEventListener("pointerdown", () => { held = null; }, true);
  let waiting = 0;
  const look = () => {
    waiting = 0;
    if (isLost()) heir()?.focus({ preventScroll: true });
  };
  new MutationObserver(() => { waiting ||= setTimeout(look, SETTLE_MS); })
    .observe(document.body, { childList: true, subtree: true, attributeFilter: ["disabled"] });
}

function takesFocus(node) {
  return node.isConnected && !node.disabled && node.offsetParent;
}

function focusable(box) {
  return [...box.querySelectorAll(FOCUSABLE)].filter(takesFocus);
}

function boxesAround(node) {
  const found = [];
  for (let box = node.parentElement; box; box = box.parentElement) {
    const key = [...box.classList].find((name) => name.startsWith("st-key-"));
    const nodes = key ? focusable(box) : [];
    const place = nodes.indexOf(node);
    if (key) found.push({ key, place, after: nodes.slice(place + 1) });
  }
  return found;
}

function isLost() {
  if (!held || document.activeElement !== document.body) return false;
  return !held.node.isConnected || held.node.disabled;
}

// The same thing anew, or what comes after it, or the head of what is another page now.
function heir() {
  for (const { key, place, after } of held.around) {
    const next = HEIRS[key] && document.querySelector(`${HEIRS[key]} button`);
    if (next) return next;
    const box = document.querySelector(`.${CSS.escape(key)}`);
    const left = box ? focusable(box) : [];
    const there = Math.min(Math.max(place, 0), left.length - 1);
    if (left.length) return after.find(takesFocus) ?? left[there];
  }
  const head = document.querySelector("h1");
  if (head) head.tabIndex = -1;
  return head;
}
"""


def tend_document() -> None:
    """Tell the browser the page's language, and have the focus kept.

    Screen readers choose their voice by the language, and browsers the shapes of Chinese
    characters; Streamlit always says English.
    """
    component("glassnet_document", js=_TEND)(
        data={"tag": TAGS[language()]}, key="document", height=1
    )
