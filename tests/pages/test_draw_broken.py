"""A network whose weights are no numbers any more: the views say so and go on."""

import numpy as np
import pytest

from core.recipes import RECIPES, Learner
from tests.pages.own_drawing import replace_network, visit_view


@pytest.mark.parametrize("bad", [np.nan, np.inf, 3e38])
@pytest.mark.parametrize(("view", "part"), [("inside", "slopes"), ("wish", "play_wish")])
def test_a_network_without_numbers_is_told(visit, view, part, bad):
    visitor = visit_view(visit, view, network="mlp")
    learner = Learner(RECIPES["mlp"], 0)
    learner.model.params["3.weight"][:] = bad
    replace_network(visitor, "mlp", learner)
    assert visitor.complaints() == [visitor.word("draw.broken")]
    assert visitor.word(f"draw_{view}.no_numbers") in visitor.text()
    assert f"draw.{part}" not in visitor.drawn()
