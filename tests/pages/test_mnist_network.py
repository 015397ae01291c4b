"""Build your own: every control reaches the run, builder and text agree, bad text is said."""

import base64
from dataclasses import replace

import numpy as np
import pytest

from core.architecture import ArchitectureError
from core.recipes import Learner
from pages._mnist.blocks import Block, Plan, read_plan, write_plan
from pages._mnist.settings import recipe_of
from ui.i18n import strings
from ui.sketch import HIGH, MARGIN, sketch

SMALL = {"view": "network", "train_size": 500, "layers": "16", "epochs": 1}


@pytest.fixture
def build(visit):
    """Give a function that opens the view with a small network."""
    return lambda **params: visit("mnist", **{**SMALL, **params})


def key(name):
    return f"mnist.network.{name}"


def is_built(visitor):
    """Say whether the run's weights are those that its settings stand for."""
    settings = visitor.settings
    expected = Learner(recipe_of(settings), settings.seed).model.params
    shown = visitor.run.learner.model.params
    return expected.keys() == shown.keys() and all(
        np.array_equal(expected[name], shown[name]) for name in shown
    )


# ------------------------------------------------------------------------------- plans and texts


@pytest.mark.parametrize(
    ("text", "blocks", "widths"),
    [
        ("", (), ()),
        ("128", (), (128,)),
        ("32c3-max2-128", (Block(32, 3, "max2"),), (128,)),
        ("8c5-8c3p1-avg2", (Block(8, 5, ""), Block(8, 3, "avg2", 1)), ()),
    ],
)
def test_plans_are_read_and_written(text, blocks, widths):
    plan = read_plan(text)
    assert plan == Plan(blocks, widths)
    assert write_plan(plan) == text


@pytest.mark.parametrize("text", ["max2-8c3", "8c3-max2-max2", "avg2-10"])
def test_what_the_builder_does_not_know_is_no_plan(text):
    assert read_plan(text) is None


def test_a_smaller_kernel_is_padded_by_less():
    assert write_plan(Plan((Block(4, 3, "", padding=4),), ())) == "4c3p2"


def test_what_cannot_be_read_raises():
    with pytest.raises(ArchitectureError):
        read_plan("cat")


# ------------------------------------------------------------------------------------ the controls


CONTROLS = [
    ("selectbox", "activation", "tanh"),
    ("slider", "dropout", 0.25),
    ("selectbox", "init", "xavier_uniform"),
    ("slider", "momentum", 0.5),
    ("selectbox", "optimizer", "adagrad"),
    ("number_input", "weight_decay", 0.01),
    ("number_input", "batch_size", 7),
    ("selectbox", "schedule", "cosine"),
    ("number_input", "seed", 77),
    ("number_input", "train_size", 300),
    ("selectbox", "preparation", "small"),
    ("slider", "degrees", 12.0),
    ("slider", "translate", 1.5),
    ("slider", "scale", 0.2),
    ("slider", "shear", 9.0),
    ("slider", "elastic", 20.0),
    ("selectbox", "method", "gradient"),
    ("slider", "copies", 10.0),
]


def test_every_control_reaches_the_run(build):
    visitor = build()
    for kind, name, value in CONTROLS:
        before = visitor.run
        visitor.put(kind, f"mnist.{name}", value)
        assert getattr(visitor.settings, name) == value
        assert visitor.params[name] == str(value)
        assert visitor.run is not before
        assert visitor.run.settings == visitor.settings
        assert is_built(visitor)
        visitor.run.train_to(1)
        assert visitor.run.step == 1


def test_only_what_counts_is_shown(build):
    visitor = build()
    shown = visitor.drawn()
    batches = {"activation", "dropout", "init", "optimizer", "batch_size", "schedule", "degrees"}
    assert {f"mnist.{name}" for name in batches | {"momentum"}} <= shown
    assert not {"mnist.copies", key("hidden")} & shown
    visitor.put("selectbox", "mnist.optimizer", "adam")
    assert "mnist.momentum" not in visitor.drawn()
    visitor.put("selectbox", "mnist.method", "gradient")
    shown = visitor.drawn()
    assert not {f"mnist.{name}" for name in batches} & shown
    assert {"mnist.copies", "mnist.preparation", "mnist.seed", key("hidden")} <= shown
    assert "mnist.dropout" not in build(layers="-").drawn(), "there is nothing to drop"


