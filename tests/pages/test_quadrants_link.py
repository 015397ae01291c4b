"""What a link says comes true, bit for bit; what it says in vain is said; the script agrees."""

import json
import subprocess
import sys

import pytest

from pages._quadrants.script import script
from pages._quadrants.session import link_params
from pages._quadrants.settings import Settings, same_experiment

SPIRALS = {
    "data": "spirals",
    "hidden": "8,6",
    "activation": "tanh",
    "init": "xavier_uniform",
    "optimizer": "adam",
    "lr": 0.02,
    "batch": 16,
    "noise": 0.15,
    "test": 0.25,
    "seed": 12,
}
OWN = {
    "data": "own",
    "points": "x, y, class\n1.5, 0.1, I\n-1, 2, II\n-0.3, -2.25, 2\n3, 3, VI",
    "hidden": "5",
    "activation": "sigmoid",
    "init": "kaiming_normal",
    "optimizer": "rmsprop",
    "l2": 0,
}


def train_and_meddle(visitor):
    """Train, change the learning rate and a weight at rest, train on; return the visitor."""
    visitor.view("neurons").train()
    visitor.put("number_input", "quadrants.lr", 0.013)
    visitor.put("number_input", "quadrants.weight.1", -0.7321)
    visitor.train()
    return visitor.put("number_input", "quadrants.weight.0", 0.1 + 0.2)


def assert_same(visitor, other):
    assert other.run.step == visitor.run.step
    assert other.bits() == visitor.bits()
    assert other.run.losses == visitor.run.losses
    assert sorted(other.run.changes) == sorted(visitor.run.changes)
    assert other.run.optimizer.lr == visitor.run.optimizer.lr
    assert same_experiment(other.run.settings, visitor.run.settings)
    assert not other.run.playing


@pytest.mark.parametrize("settings", [{}, SPIRALS, OWN, {"hidden": ""}, {"lr": 0.7 / 10}])
def test_a_link_leads_to_the_same_bits(visit, settings):
    visitor = visit(**settings, steps=400, px=-1.25, view="code").train()
    link = link_params(visitor.settings, visitor.run)
    assert visitor.params == {"lang": "en", **link}
    other = visit(**link).wait()
    assert_same(visitor, other)
    assert other.complaints() == []
    assert (other.settings.px, other.settings.view, other.settings.steps) == (-1.25, "code", 400)
    assert other.params == visitor.params


@pytest.mark.parametrize("settings", [{}, SPIRALS])
def test_a_link_remembers_what_was_changed_on_the_way(visit, settings):
    visitor = train_and_meddle(visit(**settings, steps=150))
    assert len(visitor.run.changes) == 3
    other = visit(**visitor.params).wait()
    assert_same(visitor, other)
    # And both go on in the same way.
    visitor.press("quadrants.one")
    other.press("quadrants.one")
    assert_same(visitor, other)


def test_a_link_remembers_what_was_changed_before_the_first_step(visit):
    visitor = visit(view="neurons").put("number_input", "quadrants.weight.2", 2.5)
    assert_same(visitor, visit(**visitor.params).wait())
    visitor.press("quadrants.one")
    assert_same(visitor, visit(**visitor.params).wait())


def test_a_link_does_not_take_longer_where_one_watched_in_slow_motion(visit):
    visitor = visit(step=1500, speed=1).wait(looks=60)
    assert visitor.run.step == 1500
    assert visitor.settings.speed == 1


def test_a_link_to_other_settings_while_a_run_is_on_its_way_leads_to_that_run(visit):
    visitor = visit(data="moons", view="playground").press("quadrants.play")
    visitor.put("slider", "quadrants.noise", 0.45)
    visitor.at.session_state["runs"]["quadrants"].playing = False
    link = link_params(visitor.settings, visitor.run)
    assert_same(visitor, visit(**link).wait())


