"""Words for a screen reader about what changes by itself.

Such words are spoken when they change, and nobody sees them: the same is on the page in print.
"""

from __future__ import annotations

from ui.component import component

# The regions stay for as long as the page does: one that comes with its words is not read out, and
# an element of Streamlit's may be another one after any run.  The first words are not said: what a
# page begins with is read like all else.
_SPEAK = """
const SETTLE_MS = 400; // of several changes in quick succession only the last is said
const QUIET_MS = 15000; // between two sentences about one and the same run
const STALE_MS = 10000; // after that nobody shall find them on another page
const HIDDEN = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);"
  + "white-space:nowrap";

function begin(id, { words, live }) {
  const node = document.createElement("div");
  Object.assign(node, { id, className: "glassnet-spoken" });
  node.setAttribute("role", "status");
  node.setAttribute("style", HIDDEN);
  document.body.append(node);
  node.region = { words, live, timer: 0, saidAt: performance.now() };
  return node;
}

export default function ({ data }) {
  const { words, live } = data;
  const id = `spoken-${data.name}`;
  const node = document.getElementById(id) ?? begin(id, data);
  const { region } = node;
  const turned = live !== region.live;
  if (words === region.words && !turned) return;
  Object.assign(region, { words, live });
  const rest = live && !turned ? region.saidAt + QUIET_MS - performance.now() : 0;
  clearTimeout(region.timer);
  region.timer = setTimeout(() => {
    region.saidAt = performance.now();
    node.textContent = region.words;
    region.timer = setTimeout(() => { node.textContent = ""; }, STALE_MS);
  }, Math.max(SETTLE_MS, rest));
}
"""


def announce(words: str, *, key: str, live: bool = False) -> None:
    """Have words read out when they have changed.

    Parameters
    ----------
    words : str
        A sentence, plain.
    key : str
        The widget's key.
    live : bool
        Whether they change all the time, as while a network trains: then they are said when that
        begins and ends, and about four times a minute in between.
    """
    speaker = component("glassnet_speaker", js=_SPEAK)
    speaker(data={"name": key, "words": words, "live": live}, key=key, height=1)