def test_the_notes_method_takes_what_it_can_do_with_and_gives_back_a_fitting_rate(build):
    visitor = build(layers="8c5-max2-24", preparation="standard")
    visitor.put("selectbox", "mnist.method", "notes")
    settings = visitor.settings
    assert (settings.method, settings.layers) == ("notes", "24")
    assert (settings.lr, settings.preparation) == (0.1, "notes")
    assert visitor.run.learner.network.rule == "notes"
    visitor.put("selectbox", "mnist.method", "gradient")
    assert visitor.run.learner.network.rule == "gradient"
    visitor.put("number_input", key("hidden"), 30)
    assert visitor.settings.layers == "30"
    assert visitor.run.learner.network.hidden_weight.shape == (30, 784)
    visitor.put("selectbox", "mnist.method", "batches")
    assert visitor.settings.lr == 0.01  # SGD with momentum 0.9
    assert is_built(visitor)
    # And from layers that end in no number.
    assert build(layers="4c3").put("selectbox", "mnist.method", "notes").settings.layers == "200"


# ---------------------------------------------------------------------------- builder and its text


def test_the_builder_writes_the_text(build):
    visitor = build()
    visitor.put("number_input", key("blocks"), 1)
    assert visitor.settings.layers == "16c3-max2-16"
    assert visitor.at.text_input(key=key("text")).value == "16c3-max2-16"
    visitor.put("number_input", key("kernels.0"), 4)
    visitor.put("selectbox", key("size.0"), 5)
    visitor.put("selectbox", key("pooling.0"), "avg2")
    visitor.put("number_input", key("full"), 2)
    visitor.put("number_input", key("width.1"), 9)
    assert visitor.settings.layers == "4c5-avg2-16-9"
    assert visitor.params["layers"] == "4c5-avg2-16-9"
    assert is_built(visitor)
    visitor.put("number_input", key("blocks"), 2)
    assert visitor.settings.layers == "4c5-avg2-4c5-avg2-16-9"
    visitor.put("number_input", key("blocks"), 0)
    visitor.put("number_input", key("full"), 0)
    assert visitor.settings.layers == ""
    assert [a.shape for a in visitor.run.learner.model.params.values()] == [(10, 784), (10,)]


def test_the_text_sets_the_builder(build):
    visitor = build().put("text_input", key("text"), " 6C7p1, max3 12 ")
    assert visitor.settings.layers == "6c7p1-max3-12"
    assert visitor.at.text_input(key=key("text")).value == "6c7p1-max3-12"
    assert visitor.at.number_input(key=key("kernels.0")).value == 6
    assert visitor.at.selectbox(key=key("size.0")).value == 7
    assert visitor.at.selectbox(key=key("pooling.0")).value == "max3"
    assert visitor.at.number_input(key=key("width.0")).value == 12
    visitor.put("number_input", key("kernels.0"), 5)
    assert visitor.settings.layers == "5c7p1-max3-12"


def test_what_only_the_text_can_say_hides_the_builder(build):
    visitor = build().put("text_input", key("text"), "max2-4c3-8")
    assert visitor.settings.layers == "max2-4c3-8"
    assert key("blocks") not in visitor.drawn()
    assert visitor.word("mnist_network.beyond") in visitor.text()
    visitor.put("text_input", key("text"), "8")
    assert key("blocks") in visitor.drawn()


WRONG = [
    ("cat", "part", "cat", ""),
    ("16-8c3", "order", "8c3", ""),
    ("5000", "neurons", "5000", ""),
    ("8c30", "kernels", "8c30", ""),
    ("max40", "window", "max40", ""),
    ("4c20-4c20", "small", "4c20", "9×9"),
    ("2048-2048-2048", "parameters", "2048", "5,804,032"),
]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_text_that_is_no_network_is_said_and_changes_nothing(build, lang):
    visitor = build(lang=lang)
    run, settings = visitor.run, visitor.settings
    for text, code, part, got in WRONG:
        visitor.put("text_input", key("text"), text)
        expected = strings(lang)[f"layers.{code}"].format(part=part, got=got)
        assert [sentence.replace("\\", "") for sentence in visitor.complaints()] == [expected]
        assert visitor.run is run
        assert visitor.settings == settings
        assert visitor.at.text_input(key=key("text")).value == text, "what was typed is gone"
        assert visitor.at.number_input(key=key("width.0")).value == 16


