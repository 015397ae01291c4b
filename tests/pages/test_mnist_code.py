"""What one takes home from the MNIST lesson: weights and back, the script, the code that ran."""

import ast
import io
import json
import pkgutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

import core
from core import layers
from core.architecture import ArchitectureError
from core.checkpoint import CheckpointError, load, save
from core.conv import Conv2d
from core.digits import Digits
from core.digits_text import write_digits_csv
from core.images import Preparation
from core.pool import AvgPool2d, MaxPool2d
from core.threads import one_core
from pages._mnist import session
from pages._mnist.run import Change, DigitsRun
from pages._mnist.script import own_file, program, script
from pages._mnist.settings import recipe_of, settings_of_recipe
from pages._mnist.weights import (
    MOST_MEGABYTES,
    LoadedRun,
    WeightsError,
    file_name,
    own_digits,
    read_weights,
    share_right,
    torch_lines,
    write_weights,
)
from ui.digits import mnist
from ui.i18n import ASSETS

pytestmark = pytest.mark.slow

FILE, WEIGHTS, SCRIPT = "mnist.code.file", "mnist.code.weights", "mnist.code.script"
TINY = {"train_size": 200, "layers": "8", "epochs": 2}
PADDED = {"train_size": 150, "layers": "3c3p1-avg2-4c3-max2-8", "activation": "tanh", "epochs": 1}
MOVED = {"train_size": 200, "layers": "8-8", "epochs": 2, "elastic": 9.0, "batch_size": 32}
KINDS = [
    ("mlp", {**TINY, "weight_decay": 1e-3}),
    ("mlp-adam", {**TINY, "layers": ""}),
    ("cnn", {**PADDED, "dropout": 0.25}),
    ("mlp-best", MOVED),
    ("classic", TINY),
    ("classic-rotated", {**TINY, "method": "gradient", "preparation": "small"}),
]
each_kind = pytest.mark.parametrize(("recipe", "changes"), KINDS, ids=[name for name, _ in KINDS])


@pytest.fixture
def few():
    """Some of MNIST's digits, to be tested with."""
    images, labels = mnist()[1]
    return Digits(images[:300], labels[:300])


def a_run(recipe, changes, test, step=0):
    """Return a run that has taken some steps, as the page takes them: with one core."""
    run = DigitsRun(replace(settings_of_recipe(recipe), **changes), mnist()[0], test)
    with one_core():
        run.train_to(step)
    return run


def bits(run):
    return {name: array.tobytes() for name, array in run.learner.model.params.items()}


# --------------------------------------------------------------------------- weights


@each_kind
def test_a_file_brings_back_the_very_network(recipe, changes, few):
    run = a_run(recipe, changes, few, 3)
    loaded = read_weights("a/b.npz", write_weights(run))
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
    visitor.language("zh").press("mnist.train").wait()
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
        out.writestr("w.npy", b"\0" * (50 << 20))
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
        read_weights("bad.npz", make())
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


def test_a_bad_file_does_not_touch_a_run_that_is_under_way(visit):
    visitor = visit("mnist", layers="16", view="code").press("mnist.train").look()
    run, step = visitor.run, visitor.run.step
    visitor.at.file_uploader(key=FILE).upload("bad.npz", pickled(), "x")
    visitor.look()
    assert visitor.complaints()
    assert visitor.run is run
    assert run.playing
    assert run.step > step
    visitor.press("mnist.pause")


# --------------------------------------------------------------------------- the script


