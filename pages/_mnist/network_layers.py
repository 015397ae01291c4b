"""The layers of a network of one's own: an easy builder, and the short text, kept in step."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.architecture import MOST_KERNELS, MOST_NEURONS, format_layers, parse_layers
from pages._mnist import session
from pages._mnist.blocks import Block, Plan, read_plan, write_plan
from pages._mnist.settings import LESSON, Settings
from ui.i18n import t
from ui.state import update

KEY = f"{LESSON}.network"
MOST = 6  # blocks, and fully connected layers, that the builder offers
SIZES = (3, 5, 7)
POOLINGS = ("", "max2", "avg2")
FIRST_WIDTH = 128


def show_layers(settings: Settings) -> None:
    """Draw the builder and the text; where the text says more than the builder can, only that."""
    plan = read_plan(settings.layers)
    if plan is None:
        st.caption(t("mnist_network.beyond"))
    else:
        _builder(plan)
    key = f"{KEY}.text"
    # What was typed stays until the layers change, also if it was no network.
    if st.session_state.get(f"{KEY}.synced") != settings.layers or key not in st.session_state:
        st.session_state[key] = st.session_state[f"{KEY}.synced"] = settings.layers
    st.text_input(
        t("mnist_network.text"),
        key=key,
        max_chars=80,
        help=t("mnist_network.text_help"),
        placeholder="32c3-max2-128",
        on_change=_take_text,
        persist_state="session",
    )


def show_hidden(settings: Settings) -> None:
    """Draw the one number that the notes' network is built from."""
    key = f"{KEY}.hidden"
    st.session_state[key] = int(settings.layers)
    st.number_input(
        t("mnist_network.hidden"), 1, MOST_NEURONS, None, step=10, key=key, on_change=_take_hidden
    )


def _builder(plan: Plan) -> None:
    _number(
        "blocks", len(plan.blocks), 0, max(MOST, len(plan.blocks)), help=t("mnist_network.block")
    )
    for place, block in enumerate(plan.blocks):
        with st.container(border=True, key=f"block-{place}"):
            st.caption(t("mnist_network.block_k", k=place + 1))
            _number(f"kernels.{place}", block.kernels, 1, MOST_KERNELS, step=2)
            left, right = st.columns(2)
            with left:
                sizes = {size: f"{size}×{size}" for size in sorted({*SIZES, block.size})}
                _select(f"size.{place}", sizes, block.size)
            with right:
                kinds = dict.fromkeys((*POOLINGS, block.pooling))
                _select(f"pooling.{place}", {kind: _pooling(kind) for kind in kinds}, block.pooling)
    _number("full", len(plan.widths), 0, max(MOST, len(plan.widths)))
    for place, width in enumerate(plan.widths):
        _number(f"width.{place}", width, 1, MOST_NEURONS, step=8, k=place + 1)


def _number(name: str, value: int, low: int, high: int, step: int = 1, **words: Any) -> None:
    key = f"{KEY}.{name}"
    st.session_state[key] = value
    what = name.partition(".")[0]
    hint = words.pop("help", None)
    label = t(f"mnist_network.builder_{what}", **words)
    st.number_input(
        label, low, high, None, step=step, key=key, help=hint, on_change=_build, args=(name,)
    )


def _select(name: str, options: dict[Any, str], value: Any) -> None:
    key = f"{KEY}.{name}"
    st.session_state[key] = value
    what = name.partition(".")[0]
    st.selectbox(
        t(f"mnist_network.builder_{what}"),
        list(options),
        format_func=options.get,
        key=key,
        on_change=_build,
        args=(name,),
    )


def _pooling(kind: str) -> str:
    if not kind:
        return t("mnist_network.pooling_none")
    size = kind[3:]
    return t(f"mnist_network.pooling_{kind[:3]}", size=size)


def _build(name: str) -> None:
    """Take one number or choice of the builder; what is no network is said and not taken."""
    value = st.session_state[f"{KEY}.{name}"]
    plan = read_plan(st.session_state[f"{LESSON}.settings"].layers)
    if value is None or plan is None:
        return
    what, _, place = name.partition(".")
    blocks, widths = list(plan.blocks), list(plan.widths)
    if what == "blocks":
        blocks = (blocks + [blocks[-1] if blocks else Block()] * value)[:value]
    elif what == "full":
        widths = (widths + [widths[-1] if widths else FIRST_WIDTH] * value)[:value]
    elif what == "width":
        widths[int(place)] = value
    else:
        blocks[int(place)] = blocks[int(place)]._replace(**{what: value})
    session.try_layers(write_plan(Plan(tuple(blocks), tuple(widths))))


def _take_text() -> None:
    text = st.session_state[f"{KEY}.text"]
    if session.try_layers(text):
        update(LESSON, layers=format_layers(parse_layers(text)))


def _take_hidden() -> None:
    value = st.session_state[f"{KEY}.hidden"]
    if value is not None:
        session.try_layers(str(value))
