"""Feature maps: the layers' own numbers, their parts, what they see, and what excites them."""

import copy
import itertools
import tracemalloc

import numpy as np
import pytest

import core.pieces
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
from core.images import UNIT_PIXELS
from core.maps import feature_maps, most_exciting, partial_sums, receptive_field


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def network(rng):
    """Takes images (N, 2, 9, 8)."""
    inner = Sequential(Conv2d(3, 4, (2, 3), rng=rng), Tanh(), Dropout(0.5, rng=1))
    model = Sequential(
        *(Conv2d(2, 3, 3, padding=1, rng=rng), ReLU(), MaxPool2d(2), inner),
        *(Flatten(), Linear(24, 5, rng=rng), ReLU(), Dropout(0.5, rng=2), Linear(5, 3, rng=rng)),
    )
    return model.to(np.float64)


def opened(model):
    return [*model[:3], *model[3], *model[4:]]


def after(model, x, look):
    """Return what a step would learn from x if somebody looked between its two halves."""
    model = copy.deepcopy(model)
    params = model.state_dict()
    y = model.forward(x, training=True)
    look(model)
    assert all(np.array_equal(array, params[name]) for name, array in model.params.items())
    dx = model.backward(np.ones_like(y))
    again = model.forward(x, training=True)  # with the next draws of Dropout
    return [dx, again, *(grad.copy() for grad in model.grads.values())]


# ----------------------------------------------------------------------------------- feature maps


def test_the_numbers_are_those_of_the_layers(rng):
    model, x = network(rng), rng.standard_normal((2, 9, 8))
    found = feature_maps(model, x)
    assert [layer for layer, _ in found] == opened(model)
    y = x[None]
    for layer, answer in found:
        y = layer.forward(y)
        assert np.array_equal(answer, y[0])
    assert found[-1][1] == pytest.approx(model.forward(x[None])[0], abs=1e-14)
    assert [answer.shape for _, answer in found[:4]] == [(3, 9, 8), (3, 9, 8), (3, 4, 4), (4, 3, 2)]


def test_who_looks_disturbs_nobody(rng):
    model, x = network(rng), rng.standard_normal((6, 2, 9, 8))

    def look(model):
        grads = {name: grad.copy() for name, grad in model.grads.items()}
        feature_maps(model, x[0])
        list(most_exciting(model, 5, x, count=2))
        receptive_field([*model][:4], (0, 0), (9, 8))
        assert all(np.array_equal(grad, grads[name]) for name, grad in model.grads.items())

    quiet, looked_at = after(model, x, lambda _: None), after(model, x, look)
    assert all(map(np.array_equal, quiet, looked_at))


def test_a_broken_network_shows_what_it_answers(rng):
    model = network(rng)
    model.params["0.weight"][...] = np.inf
    assert not np.isfinite(feature_maps(model, np.zeros((2, 9, 8)))[0][1]).any()


@pytest.mark.parametrize("shape", [(9, 8), (1, 2, 9, 8)])
def test_feature_maps_are_of_one_image(shape, rng):
    with pytest.raises(ValueError, match="feature_maps expected one image"):
        feature_maps(network(rng), np.zeros(shape))


# ----------------------------------------------------------------------------------- partial sums


@pytest.mark.parametrize("channels", [(1, 1), (3, 2)])
@pytest.mark.parametrize("kernel", [1, 3, (2, 3), (5, 1)])
@pytest.mark.parametrize("stride", [1, 2, (3, 1)])
@pytest.mark.parametrize("padding", [0, 1, (0, 4)])
@pytest.mark.parametrize("bias", [True, False])
def test_partial_sums_add_up(channels, kernel, stride, padding, bias, rng):
    conv = Conv2d(*channels, kernel, stride, padding, bias, rng=rng, dtype=np.float64)
    x = rng.standard_normal((channels[0], 6, 7))
    z = conv(x[None])[0]
    without = conv(np.zeros_like(x)[None])[0]
    for channel in range(channels[1]):
        sums = partial_sums(conv, x, channel)
        assert sums.shape == (channels[0], *z.shape[1:])
        b = conv.params["bias"][channel] if bias else 0.0
        assert sums.sum(axis=0) == pytest.approx(z[channel] - b, abs=1e-12)
        for c in range(channels[0]):  # one channel alone, all others dark
            alone = np.zeros_like(x)
            alone[c] = x[c]
            expected = conv(alone[None])[0] - without
            assert sums[c] == pytest.approx(expected[channel], abs=1e-12)


@pytest.mark.parametrize(
    ("shape", "channel"),
    [
        ((3, 5, 5), 0),
        ((5, 5), 0),
        ((1, 2, 5, 5), 0),
        ((2, 1, 5), 0),
        ((2, 5, 5), 4),
        ((2, 5, 5), -1),
    ],
)
def test_partial_sums_of_what_does_not_fit_are_an_error(shape, channel):
    with pytest.raises(ValueError, match=r"partial_sums expected x of shape \(2, H, W\)"):
        partial_sums(Conv2d(2, 4, (4, 3), padding=1), np.zeros(shape), channel)


