"""The digits that excite a map most: found batch by batch, as if all maps lay side by side."""

import tracemalloc

import numpy as np
import pytest

import core.pieces
from core import Conv2d, ReLU, Sequential
from core.exciting import most_exciting
from core.images import UNIT_PIXELS
from core.maps import feature_maps
from tests.core.onlookers import assert_undisturbed, nested_network


@pytest.fixture
def rng():
    return np.random.default_rng(11)


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
    model, images = nested_network(rng), rng.standard_normal((23, 2, 9, 8))
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
    *_, found = most_exciting(nested_network(rng), 0, images, count=6, batch_size=2)
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
    model, images = nested_network(rng), rng.standard_normal((8, 2, 9, 8))
    expected = plainly(model, 3, images, 2)
    course = most_exciting(model, 3, images, count=2, batch_size=2)
    next(course)
    for array in model.params.values():
        array += 1.0
    *_, found = course
    check_excitement(found, expected)


def test_who_searches_disturbs_nobody(rng):
    batch = rng.standard_normal((6, 2, 9, 8))

    def look(model):
        list(most_exciting(model, 5, batch, count=2))

    assert_undisturbed(nested_network(rng), batch, look)


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
        next(most_exciting(nested_network(rng), images=np.zeros((n, 2, 9, 8)), **chosen))
