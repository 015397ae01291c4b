"""The commands for people: they run from anywhere, say what came out, and what they cannot do."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.checkpoint import load
from core.digits import load_mnist
from core.recipes import RECIPES, Learner, Recipe
from core.training import predict

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent


def run(script: str, *arguments: str, where: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, str(ROOT / "scripts" / script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=where, encoding="utf-8")


def test_train_says_how_good_it_became_and_keeps_the_weights(tmp_path):
    file = tmp_path / "mlp.npz"
    arguments = ("mlp", "--epochs", "1", "--seed", "3", "--json", "--save", str(file))
    done = run("train.py", *arguments, where=tmp_path)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["recipe"], result["seed"], result["epochs"]) == ("mlp", 3, 1)
    assert 0.95 < result["accuracy"] < 0.98
    assert result["images_per_second"] == pytest.approx(60_000 / result["seconds"], rel=0.01)
    assert result["parameters"] == 101_770
    assert "epoch 1: mean loss" in done.stderr
    state, notes = load(file)
    assert state["1.weight"].shape == (128, 784)
    assert notes["accuracy"] == result["accuracy"]
    assert notes["settings"]["lr"] == 0.01


def test_train_keeps_a_course_of_what_it_learned(tmp_path):
    last, whole = tmp_path / "last.npz", tmp_path / "course.npz"
    arguments = ("mlp", "--epochs", "1", "--seed", "3", "--save", str(last), "--course", str(whole))
    done = run("train.py", *arguments, where=tmp_path)
    assert done.returncode == 0, done.stderr
    stacks, notes = load(whole)
    moments = notes["moments"]
    early = [5, 10, 20, 40, 80, 160, 320, 640, 1280]
    assert [moment["step"] for moment in moments] == [0, *early, 1875]
    assert (notes["recipe"], notes["seed"], notes["tested"]) == ("mlp", 3, 10_000)
    test = load_mnist(ROOT / "assets" / "mnist")[1]
    learner = Learner(Recipe(**notes["settings"]), 3)
    fresh = learner.model.state_dict()
    assert all(np.array_equal(stacks[n][0], a.astype(np.float16)) for n, a in fresh.items())
    for place, moment in enumerate(moments):
        state = {name: stack[place] for name, stack in stacks.items()}
        learner.model.load_state_dict(state)
        outputs = predict(learner.model, test.images, prepare=learner.prepare)
        assert moment["accuracy"] == np.mean(outputs.argmax(axis=1) == test.labels)
        assert moment["loss"] == pytest.approx(learner.test_loss(outputs, test.labels))
    state, told = load(last)
    assert all(np.array_equal(stacks[n][-1], a.astype(np.float16)) for n, a in state.items())
    assert abs(told["accuracy"] - moments[-1]["accuracy"]) <= notes["rounding"] < 0.002


def test_train_takes_several_seeds_and_gives_their_mean(tmp_path):
    done = run("train.py", "mlp", "--epochs", "0", "--seeds", "2", where=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "mlp, seed 1",
        "mlp, seed 2",
        "mlp, mean of 2 seeds",
    ]


def test_train_without_a_name_lists_the_recipes(tmp_path):
    done = run("train.py", where=tmp_path)
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(RECIPES)


@pytest.mark.parametrize(
    "arguments", [("nothing",), ("mlp", "--epochs", "-1"), ("mlp", "--seeds", "0")]
)
def test_train_refuses_what_makes_no_sense(arguments, tmp_path):
    done = run("train.py", *arguments, where=tmp_path)
    assert done.returncode == 2
    assert "error:" in done.stderr
    assert "Traceback" not in done.stderr
