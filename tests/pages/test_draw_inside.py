"""Inside the network that reads a drawing: its maps and its numbers are the layers' own."""

import base64

import numpy as np
import pytest

from core.maps import feature_maps
from core.recipes import RECIPES, Learner, Recipe
from core.saliency import input_gradient, occlusion
from core.stages import stages
from core.trace import format_number
from pages._draw.inside_pixels import covered, spans, weighed
from pages._draw.settings import AUTO
from tests.pages.own_drawing import FILES, TEST, deeds, image_of, replace_network, visit_view
from ui.digits import write_digit
from ui.networks import shipped

RNG = np.random.default_rng(8)


def visit_inside(visit, place=18, **link):
    """Open the view with one of MNIST's test images as the drawing."""
    return visit_view(visit, "inside", place, **link)


def way_through(visitor, learner):
    """Return the prepared drawing, and its way through a network."""
    x = learner.prepare(image_of(visitor)[None])[0]
    return x, stages(x, feature_maps(learner.model, x))


def grid(visitor, key, name):
    """Return the numbers of one grid, as the browser gets them."""
    return {g["id"]: g["values"] for g in visitor.data(f"draw.{key}")["grids"]}[name]


# ------------------------------------------------------------------------------------- the pixels


@pytest.mark.parametrize("network", FILES)
@pytest.mark.parametrize("label", [AUTO, 5])
def test_both_maps_are_what_core_finds(visit, network, label):
    visitor = visit_inside(visit, network=network, label=label)
    assert visitor.complaints() == []
    learner = shipped(FILES[network]).learner
    x, found = way_through(visitor, learner)
    asked = int(found[-1].out.argmax()) if label == AUTO else label
    paper = learner.prepare(np.zeros((1, 28, 28), np.uint8))[0]
    slopes = (x - paper)[0] * input_gradient(learner.model, x, asked)[0]
    shown = visitor.data("draw.slopes")["texts"]
    assert shown == [format_number(v) for v in slopes.ravel().tolist()]
    sure = {"value": paper[0, 0, 0], "confidences": learner.confidences}
    lost = occlusion(learner.model, x, asked, size=5, **sure)
    shown = visitor.data("draw.cover")["texts"]
    assert shown == [format_number(v) for v in lost.drop.ravel().tolist()]
    for key in ("slopes", "cover"):
        drawing = base64.b64decode(visitor.data(f"draw.{key}")["picture"])
        assert drawing == image_of(visitor).tobytes()
    least = f"{lost.probability.min():.1%}"
    worst = visitor.word("draw_inside.cover_worst", k=asked, whole=f"{lost.whole:.1%}", least=least)
    assert worst in visitor.texts()
    assert visitor.at.button_group(key="draw.label").value == asked


@pytest.mark.parametrize("network", FILES)
def test_paper_has_no_say(network):
    """Whatever number a network is given for paper; and ink has one, for one class or another."""
    learner = shipped(FILES[network]).learner
    for image in TEST.images[:5]:
        x = learner.prepare(image[None])[0]
        says = np.array([weighed(learner, x, label) for label in range(10)])
        assert not says[:, image == 0].any()
        assert says[:, image == 255].any(axis=0).all()


def test_of_a_linear_network_the_ink_explains_all():
    """Without bends, what all ink weighs is just what lies between the drawing and paper."""
    learner = Learner(Recipe(layers="", preparation="standard"), 4)
    blank, x = learner.prepare(np.stack([np.zeros((28, 28), np.uint8), TEST.images[7]]))
    outputs = learner.model(np.stack([blank, x]))
    sums = [weighed(learner, x, label).sum() for label in range(10)]
    assert sums == pytest.approx(outputs[1] - outputs[0], abs=1e-4)


def test_to_ask_about_another_digit_is_another_question(visit):
    visitor = visit_inside(visit)
    before = visitor.data("draw.slopes")["texts"]
    assert "asked" not in deeds(visitor)
    visitor.put("button_group", "draw.label", 8)
    assert visitor.settings.label == 8
    assert visitor.params["label"] == "8"
    assert visitor.data("draw.slopes")["texts"] != before
    assert "asked" in deeds(visitor)


def test_covering_is_done_once_for_each_question(visit, monkeypatch):
    asked = []

    def counted(learner, x, label):
        asked.append(label)
        return covered(learner, x, label)

    monkeypatch.setattr("pages._draw.inside_pixels.covered", counted)
    visitor = visit_inside(visit, label=3)
    visitor.look().put("button_group", "draw.layer", 1).language("zh")
    assert asked == [3]
    visitor.put("button_group", "draw.label", 8)
    assert asked == [3, 8]
    for seed in (1, 2):
        replace_network(visitor, "cnn", Learner(RECIPES["cnn-small"], seed)).look()
    assert asked == [3, 8, 8, 8]


