"""What becomes of a digit on its way into the network: scaled, shrunk, moved."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.augment import Augmentation, rotate
from core.images import Preparation
from core.recipes import PREPARATIONS
from core.trace import format_number
from pages._mnist.data_look import NAME, Chosen, chosen_pixel, dark, summary
from pages._mnist.settings import Settings
from ui.charts import scales
from ui.grid import TILE_WORD_KEYS, number_grids, tiles_payload
from ui.i18n import t, template
from ui.ink import ink_numbers, show_ink

FORMULAS = {"unit": "{x} / 255", "notes": "{x} / 255 · 0.99 + 0.01"}
FORMULAS["standard"] = "({x} / 255 − 0.1307) / 0.3081"
AS_STORED = Preparation(scale=1.0, size=8)
MOVES = ("degrees", "translate", "scale", "shear", "elastic")
SAMPLES = 6


def show_inputs(settings: Settings, chosen: Chosen) -> None:
    """Draw the three ways of scaling, the shrunken digit, the moved ones."""
    _show_scaling(settings, chosen)
    _show_shrinking(chosen)
    _show_moving(settings, chosen)


def _show_scaling(settings: Settings, chosen: Chosen) -> None:
    st.markdown(f"## {t('mnist_data.scaling')}")
    row, column = chosen_pixel(chosen)
    pixel = int(chosen.image[row, column])
    known = summary("train")
    st.markdown(
        t(
            "mnist_data.scaling_lead",
            mean=f"{known.mean:.1f}",
            deviation=f"{known.deviation:.1f}",
        )
    )
    marks = []
    for name, card in zip(FORMULAS, st.columns(len(FORMULAS)), strict=True):
        prepare = PREPARATIONS[name]
        inputs = prepare(np.array([[[0, 255, pixel]]], np.uint8)).ravel()
        paper, ink, here = (format_number(round(float(value), 4)) for value in inputs)
        mean = prepare.scale * known.mean + prepare.offset
        with card, st.container(border=True, gap="small"):
            title = t(f"mnist_data.prepared_{name}")
            if name == settings.preparation:
                title += f" :green-badge[{t('mnist_data.this_recipe')}]"
            st.markdown(f"**{title}**")
            st.markdown(f"`{FORMULAS[name].format(x=pixel)} = {here}`")
            st.markdown(
                t(
                    "mnist_data.prepared",
                    paper=paper,
                    ink=ink,
                    mean=format_number(round(mean, 3)),
                    deviation=format_number(round(prepare.scale * known.deviation, 3)),
                )
            )
        places = (inputs[0], mean, inputs[2], inputs[1])
        words = ("mark_paper", "mark_mean", "mark_pixel", "mark_ink")
        marks.append({t(f"mnist_data.{w}"): float(p) for w, p in zip(words, places, strict=True)})
    st.plotly_chart(
        scales([t(f"mnist_data.prepared_{name}") for name in FORMULAS], marks, dark=dark()),
        key=f"{NAME}.scales",
        config={"displayModeBar": False},
    )
    st.caption(t("mnist_data.scaling_notice"))


def _show_shrinking(chosen: Chosen) -> None:
    st.markdown(f"## {t('mnist_data.shrinking')}")
    small = AS_STORED(chosen.image[None])[0, 0]
    before, after = (format_number(round(float(a.mean()), 2)) for a in (chosen.image, small))
    st.markdown(t("mnist_data.shrinking_lead", before=before, after=after))
    rounded = np.rint(small).astype(int)
    with st.container(horizontal=True, gap="large", vertical_alignment="center", key="data-small"):
        words = t("mnist_data.shrunk_picture")
        show_ink(small, words, dark=dark(), size=240, width=240, printed=True)
        with st.container(width=340):
            st.html(
                ink_numbers(
                    rounded,
                    dark=dark(),
                    label=t("mnist_data.shrunk_label", label=chosen.label),
                    says=template("mnist_data.pixel_at"),
                    cell=36,
                )
            )


def _show_moving(settings: Settings, chosen: Chosen) -> None:
    st.markdown(f"## {t('mnist_data.moving')}")
    images, captions = moved(settings, chosen)
    if len(images) == 1:
        st.markdown(t("mnist_data.not_moved"))
        return
    how = "moved" if settings.method == "batches" else "copied"
    st.markdown(t(f"mnist_data.{how}", label=chosen.label))
    with st.container(key="data-moved"):
        number_grids(
            tiles_payload(
                images,
                captions,
                words={key: template(f"grid.{key}") for key in TILE_WORD_KEYS},
                scale="sequential",
                limit=255.0,
            ),
            key=f"{NAME}.moved",
        )


def moved(settings: Settings, chosen: Chosen) -> tuple[np.ndarray, list[str]]:
    """Return the digit as it is and as the recipe moves it, each with its caption."""
    image = chosen.image[None]
    as_it_is = image.astype(np.float32)
    if settings.method != "batches":
        if not settings.copies:
            return as_it_is, [t("mnist_data.as_it_is")]
        turns = (settings.copies, -settings.copies)
        copies = [as_it_is, *(rotate(image, turn) for turn in turns)]
        names = [t("mnist_data.turned", degrees=f"{turn:+g}".replace("-", "−")) for turn in turns]
        return np.concatenate(copies), [t("mnist_data.as_it_is"), *names]
    ranges = {name: getattr(settings, name) for name in MOVES}
    if not any(ranges.values()):
        return as_it_is, [t("mnist_data.as_it_is")]
    rng = np.random.default_rng((settings.seed, settings.digit))
    samples = Augmentation(**ranges)(np.repeat(image, SAMPLES, axis=0), rng)
    names = [t("mnist_data.sample", k=k) for k in range(1, SAMPLES + 1)]
    return np.concatenate([as_it_is, samples]), [t("mnist_data.as_it_is"), *names]
