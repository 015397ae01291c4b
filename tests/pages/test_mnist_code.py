"""The MNIST lesson's code: the script prints the page's numbers, and what is shown is what ran."""

import ast
import json
import pkgutil
import subprocess
import sys

import numpy as np
import pytest

import core
from core.digits import Digits
from core.digits_text import write_digits_csv
from core.threads import one_core
from pages._mnist import session
from pages._mnist.run import Change
from pages._mnist.script import own_file, program, script
from pages._mnist.weights import (
    LoadedRun,
    open_file,
    own_digits,
    read_weights,
    share_right,
    write_weights,
)
from tests.pages.digit_runs import MOVED, PADDED, TINY, a_run, each_kind
from ui.digits import mnist
from ui.i18n import ASSETS

SCRIPT = "mnist.code.script"


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
        timeout=600,
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
    run = LoadedRun(read_weights("a b.npz", *open_file(write_weights(first))), own, few)
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
