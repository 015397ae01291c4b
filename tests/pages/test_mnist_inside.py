"""Inside: weights, steps, units and one digit's way, for every network and at any moment."""

import re
from dataclasses import replace

import numpy as np
import pytest

from core.digits import Digits
from core.health import gradient_sizes, unit_health, update_ratios
from pages._mnist.inside_weights import unit_pictures
from pages._mnist.view_inside import verdict
from ui.digits import mnist

SMALL = {"view": "inside", "train_size": 500, "layers": "16", "epochs": 1}


@pytest.fixture
def inside(visit):
    """Give a function that opens the view with a small network."""
    return lambda **params: visit("mnist", **{**SMALL, **params})


def rows(visitor):
    """Return the cells of the table of layers, without its heads."""
    [table] = [m.value for m in visitor.at.markdown if "---" in m.value]
    return [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]


def tiles(visitor):
    """Return the wall of small pictures."""
    return visitor.data("mnist.inside.tiles")


def change(visitor, **settings):
    """Give the lesson other settings, as another view would."""
    now = visitor.at.session_state["mnist.settings"]
    visitor.at.session_state["mnist.settings"] = replace(now, **settings)
    visitor.look()


# ------------------------------------------------------------------------------------- the weights


def test_the_first_weights_are_shown_as_images(inside):
    visitor = inside(layers="80")
    drawn = tiles(visitor)
    assert (drawn["height"], drawn["width"], len(drawn["tiles"])) == (28, 28, 64)
    assert drawn["scale"] == "diverging"
    weight = visitor.run.learner.model.params["1.weight"]
    assert drawn["high"] == pytest.approx(np.abs(weight[:64]).max(), rel=1e-3)
    expected = visitor.word("mnist_inside.weights_first", n=64, of=80)
    assert expected in visitor.text()
    numbers = [float(n) for n in visitor.at.code[0].value.split()]
    np.testing.assert_allclose(numbers, weight[0], atol=5.1e-4)


def test_a_chosen_unit_and_a_chosen_layer_are_shown(inside):
    visitor = inside()
    visitor.at.session_state["mnist.inside.unit"] = 11
    visitor.look()
    assert visitor.word("mnist_inside.unit", j=12) in visitor.text()
    assert tiles(visitor)["chosen"] == "11"
    visitor.put("button_group", "mnist.inside.layer", 3)
    assert (tiles(visitor)["height"], tiles(visitor)["width"]) == (4, 4)  # 16 inputs, in lines
    assert visitor.word("mnist_inside.unit", j=10) in visitor.text()  # there are only ten
    # Another network has other layers: where the chosen one is none, the first is shown.
    change(visitor, layers="8-8-8")
    visitor.put("button_group", "mnist.inside.layer", 7)
    assert (tiles(visitor)["height"], len(tiles(visitor)["tiles"])) == (3, 10)
    change(visitor, layers="16")
    assert (tiles(visitor)["height"], len(tiles(visitor)["tiles"])) == (28, 16)


def test_kernels_are_shown_and_later_ones_side_by_side(inside):
    visitor = inside(layers="3c5-max2-6c3-7")
    assert (tiles(visitor)["height"], len(tiles(visitor)["tiles"])) == (5, 3)
    model = visitor.run.learner.model
    answers = visitor.run.through(visitor.run.test.images[:1])
    places = [int(name.partition(".")[0]) for name in model.params if name.endswith("weight")]
    first, second, full, output = (unit_pictures(answers, place, 28) for place in places)
    np.testing.assert_array_equal(first, model.params[f"{places[0]}.weight"][:, 0])
    assert second.shape == (6, 7, 7)  # three kernels of 3×3 in two rows of two, with a gap
    np.testing.assert_array_equal(second[4, :3, 4:], model.params[f"{places[1]}.weight"][4, 1])
    assert np.isnan(second[:, 3]).all()
    # The fully connected layer sees six maps of 10×10.
    weight = model.params[f"{places[2]}.weight"].reshape(7, 6, 10, 10)
    np.testing.assert_array_equal(full[2, :10, 11:21], weight[2, 1])
    assert output.shape == (10, 3, 3)


# -------------------------------------------------------------------------------------- the health


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_table_says_what_core_measures(inside, lang):
    visitor = inside(lang=lang, layers="16-8")
    run = visitor.run
    assert visitor.word("mnist_inside.not_yet") in visitor.text()
    assert all(row[1:3] == ["–", "–"] for row in rows(visitor))
    run.train_to(10**6)
    visitor.look()
    model = run.learner.model
    gradients, ratios = gradient_sizes(model), update_ratios(model, run.before, run.after)
    counted = unit_health(model, run.learner.prepare(run.test.images[:500]))
    for row, place in zip(rows(visitor), (1, 3, 5), strict=True):
        name = f"{place}.weight"
        said = f"mnist_inside.ratio_{verdict(ratios[name])}"
        assert row[1] == f"{gradients[name]:.1e}"
        assert row[2] == visitor.word(said, ratio=f"{ratios[name]:.1e}")
    for row, layer in zip(rows(visitor), counted, strict=False):
        assert [str(layer.dead), str(layer.units)] == sorted(
            re.findall(r"\d+", row[3])[:2], key=int
        )
    assert rows(visitor)[-1][3] == "–"
    assert visitor.word("mnist_inside.units_note", n=500) in visitor.text()


