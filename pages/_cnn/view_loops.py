"""The picture and the code: the loops that say what a convolution is, and what really runs."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import streamlit as st

from core.conv import Conv2d
from core.plain import conv2d_plainly, max_pool2d_plainly
from core.pool import MaxPool2d
from pages._cnn.example import Example
from pages._cnn.settings import LESSON, Settings
from ui.i18n import t
from ui.source import show_source

MEASURED = f"{LESSON}.measured"
FILTERS, PIXELS = 8, 28  # what is measured: eight kernels of 3×3 on an image as large as a digit


def show(settings: Settings, example: Example) -> None:
    """Draw the view."""
    st.markdown(t("cnn_loops.lead"))
    _same_numbers(example)
    st.markdown(f"**{t('cnn_loops.slow')}**")
    show_source(conv2d_plainly, max_pool2d_plainly)
    st.markdown(f"**{t('cnn_loops.fast')}**")
    show_source(Conv2d.forward, Conv2d._unfold, MaxPool2d.forward)
    st.button(
        t("cnn_loops.measure"),
        icon=":material/timer:",
        key=f"{LESSON}.measure",
        on_click=measure_now,
    )
    if MEASURED in st.session_state:
        loops, ours = st.session_state[MEASURED]
        values = {"loops": f"{loops * 1e3:.3g}", "ours": f"{ours * 1e6:.3g}"}
        st.success(t("cnn_loops.measured", **values, ratio=f"{loops / ours:,.0f}"))


def measure() -> tuple[float, float]:
    """Return the seconds that both ways take for one image: the best of a few tries."""
    rng = np.random.default_rng(0)
    layer = Conv2d(1, FILTERS, 3, rng=rng)
    x = rng.standard_normal((1, 1, PIXELS, PIXELS), dtype=np.float32)
    weight, bias = layer.params["weight"], layer.params["bias"]
    loops = _fastest(lambda: conv2d_plainly(x, weight, bias), 1)
    return loops, _fastest(lambda: layer.forward(x), 20)


def _same_numbers(example: Example) -> None:
    """Say that the loops and the layer give the same numbers for the example as it is now."""
    s, x = example.settings, example.image[None, None]
    layer = example.model()[0]
    weight, bias = layer.params["weight"], layer.params["bias"]
    plain = conv2d_plainly(x, weight, bias, s.stride, s.padding)
    largest = float(np.abs(plain - layer.forward(x)).max())
    st.caption(t("cnn_loops.same", n=plain.size, difference=f"{largest:.1g}"))


def measure_now() -> None:
    """Measure both ways and keep the answer for the page."""
    st.session_state[MEASURED] = measure()


def _fastest(compute: Callable[[], object], tries: int) -> float:
    seconds = []
    for _ in range(tries):
        start = time.perf_counter()
        compute()
        seconds.append(time.perf_counter() - start)
    return min(seconds)
