"""The commands for people: they run from anywhere, say what came out, and what they cannot do."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from core.checkpoint import load
from core.recipes import RECIPES

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
