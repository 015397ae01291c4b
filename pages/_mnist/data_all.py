"""All the digits of a set: how many of each, their means, and examples."""

from __future__ import annotations

import streamlit as st

from pages._mnist.data_look import (
    ANY,
    NAME,
    Chosen,
    choose_digit,
    dark,
    look,
    some_of,
    summary,
)
from ui.charts import bars
from ui.grid import TILE_WORD_KEYS, number_grids, tiles_payload
from ui.i18n import t, template
from ui.state import update

EXAMPLES = 20


def show_all(chosen: Chosen) -> None:
    """Draw counts, means and examples of the set that the chosen digit is from."""
    known = summary(chosen.role)
    st.markdown(f"## {t('mnist_data.counts')}")
    st.plotly_chart(
        bars([str(k) for k in range(10)], [int(n) for n in known.counts], dark=dark()),
        key=f"{NAME}.counts",
        config={"displayModeBar": False},
    )
    most, least = int(known.counts.argmax()), int(known.counts.argmin())
    st.caption(
        t(
            "mnist_data.counts_notice",
            n=f"{len(chosen.digits):,}",
            most=most,
            most_n=f"{known.counts[most]:,}",
            least=least,
            least_n=f"{known.counts[least]:,}",
            share=f"{known.counts[most] / len(chosen.digits):.1%}",
        )
    )
    st.markdown(f"## {t('mnist_data.means')}")
    st.markdown(t("mnist_data.means_lead"))
    words = {key: template(f"grid.{key}") for key in TILE_WORD_KEYS}
    only = look().only
    with st.container(key="data-means"):
        number_grids(
            tiles_payload(
                known.means,
                [f"{k}" for k in range(10)],
                words=words,
                scale="sequential",
                limit=255.0,
                labels=[
                    t("mnist_data.mean_label", k=k, n=f"{known.counts[k]:,}") for k in range(10)
                ],
                chosen=None if only == ANY else only,
            ),
            key=f"{NAME}.means",
            on_choose=_choose_class,
        )
    _show_examples(chosen, words)


def _show_examples(chosen: Chosen, words: dict[str, str]) -> None:
    seen = look()
    places = some_of(chosen.digits, seen.only, EXAMPLES, (2, seen.draws))
    title = "mnist_data.examples" if seen.only == ANY else "mnist_data.examples_of"
    st.markdown(f"## {t(title, k=seen.only)}")
    if not len(places):
        st.info(t("mnist_data.no_examples", k=seen.only))
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(t("mnist_data.examples_lead"), width="content")
        st.button(
            t("mnist_data.others"),
            icon=":material/shuffle:",
            key=f"{NAME}.others",
            on_click=lambda: update(NAME, draws=look().draws + 1),
        )
    labels = [
        t("mnist_data.example_label", k=int(chosen.digits.labels[place]), n=f"{place:,}")
        for place in places
    ]
    with st.container(key="data-examples"):
        number_grids(
            tiles_payload(
                chosen.digits.images[places],
                [f"{place:,}" for place in places],
                words=words,
                scale="sequential",
                limit=255.0,
                labels=labels,
            ),
            key=f"{NAME}.examples.{chosen.role}.{seen.only}.{seen.draws}",
            on_choose=lambda cell: _choose_example(chosen.role, places.tolist(), cell),
        )


def _choose_class(cell: str | None) -> None:
    update(NAME, only=ANY if cell is None else int(cell))


def _choose_example(role: str, places: list[int], cell: str | None) -> None:
    if cell is not None:
        choose_digit(role, places[int(cell)])
