"""The three-layer network backwards: from what is wished at its end to an image."""

import numpy as np
import pytest

from core.classic import one_hot
from tests.core.three_layers import make


def test_backquery_stage_by_stage():
    network, targets = make(), one_hot([1], 3)[0]
    seen = network.backquery(targets)
    assert np.allclose(seen.final_inputs, np.log([0.01 / 0.99, 0.99 / 0.01, 0.01 / 0.99]))
    assert np.allclose(seen.hidden_raw, network.output_weight.T @ seen.final_inputs)
    assert np.allclose(1 / (1 + np.exp(-seen.hidden_inputs)), seen.hidden_outputs)
    assert np.allclose(seen.inputs_raw, network.hidden_weight.T @ seen.hidden_inputs)
    for raw, stretched in [
        (seen.hidden_raw, seen.hidden_outputs),
        (seen.inputs_raw, seen.inputs),
    ]:
        assert (stretched.min(), stretched.max()) == pytest.approx((0.01, 0.99))
        assert np.array_equal(raw.argsort(), stretched.argsort())
        assert np.corrcoef(raw, stretched)[0, 1] == pytest.approx(1.0)


def test_backquery_of_many_is_one_by_one():
    network, targets = make(dtype=np.float32), one_hot(np.arange(3), 3)
    together = network.backquery(targets)
    for number, wished in enumerate(targets):
        for many, one in zip(together, network.backquery(wished), strict=True):
            assert one.dtype == np.float32
            assert np.allclose(many[number], one, atol=1e-6)


def test_a_layer_without_differences_becomes_grey():
    network = make()
    network.output_weight[...] = 0.0
    seen = network.backquery([0.2, 0.5, 0.8])
    assert np.all(seen.hidden_outputs == 0.5)
    assert np.all(seen.inputs == 0.5)  # the logit of ½ is 0, for all inputs alike


@pytest.mark.parametrize("wrong", [0.0, 1.0, -0.5, 2.0, np.nan])
def test_backquery_wants_what_a_sigmoid_can_give(wrong):
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        make().backquery([0.5, wrong, 0.5])


@pytest.mark.parametrize("shape", [(), (4,), (2, 4), (0, 3), (1, 1, 3)])
def test_backquery_of_a_wrong_shape(shape):
    with pytest.raises(ValueError, match=r"expected targets of shape \(3,\) or \(N, 3\)"):
        make().backquery(np.full(shape, 0.5))
