"""What goes wrong in a run on digits is found, with numbers, and what mends it really does."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from core.digits import Digits
from pages._mnist import diagnosis
from pages._mnist.diagnosis import diagnose, usual_rate
from pages._mnist.run import DigitsRun, Epoch
from pages._mnist.settings import settings_of_recipe
from ui.digits import mnist
from ui.i18n import strings


@pytest.fixture(autouse=True)
def without_a_session(monkeypatch, request):
    """Compute anew each time: outside a page there is nothing to remember in."""
    if "visit" not in request.fixturenames:
        monkeypatch.setattr(diagnosis.session, "remembered", lambda name, run, compute: compute())


def trained(recipe="mlp", *, train=2000, test=500, step=10**6, **changes):
    """Return a run that has come to its end, or to a step."""
    settings = replace(
        settings_of_recipe(recipe), **{"epochs": 1, "layers": "32", "train_size": train, **changes}
    )
    learn, check = mnist()
    run = DigitsRun(settings, learn, Digits(check.images[:test], check.labels[:test]))
    run.train_to(step)
    return run


def ids(run):
    return [found.id for found in diagnose(run.settings, run)]


def mended(run):
    """Return a run with the settings that the finding asks for, trained for as many steps."""
    [found] = diagnose(run.settings, run)
    assert found.fix, "nothing is offered"
    assert all(getattr(run.settings, name) != value for name, value in found.fix.items())
    other = DigitsRun(replace(run.settings, **found.fix), run.train, run.test)
    other.train_to(max(run.step, 60))
    return other


CASES = {
    "diverged": {"lr": 1000.0},
    "twins": {"init": "zeros"},
    "dead": {"lr": 0.5},
    "dead with Adam": {"recipe": "mlp-adam", "lr": 0.3},
    "twins behind kernels": {"layers": "4c5-max2-8", "init": "zeros"},
    "saturated": {"activation": "tanh", "init": "standard_normal"},
    "saturated by its rate": {"activation": "tanh", "lr": 1.0},
    "saturated, one at a time": {"recipe": "classic", "lr": 10.0},
    "slow": {"lr": 1e-5},
    "slow with Adam": {"recipe": "mlp-adam", "lr": 1e-6},
    "slow, one at a time": {"recipe": "classic", "lr": 1e-5},
    "slow, but it falls": {"lr": 5e-5, "train": 10_000},
    "too_fast": {"layers": "", "lr": 10.0},
    "stuck": {"init": "standard_normal", "layers": "64"},
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_found_and_the_fix_mends_it(case):
    changes = {**CASES[case]}
    run = trained(changes.pop("recipe", "mlp"), **changes)
    name = case.partition(" ")[0].rstrip(",")
    assert ids(run) == [name]
    other = mended(run)
    assert ids(other) == []
    if run.diverged is None:
        assert np.mean(other.losses[-10:]) < 0.7 * np.mean(run.losses[-10:])
    assert other.diverged is None


@pytest.mark.parametrize(
    ("recipe", "changes"),
    [
        ("mlp", {}),
        ("mlp", {"layers": "128"}),
        ("mlp", {"layers": ""}),
        ("mlp", {"activation": "sigmoid"}),
        ("mlp", {"activation": "tanh", "epochs": 3}),
        ("mlp-adam", {"layers": "128"}),
        ("cnn-small", {"layers": "10c5-max2-20c5-max2-50"}),
        ("classic", {"layers": "200"}),
        ("classic-rotated", {}),
        ("classic", {"method": "gradient"}),
        ("mlp-best", {"layers": "128-128", "epochs": 3}),
    ],
)
def test_nothing_is_found_where_nothing_is_wrong(recipe, changes):
    assert ids(trained(recipe, **changes)) == []


@pytest.mark.parametrize("changes", [{"lr": 1e-5}, {"lr": 1e-5, "train": 60_000}])
def test_before_a_good_share_of_an_epoch_nobody_is_called_slow(changes):
    assert ids(trained(step=29, **changes)) == []


def test_a_schedule_that_begins_gently_is_not_called_slow():
    run = trained("mlp-best", layers="32", epochs=20, step=40, lr=1e-4)
    assert run.place > diagnosis.LEAST_SHARE
    assert ids(run) == []


def test_while_it_learns_and_before_it_has_nothing_is_judged():
    run = trained(lr=1e-5)
    assert ids(run) == ["slow"]
    run.playing = True
    assert ids(run) == []
    assert ids(trained(step=0, init="zeros")) == []


def test_a_handful_of_test_images_is_not_enough_to_call_a_unit_dead():
    assert ids(trained(lr=0.5, test=diagnosis.FEWEST_TESTED)) == ["dead"]
    assert "dead" not in ids(trained(lr=0.5, test=3))


# --------------------------------------------------------------------------------- overfitting


def test_overfitting_is_found_and_more_images_help():
    run = trained("mlp-adam", train=300, layers="16", lr=0.01, epochs=25)
    [found] = diagnose(run.settings, run)
    assert found.id == "overfitting"
    best = min(run.epochs, key=lambda epoch: epoch.test_loss)
    assert found.values["best"] == best.number
    assert found.values["last_loss"] == f"{run.epochs[-1].test_loss:.3g}"
    assert found.fix == {"train_size": 60_000}
    other = DigitsRun(replace(run.settings, **found.fix, epochs=1), run.train, run.test)
    other.train_to(10**6)
    assert other.epochs[-1].test_loss < 0.7 * best.test_loss


def made_up(losses, **changes):
    """Return what looks like a run with such test losses, on all images."""
    settings = replace(settings_of_recipe("mlp"), **changes)
    shares = np.linspace(0.9, 0.99, len(losses))
    epochs = [
        Epoch(k, 1.0 - share, share, loss, 0.9, 1.0)
        for k, (share, loss) in enumerate(zip(shares, losses, strict=True), start=1)
    ]
    digits = np.zeros(60_000)
    return SimpleNamespace(
        epochs=epochs, settings=settings, size=60_000, train=digits, test=digits, rate=settings.lr
    )


@pytest.mark.parametrize(
    "losses",
    [
        [0.3, 0.2, 0.1],  # falls
        [0.3, 0.2, 0.25],  # one bad epoch
        [0.3, 0.2, 0.201, 0.202, 0.2],  # level
        [0.3, 0.2, 0.3, 0.2, 0.3, 0.19],  # up and down
        [0.1, 0.2],  # too early
    ],
)
def test_other_courses_of_the_test_loss_are_no_overfitting(losses):
    run = made_up(losses)
    assert diagnosis._overfitting(run.settings, run) == []


def test_each_remedy_against_overfitting_is_the_strongest_that_is_left():
    changed = {"degrees": 10.0, "translate": 2.0, "scale": 0.1}
    remedies = [
        ({}, changed),
        (changed, {"dropout": 0.3}),
        ({**changed, "dropout": 0.4}, {"epochs": 2}),
        ({**changed, "layers": ""}, {"epochs": 2}),
        ({"method": "notes", "layers": "200"}, {"copies": 10.0}),
        ({"method": "notes", "layers": "200", "copies": 10.0}, {"epochs": 2}),
    ]
    for changes, expected in remedies:
        run = made_up([0.3, 0.2, 0.22, 0.23], **changes)
        [found] = diagnosis._overfitting(run.settings, run)
        assert found.fix == expected


@pytest.mark.parametrize(
    ("changes", "rate"),
    [
        ({"optimizer": "sgd", "momentum": 0.9}, 0.01),
        ({"optimizer": "sgd", "momentum": 0.0}, 0.1),
        ({"optimizer": "adam"}, 0.001),
        ({"method": "notes", "layers": "200"}, 0.1),
    ],
)
def test_usual_rates_learn(changes, rate):
    assert usual_rate(replace(settings_of_recipe("mlp"), **changes)) == rate


# ------------------------------------------------------------------------------------ on the page


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_says_what_is_wrong_and_one_click_begins_anew(visit, lang):
    visitor = visit("mnist", lang=lang, train_size=2000, layers="32", lr=1000, epochs=1)
    run = visitor.run
    run.train_to(10**6)
    visitor.look()
    assert run.diverged is not None
    assert visitor.findings() == {"diverged"}
    step = f"{run.diverged.step:,}"
    expected = strings(lang)["mnist_finding.diverged"].format(step=step, lr="1000")
    assert visitor.complaints() == [expected]
    epoch, whole = (bar.proto.text for bar in visitor.at.get("progress"))
    assert re.findall(r"[\d,]+", epoch)[-2:] == [f"{run.step * run.settings.batch_size:,}", "2,000"]
    assert whole == strings(lang)["mnist.bar_broken"].format(seconds=f"{run.wall:.1f}")
    visitor.press("mnist.fix.diverged")
    assert visitor.findings() == set()
    assert visitor.run is not run
    assert (visitor.run.step, visitor.settings.lr) == (0, 0.01)
    visitor.run.train_to(30)
    assert visitor.look().findings() == set()
    assert visitor.run.losses[-1] < visitor.run.losses[0]


def test_a_finding_at_rest_names_its_fix_in_words(visit):
    visitor = visit("mnist", train_size=2000, layers="16", init="zeros", epochs=1)
    visitor.run.train_to(10**6)
    visitor.look()
    assert visitor.findings() == {"twins"}
    label = visitor.at.button(key="mnist.fix.twins").label
    assert visitor.word("init.kaiming_normal") in label
    visitor.press("mnist.fix.twins")
    assert visitor.settings.init == visitor.params["init"] == "kaiming_normal"
    visitor.run.train_to(10**6)
    assert visitor.look().findings() == set()