def run_script(text, folder, *arguments):
    """Run a script all by itself; return what it prints, by what stands before the number."""
    (folder / "script.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "script.py", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [line.rpartition(" ") for line in done.stdout.splitlines()]
    return {what: float(value) for what, _, value in lines}


def assert_prints_the_same(run, printed):
    """Compare with the run, to the last digit."""
    shown = [step for step in (1, 10, 100, run.step) if step <= run.step]
    assert {f"step {step} loss" for step in shown} <= printed.keys()
    for step in shown:
        assert printed[f"step {step} loss"] == run.losses[step - 1]
    for epoch in run.epochs:
        assert printed[f"epoch {epoch.number} training loss"] == epoch.train_loss
        assert printed[f"epoch {epoch.number} training accuracy"] == epoch.train_accuracy
        assert printed[f"epoch {epoch.number}: test loss"] == epoch.test_loss
        assert printed[f"epoch {epoch.number}: test accuracy"] == epoch.test_accuracy
    if run.place != len(run.epochs):
        assert printed["at the end: test accuracy"] == share_right(run)


@pytest.mark.parametrize(
    ("recipe", "changes", "rates", "step"),
    [
        ("mlp", {**TINY, "weight_decay": 1e-3}, [Change(0, 0.05), Change(5, 0.3)], 9),
        ("cnn", {**PADDED, "dropout": 0.25}, [], 99),
        ("mlp-best", MOVED, [Change(4, 0.01)], 99),
        ("classic-rotated", TINY, [Change(2, 0.3)], 7),
        ("classic", {**TINY, "method": "gradient", "preparation": "small"}, [], 99),
    ],
    ids=["mlp", "cnn", "moved", "classic", "small"],
)
def test_the_script_prints_the_pages_numbers(recipe, changes, rates, step, tmp_path):
    run = a_run(recipe, changes, mnist()[1])
    run.planned = list(rates)
    with one_core():
        run.train_to(step)
    assert run.changes == rates
    assert_prints_the_same(run, run_script(script(run), tmp_path, str(ASSETS / "mnist")))


def test_the_script_reads_digits_and_weights_of_ones_own(few, tmp_path, monkeypatch):
    own = Digits(*(array[:90] for array in mnist()[0]))
    first = a_run("mlp", TINY, few, 2)
    run = LoadedRun(read_weights("a b.npz", write_weights(first)), own, few)
    with one_core():
        run.train_to(4)
    assert own_digits(run) == ("train", "test")
    (tmp_path / run.file).write_bytes(write_weights(first))
    (tmp_path / own_file(run, "train")).write_bytes(write_digits_csv(own))
    (tmp_path / own_file(run, "test")).write_bytes(write_digits_csv(few))
    text = script(run, own_digits(run), run.file)
    assert_prints_the_same(run, run_script(text, tmp_path))


def test_the_script_of_a_network_that_has_diverged_diverges(few, tmp_path):
    run = a_run("mlp", {**TINY, "lr": 1e6}, mnist()[1], 99)
    assert run.diverged is not None
    printed = run_script(script(run), tmp_path, str(ASSETS / "mnist"))
    assert np.isnan(printed[f"step {run.diverged.step} loss"])
    if run.step:
        assert printed[f"step {run.step} loss"] == run.losses[-1]


def test_the_script_of_a_beginning_only_tests(tmp_path):
    run = a_run("classic", TINY, mnist()[1])
    printed = run_script(script(run), tmp_path, str(ASSETS / "mnist"))
    assert printed["at the beginning: test accuracy"] == share_right(run)
    assert len(printed) == 2


def top_names(source):
    """Return the names that a file defines at its top; those in ``try`` are imports."""
    found = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.append((node.name, ast.dump(node)))
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            value = ast.dump(node.value) if node.value else ""
            found += [(t.id, value) for t in targets if isinstance(t, ast.Name)]
    return {name: what for name, what in found if name != "__all__"}


def core_sources():
    for module in pkgutil.iter_modules(core.__path__):
        with open(f"{core.__path__[0]}/{module.name}.py", encoding="utf-8") as file:
            yield module.name, file.read()


def test_no_module_of_core_hides_another_ones_names():
    """In one file, a later function of the same name would take the earlier one's place."""
    seen = {}
    for module, source in core_sources():
        for name, what in top_names(source).items():
            earlier = seen.setdefault(name, (module, what))
            assert earlier[1] == what, f"{name} is in core.{earlier[0]} and in core.{module}"


@each_kind
def test_the_program_hides_nothing_of_the_library(recipe, changes, few):
    run = a_run(recipe, changes, few, 2)
    text = program(run, ("train", "test"), "w.npz")
    assigned = {
        node.id
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    library = {name for _, source in core_sources() for name in top_names(source)}
    assert {"model", "loss", "events"} <= assigned
    assert not assigned & library
    whole = script(run)
    assert ("class Conv2d" in whole) == (recipe == "cnn")
    assert ("class ThreeLayerNetwork" in whole) == recipe.startswith("classic")
    assert "class DigitsRun" not in whole


def test_what_can_be_downloaded_is_that_script(visit):
    visitor = visit("mnist", **TINY, view="code")
    visitor.run.train_to(3)
    visitor.look()
    assert SCRIPT in visitor.drawn()
    shown = [code.value.strip() for code in visitor.at.code]
    assert program(visitor.run).strip() in shown
    [address] = [code for code in shown if "done=3" in code]
    assert "layers=8" in address


# --------------------------------------------------------------------------- the code that ran


@pytest.mark.parametrize(
    ("params", "parts", "others"),
    [
        (
            {"recipe": "cnn"},
            {"core.conv.Conv2d", "core.pool.MaxPool2d", "core.optim.Adam", "core.training.fit"},
            {"core.augment.Augmentation"},
        ),
        (
            {"recipe": "classic"},
            {"core.classic.ThreeLayerNetwork", "core.classic.fit_classic", "core.losses.MSELoss"},
            {"core.training.fit", "core.augment.rotate"},
        ),
        (
            {"recipe": "mlp-best", "layers": "8-8"},
            {"core.augment.Augmentation", "core.schedule.one_cycle", "core.layers.Dropout"},
            {"core.conv.Conv2d"},
        ),
    ],
    ids=["cnn", "classic", "best"],
)
def test_the_code_that_is_shown_is_the_code_in_play(visit, params, parts, others):
    visitor = visit("mnist", **params, train_size=200, view="code", lang="zh")
    named = {expander.label.strip("`") for expander in visitor.at.expander}
    assert parts <= named
    assert not others & named


def test_digits_of_ones_own_are_said_to_be_missing_in_a_link(visit, few):
    visitor = visit("mnist", **TINY, view="code")
    visitor.at.session_state[session.OWN] = {"test": few}
    visitor.look()
    assert visitor.run.test is few
    assert visitor.word("mnist_code.link_own") in visitor.complaints()
    assert f"`{own_file(visitor.run, 'test')}`" in "".join(box.value for box in visitor.at.info)
    assert json.dumps(own_file(visitor.run, "test")) in program(visitor.run, ("test",))
