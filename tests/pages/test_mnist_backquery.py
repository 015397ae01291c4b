"""Backquery: the notes' network walked backwards, and the climb for all others."""

import numpy as np
import pytest

from core.classic import one_hot
from pages._mnist.backquery_ascent import compute, reason
from pages._mnist.backquery_stages import LAST, formula, stations_of

CLASSIC = {"view": "backquery", "recipe": "classic", "train_size": 500, "layers": "20", "epochs": 1}
OTHER = {"view": "backquery", "recipe": "mlp", "train_size": 200, "layers": "16", "epochs": 1}


def trained(visit, **link):
    """Return a visitor whose network has learned one epoch."""
    visitor = visit("mnist", **link)
    visitor.run.train_to(10**6)
    return visitor.look()


def stations(run, digit):
    target = one_hot(np.array([digit]))[0]
    return stations_of(run.learner.network.backquery(target), target)


def test_an_untrained_network_says_so(visit):
    assert (
        visit("mnist", **CLASSIC).word("mnist_backquery.untrained")
        in visit("mnist", **CLASSIC).text()
    )


def test_every_station_shows_its_numbers_and_one_formula(visit):
    visitor = trained(visit, **CLASSIC)
    run = visitor.run
    w1, w2 = run.learner.network.hidden_weight, run.learner.network.output_weight
    visitor.at.session_state["mnist.backquery.digit"] = 7
    visitor.look()
    assert "from 7" in visitor.text()
    found = stations(run, 7)
    for stage in range(LAST + 1):
        visitor.put("button_group", "mnist.backquery.stage", stage)
        values = found[stage].values
        unit = int(np.abs(values).argmax())
        if stage == LAST:  # the pixel that was looked at before stays
            unit = int(np.abs(found[LAST - 1].values).argmax())
        assert " ".join(formula(found, stage, unit, w1, w2)) in visitor.text()
        assert visitor.word(f"mnist_backquery.about_{stage}") in visitor.text()
    assert visitor.at.button(key="mnist.backquery.stage.1").disabled
    visitor.press("mnist.backquery.stage.-1")
    assert visitor.at.session_state["mnist.backquery.stage"] == LAST - 1


def test_the_formulas_hold(visit):
    run = trained(visit, **CLASSIC).run
    found = stations(run, 3)
    w1, w2 = run.learner.network.hidden_weight, run.learner.network.output_weight
    assert formula(found, 0, 3, w1, w2) == ["$t_{3} = 0.99$"]
    assert formula(found, 1, 3, w1, w2)[0].endswith("= 4.595$")
    head, *terms, end = formula(found, 2, 5, w1, w2)
    assert (head, len(terms)) == ("$r_{5} =$", 10)
    assert end == f"$= {found[2].values[5]:.4g}$"
    *_, rest, end = formula(found, 5, 400, w1, w2)
    assert rest.startswith("and 15 more")
    assert end == f"$= {found[5].values[400]:.4g}$"
    assert found[6].values.min() == pytest.approx(0.01)
    assert formula(found, 6, int(found[6].values.argmax()), w1, w2)[0].endswith("= 0.99$")


def test_equal_numbers_have_nothing_to_stretch(visit):
    run = visit("mnist", **CLASSIC).run
    run.learner.network.output_weight[...] = 0.0
    found = stations(run, 3)
    w1, w2 = run.learner.network.hidden_weight, run.learner.network.output_weight
    assert formula(found, 3, 0, w1, w2) == ["$h_{0} = 0.5$"]


def test_weights_that_are_no_numbers_are_said(visit):
    visitor = trained(visit, **CLASSIC)
    visitor.run.learner.network.hidden_weight[0, 0] = np.nan
    visitor.look()
    assert visitor.word("mnist_backquery.broken") in visitor.complaints()


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ({}, "relu"),
        ({"activation": "sigmoid"}, "bias"),
        ({"layers": "-"}, "bias"),
        ({"layers": "2c5-max2"}, "conv"),
    ],
)
def test_other_networks_climb(visit, link, why):
    visitor = trained(visit, **{**OTHER, **link})
    assert reason(visitor.run) == why
    assert visitor.word(f"mnist_backquery.why_{why}") in visitor.text()
    found = compute_outside(visitor.run)
    assert found.images.shape == (7, 10, 28, 28)
    assert np.allclose(found.images[0], 0.5, atol=1e-6)
    assert (found.sure[-1] > found.sure[0]).all()
    tiles = visitor.data("mnist.backquery.ten")["tiles"]
    assert [tile["caption"] for tile in tiles] == [
        f"{digit}: {sure:.0%}" for digit, sure in enumerate(found.sure[-1])
    ]


def compute_outside(run):
    """Climb once more, where no page is open."""
    before = {name: array.copy() for name, array in run.learner.model.params.items()}
    found = compute(run)
    assert all(np.array_equal(before[n], a) for n, a in run.learner.model.params.items())
    return found


def test_a_network_whose_weights_are_no_numbers_does_not_climb(visit):
    visitor = trained(visit, **OTHER)
    visitor.run.learner.model.params["1.weight"][0, 0] = np.inf
    visitor.run.step += 1
    visitor.look()
    assert visitor.word("mnist_backquery.broken") in visitor.complaints()


def test_one_click_trains_the_notes_network(visit):
    visitor = visit("mnist", locale="zh-CN", **OTHER)
    assert visitor.word("mnist_backquery.untrained") in visitor.text()
    visitor.press("mnist.backquery.classic")
    assert visitor.settings.recipe == "classic"
    assert visitor.run.playing
    assert visitor.run.learner.network is not None
    visitor.run.playing = False
    visitor.look()
    assert visitor.word("mnist_backquery.ten") in visitor.text()
