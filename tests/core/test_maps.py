"""Feature maps: the layers' own numbers, and the parts that they are the sum of."""

import numpy as np
import pytest

from core.conv import Conv2d
from core.maps import feature_maps, partial_sums
from tests.core.onlookers import assert_undisturbed, nested_network, opened


@pytest.fixture
def rng():
    return np.random.default_rng(11)


# ----------------------------------------------------------------------------------- feature maps


def test_the_numbers_are_those_of_the_layers(rng):
    model, x = nested_network(rng), rng.standard_normal((2, 9, 8))
    found = feature_maps(model, x)
    assert [layer for layer, _ in found] == opened(model)
    y = x[None]
    for layer, answer in found:
        y = layer.forward(y)
        assert np.array_equal(answer, y[0])
    assert found[-1][1] == pytest.approx(model.forward(x[None])[0], abs=1e-14)
    assert [answer.shape for _, answer in found[:4]] == [(3, 9, 8), (3, 9, 8), (3, 4, 4), (4, 3, 2)]


def test_who_looks_disturbs_nobody(rng):
    batch = rng.standard_normal((6, 2, 9, 8))
    assert_undisturbed(nested_network(rng), batch, lambda model: feature_maps(model, batch[0]))


def test_a_broken_network_shows_what_it_answers(rng):
    model = nested_network(rng)
    model.params["0.weight"][...] = np.inf
    assert not np.isfinite(feature_maps(model, np.zeros((2, 9, 8)))[0][1]).any()


@pytest.mark.parametrize("shape", [(9, 8), (1, 2, 9, 8)])
def test_feature_maps_are_of_one_image(shape, rng):
    with pytest.raises(ValueError, match="feature_maps expected one image"):
        feature_maps(nested_network(rng), np.zeros(shape))


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
