"""Weights of the MNIST lesson: taken home and brought back; what does not fit is refused."""

import io
import sys
import zipfile
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from core import layers
from core.architecture import ArchitectureError
from core.checkpoint import CheckpointError, load, save
from core.conv import Conv2d
from core.digits import Digits
from core.images import Preparation
from core.pool import AvgPool2d, MaxPool2d
from pages._mnist import session
from pages._mnist.settings import recipe_of
from pages._mnist.weights import (
    MOST_BYTES,
    MOST_MEGABYTES,
    LoadedRun,
    WeightsError,
    file_name,
    open_file,
    read_weights,
    share_right,
    torch_lines,
    write_weights,
)
from tests.pages.digit_runs import PADDED, TINY, a_run, each_kind
from ui.digits import mnist

FILE, WEIGHTS = "mnist.code.file", "mnist.code.weights"


def bits(run):
    return {name: array.tobytes() for name, array in run.learner.model.params.items()}


@each_kind
def test_a_file_brings_back_the_very_network(recipe, changes, few):
    run = a_run(recipe, changes, few, 3)
    loaded = read_weights("a/b.npz", *open_file(write_weights(run)))
    assert recipe_of(loaded.settings) == recipe_of(run.settings)
    assert (loaded.settings.recipe, loaded.settings.seed, loaded.file) == (recipe, 1, "b.npz")
    assert loaded.accuracy == share_right(run)
    again = LoadedRun(loaded, run.train, few)
    assert bits(again) == bits(run)
    assert np.array_equal(again.outputs(), run.outputs())
    again.train_to(2)
    assert np.isfinite(again.losses).all()
    assert bits(again) != bits(run)


def test_the_notes_say_what_the_numbers_are(few):
    run = a_run("mlp", TINY, few, 3)
    run.set_rate(0.002)
    state, notes = load(io.BytesIO(write_weights(run)))
    assert list(state) == ["1.weight", "1.bias", "3.weight", "3.bias"]
    assert Preparation.from_dict(notes["prepare"]) == run.learner.prepare
    assert notes["settings"]["layers"] == "8"
    assert (notes["recipe"], notes["seed"], notes["steps"]) == ("mlp", 1, 3)
    assert notes["learning_rates"] == [[3, 0.002]]
    assert notes["learned_from"] == "MNIST, 200 images"
    assert notes["tested_on"] == "own, 300 images"
    assert notes["accuracy"] == np.mean(run.outputs().argmax(axis=1) == few.labels)


@each_kind
def test_the_lines_for_pytorch_make_the_same_network(recipe, changes, few, monkeypatch, tmp_path):
    """Without PyTorch: its names are given to our own layers, which answer to the same calls."""
    run = a_run(recipe, changes, few, 2)
    (tmp_path / file_name(run)).write_bytes(write_weights(run))
    nn = SimpleNamespace(**vars(layers), Conv2d=Conv2d, MaxPool2d=MaxPool2d, AvgPool2d=AvgPool2d)
    nn.Sequential = type("Sequential", (layers.Sequential,), {"eval": lambda self: self})
    nn.functional = SimpleNamespace(
        interpolate=lambda x, scale_factor: x.repeat(scale_factor, 2).repeat(scale_factor, 3),
        avg_pool2d=lambda x, size: AvgPool2d(size)(x),
    )
    torch = ModuleType("torch")
    torch.nn, torch.from_numpy = nn, lambda array: array
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.chdir(tmp_path)
    images = few.images[:, None].astype(np.float32)
    found = {"images": SimpleNamespace(float=lambda: images)}
    exec(torch_lines(run.learner, file_name(run)), found)
    assert np.allclose(found["outputs"], run.ask(few.images), atol=1e-5)
    kinds = [type(layer).__name__ for layer in run.learner.model]
    assert [type(layer).__name__ for layer in found["model"]] == kinds


def test_a_file_is_offered_when_there_is_something_to_keep(visit):
    visitor = visit("mnist", **TINY, view="code", lang="zh")
    assert visitor.word("mnist_code.untrained") in visitor.text()
    assert WEIGHTS not in visitor.drawn()
    visitor.run.train_to(3)
    visitor.look()
    assert WEIGHTS in visitor.drawn()
    right = f"{share_right(visitor.run):.2%}"
    assert right in visitor.text()
    visitor.run.last_epoch, visitor.run.playing = 10**6, True
    visitor.look()
    assert visitor.word("mnist_code.playing") in visitor.text()
    assert WEIGHTS not in visitor.drawn()
    visitor.run.playing = False
    visitor.run.learner.model.params["1.bias"][0] = np.nan
    visitor.look()
    assert visitor.word("mnist_code.broken") in visitor.complaints()
    assert WEIGHTS not in visitor.drawn()


