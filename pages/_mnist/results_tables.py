"""Mixed-up digits, the worst mistakes, each digit's share, and answers withheld."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from core.metrics import accuracy_when_sure, recall_score
from pages._mnist.results_answers import (
    DIGITS,
    THRESHOLD,
    Answers,
    choose_cell,
    open_cell,
    percent,
)
from pages._mnist.run import DigitsRun
from pages._mnist.session import did
from pages._mnist.settings import LESSON, Settings
from ui.answers import Bar, Curve, bars, threshold_figure
from ui.cells import Cell, number_cells
from ui.grid import TILE_WORD_KEYS, number_grids, tiles_payload
from ui.i18n import t, template
from ui.state import update
from ui.walk import presenting

MOST_TILES = 24
THRESHOLDS = np.linspace(0, 1, 201)


def show_mixed(settings: Settings, run: DigitsRun, found: Answers) -> None:
    """Draw the table of what was taken for what; a field opens its images."""
    st.markdown(t("mnist_results.mixed_lead"))
    counts = found.counts
    sizes = counts.sum(axis=1)
    truth, said = open_cell(settings, found)
    off = counts * ~np.eye(10, dtype=bool)
    most = max(1, off.max())
    cells = [
        Cell(f"{counts[i, j]}", off[i, j] / most, _field_words(i, j, counts[i, j], sizes[i]))
        for i in range(10)
        for j in range(10)
    ]
    number_cells(
        cells,
        key=f"{LESSON}.results.matrix",
        label=t("mnist_results.matrix"),
        heads=DIGITS,
        sides=DIGITS,
        across=t("mnist_results.said"),
        down=t("mnist_results.truth"),
        diagonal=True,
        chosen=10 * truth + said,
        on_choose=choose_cell,
        large=presenting(),
    )
    st.caption(t("mnist_results.mixed_notice"))
    st.markdown(f"**{_field_words(truth, said, counts[truth, said], sizes[truth])}**")
    rows = found.surest((found.truth == truth) & (found.said == said))
    show_tiles(settings, run, found, rows, f"{truth}.{said}")


def show_worst(settings: Settings, run: DigitsRun, found: Answers) -> None:
    """Draw the wrong answers that the network was surest of."""
    wrong = found.surest(found.wrong)
    if not len(wrong):
        st.success(t("mnist_results.none_wrong"))
        return
    st.markdown(t("mnist_results.worst_lead", n=f"{len(wrong):,}"))
    show_tiles(settings, run, found, wrong, "worst", truth=True)


def show_classes(_: Settings, run: DigitsRun, found: Answers) -> None:
    """Draw ten bars: how many of each digit were recognised."""
    counts = found.counts
    answered = found.said >= 0
    shares = recall_score(found.truth[answered], found.said[answered], 10)
    known = shares[~np.isnan(shares)]
    weakest = known.min()
    rows = []
    for digit, share in enumerate(shares):
        if np.isnan(share):
            rows.append(Bar(str(digit), share, "–", t("mnist_results.class_none")))
            continue
        row = counts[digit]
        others = np.where(np.arange(10) == digit, 0, row)
        often = int(others.argmax())
        note = (
            t("mnist_results.class_often", digit=often, n=f"{others[often]:,}")
            if others.any()
            else t("mnist_results.class_all")
        )
        is_weakest = share == weakest and np.count_nonzero(known == weakest) == 1
        text = f"{percent(share)} · {row[digit]:,} / {row.sum():,}"
        mark = t("mnist_results.weakest") + " " if is_weakest else ""
        rows.append(Bar(str(digit), share, text, mark + note, is_weakest))
    st.markdown(t("mnist_results.classes_lead"))
    low = 0.9 if weakest >= 0.9 else 0.0
    st.html(bars(rows, low=low))
    st.caption(t("mnist_results.classes_notice", low=f"{low:.0%}"))


def show_doubt(settings: Settings, run: DigitsRun, found: Answers) -> None:
    """Let the network say "I don't know" below a threshold, and count what is left."""
    st.markdown(t("mnist_results.doubt_lead"))
    st.session_state.setdefault(THRESHOLD, 90)
    percent_sure = st.slider(
        t("mnist_results.threshold"),
        0,
        100,
        format="%d%%",
        key=THRESHOLD,
        persist_state="session",
        on_change=did,
        args=("set_threshold",),
    )
    threshold = percent_sure / 100
    answered, right = accuracy_when_sure(found.right, found.sure, np.append(THRESHOLDS, threshold))
    total = len(found.truth)
    kept = round(answered[-1] * total)
    with st.container(horizontal=True, gap="medium"):
        st.metric(t("mnist_results.answered"), percent(answered[-1]))
        good = f"{right[-1]:.2%}" if kept else t("mnist.not_yet")
        st.metric(t("mnist_results.of_these_right"), good)
        mistakes = kept - round((right[-1] if kept else 0) * kept)
        st.metric(t("mnist_results.mistakes_left"), f"{mistakes:,}")
    st.caption(t("mnist_results.doubt_counts", kept=f"{kept:,}", total=f"{total:,}"))
    curves = [
        Curve(t("mnist_results.curve_answered"), THRESHOLDS, answered[:-1], True),
        Curve(t("mnist_results.curve_right"), THRESHOLDS, right[:-1]),
    ]
    dark = bool(st.context.theme.type == "dark")
    for place, column in enumerate(st.columns(2, gap="medium")):
        axis = t("mnist_results.threshold")
        column.plotly_chart(
            threshold_figure(curves[place], at=threshold, axis=axis, dark=dark),
            key=f"{LESSON}.results.doubt.{place}",
            config={"displayModeBar": False},
        )
    st.caption(t("mnist_results.doubt_notice"))
    refused = found.surest(found.sure < threshold)[::-1]
    if not len(refused):
        st.markdown(t("mnist_results.none_refused"))
        return
    wrong = int(found.wrong[refused].sum())
    st.markdown(t("mnist_results.refused", n=f"{len(refused):,}", wrong=f"{wrong:,}"))
    show_tiles(settings, run, found, refused, "refused", truth=True)


def show_tiles(
    settings: Settings,
    run: DigitsRun,
    found: Answers,
    rows: np.ndarray,
    name: str,
    *,
    truth: bool = False,
) -> None:
    """Draw images to choose from, with what the network said; ``truth`` says what they are."""
    if not len(rows):
        st.caption(t("mnist_results.no_images"))
        return
    if len(rows) > MOST_TILES:
        st.caption(t("mnist_results.some", n=MOST_TILES, total=f"{len(rows):,}"))
    rows = rows[:MOST_TILES]
    captions, says = [], []
    for row in rows:
        values = {
            "truth": found.truth[row],
            "said": found.said[row],
            "sure": percent(found.sure[row]),
        }
        captions.append(t("mnist_results.tile_truth" if truth else "mnist_results.tile", **values))
        says.append(t("mnist_results.tile_says", n=f"{row:,}", **values))
    chosen = np.flatnonzero(rows == settings.shown)
    data = tiles_payload(
        run.test.images[rows],
        captions,
        words={key: template(f"grid.{key}") for key in TILE_WORD_KEYS},
        chosen=int(chosen[0]) if len(chosen) else None,
        scale="sequential",
        labels=says,
        limit=255.0,
        large=presenting(),
    )
    # A key of its own for each set of images: what was chosen in another set is no choice here.
    key = f"{LESSON}.results.tiles.{name}.{run.step}.{rows[0]}"
    number_grids(data, key=key, on_choose=partial(_choose_image, rows))


def _choose_image(rows: np.ndarray, tile: str | None) -> None:
    did("chose_image")
    update(LESSON, shown=-1 if tile is None else int(rows[int(tile)]))


def _field_words(truth: int, said: int, count: int, size: int) -> str:
    key = "field_right" if truth == said else "field_wrong"
    return t(f"mnist_results.{key}", truth=truth, said=said, n=f"{count:,}", of=f"{size:,}")
