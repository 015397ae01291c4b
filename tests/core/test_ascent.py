"""Climbing: the picture changes, the network does not, and the wished output grows."""

import numpy as np
import pytest

from core.ascent import climb
from core.conv import Conv2d
from core.layers import Flatten, Linear, ReLU, Sequential
from core.pool import MaxPool2d


def network():
    rng = np.random.default_rng(0)
    return Sequential(
        *(Conv2d(1, 3, 3, rng=rng), ReLU(), MaxPool2d(2)),
        *(Flatten(), Linear(27, 4, rng=rng)),
    )


def test_the_wished_output_grows_and_the_network_stays():
    model = network()
    before = {name: array.copy() for name, array in model.params.items()}
    labels = np.array([0, 1, 2, 3])
    found = list(climb(model, labels, size=8, steps=20))
    assert [at.step for at in found] == list(range(21))
    assert (found[-1].outputs.diagonal() > found[0].outputs.diagonal()).all()
    assert all(np.array_equal(array, before[name]) for name, array in model.params.items())
    assert all(not grad.any() for grad in model.grads.values())


def test_it_begins_with_grey_and_stays_between_paper_and_ink():
    found = list(climb(network(), np.array([2]), size=8, steps=50, paper=-0.4, ink=2.8, lr=0.5))
    assert np.allclose(found[0].images, 1.2)
    assert min(at.images.min() for at in found) == np.float32(-0.4)
    assert max(at.images.max() for at in found) <= np.float32(2.8)


def test_a_step_goes_along_the_slope():
    model = Sequential(Flatten(), Linear(4, 2, bias=False, rng=0))
    _, one = climb(model, np.array([1]), size=2, steps=1, lr=0.1, decay=0.0)
    slope = model.params["1.weight"][1]
    expected = 0.5 + 0.1 * slope / np.abs(slope).max()
    assert np.allclose(one.images.ravel(), expected, atol=1e-6)
    assert np.allclose(one.outputs, expected @ model.params["1.weight"].T, atol=1e-5)


def test_what_nobody_pulls_at_fades_to_paper():
    model = Sequential(Flatten(), Linear(4, 2, bias=False, rng=0))
    model.params["1.weight"][...] = 0.0
    found = list(climb(model, np.array([0]), size=2, steps=2, decay=0.5))
    assert [at.images.max() for at in found] == [0.5, 0.25, 0.125]


@pytest.mark.parametrize(
    "wrong", [{"paper": 1.0}, {"steps": -1}, {"lr": 0.0}, {"decay": 1.0}, {"decay": -0.1}]
)
def test_numbers_out_of_range_are_errors(wrong):
    with pytest.raises(ValueError, match="climb expected paper below ink"):
        next(climb(network(), np.array([0]), size=8, **wrong))