def test_a_file_takes_the_place_of_the_run_and_can_be_trained_on(visit, few):
    saved = a_run("cnn", PADDED, few, 2)
    visitor = visit("mnist", **TINY, view="code")
    visitor.run.train_to(2)
    before = visitor.run
    visitor.at.file_uploader(key=FILE).upload("mine.npz", write_weights(saved), "x")
    visitor.look()
    run = visitor.run
    assert bits(run) == bits(saved)
    assert (visitor.settings.recipe, visitor.settings.layers) == ("cnn", PADDED["layers"])
    assert visitor.settings.view == "code"
    [said] = [box.value for box in visitor.at.success]
    assert f"{share_right(run):.2%}" in said
    assert f"{share_right(saved):.2%}" in said
    assert visitor.word("mnist_code.link_weights") in visitor.complaints()
    assert any("mine.npz" in code.value for code in visitor.at.code)
    visitor.look()
    assert visitor.run is run
    visitor.language("zh").press("mnist.play").wait()
    assert visitor.run is run
    assert run.step == 3
    said = visitor.word("mnist_code.trained_on", file="mine.npz", step="3")
    assert said in [box.value.replace("\\", "") for box in visitor.at.info]
    visitor.press("mnist.bring_back")
    assert visitor.run is before
    assert visitor.settings.layers == "8"


def with_notes(**changes):
    """Return a file whose notes differ; None leaves a note out."""
    run = a_run("mlp", TINY, Digits(*(array[:9] for array in mnist()[1])))
    state, notes = load(io.BytesIO(write_weights(run)))
    settings = notes["settings"] | changes.pop("settings", {})
    notes |= {"settings": {k: v for k, v in settings.items() if v is not None}} | changes
    state |= notes.pop("state", {})
    file = io.BytesIO()
    kept = {name: array for name, array in state.items() if array is not None}
    save(file, kept, **{name: note for name, note in notes.items() if note is not None})
    return file.getvalue()


def pickled():
    file = io.BytesIO()
    np.savez(file, notes=np.array("{}"), **{"1.bias": np.array([{}, []], object)})
    return file.getvalue()


def npz_of_others():
    file = io.BytesIO()
    np.savez(file, weight=np.zeros(3))
    return file.getvalue()


def bomb():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("w.npy", b"\0" * (MOST_BYTES + 1))
    return file.getvalue()


BAD = {
    "empty": (lambda: b"", "file_file"),
    "text": (lambda: b"these are no weights", "file_file"),
    "bomb": (bomb, "file_large"),
    "pickle": (pickled, "file_numbers"),
    "others": (npz_of_others, "file_no_notes"),
    "large": (lambda: bytes((MOST_MEGABYTES << 20) + 1), "not_size"),
    "no settings": (lambda: with_notes(settings=dict.fromkeys(TINY)), "not_setting_missing"),
    "new setting": (lambda: with_notes(settings={"colour": "red"}), "not_setting_unknown"),
    "wild setting": (lambda: with_notes(settings={"lr": "![](//x)"}), "not_setting"),
    "list": (lambda: with_notes(settings={"layers": [8]}), "not_setting"),
    "prepare": (lambda: with_notes(prepare={"scale": 1, "offset": 0, "size": None}), "not_prepare"),
    "no prepare": (lambda: with_notes(prepare=None), "not_prepare"),
    "two layers": (
        lambda: with_notes(settings={"method": "notes", "layers": "9-9"}),
        "not_classic_layers",
    ),
    "too many": (lambda: with_notes(settings={"layers": "2048-2048-2048"}), "layers.parameters"),
    "missing": (lambda: with_notes(state={"1.bias": None}), "not_missing"),
    "unknown": (lambda: with_notes(state={"9.bias": np.zeros(3)}), "not_unknown"),
    "shape": (lambda: with_notes(state={"1.bias": np.zeros((8, 1))}), "not_shape"),
    "nan": (lambda: with_notes(state={"1.bias": np.full(8, np.nan)}), "not_finite"),
    "too large": (lambda: with_notes(state={"1.bias": np.full(8, 1e300)}), "not_finite"),
}


FIELDS = ("name", "got", "expected", "most", "part")


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_does_not_fit_is_refused(case):
    make, expected = BAD[case]
    with pytest.raises((CheckpointError, WeightsError, ArchitectureError)) as caught:
        read_weights("bad.npz", *open_file(make()))
    kinds = {CheckpointError: "file_", WeightsError: "not_", ArchitectureError: "layers."}
    assert kinds[caught.type] + caught.value.code == expected


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_bad_file_is_one_sentence_and_changes_nothing(visit, lang):
    visitor = visit("mnist", **TINY, view="code", lang=lang)
    run, settings = visitor.run, visitor.settings
    for case in ("pickle", "wild setting", "too many", "shape"):
        make, code = BAD[case]
        visitor.at.file_uploader(key=FILE).upload("bad.npz", make(), "x")
        visitor.look()
        [said] = visitor.complaints()
        key = code if "." in code else f"mnist_code.{code}"
        assert said.startswith(visitor.word(key, **dict.fromkeys(FIELDS, "{")).partition("{")[0])
        assert "![](//" not in said
        assert (visitor.run, visitor.settings) == (run, settings)
        assert session.PREVIOUS not in visitor.at.session_state["runs"]
    visitor.at.file_uploader(key=FILE).set_value(None)
    assert visitor.look().complaints() == []


@pytest.mark.usefixtures("short_slices")
def test_a_bad_file_does_not_touch_a_run_that_is_under_way(visit):
    visitor = visit("mnist", layers="16", epochs=100, view="code").press("mnist.play").look()
    run, step = visitor.run, visitor.run.step
    visitor.at.file_uploader(key=FILE).upload("bad.npz", pickled(), "x")
    visitor.look()
    assert visitor.complaints()
    assert visitor.run is run
    assert run.playing
    assert run.step > step
    visitor.press("mnist.play")
