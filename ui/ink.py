"""Small grey images as people see them and as a network does: a picture, and a table of numbers.

Ink and paper are the theme's text and background: black on white by day, chalk on slate by night.
"""

from __future__ import annotations

import html
from functools import cache

import numpy as np

from ui.curves import INK
from ui.described import show_picture

PAPER = {"light": "#fbfbf9", "dark": "#14171c"}
# The share of ink from which on it is written on in paper's colour, or rather in the white or the
# black beyond it: in the middle, nothing less can be read by weak eyes.
TURN = {"light": 0.62, "dark": 0.45}
WRITING = {"light": ("#000", "#fff"), "dark": ("#fff", "#000")}

# After the table, because a style at the very beginning of a piece of HTML is thrown away.  What a
# cell says is shown while the mouse is over it, and while it has been tapped.
STYLE = """<style>
.ink-numbers { overflow-x: auto; padding: 2.2rem 2px 4px; margin-top: -1.6rem;
  container-type: inline-size; }
.ink-numbers table { border-collapse: separate; border-spacing: 1px; table-layout: fixed;
  --cell: clamp(18.5px, (100cqw - 32px) / var(--columns) - 1px, var(--most));
  font: 500 min(15px, 0.48 * var(--cell)) / 1 ui-monospace, "SF Mono", Menlo, Consolas,
  "DejaVu Sans Mono", monospace;
  font-variant-numeric: tabular-nums; }
.ink-numbers th { font-weight: 400; padding: 0 4px 0 0; text-align: right;
  color: color-mix(in srgb, var(--ink) 70%, var(--paper)); }
.ink-numbers tr > th:first-child { position: sticky; left: 0; z-index: 3;
  background: var(--paper); }
.ink-numbers thead th { padding: 0 0 2px; text-align: center; }
.ink-numbers td { position: relative; width: var(--cell); min-width: var(--cell);
  height: var(--cell); padding: 0; text-align: center; color: var(--on); cursor: default;
  border-radius: 2px; outline: 0 solid #e3a008;
  background: color-mix(in srgb, var(--ink) var(--p, 0%), var(--paper));
  box-shadow: 0 0 0 0.5px color-mix(in srgb, var(--ink) 14%, var(--paper)); }
.ink-numbers td.zero { color: color-mix(in srgb, var(--ink) 68%, var(--paper)); }
.ink-numbers td.full { color: var(--on-full); }
.ink-numbers td.chosen { outline-width: 3px; z-index: 1; }
.ink-numbers td:hover, .ink-numbers td:focus { outline-width: 2px; z-index: 2; }
.ink-numbers td:hover::after, .ink-numbers td:focus::after { content: attr(data-at);
  position: absolute; bottom: calc(100% + 4px); left: 50%; transform: translateX(-50%);
  padding: 4px 8px; border-radius: 6px; white-space: nowrap; pointer-events: none;
  font: 500 13px/1.3 system-ui, sans-serif; color: var(--paper); background: var(--ink); }
.ink-numbers td.left::after { left: 0 !important; transform: none !important; }
.ink-numbers td.right::after { left: auto !important; right: 0; transform: none !important; }
.ink-numbers:focus-visible { outline: 2px solid var(--ink); }
.ink-numbers tr:hover th { color: var(--ink); font-weight: 700; }
</style>"""


def show_ink(
    image: np.ndarray,
    words: str,
    *,
    dark: bool,
    size: int,
    width: int | None = None,
    printed: bool = False,
) -> None:
    """Draw an image as a larger one in the theme's colours.

    Parameters
    ----------
    image : ndarray, (H, W)
        0 is paper, 255 is ink.
    words : str
        What there is to see.
    dark : bool
        Whether the page is dark.
    size : int
        About how many pixels the picture is high: whole ones for each of the image's.
    width, printed
        As ``show_picture`` takes them.
    """
    pixels = _enlarged(image, size)
    show_picture(pixels, words, width=width, printed=printed, palette=_shades(dark))


def ink_picture(image: np.ndarray, *, dark: bool, size: int) -> np.ndarray:
    """Return what ``show_ink`` draws as colours, (≈size, ≈W·size/H, 3), to paint on."""
    return _shades(dark)[_enlarged(image, size)]


def _enlarged(image: np.ndarray, size: int) -> np.ndarray:
    """Return how much ink there is at each place, 0 to 255, in squares of whole pixels."""
    times = max(1, size // len(image))
    small = np.rint(image).clip(0, 255).astype(np.uint8)
    return small.repeat(times, axis=1).repeat(times, axis=0)


@cache
def _shades(dark: bool) -> np.ndarray:
    """Return the colours from paper to ink, (256, 3), to be looked at only."""
    theme = "dark" if dark else "light"
    paper, ink = (np.array(_rgb(colours[theme]), float) for colours in (PAPER, INK))
    shades = np.rint(np.linspace(paper, ink, 256)).astype(np.uint8)
    shades.flags.writeable = False
    return shades


def ink_numbers(
    image: np.ndarray,
    *,
    dark: bool,
    label: str,
    says: str,
    chosen: tuple[int, int] | None = None,
    cell: int = 22,
) -> str:
    """Return an image as an HTML table of its numbers, each cell as dark as its pixel.

    Parameters
    ----------
    image : ndarray, (H, W)
        Whole numbers from 0 (paper) to 255 (ink).
    dark : bool
        Whether the page is dark.
    label : str
        What the table shows, for those who cannot see it.
    says : str
        What a cell says when it is pointed at, with fields ``{row}``, ``{column}``, ``{value}``.
    chosen : (row, column), optional
        The cell that is marked.
    cell : int
        Width and height of a cell, in pixels; where that is too wide for the page, down to 18.5.
    """
    theme = "dark" if dark else "light"
    height, width = image.shape
    heads = "".join(f'<th scope="col">{column}</th>' for column in range(width))
    rows = [f"<thead><tr><th></th>{heads}</tr></thead>"]
    for row in range(height):
        cells = []
        for column in range(width):
            value = int(image[row, column])
            names = _look(value, TURN[theme], column / width)
            names += ["chosen"] * ((row, column) == chosen)
            tip = html.escape(says.format(row=row, column=column, value=value))
            style = f' style="--p:{value / 2.55:.0f}%"' if value else ""
            cells.append(
                f'<td tabindex="-1" class="{" ".join(names)}"{style} data-at="{tip}">{value}</td>'
            )
        rows.append(f'<tr><th scope="row">{row}</th>{"".join(cells)}</tr>')
    variables = f"--ink:{INK[theme]};--paper:{PAPER[theme]};--columns:{width};--most:{cell}px"
    variables += ";--on:{};--on-full:{}".format(*WRITING[theme])
    name = f'aria-label="{html.escape(label)}"'
    # Where there is little room it scrolls, and the arrow keys can do that only with the focus.
    region = f'class="ink-numbers" role="region" tabindex="0" {name} style="{variables}"'
    return f"<div {region}><table>{''.join(rows)}</table></div>{STYLE}"


def _look(value: int, turn: float, across: float) -> list[str]:
    """Return the classes of a cell: how it is written, and to which side its words may hang."""
    ink = "zero" if value == 0 else ("full" if value / 255 >= turn else "some")
    return [ink, "left" if across < 0.25 else ("right" if across >= 0.75 else "middle")]


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