def test_the_notes_network_shows_its_change_instead_of_a_gradient(inside):
    visitor = inside(recipe="classic")
    visitor.run.train_to(4)
    visitor.look()
    assert all(len(row) == 3 for row in rows(visitor))
    assert visitor.word("mnist_inside.health_classic", n=64) in visitor.text()
    run = visitor.run
    ratio = update_ratios(run.learner.model, run.before, run.after)["1.weight"]
    assert rows(visitor)[0][1].startswith(f"{ratio:.1e}")


@pytest.mark.parametrize(
    ("ratio", "said"),
    [(0.0, "small"), (1e-5, "small"), (1e-3, "fine"), (0.5, "large")],
)
def test_verdicts(ratio, said):
    assert verdict(ratio) == said


# --------------------------------------------------------------------------------- one digit's way


def test_a_digit_is_answered_as_the_network_answers(inside):
    visitor = inside()
    visitor.run.train_to(10**6)
    visitor.look()
    visitor.put("button_group", "mnist.inside.digit", 3)
    run = visitor.run
    for turn in range(3):
        place = np.flatnonzero(run.test.labels == 3)[turn]
        sure = run.learner.confidences(run.ask(run.test.images[place : place + 1]))[0]
        answer = int(sure.argmax())
        name = "answer_right" if answer == 3 else "answer_wrong"
        said = {"answer": answer, "right": 3, "sure": f"{sure.max():.1%}"}
        assert visitor.word(f"mnist_inside.{name}", **said) in visitor.text()
        visitor.press("mnist.inside.another")


def test_every_layer_has_its_picture(inside):
    visitor = inside(layers="3c5-max2-6c3-avg2-7-5", dropout=0.2, activation="tanh")
    names = [caption.value for caption in visitor.at.caption]
    word = visitor.word
    for name in (
        word("mnist_inside.after", what=word("mnist_network.kernels", n=3, size=5)),
        word("mnist_network.pool_largest", size=2),
        word("mnist_inside.after", what=word("mnist_network.kernels", n=6, size=3)),
        word("mnist_network.pool_mean", size=2),
        word("mnist_inside.after", what=word("mnist_network.neurons", n=7)),
        word("mnist_inside.after", what=word("mnist_network.neurons", n=5)),
    ):
        assert sum(caption.startswith(f"{name}.") for caption in names) == 1


# ----------------------------------------------------------------------------------- at any moment


@pytest.mark.parametrize("params", [{"layers": "-"}, {"preparation": "small"}, {"init": "zeros"}])
def test_every_kind_of_network_can_be_looked_into(inside, params):
    visitor = inside(**params)
    visitor.run.train_to(3)
    visitor.look()
    assert len(rows(visitor)) == (1 if params == {"layers": "-"} else 2)


@pytest.mark.usefixtures("short_slices")
def test_it_is_drawn_while_the_run_goes_on(inside):
    visitor = inside(train_size=60_000, epochs=50).press("mnist.play")
    run = visitor.run
    before, step = tiles(visitor), run.step
    visitor.look()
    assert run.playing
    assert run.step > step
    assert tiles(visitor) != before
    assert all("e-" in row[2] for row in rows(visitor))
    run.playing, run.before = False, None  # as after a slice that only tests
    visitor.look()
    assert all("e-" in row[2] for row in rows(visitor))
    assert visitor.word("mnist_inside.units_note", n=500) in visitor.text()


def test_what_is_no_number_any_more_is_said(inside):
    visitor = inside()
    visitor.run.train_to(2)
    visitor.run.learner.model.params["1.weight"][...] = np.nan
    visitor.look()
    right = int(visitor.run.test.labels[0])
    assert visitor.word("mnist_inside.answer_none", right=right) in visitor.text()


def test_three_own_test_images_are_enough(inside):
    visitor = inside()
    train, test = mnist()
    own = Digits(test.images[:3], test.labels[:3])  # a 7, a 2 and a 1
    visitor.at.session_state["mnist.own"] = {"test": own}
    visitor.put("button_group", "mnist.inside.digit", 7)
    assert len(visitor.run.test) == 3
    options = visitor.at.button_group(key="mnist.inside.digit").options
    assert [str(getattr(option, "content", option)) for option in options] == ["1", "2", "7"]
    visitor.run.train_to(3)
    visitor.put("button_group", "mnist.inside.digit", 2).press("mnist.inside.another")
    assert visitor.word("mnist_inside.units_note", n=3) in visitor.text()
    # A digit that the next set does not have gives way to one that it has.
    visitor.at.session_state["mnist.own"] = {"test": Digits(test.images[3:4], test.labels[3:4])}
    visitor.look()
    assert visitor.run.test.labels.tolist() == [0]
    assert visitor.at.session_state["mnist.inside.digit"] == 0
