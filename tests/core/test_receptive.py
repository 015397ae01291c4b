"""Receptive fields: all pixels that count and no more, place by place and all at once."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import (
    AvgPool2d,
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    ReLU,
    Sequential,
    Sigmoid,
    Step,
    Tanh,
)
from core.receptive import receptive_field, receptive_fields
from tests.core.onlookers import assert_undisturbed, nested_network
from tests.core.random_layers import convolutions, pairs, pools


@pytest.fixture
def rng():
    return np.random.default_rng(11)


PATHS = {
    "one": [(3, 1, 0)],
    "padded": [(3, 1, 1), (3, 1, 1)],
    "strides": [(3, 2, 1), (2, 1, 0), (3, 2, 2)],
    "odd": [((2, 3), (1, 2), (0, 1)), ((3, 1), (2, 1), (1, 0))],
    "gaps": [(1, 3, 0), (2, 1, 1)],
    "deep in the padding": [(5, 1, 0), (3, 1, 3)],
    "pooled": [(4, 1, 0), "max", (3, 1, 1)],
    "leftovers": [(2, 1, 0), "avg", "relu", (3, 1, 1), "max up"],
    "overlapping": ["avg 3", (3, 1, 1), "max 3"],
}
PARTS = {
    "max": lambda: MaxPool2d(2),
    "avg": lambda: AvgPool2d(2),
    "relu": ReLU,
    "max up": lambda: MaxPool2d(2, ceil_mode=True),
    "max 3": lambda: MaxPool2d(3, 2, 1),
    "avg 3": lambda: AvgPool2d((3, 2), (2, 1), (1, 0), count_include_pad=False),
}


def path_of(name, rng):
    layers, channels = [], 2
    for part in PATHS[name]:
        if isinstance(part, str):
            layers.append(PARTS[part]())
        else:
            layers += [Conv2d(channels, 3, *part, rng=rng, dtype=np.float64), Tanh()]
            channels = 3
    return layers


def inside(x, field):
    return x[..., field.top : field.bottom, field.left : field.right]


@pytest.mark.parametrize("name", PATHS)
def test_a_field_is_all_that_counts_and_no_more(name, rng):
    layers, size = path_of(name, rng), (11, 10)
    x = rng.standard_normal((2, *size))
    y = Sequential(*layers).forward(x[None])[0]
    for place in itertools.product(range(y.shape[1]), range(y.shape[2])):
        field = receptive_field(layers, place, size)
        assert 0 <= field.top <= field.bottom <= 11
        assert 0 <= field.left <= field.right <= 10
        # Everything outside at once: other numbers, and no numbers at all, which are contagious.
        outside = np.full_like(x, np.nan), rng.standard_normal(x.shape)
        for other in outside:
            inside(other, field)[...] = inside(x, field)
        assert reach(layers, outside[0], place) == pytest.approx(y[:, *place], abs=1e-12)
        assert reach(layers, outside[1], place) == pytest.approx(y[:, *place], abs=1e-12)
        if field == (0, 0, 0, 0):
            continue
        for axis, edge in itertools.product((0, 1), (0, -1)):
            dyed, moved = x.copy(), x.copy()
            inside(dyed, field).swapaxes(1, 1 + axis)[:, edge] = np.nan
            assert np.isnan(reach(layers, dyed, place)).all()
            inside(moved, field).swapaxes(1, 1 + axis)[:, edge] += 9.0
            lowered = 2 * x - moved
            changes = [reach(layers, other, place) - y[:, *place] for other in (moved, lowered)]
            assert np.abs(changes).max() > 1e-6


def reach(layers, x, place):
    """Return what all channels answer at one place."""
    with np.errstate(all="ignore"):
        return Sequential(*layers).forward(x[None])[0][:, *place]


def test_what_does_not_exist_sees_nothing(rng):
    layers = path_of("pooled", rng)
    # 28 → 25 → 12 → 12: the last window reaches beyond its map, and row 24 was left out by pooling.
    assert receptive_field(layers, (11, 0), (28, 28)) == (20, 0, 27, 7)
    assert receptive_field(layers, (11, 0)) == (20, -2, 29, 7)
    assert receptive_field(path_of("deep in the padding", rng), (0, 4), (11, 11)) == (0, 0, 0, 0)


def test_without_a_size_all_fields_are_alike(rng):
    layers = [Conv2d(1, 2, 5), ReLU(), MaxPool2d(2), Conv2d(2, 2, 3), Step(), Dropout(), Sigmoid()]
    for place in itertools.product(range(10), repeat=2):
        field = receptive_field(layers, place)
        row, column = place
        assert field == (2 * row, 2 * column, 2 * row + 10, 2 * column + 10)
        assert field == receptive_field([Sequential(*layers[:3]), *layers[3:]], place, (28, 28))
    assert receptive_field([ReLU()], (3, 4), (5, 5)) == (3, 4, 4, 5)
    assert all(type(end) is int for end in field)


@pytest.mark.parametrize(
    ("layers", "place", "size", "words"),
    [
        ([Conv2d(1, 1, 3), Flatten()], (0, 0), None, "pooling and activations, but got Flatten"),
        ([Linear(4, 4)], (0, 0), None, "but got Linear"),
        ([Conv2d(1, 1, 3)], (-1, 0), None, r"from \(0, 0\) to below \(inf, inf\)"),
        ([Conv2d(1, 1, 3)], (0, 6), (9, 8), r"to below \(7, 6\), but got \(0, 6\)"),
        ([Conv2d(1, 1, 3)], (0, 0), (2, 8), "Conv2d expected images of at least 3"),
    ],
)
def test_what_has_no_field_is_an_error(layers, place, size, words):
    with pytest.raises(ValueError, match=words):
        receptive_field(layers, place, size)


def test_who_asks_disturbs_nobody(rng):
    def look(model):
        receptive_field([*model][:4], (0, 0), (9, 8))
        receptive_fields([*model][:4], (9, 8))

    assert_undisturbed(nested_network(rng), rng.standard_normal((6, 2, 9, 8)), look)


# ------------------------------------------------------------------------------- of a whole map


@st.composite
def paths(draw):
    """One to four layers, and the size of the image and of what each makes of it."""
    sizes = [draw(pairs(3, 9))]
    layers = []
    for _ in range(draw(st.integers(1, 4))):
        sliding = convolutions(1, sizes[-1], most=1) | pools(sizes[-1])
        layer = draw(sliding | st.sampled_from([ReLU, Dropout]).map(lambda kind: kind()))
        layers.append(layer)
        sizes.append(layer(np.zeros((1, 1, *sizes[-1]))).shape[2:])
    return layers, sizes


def seen_by(axis, place, layers, sizes):
    """Walk back from one row or column, with all that it sees on the way as a set."""
    seen = {place}
    for layer, size in zip(reversed(layers), sizes[-2::-1], strict=True):
        if isinstance(layer, Conv2d | MaxPool2d | AvgPool2d):
            stride, padding = layer.stride[axis], layer.padding[axis]
            kernel = range(layer.kernel_size[axis])
            seen = {at * stride - padding + offset for at in seen for offset in kernel}
        seen &= set(range(size[axis]))
    return seen


@pytest.mark.slow
@given(paths())
@settings(deadline=None, max_examples=100)
def test_all_fields_of_a_map_at_once(path):
    layers, sizes = path
    fields = receptive_fields(layers, sizes[0])
    for axis, ends in enumerate(fields):
        assert ends.shape == (sizes[-1][axis], 2)
        for place, (start, stop) in enumerate(ends):
            seen = seen_by(axis, place, layers, sizes)
            assert (start, stop) == ((min(seen), max(seen) + 1) if seen else (0, 0))
    for row, column in np.ndindex(*map(len, fields)):
        (top, bottom), (left, right) = fields.rows[row], fields.columns[column]
        field = receptive_field(layers, (row, column), sizes[0])
        nothing = top == bottom or left == right
        assert field == ((0, 0, 0, 0) if nothing else (top, left, bottom, right))


def test_fields_of_what_has_none_are_an_error():
    with pytest.raises(ValueError, match="receptive_fields expected .* but got Flatten"):
        receptive_fields([Conv2d(1, 1, 3), Flatten()], (9, 9))
    with pytest.raises(ValueError, match="Conv2d expected images of at least 3"):
        receptive_fields([Conv2d(1, 1, 3)], (9, 2))
    rows, columns = receptive_fields([], (2, 3))
    assert (rows.tolist(), columns.tolist()) == ([[0, 1], [1, 2]], [[0, 1], [1, 2], [2, 3]])