def test_a_block_that_does_not_fit_is_said_and_the_builder_stays(build):
    visitor = build(layers="4c3-max2-4c3-max2-4c3-max2")
    visitor.put("number_input", key("blocks"), 4)
    [sentence] = visitor.complaints()
    assert "4c3" in sentence
    assert visitor.settings.layers == "4c3-max2-4c3-max2-4c3-max2"
    assert visitor.at.number_input(key=key("blocks")).value == 3


def test_images_too_small_for_the_layers_are_said_and_not_taken(build):
    visitor = build(layers="4c5-max2-4c5", preparation="unit")
    visitor.put("selectbox", "mnist.preparation", "small")
    [sentence] = visitor.complaints()
    assert "4c5" in sentence
    assert visitor.settings.preparation == "unit"
    assert visitor.at.selectbox(key="mnist.preparation").value == "unit"


def test_an_emptied_number_changes_nothing(build):
    visitor = build(layers="4c3-16")
    settings = visitor.settings
    for name in ("blocks", "kernels.0", "width.0"):
        visitor.put("number_input", key(name), None)
    visitor.put("number_input", "mnist.batch_size", None)
    assert visitor.settings == settings
    visitor = build(method="notes").put("number_input", key("hidden"), None)
    assert visitor.settings.layers == "16"


# --------------------------------------------------------------------------------------- the shape


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_shape_is_counted_layer_by_layer(build, lang):
    visitor = build(lang=lang, layers="4c5-max2-12")
    text = visitor.text()
    assert "28×28 → 4×24×24 → 4×12×12 → 12 → 10" in text
    for line in ("1·5·5·4 + 4 = 104", "576·12 + 12 = 6,924", "12·10 + 10 = 130", "**7,158**"):
        assert line in text
    assert sum(a.size for a in visitor.run.learner.model.params.values()) == 7158
    assert visitor.word("mnist_network.note_kernels") in text


def test_the_shape_of_the_notes_network_and_of_small_images(build):
    visitor = build(method="notes")
    assert "784 → 16 → 10" in visitor.text()
    assert "784·16 = 12,544" in visitor.text()
    visitor.put("selectbox", "mnist.preparation", "small")
    assert "64 → 16 → 10" in visitor.text()
    assert "8×8" in visitor.text()


@pytest.mark.usefixtures("short_slices")
def test_while_it_trains_the_shape_is_that_of_what_waits(build):
    visitor = build(train_size=60_000, epochs=50).press("mnist.play")
    run = visitor.run
    visitor.put("number_input", key("width.0"), 20)
    assert visitor.run is run
    assert run.playing
    assert "784 → 20 → 10" in visitor.text()
    assert visitor.word("controls.pending") in visitor.text()
    run.playing = False


def test_the_examples_are_shown_plain_and_changed(build):
    visitor = build()
    assert visitor.word("mnist_network.examples_plain") in visitor.text()
    visitor.put("slider", "mnist.degrees", 10.0)
    assert visitor.word("mnist_network.examples_changed") in visitor.text()


def test_the_view_survives_language_and_page_switches(build):
    visitor = build().put("text_input", key("text"), "4c5-12")
    settings = visitor.settings
    visitor.language("zh")
    assert visitor.settings == settings
    assert visitor.at.number_input(key=key("kernels.0")).value == 4
    visitor.go("home").go("mnist")
    assert visitor.settings == replace(settings)
    assert visitor.at.text_input(key=key("text")).value == "4c5-12"


def test_a_sketch_runs_from_its_first_share_to_its_last():
    drawn = sketch([1.0, 0.5, 0.0], dark=False, label='falls "slowly"')
    assert 'alt="falls &quot;slowly&quot;"' in drawn
    svg = base64.b64decode(drawn.partition("base64,")[2].partition('"')[0]).decode()
    assert f"{MARGIN}.0,{MARGIN}.0 " in svg
    assert f',{HIGH - MARGIN}.0"' in svg
    assert sketch([1.0], dark=True, label="x").startswith("<img")