@pytest.mark.parametrize("inputs", [1, 3, 8, 14, 28])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_the_pieces_lie_over_the_drawing(inputs, size):
    """A patch covers just the pixels that its inputs were made of, and all of them together all."""
    starts = np.arange(inputs) + (1 - size) // 2
    found = spans(starts, size, inputs, 28)
    under = [np.flatnonzero((np.arange(28) + 1) * inputs > 28 * k) for k in range(inputs)]
    for start, (low, high) in zip(starts, found, strict=True):
        last = min(inputs, start + size) - 1
        assert low == under[max(0, start)][0]
        assert high == -(-28 * (last + 1) // inputs)
    assert set().union(*(range(low, high) for low, high in found)) == set(range(28))


def test_a_network_that_shrinks_its_images(visit):
    visitor = visit_inside(visit, network="mlp")
    learner = Learner(Recipe(layers="12", preparation="small"), 3)
    replace_network(visitor, "mlp", learner)
    x, found = way_through(visitor, learner)
    label = int(found[-1].out.argmax())
    values = (x[0] - x.min()) * input_gradient(learner.model, x, label)[0]
    assert visitor.data("draw.slopes")["texts"] == [
        format_number(v) for v in values.ravel().tolist()
    ]
    for key in ("slopes", "cover"):
        data = visitor.data(f"draw.{key}")
        assert (data["height"], data["width"], data["picture_height"]) == (8, 8, 28)
    assert visitor.word("draw_inside.shrinks", size=8) in visitor.texts()
    names = visitor.data("draw.sum.0")["bands"][0]["heads"]
    assert all(int(number) < 8 for name in names for number in name.split(","))


# ------------------------------------------------------------------------------------ the way on


def test_the_drawing_is_taken_to_the_cnn_lesson(visit):
    visitor = visit_inside(visit, place=7)
    image = image_of(visitor)
    visitor.press("draw.to_real_cnn")
    assert "looked_inside" in deeds(visitor)
    assert visitor.at.session_state["real_cnn.settings"].own == write_digit(image)
    visitor.go("real_cnn")
    assert base64.b64decode(visitor.data("real_cnn.field")["picture"]) == image.tobytes()


def test_what_was_chosen_in_the_cnn_lesson_stays_but_for_the_right_answer(visit):
    visitor = visit("real_cnn", stage=2, scale="map", target=4)
    visitor.go("draw").put("button_group", "draw.view", "inside")
    visitor.at.session_state["draw.settings"] = visit_inside(visit).settings
    visitor.look().press("draw.to_real_cnn")
    there = visitor.at.session_state["real_cnn.settings"]
    assert (there.stage, there.scale, there.target) == (2, "map", AUTO)
    assert there.own


# ----------------------------------------------------------------------------------- the numbers


@pytest.mark.parametrize("network", FILES)
def test_each_number_is_the_layers_own(visit, network):
    learner = shipped(FILES[network]).learner
    for layer in (0, 1):
        neuron = int(RNG.integers(10))
        visitor = visit_inside(visit, network=network, layer=layer, neuron=neuron)
        stage = [s for s in way_through(visitor, learner)[1] if s.kind == "linear"][layer]
        cells = visitor.data(f"draw.neurons.{layer}")
        assert [cell[0] for cell in cells["cells"]] == [format_number(float(v)) for v in stage.out]
        assert cells["chosen"] == neuron
        assert grid(visitor, f"sum.{layer}", "z") == [float(stage.z[neuron])]
        parts = np.dot(stage.layer.params["weight"][neuron], stage.x)
        written = sum(grid(visitor, f"sum.{layer}", "p")) + grid(visitor, f"sum.{layer}", "rest")[0]
        assert written == pytest.approx(parts, abs=1e-4)
        has_softmax = "draw.softmax" in visitor.drawn()
        assert has_softmax == (layer == 1 and network != "classic")


def test_first_comes_the_neuron_that_matters_most(visit):
    for label in (AUTO, 0, 8):
        visitor = visit_inside(visit, network="mlp", label=label)
        hidden, last = way_through(visitor, shipped("mlp").learner)[1]
        asked = int(last.out.argmax()) if label == AUTO else label
        weighs = np.abs(hidden.out * last.layer.params["weight"][asked])
        assert visitor.data("draw.neurons.0")["chosen"] == weighs.argmax()
        visitor.put("button_group", "draw.layer", 1)
        assert visitor.data("draw.neurons.1")["chosen"] == asked
        assert "looked_inside" in deeds(visitor)


def test_layers_that_are_not_there_and_many_that_are(visit):
    visitor = visit_inside(visit, network="mlp", layer=3, neuron=1000)
    assert visitor.data("draw.neurons.1")["chosen"] == 3  # the answer
    replace_network(visitor, "mlp", Learner(Recipe(layers="5-6-7-8-9"), 0))
    options = visitor.at.button_group(key="draw.layer").proto.options
    hidden = [visitor.word("draw_inside.layer_hidden", k=k) for k in (3, 4, 5)]
    assert [option.content for option in options] == [
        *hidden,
        visitor.word("draw_inside.layer_output"),
    ]
    replace_network(visitor, "mlp", Learner(Recipe(layers=""), 0))
    assert "draw.layer" not in visitor.drawn()
    assert len(visitor.data("draw.neurons.0")["cells"]) == 10


# -------------------------------------------------------------------------------- what may happen


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_with_nothing_drawn_nothing_is_explained(visit, locale):
    visitor = visit("draw", locale=locale, view="inside")
    assert visitor.complaints() == []
    assert not visitor.drawn() & {"draw.slopes", "draw.cover", "draw.to_real_cnn"}
