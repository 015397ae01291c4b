"""Convolutions and poolings of all sizes, strides and paddings, for property-based tests."""

import numpy as np
from hypothesis import strategies as st

from core.conv import Conv2d
from core.pool import AvgPool2d, MaxPool2d


@st.composite
def pairs(draw, low, high):
    return draw(st.integers(low, high)), draw(st.integers(low, high))


@st.composite
def generators(draw):
    return np.random.default_rng(draw(st.integers(0, 2**32 - 1)))


@st.composite
def convolutions(draw, channels, size, most=3):
    """A convolution in float64 with one kernel to ``most`` that takes (N, channels, *size)."""
    padding = draw(pairs(0, 2))
    kernel = [draw(st.integers(1, min(3, n + 2 * p))) for n, p in zip(size, padding, strict=True)]
    shape = channels, draw(st.integers(1, most)), tuple(kernel), draw(pairs(1, 3)), padding
    return Conv2d(*shape, bias=draw(st.booleans()), rng=draw(generators()), dtype=np.float64)


@st.composite
def pools(draw, size):
    """A pooling that takes (N, C, *size)."""
    padding = draw(pairs(0, 1))
    kernel = [
        draw(st.integers(max(1, 2 * p), min(3, n + 2 * p)))
        for p, n in zip(padding, size, strict=True)
    ]
    setting = tuple(kernel), draw(pairs(1, 3)), padding, draw(st.booleans())
    if draw(st.booleans()):
        return MaxPool2d(*setting)
    return AvgPool2d(*setting, count_include_pad=draw(st.booleans()))
