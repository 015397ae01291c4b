"""The MNIST lesson's run: trained, paused, stopped, begun anew, brought back, left, met again."""

import numpy as np
import pytest

from core.metrics import accuracy_score
from core.recipes import RECIPES, Learner
from core.training import EpochEnd, StepEnd
from pages._mnist.run import DigitsRun
from pages._mnist.settings import Settings, recipe_of
from ui.digits import mnist
from ui.training import answer_clicks

SMALL = {"layers": "16", "train_size": 2000, "epochs": 2}


def losses_of(settings, epochs):
    """Train as a script does; return the losses of the steps and the ends of the epochs."""
    train, test = mnist()
    learner = Learner(recipe_of(settings), settings.seed)
    data, checked = (train.images, train.labels), (test.images, test.labels)
    events = list(learner.fit(data, validation=checked, epochs=epochs))
    return [e.loss for e in events if isinstance(e, StepEnd)], [
        e for e in events if isinstance(e, EpochEnd)
    ]


def test_the_page_trains_what_a_script_trains_to_the_last_bit(visit):
    visitor = visit("mnist", **SMALL).train()
    run = visitor.run
    losses, epochs = losses_of(visitor.settings, 2)
    assert run.losses == losses
    assert (run.step, len(run.epochs), run.place, run.progress) == (126, 2, 2.0, 1.0)
    for ours, theirs in zip(run.epochs, epochs, strict=True):
        assert ours.train_loss == theirs.train_loss
        assert ours.train_accuracy == theirs.train_accuracy
        assert ours.test_accuracy == theirs.validation_accuracy
        assert ours.test_loss == pytest.approx(theirs.validation_loss)
    assert 0.5 < run.epochs[-1].test_accuracy < 1.0
    assert run.outputs().shape == (10_000, 10)
    right = accuracy_score(run.test.labels, run.outputs().argmax(axis=1))
    assert right == run.epochs[-1].test_accuracy
    assert f"{right:.2%}" in visitor.text()
    assert 0 < run.seconds < run.wall


def test_bars_and_figures_tell_how_far_it_is(visit):
    visitor = visit("mnist", **SMALL)
    assert visitor.word("mnist.bar_before") in visitor.text()
    assert "784 → 16 → 10" in visitor.text()
    visitor.press("mnist.play").wait(lambda: visitor.run.step > 0)
    run = visitor.run
    assert run.progress > 0
    visitor.wait()
    assert "2,000" in visitor.text()
    assert visitor.word("mnist.bar_done", seconds=f"{run.wall:.1f}") in visitor.text()


@pytest.mark.usefixtures("short_slices")
def test_pause_holds_and_going_on_goes_on(visit):
    visitor = visit("mnist", layers="64", epochs=50)
    visitor.press("mnist.play").look()
    visitor.press("mnist.play")
    run, step = visitor.run, visitor.run.step
    visitor.look()
    assert run.step == step > 0
    assert not run.playing
    visitor.press("mnist.play").look()
    assert run.step > step
    assert run is visitor.run


@pytest.mark.usefixtures("short_slices")
def test_stop_ends_it_and_one_more_epoch_goes_to_the_next_end(visit):
    visitor = visit("mnist", layers="64", epochs=50)
    visitor.press("mnist.play").look()
    visitor.press("mnist.stop")
    run = visitor.run
    assert run.finished
    assert visitor.at.button(key="mnist.play").label == visitor.word("mnist.one_more")
    assert visitor.at.button(key="mnist.stop").disabled
    before = int(run.place)
    visitor.press("mnist.play").wait()
    assert run.place == len(run.epochs) == before + 1
    visitor.press("mnist.play").wait()
    assert run.place == len(run.epochs) == before + 2


def test_more_or_fewer_epochs_can_be_asked_for_on_the_way(visit):
    visitor = visit("mnist", layers="8", train_size=1000, epochs=2).train()
    run = visitor.run
    visitor.put("number_input", "mnist.epochs", 4)
    assert visitor.run is run
    assert not run.finished
    visitor.train()
    assert len(run.epochs) == 4


@pytest.mark.usefixtures("short_slices")
def test_another_learning_rate_in_the_middle_is_remembered(visit):
    visitor = visit("mnist", layers="64", epochs=50)
    visitor.press("mnist.play").look()
    visitor.put("number_input", "mnist.lr", 0.05)
    run = visitor.run
    assert run.learner.optimizer.lr == 0.05
    assert [change.lr for change in run.changes] == [0.05]
    assert visitor.params["changes"].endswith(":0.05")
    visitor.press("mnist.play")
    assert visitor.run is run


