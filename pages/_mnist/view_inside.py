"""Inside, while it learns: what units look for, how layers move, what becomes of one digit."""

from __future__ import annotations

import math
import time
from typing import NamedTuple

import numpy as np
import streamlit as st

from core.classic_blocks import TOGETHER
from core.health import UnitCensus, UnitHealth, gradient_sizes
from core.layers import ReLU
from pages._mnist.diagnosis import CENSUS, last_ratios, units_of
from pages._mnist.inside_digit import chosen_image, show_digit
from pages._mnist.inside_weights import show_weights
from pages._mnist.layer_names import Answers, layer_name, with_weights
from pages._mnist.run import DigitsRun
from pages._mnist.settings import LESSON, Settings
from ui.i18n import t

SMALL, LARGE = 1e-4, 3e-2  # a step's share of the weights; a thousandth is usual
GLANCE, HANDFUL = 0.02, 25  # while playing: seconds for judging units, images at a time
AGAIN = 5.0  # seconds after which they are judged again, while playing
GLANCED = f"{LESSON}.of_run.glanced"  # goes with the run that it is of
# Pictures are sent as small as they are, as PNG, since JPEG smears their colours; the browser
# enlarges them, each number a clear square.
# What waits for its turn behind a slice of training is not faded: it would blink every second.
STYLE = """<style>
.st-key-inside-weights img, .st-key-inside-digit img { image-rendering: pixelated; }
[class*="st-key-inside-"] [data-stale="true"] { opacity: 1 !important; }
</style>"""


class Census(NamedTuple):
    """The health of the units, and by how many test images it was judged."""

    layers: list[UnitHealth]
    images: int


def show(settings: Settings, run: DigitsRun) -> None:
    """Draw the view, and while the run is playing draw it anew every second."""
    st.html(STYLE)
    st.markdown(t("mnist_inside.lead"))
    st.fragment(lambda: draw(run), run_every=1.0 if run.playing else None)()


def draw(run: DigitsRun) -> None:
    """Draw the network as it is now; nothing here moves the run on."""
    place = chosen_image(run)
    image = run.test.images[place : place + 1]
    answers = run.through(image)
    with st.container(key="inside-weights"):
        show_weights(answers, run.learner.prepare(image).shape[-1])
    with st.container(key="inside-health"):
        _health(run, answers)
    with st.container(key="inside-digit"):
        show_digit(run, place, answers)


def _health(run: DigitsRun, answers: Answers) -> None:
    """Draw the table of gradients, steps and units, layer by layer."""
    st.header(t("mnist_inside.health"), anchor=False)
    gradients, ratios = gradient_sizes(run.learner.model), last_ratios(run)
    census = _census(run)
    classic = run.learner.network is not None
    # Its steps are watched a block at a time: they point all ways, and add up to √n of them.
    together = math.sqrt(TOGETHER) if classic else 1.0
    columns = ["layer", *([] if classic else ["gradient"]), "ratio", "units"]
    heads = [t(f"mnist_inside.head_{name}") for name in columns]
    rows = []
    for number, (place, layer) in enumerate(with_weights(answers), start=1):
        name = f"{place}.weight"
        cells = [t("mnist_inside.layer", k=number, what=layer_name(layer))]
        if not classic:
            cells.append(f"{gradients[name]:.1e}" if run.step else t("mnist_inside.none"))
        ratio = ratios.get(name, float("nan"))
        cells.append(_ratio_words(ratio, ratio / together))
        cells.append(_units_words(census, answers, place))
        rows.append(cells)
    st.markdown(_table(heads, rows))
    note = t("mnist_inside.not_yet")
    if run.step:
        kept = t("mnist_inside.health_classic", n=TOGETHER)
        note = kept if classic else t("mnist_inside.health_batches")
    st.caption(f"{note} {t('mnist_inside.units_note', n=census.images)}")


def _ratio_words(ratio: float, of_one_step: float) -> str:
    """Write how much a step changes, and whether that is much; nothing where it is not known."""
    if not np.isfinite(ratio):
        return t("mnist_inside.none")
    return t(f"mnist_inside.ratio_{verdict(of_one_step)}", ratio=f"{ratio:.1e}")


def verdict(ratio: float) -> str:
    """Say of a step's length "small", "fine" or "large"."""
    return "small" if ratio < SMALL else ("large" if ratio > LARGE else "fine")


def _units_words(census: Census, answers: Answers, place: int) -> str:
    """Say how many of a layer's units are dead or saturated; the output layer has no such units."""
    found = next((layer for layer in census.layers if layer.place == place + 1), None)
    if found is None:
        return t("mnist_inside.none")
    kind = "dead" if isinstance(answers[found.place][0], ReLU) else "saturated"
    n = found.dead if kind == "dead" else found.saturated
    return t(f"mnist_inside.{kind}", n=n, of=found.units, share=f"{n / found.units:.0%}")


def _census(run: DigitsRun) -> Census:
    """Judge the units: at rest by 500 test images, while it learns by as many as there is time."""
    if not run.playing:
        return Census(*units_of(run))
    kept: tuple[float, Census] | None = st.session_state.get(GLANCED)
    if kept is not None and time.monotonic() - kept[0] < AGAIN:
        return kept[1]
    census, start, taken = UnitCensus(), time.perf_counter(), 0
    while taken < min(CENSUS, len(run.test)) and time.perf_counter() - start < GLANCE:
        census.add(run.through(run.test.images[taken : taken + HANDFUL]))
        taken = min(taken + HANDFUL, len(run.test))
    found = Census(census.result(), taken)
    st.session_state[GLANCED] = time.monotonic(), found
    return found


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