# ------------------------------------------------------------------------------- receptive fields

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


# ---------------------------------------------------------------------------------- most exciting


def plainly(model, layer_index, images, count):
    """All maps of all images, sorted: [channel] → [(value, image, place), ...]."""
    maps = [feature_maps(model, x)[layer_index][1] for x in images]
    maps = [y if y.ndim == 3 else y[:, None, None] for y in maps]
    found = []
    for channel in range(len(maps[0])):
        one = [
            (y[channel].max(), image, np.unravel_index(y[channel].argmax(), y[channel].shape))
            for image, y in enumerate(maps)
        ]
        found.append(sorted(one, key=lambda entry: (-entry[0], entry[1]))[:count])
    return found


def check_excitement(found, expected):
    assert [[tuple(place) for place in row] for row in found.places] == [
        [tuple(map(int, place)) for *_, place in row] for row in expected
    ]
    assert found.images.tolist() == [[image for _, image, _ in row] for row in expected]
    values = np.array([[value for value, *_ in row] for row in expected])
    assert found.values == pytest.approx(values, abs=1e-12)


@pytest.mark.parametrize("layer_index", [0, 1, 2, 4, 6, 7, 10])
@pytest.mark.parametrize("batch_size", [1, 7, 100])
@pytest.mark.parametrize("cut", [False, True])
def test_the_most_exciting_are_found(layer_index, batch_size, cut, rng, monkeypatch):
    if cut:
        monkeypatch.setattr(core.pieces, "WORTH_IT", 0)
        monkeypatch.setattr(core.pieces, "PIECE", 4)
    model, images = network(rng), rng.standard_normal((23, 2, 9, 8))
    course = list(most_exciting(model, layer_index, images, count=4, batch_size=batch_size))
    assert [found.seen for found in course] == [*range(batch_size, 23, batch_size), 23]
    for found in course:
        check_excitement(found, plainly(model, layer_index, images[: found.seen], 4))


def test_among_equals_the_earlier_comes_first():
    images = np.zeros((400, 1, 3, 3))
    images[:, 0, 1:, 2] = np.arange(400)[:, None] % 3
    *_, found = most_exciting(Sequential(ReLU()), 0, images, count=4, batch_size=300)
    assert found.images.tolist() == [[2, 5, 8, 11]]
    assert found.places.tolist() == [[[1, 2]] * 4]


def test_what_is_no_number_comes_last(rng):
    images = rng.standard_normal((6, 2, 9, 8))
    images[2, :, 4, 4] = np.nan
    *_, found = most_exciting(network(rng), 0, images, count=6, batch_size=2)
    assert (found.images[:, -1] == 2).all()
    assert np.isfinite(found.values[:, :-1]).all()


def test_images_are_prepared_batch_by_batch(rng):
    images = rng.integers(0, 256, (9, 6, 5), np.uint8)
    seen = []

    def prepare(batch):
        seen.append(len(batch))
        return UNIT_PIXELS(batch)

    model = Sequential(Conv2d(1, 2, 3, rng=rng), ReLU())
    course = most_exciting(model, 1, images, prepare, count=2, batch_size=4)
    next(course)
    assert seen == [4]
    *_, found = course
    assert seen == [4, 4, 1]
    largest = model(UNIT_PIXELS(images)).max(axis=(0, 2, 3))
    assert found.values[:, 0] == pytest.approx(largest, rel=1e-5)


def test_the_network_may_learn_meanwhile(rng):
    model, images = network(rng), rng.standard_normal((8, 2, 9, 8))
    expected = plainly(model, 3, images, 2)
    course = most_exciting(model, 3, images, count=2, batch_size=2)
    next(course)
    for array in model.params.values():
        array += 1.0
    *_, found = course
    check_excitement(found, expected)


def test_memory_is_for_one_batch(rng):
    model = Sequential(Conv2d(1, 16, 3, rng=rng), ReLU())
    images = rng.random((400, 1, 28, 28), np.float32)  # 17 MB of answers
    tracemalloc.start()
    *_, found = most_exciting(model, 1, images, batch_size=10)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.seen == 400
    assert peak < 5e6


@pytest.mark.parametrize(
    "wrong", [{"layer_index": 11}, {"layer_index": -1}, {"count": 0}, {"batch_size": 0}, {"n": 0}]
)
def test_numbers_out_of_range_are_errors(wrong, rng):
    n = {"layer_index": 0, "n": 2, **wrong}.pop("n")
    chosen = {"layer_index": 0, **{name: value for name, value in wrong.items() if name != "n"}}
    with pytest.raises(ValueError, match="most_exciting expected a layer from 0 to 10 and"):
        next(most_exciting(network(rng), images=np.zeros((n, 2, 9, 8)), **chosen))