def test_another_network_at_rest_is_a_new_run_and_the_last_can_be_brought_back(visit):
    visitor = visit("mnist", **SMALL).train()
    first = visitor.run
    visitor.put("selectbox", "mnist.recipe", "classic")
    assert visitor.run is not first
    assert visitor.run.learner.network is not None
    assert visitor.run.step == 0
    visitor.press("mnist.bring_back")
    assert visitor.run is first
    assert visitor.settings.layers == "16"


@pytest.mark.usefixtures("short_slices")
def test_settings_of_a_playing_run_wait_until_the_learner_says_so(visit):
    visitor = visit("mnist", layers="64", epochs=50)
    visitor.press("mnist.play").look()
    first = visitor.run
    visitor.put("selectbox", "mnist.recipe", "mlp-adam")
    assert visitor.run is first
    assert first.playing
    assert visitor.word("controls.pending") in visitor.text()
    visitor.press("mnist.apply")
    assert visitor.run is not first
    assert visitor.run.playing
    assert visitor.run.settings.optimizer == "adam"
    assert not first.playing


def test_a_recipe_can_be_changed_and_had_back(visit):
    visitor = visit("mnist", layers="16")
    assert "128 → 16" in visitor.text()
    visitor.press("mnist.back_to_recipe")
    assert recipe_of(visitor.settings) == RECIPES["mlp"]
    assert "mnist.back_to_recipe" not in visitor.drawn()


@pytest.mark.usefixtures("short_slices")
def test_it_survives_language_pages_and_views_and_goes_on_elsewhere(visit):
    visitor = visit("mnist", layers="64", epochs=100).press("mnist.play").look()
    run = visitor.run
    visitor.language("zh")
    assert visitor.run is run
    step = run.step
    visitor.go("home").look()
    assert run.step > step
    visitor.go("mnist")
    assert visitor.run is run
    assert run.playing
    visitor.press("mnist.play")


def test_divergence_is_a_fact_and_not_a_crash(visit):
    visitor = visit("mnist", layers="16", train_size=2000, lr=1000).train()
    run = visitor.run
    assert run.diverged is not None
    assert not run.playing
    visitor.press("mnist.start_again")
    assert visitor.run.diverged is None


@pytest.mark.parametrize("name", ["classic", "cnn-small"])
def test_other_recipes_train_on_the_page_too(visit, name):
    layers = {"classic": "12", "cnn-small": "2c5-max2-4c5-max2-8"}[name]
    visitor = visit("mnist", recipe=name, layers=layers, train_size=500, epochs=1).train()
    assert visitor.run.losses == losses_of(visitor.settings, 1)[0]


def test_a_slice_grows_with_what_lies_between_two_of_them():
    train, test = mnist()
    run = DigitsRun(Settings(layers="16"), train, test)
    run.play()
    ticks = []
    run.on_tick = lambda: ticks.append(run.step)
    run.go_on()
    first = run.wall
    assert ticks == sorted(set(ticks))
    assert 0.2 < first < 1.0
    run._worked_at -= 0.2  # as if drawing had taken so long
    run.go_on()
    assert run.wall - first > 1.0
    assert np.isfinite(run.seconds_left)


@pytest.mark.usefixtures("short_slices")
def test_whoever_leaves_takes_up_no_memory(visit):
    visitor = visit("mnist", recipe="cnn-small", train_size=2000, epochs=50)
    visitor.press("mnist.play").look()
    run = visitor.run
    [convolutions, *_] = run.learner.model._stages
    assert run.playing
    assert convolutions.twins
    run.leave()
    assert not run.playing
    assert not convolutions.twins
    visitor.look()  # a browser that still asks finds a page
    assert visitor.complaints() == []


@pytest.mark.usefixtures("short_slices")
def test_clicks_on_other_pages_are_answered_between_its_pieces(visit):
    visitor = visit("mnist", layers="64", epochs=50).press("mnist.play").look()
    run = visitor.run
    ticks = run.on_tick
    visitor.go("quadrants").look()
    assert run.playing
    assert run.on_tick is answer_clicks is not ticks