def test_the_address_opens_the_same_step_of_the_walk(visit):
    visitor = visit(walk=3, present=1)
    assert (visitor.params["walk"], visitor.params["present"]) == ("3", "1")
    other = visit(**visitor.params)
    assert other.params == visitor.params
    assert "walk" in other.drawn()
    visitor = visit(walk=99).press("walk.next")
    assert "walk" not in visitor.drawn()
    assert "walk" not in visitor.params


def test_the_code_view_shows_the_link(visit):
    visitor = visit(lang="zh", seed=5, hidden="2,3", view="code")
    [address] = [code.value for code in visitor.at.code if "?" in code.value.split("seed=5")[0]]
    assert "hidden=2%2C3" in address
    assert "lang=zh" in address


def test_too_many_points_for_a_link_are_said(visit):
    rows = "\n".join(f"{i / 100!r}, {-i / 300!r}, {i % 3 + 1}" for i in range(900))
    visitor = visit(view="playground")
    visitor.put("text_area", "quadrants.table", rows).press("quadrants.take")
    assert len(visitor.run.data[0]) == 900
    visitor.view("code")
    assert visitor.word("code.too_many_points") in visitor.complaints()
    assert "points" not in visitor.params
    other = visit(**visitor.params)
    assert other.complaints() == []
    assert other.settings.data == "four_points"


# --------------------------------------------------------------------------- bad links


def test_each_wild_value_of_a_link_is_said_once(visit):
    wild = {"lr": "abc", "hidden": "10**9", "seed": "-5", "view": "<script>"}
    visitor = visit(**wild, data="own", points="1,2,1\n1,two,1\n3,3,3")
    assert len(visitor.complaints()) == len(wild) + 1
    for name in wild:
        assert sum(f"**{name}**" in sentence for sentence in visitor.complaints()) == 1
    [error] = [box.value for box in visitor.at.error]
    assert "two" in error
    expected = Settings(seed=0)
    assert visitor.settings == expected
    # Said once: at the next thing that is done the sentences are gone, and the link is mended.
    visitor.look()
    assert visitor.complaints() == []
    assert visitor.params == {"lang": "en", "seed": "0"}


@pytest.mark.parametrize(
    "changes",
    [
        "nonsense",
        "1:lr",
        "1:lr:0",
        "1:lr:nan",
        "1:lr:1e9",
        "x:lr:0.1",
        "-1:lr:0.1",
        "1:0.weight:1",
        "1:0.weight@0:1",
        "1:0.weight@0.0:inf",
        "1:0.weight@0.99:1",
        "1:9.weight@0.0:1",
        "1:__class__@0:1",
        "1:0.bias@1:1:1",
        ";;;:",
    ],
)
def test_changes_that_cannot_be_read_are_said_and_left_out(visit, changes):
    visitor = visit(changes=changes, step=1)
    assert len(visitor.complaints()) == 1
    visitor.wait()
    assert visitor.run.changes == visitor.run.planned == []
    assert (visitor.run.step, visitor.params["step"]) == (1, "1")


@pytest.mark.parametrize(
    "got", ["![](//host/x.png)", "[x](//host)", "$x^2$", ":red[x]", "`x`", "**x**"]
)
def test_what_a_link_says_is_quoted_not_obeyed(visit, got):
    """A link comes from anybody: it must not put pictures, links or formulas into the page."""
    visitor = visit(view=got, changes=got, data="own", points=f"1,2,{got}")
    assert len(visitor.complaints()) == 3
    for sentence in visitor.complaints():
        # Marks that are left as they are do what they say.
        assert got not in _without_code(sentence)


def _without_code(markdown):
    """Cut out what stands in backticks: there, marks are only characters."""
    fence = "``" if "``" in markdown else "`"
    return "".join(markdown.split(fence)[::2])


