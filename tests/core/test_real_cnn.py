"""The app's best network and a real digit: any number, there and back, is what it is made of."""

from pathlib import Path

import numpy as np
import pytest

from core.architecture import build_network
from core.blame import backward_maps
from core.checkpoint import load
from core.conv import Conv2d
from core.digits import read_idx
from core.images import Preparation
from core.layers import Dropout, Flatten, Linear
from core.pool import MaxPool2d
from core.receptive import receptive_field, receptive_fields
from core.trace_blame import trace_blame, trace_weight
from core.trace_channels import trace_channels
from core.trace_unit import trace_unit
from tests.core.trace_checks import assert_honest

ASSETS = Path(__file__).resolve().parents[2] / "assets"
# In float32 each of up to 1024 additions is rounded by up to 6e-8 of what was added up so far:
# 6e-5 of the sum of absolute products at worst, mostly far less.
RTOL = 1e-4


@pytest.fixture(scope="module")
def walk():
    """The network's layers, one image's numbers before and after each, and their slopes."""
    weights, notes = load(ASSETS / "weights" / "cnn-best.npz")
    chosen = notes["settings"]
    model = build_network(
        chosen["layers"], activation=chosen["activation"], dropout=chosen["dropout"]
    )
    model.load_state_dict(weights)
    files = [ASSETS / "mnist" / f"t10k-{name}-ubyte.gz" for name in ("images-idx3", "labels-idx1")]
    digits = read_idx(*(file.read_bytes() for file in files))
    x = Preparation(**notes["prepare"])(digits.images[8:9])[0]
    label = int(digits.labels[8])
    blame = backward_maps(model, x, label)
    assert blame.answers[-1][1].argmax() == label
    return model, [x, *(y for _, y in blame.answers)], [blame.dx, *blame.slopes], blame.grads


def some_places(shape, rng, count=2):
    return [tuple(int(rng.integers(n)) for n in shape) for _ in range(count)]


def test_any_number_on_the_way_there(walk):
    model, values, *_ = walk
    rng, followed = np.random.default_rng(1), 0
    for at, layer in enumerate(model):
        if not isinstance(layer, Conv2d | Linear | MaxPool2d):
            continue
        x, z = values[at], values[at + 1]
        after = (model[at + 1], values[at + 2]) if layer.params and at + 2 < len(values) else ()
        for place in some_places(z.shape, rng):
            traces = [trace_unit(layer, x, z, place, *after).trace]
            if isinstance(layer, Conv2d):
                traces.append(trace_channels(layer, x, z, place, *after))
            for trace in traces:
                assert trace.value("z.0.0") == z[place]
                assert not after or trace.value("a.0.0") == after[1][place]
                assert_honest(trace, RTOL)
                followed += 1
    assert followed == 2 * (3 * 2 + 2 + 2)


def test_any_number_on_the_way_back(walk):
    model, values, slopes, grads = walk
    rng, followed = np.random.default_rng(2), 0
    for at, layer in enumerate(model):
        if isinstance(layer, Flatten | Dropout):
            continue
        for place in some_places(slopes[at].shape, rng):
            numbers = values[at], values[at + 1], slopes[at + 1], slopes[at]
            trace = trace_blame(layer, *numbers, place).trace
            assert trace.value("dx.0.0") == slopes[at][place]
            assert_honest(trace, RTOL)
            followed += 1
        for key in layer.params:
            grad = grads[f"{at}.{key}"]
            for place in some_places(grad.shape, rng, 1):
                trace = trace_weight(layer, values[at], slopes[at + 1], grad, place).trace
                assert trace.value(f"d{key[0]}.0.0") == grad[place]
                assert_honest(trace, RTOL)
                followed += 1
    assert followed == 2 * 11 + 10


def test_blame_arrives_everywhere(walk):
    """Numbers that are all 0 would fit together, too."""
    *_, slopes, grads = walk
    assert all(np.abs(slope).max() > 1e-9 for slope in slopes)
    assert all(np.abs(grad).max() > 1e-9 for grad in grads.values())


def test_what_the_deepest_maps_see(walk):
    model, values, *_ = walk
    rows, columns = receptive_fields([*model][:8], (28, 28))
    assert rows.shape == columns.shape == (values[8].shape[1], 2)
    assert rows.tolist() == [[0, 16], [4, 20], [8, 24], [12, 28]]
    for r, c in np.ndindex(4, 4):
        (top, bottom), (left, right) = rows[r], columns[c]
        assert receptive_field([*model][:8], (r, c)) == (top, left, bottom, right)
