"""What it gets wrong: from the table of mix-ups to a single sum, and how much the network bears."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from core.digits import Digits
from core.metrics import confusion_matrix
from core.robustness import HARDSHIPS
from core.stages import heaviest, stages
from core.trace import format_number
from pages._mnist import session
from pages._mnist.results_answers import answers_of
from pages._mnist.results_bears import SAMPLE, sample_of
from pages._mnist.run import DigitsRun
from pages._mnist.settings import Settings
from ui.digits import mnist

SMALL = {"view": "results", "train_size": 500, "layers": "16", "epochs": 1}


@pytest.fixture
def open_results(visit, monkeypatch):
    """Open the view on a network that has learned a little, with a test set of 600 images."""
    train, test = mnist()
    few = Digits(test.images[:600], test.labels[:600])

    def open_view(step=16, digits=few, locale="en-US", **params):
        monkeypatch.setattr(session, "digits", lambda: (train, digits))
        visitor = visit("mnist", locale=locale, **{**SMALL, **params})
        if step:
            run_of(visitor).train_to(step)
            visitor.look()
        return visitor

    return open_view


def run_of(visitor):
    return visitor.at.session_state["runs"]["mnist"]


def settings_of(visitor):
    return visitor.at.session_state["mnist.settings"]


def part(visitor, name):
    return visitor.put("button_group", "mnist.results", name)


def stage(visitor, name):
    return visitor.put("button_group", "mnist.results.stage", name)


def open_image(visitor, number):
    """Choose an image as a click on its tile does."""
    visitor.at.session_state["mnist.settings"] = replace(settings_of(visitor), shown=number)
    return visitor.look()


def tiles(visitor):
    """Return what the first tiles of the page were given."""
    for node in visitor.at.get("bidi_component"):
        if ".results.tiles." in node.proto.id:
            return json.loads(node.proto.json)["tiles"]
    return []


def cells(visitor, key):
    return visitor.data(key)["cells"]


# ------------------------------------------------------------------------------- the answers


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_the_table_counts_every_answer_and_opens_the_worst_mix_up(open_results, locale):
    visitor = open_results(locale=locale)
    run = run_of(visitor)
    said = run.outputs().argmax(axis=1)
    counts = confusion_matrix(run.test.labels, said, 10)
    shown = cells(visitor, "mnist.results.matrix")
    assert [int(cell[0]) for cell in shown] == counts.ravel().tolist()
    off = counts * ~np.eye(10, dtype=bool)
    assert visitor.data("mnist.results.matrix")["chosen"] == off.argmax()
    assert [cell[1] for cell in shown][::11] == [0] * 10  # the right answers are not shaded
    assert max(cell[1] for cell in shown) == 1
    right = int((said == run.test.labels).sum())
    score = visitor.word("mnist_results.score", right=right, total=600, wrong=600 - right)
    assert score in visitor.text()
    truth, answer = divmod(int(off.argmax()), 10)
    assert len(tiles(visitor)) == min(24, off.max())
    assert all(tile["caption"][0] == str(answer) for tile in tiles(visitor))
    assert truth != answer
    # Another field that has images, chosen as the table's callback does it.
    there = next(number for number in np.flatnonzero(off) if number != off.argmax())
    visitor.at.session_state["mnist.results.cell"] = divmod(int(there), 10)
    visitor.look()
    assert visitor.data("mnist.results.matrix")["chosen"] == there
    assert tiles(visitor)[0]["caption"][0] == str(there % 10)
    assert len(tiles(visitor)) == min(24, off.flat[there])


def test_the_worst_mistakes_are_wrong_and_the_surest_come_first(open_results):
    visitor = part(open_results(), "worst")
    found = answers_of(run_of(visitor))
    shown = tiles(visitor)
    assert len(shown) == 24
    numbers = [int(re.search(r"image ([\d,]+)", tile["label"])[1]) for tile in shown]
    assert found.wrong[numbers].all()
    assert found.sure[numbers].tolist() == sorted(found.sure[found.wrong])[::-1][:24]


def test_each_digit_has_its_share(open_results):
    visitor = part(open_results(), "classes")
    run = run_of(visitor)
    said = run.outputs().argmax(axis=1)
    text = visitor.text()
    for digit in range(10):
        mine = run.test.labels == digit
        assert f"{(said[mine] == digit).sum()} / {mine.sum()}" in text
    assert text.count(visitor.word("mnist_results.weakest")) == 1


def test_doubt_withholds_answers_and_makes_the_rest_better(open_results):
    visitor = part(open_results(), "doubt")
    found = answers_of(run_of(visitor))
    for threshold in (30, 70):
        visitor.put("slider", "mnist.results.threshold", threshold)
        kept = found.sure >= threshold / 100
        assert f"{kept.sum()} of 600" in visitor.text()
        values = [metric.value for metric in visitor.at.metric]
        assert f"{found.right[kept].mean():.2%}" in values
        assert str(found.wrong[kept].sum()) in values
    assert found.sure[~kept].max() < 0.7
    visitor.put("slider", "mnist.results.threshold", 0)
    assert visitor.word("mnist_results.none_refused") in visitor.text()
    visitor.put("slider", "mnist.results.threshold", 100)
    assert "–" in [metric.value for metric in visitor.at.metric]


# ------------------------------------------------------------------------------- one image


def test_an_image_is_followed_through_every_layer_and_stays_open(open_results):
    visitor = open_image(open_results(), 7)
    run = run_of(visitor)
    assert visitor.params["shown"] == "7"
    layers = run.through(run.test.images[7:8])
    assert f"image 7: a {run.test.labels[7]}" in visitor.text()
    stage(visitor, "0")
    hidden = layers[2][1][0]
    shown = cells(visitor, "mnist.results.neurons.0")
    assert [cell[0] for cell in shown] == [format_number(float(v)) for v in hidden]
    stage(visitor, "1")
    logits = layers[-1][1][0]
    shown = cells(visitor, "mnist.results.neurons.1")
    assert [cell[0] for cell in shown] == [format_number(float(v)) for v in logits]
    assert visitor.data("mnist.results.neurons.1")["chosen"] == logits.argmax()
    sums = {grid["id"]: grid["values"] for grid in visitor.data("mnist.results.sum.1")["grids"]}
    assert sums["z"] == [float(logits.max())]
    stage(visitor, "softmax")
    grids = {grid["id"]: grid["values"] for grid in visitor.data("mnist.results.softmax")["grids"]}
    assert grids["z"] == [float(v) for v in logits]
    assert sum(grids["p"]) == pytest.approx(1)
    visitor.language("zh").go("quadrants").go("mnist")
    assert settings_of(visitor).shown == 7
    assert "mnist.results.softmax" in visitor.drawn()


def test_a_convolution_shows_its_maps_and_one_patch(open_results):
    visitor = open_image(open_results(layers="3c5-max2-2c3-avg2-8", train_size=100, step=2), 3)
    run = run_of(visitor)
    layers = run.through(run.test.images[3:4])
    assert [type(layer).__name__ for layer, _ in layers[:3]] == ["Conv2d", "ReLU", "MaxPool2d"]
    stage(visitor, "0")
    maps = layers[1][1][0]
    assert len(visitor.data("mnist.results.maps.0")["tiles"]) == 3
    place = np.unravel_index(maps.argmax(), maps.shape)
    assert visitor.at.number_input(key="mnist.results.row.0").value == place[1]
    visitor.put("number_input", "mnist.results.row.0", 4)
    visitor.put("number_input", "mnist.results.column.0", 5)
    sums = {grid["id"]: grid["values"] for grid in visitor.data("mnist.results.sum.0")["grids"]}
    z = layers[0][1][0][place[0], 4, 5]
    assert sums["z"] == [float(z)]
    assert np.dot(sums["x"], sums["w"]) + sums["b"][0] == pytest.approx(z, abs=1e-5)
    for name in ("1", "2", "3", "4", "5", "softmax"):
        stage(visitor, name)
    stage(visitor, "3")
    sums = {grid["id"]: grid["values"] for grid in visitor.data("mnist.results.sum.3")["grids"]}
    assert np.mean(sums["x"]) == pytest.approx(sums["z"][0], abs=1e-6)


def test_the_notes_network_has_sigmoids_and_no_softmax(open_results):
    visitor = open_image(open_results(recipe="classic", step=100), 0)
    assert visitor.word("mnist_results.sigmoids") in visitor.text()
    group = visitor.at.button_group(key="mnist.results.stage")
    assert [option.content for option in group.proto.options] == [
        "Pixels",
        "Hidden layer 1",
        "Outputs",
    ]
    stage(visitor, "1")
    sums = {grid["id"]: grid["values"] for grid in visitor.data("mnist.results.sum.1")["grids"]}
    assert "b" not in sums
    assert sums["a"] == [pytest.approx(1 / (1 + np.exp(-sums["z"][0])), rel=1e-6)]


def test_a_network_without_hidden_layers(open_results):
    visitor = open_image(open_results(layers="", step=4), 2)
    stage(visitor, "0")
    trace = visitor.data("mnist.results.sum.0")
    assert {grid["id"] for grid in trace["grids"]} == {*"xwpbz", "x_rest", "w_rest", "rest"}
    assert trace["bands"][0]["heads"][0].count(",") == 1  # row, column


def test_what_is_worth_a_look_first():
    run = DigitsRun(Settings(layers="12-7", train_size=100), *mnist())
    image = run.test.images[:1]
    answers = [(layer, y[0]) for layer, y in run.through(image)]
    found = stages(run.learner.prepare(image)[0], answers)
    assert [(one.kind, one.number, one.shape) for one in found] == [
        ("linear", 1, (1, 28, 28)),
        ("linear", 2, (12,)),
        ("linear", 3, (7,)),
    ]
    assert heaviest(found, 2, 4) == (4,)
    pull = np.abs(found[1].out * run.learner.model.params["5.weight"][4])
    assert heaviest(found, 1, 4) == (pull.argmax(),)
    assert heaviest(found, 0, 4) == (found[0].out.argmax(),)


# ------------------------------------------------------------------------------- how much it bears


def test_robustness_is_measured_when_asked_and_compared_with_the_run_before(open_results):
    visitor = part(open_results(digits=Digits(*(a[:40] for a in mnist()[1]))), "bears")
    assert "mnist.results.rotation" not in visitor.drawn()
    visitor.press("mnist.results.measure")
    run = run_of(visitor)
    key, measuring = visitor.at.session_state["mnist.of_run.bears"]
    assert measuring.done == measuring.total == sum(len(h.strengths) for h in HARDSHIPS.values())
    for name, hardship in HARDSHIPS.items():
        points = dict(measuring.points[name, 0])
        assert tuple(points) == hardship.strengths
        assert points[0] == (run.outputs().argmax(axis=1) == run.test.labels).mean()
        assert f"mnist.results.{name}" in visitor.drawn()
    assert "mnist.results.measure" not in visitor.drawn()
    visitor.press("mnist.start_again")
    run_of(visitor).train_to(8)
    visitor.look().press("mnist.results.measure")
    _, again = visitor.at.session_state["mnist.of_run.bears"]
    assert again.networks == [run_of(visitor), run]
    assert {n: p for n, p in again.points.items() if n[1] == 1} == {
        (name, 1): points for (name, _), points in measuring.points.items()
    }


def test_the_sample_comes_from_all_over_the_set():
    test = mnist()[1]
    sample = sample_of(test)
    assert len(sample) == SAMPLE
    assert np.array_equal(sample.images[-1], test.images[-1])
    three = Digits(test.images[:3], test.labels[:3])
    assert np.array_equal(sample_of(three).labels, three.labels)


# ------------------------------------------------------------------------------- trouble


def test_before_training_it_says_so(open_results):
    visitor = open_results(step=0)
    assert visitor.word("mnist_results.untrained") in visitor.text()
    assert sum(int(cell[0]) for cell in cells(visitor, "mnist.results.matrix")) == 600


@pytest.mark.parametrize("name", ["mixed", "worst", "classes", "bears", "doubt"])
def test_a_test_set_of_three_images_is_enough(open_results, name):
    test = mnist()[1]
    three = Digits(test.images[:3], test.labels[:3])
    visitor = part(open_results(digits=three, shown=2), name)
    if name == "bears":
        visitor.press("mnist.results.measure")
    elif name == "classes":
        assert visitor.text().count(visitor.word("mnist_results.class_none")) == 7
    else:
        assert "image 2: a 1" in visitor.text()
    open_image(visitor, 3)  # there is none
    assert "mnist.results.stage" not in visitor.drawn()


def test_numbers_that_are_none_are_said(open_results):
    visitor = open_image(open_results(), 1)
    run = run_of(visitor)
    weight = run.learner.model.params["3.weight"]
    weight[...] = np.nan
    run.train_to(run.step)
    run._outputs = None
    visitor.look()
    assert visitor.word("mnist_results.no_numbers") in visitor.text()
    assert "mnist.results.matrix" not in visitor.drawn()


def test_while_it_is_learning_nothing_heavy_is_done(open_results):
    slow = {"batch_size": 1, "train_size": 2000, "epochs": 100}
    visitor = open_image(open_results(step=2001, **slow), 1)
    run = run_of(visitor)
    run.playing = True
    visitor.look()
    assert run.playing
    assert visitor.word("mnist_results.pause_first") in visitor.text()
    assert "mnist.results.stage" not in visitor.drawn()
    assert "mnist.results.matrix" in visitor.drawn()
    part(visitor, "bears")
    assert "mnist.results.measure" not in visitor.drawn()
    fresh = open_results(step=0, **{**slow, "train_size": 60_000})
    run_of(fresh).playing = True
    fresh.look()
    assert fresh.word("mnist_results.wait") in fresh.text()