@pytest.mark.parametrize(
    "params",
    [
        {"step": 50, "init": "zeros", "lr": 1000},
        {"step": 20, "hidden": "64,64,64,64", "batch": 1},
        {"data": "blobs", "classes": 6, "n": 20, "test": 0.5, "batch": 2000, "step": 3},
        {"data": "spirals", "n": 20, "classes": 2, "test": 0.04},
        {"data": "own", "points": "1,1,1"},
        {"data": "own", "points": "1,1,1", "test": 0.5, "step": 2},
        {"data": "own", "points": "0,0,6\n0,0,6\n0,0,6\n0,0,6", "test": 0.5},
        {"data": "own", "points": "100,-100,1\n1e-9,0,3", "activation": "step", "step": 5},
        {"hidden": "1", "activation": "none", "view": "neurons"},
        {"hidden": "", "view": "neurons"},
        {"px": 100, "py": -100},
    ],
)
def test_corners_of_what_can_be_set_are_drawn(visit, params):
    visitor = visit(**params).wait()
    assert visitor.complaints() == [box.value for box in visitor.at.warning]
    assert {"controls", "player", "view"} <= visitor.drawn()
    visitor.view("numbers")
    json.dumps(visitor.data("quadrants.grids"), allow_nan=False)
    json.dumps(visitor.data("quadrants.plane-scene"), allow_nan=False)


# --------------------------------------------------------------------------- the script


def run_script(visitor, folder):
    """Run the script that the page offers, all by itself; return what it prints."""
    run = visitor.run
    classes = visitor.data("quadrants.plane-scene")["scene"]["classes"]
    file = folder / "script.py"
    file.write_text(script(run.settings, len(classes), run.step, run.changes), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", file.name],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


def assert_prints_the_same(visitor, lines):
    [loss] = [line.split()[1] for line in lines if line.startswith("loss ")]
    assert loss == repr(visitor.loss())
    [accuracy] = [line.split()[1] for line in lines if line.startswith("accuracy ")]
    assert float(accuracy) == visitor.run.snapshots[-1].accuracy
    printed = [json.loads(line.partition(") ")[2]) for line in lines if line.startswith("(")]
    assert printed == visitor.probabilities().tolist()
    steps = [line.split() for line in lines if line.startswith("step ")]
    assert int(steps[-1][1]) == visitor.run.step
    for _, step, _, loss in steps:
        assert float(loss) == visitor.run.losses[int(step) - 1]


@pytest.mark.parametrize(
    "settings",
    [
        {"step": 10_000, "speed": 1000},
        {**SPIRALS, "step": 200},
        {**OWN, "step": 150},
        {"hidden": "", "data": "blobs", "classes": 3, "step": 50, "init": "fan_in_normal"},
        {"hidden": "4", "activation": "none", "data": "xor", "optimizer": "adagrad", "step": 12},
        {"data": "own", "points": "1,2,1\n-1,0,2\n2,1,3", "test": 0.5, "step": 5},
    ],
    ids=["notes", "spirals", "own", "no hidden layer", "no activation", "three points"],
)
def test_the_script_prints_the_pages_numbers(visit, settings, tmp_path):
    visitor = visit(**settings).wait()
    assert_prints_the_same(visitor, run_script(visitor, tmp_path))


def test_the_script_does_what_was_changed_on_the_way(visit, tmp_path):
    visitor = visit(view="neurons", steps=120).put("number_input", "quadrants.weight.2", 1.5)
    train_and_meddle(visitor)
    assert len(visitor.run.changes) == 4
    lines = run_script(visitor, tmp_path)
    assert_prints_the_same(visitor, lines)


def test_the_script_of_a_network_at_its_beginning(visit, tmp_path):
    visitor = visit(seed=4)
    lines = run_script(visitor, tmp_path)
    [loss] = [line.split()[1] for line in lines if line.startswith("loss ")]
    assert loss == repr(visitor.loss())
    assert not any(line.startswith("step ") for line in lines)


def test_what_can_be_downloaded_is_that_script(visit):
    visitor = visit(step=3, view="code").wait()
    run = visitor.run
    shown = [code.value for code in visitor.at.code]
    whole = script(run.settings, 4, run.step, run.changes)
    assert any(code.strip() and whole.endswith(code.strip() + "\n") for code in shown)
    assert "quadrants.download" in visitor.drawn()
