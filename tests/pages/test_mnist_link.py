"""What a link to the MNIST lesson says comes true, bit for bit; what it says in vain is said."""

from dataclasses import fields

import numpy as np
import pytest

from core.recipes import RECIPES
from core.threads import one_core
from pages._mnist.run import Change
from pages._mnist.session import link_params, read_changes, write_changes
from pages._mnist.settings import RECIPE_FIELDS, Settings, base_of, recipe_of, settings_of_recipe
from ui.state import from_params, plain, to_params

TINY = {"train_size": 200, "layers": "8", "epochs": 2, "view": "code"}
CNN = {"recipe": "cnn", "train_size": 150, "layers": "3c3p1-avg2-8", "dropout": 0.25}
NOTES = {"recipe": "classic-rotated", "train_size": 200, "layers": "9", "epochs": 2}
MOVED = {
    "recipe": "mlp-best",
    "train_size": 200,
    "layers": "8-8",
    "epochs": 3,
    "batch_size": 32,
    "elastic": 12.5,
    "activation": "tanh",
    "optimizer": "rmsprop",
    "momentum": 0.5,
}
DECAYED = {**TINY, "optimizer": "sgd", "momentum": 0.7, "weight_decay": 1e-3, "schedule": "cosine"}


def reread(settings):
    """Return what a link with these settings is read as."""
    shown = to_params(settings, base_of({"recipe": settings.recipe}))
    shown |= {"recipe": settings.recipe}
    return from_params(Settings, shown, base=base_of(shown))


def train_to(visitor, step):
    """Press Train in no time: as the page does, with one core."""
    with one_core():
        visitor.run.train_to(step)
    return visitor.look()


def bits(run):
    return {name: array.tobytes() for name, array in run.learner.model.params.items()}


def assert_same(visitor, other):
    ours, theirs = visitor.run, other.run
    assert theirs.step == ours.step > 0
    assert theirs.losses == ours.losses
    assert bits(theirs) == bits(ours)
    assert theirs.changes == ours.changes
    assert [epoch[:5] for epoch in theirs.epochs] == [epoch[:5] for epoch in ours.epochs]
    assert recipe_of(theirs.settings) == recipe_of(ours.settings)
    assert not theirs.playing


# --------------------------------------------------------------------------- settings


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_comes_back_from_its_link(name):
    settings = settings_of_recipe(name)
    assert reread(settings) == (settings, [])
    assert recipe_of(settings) == RECIPES[name]


@pytest.mark.parametrize("name", RECIPES)
def test_every_setting_comes_back_from_a_link(name):
    rng = np.random.default_rng(3)
    values = {"recipe": name, "layers": "4c3-max2-7"}
    for field in fields(Settings):
        rule = field.metadata["rule"]
        if rule.kind == "choice" and field.name not in values:
            values[field.name] = str(rng.choice(rule.options))
        elif rule.kind == "whole":
            values[field.name] = int(rng.integers(rule.low, rule.high + 1))
        elif rule.kind == "number":
            values[field.name] = float(rng.uniform(rule.low, rule.high))
    settings = Settings(**values)
    assert reread(settings) == (settings, [])


@pytest.mark.parametrize("name", RECIPES)
def test_a_link_names_only_what_differs_from_its_recipe(visit, name):
    visitor = visit("mnist", recipe=name, seed=7, lang="zh", view="code", train_size=300)
    expected = {"lang": "zh", "seed": "7", "train_size": "300", "view": "code"}
    expected |= {"recipe": name} if name != Settings().recipe else {}
    assert visitor.params == expected
    assert visitor.complaints() == []
    assert recipe_of(visitor.run.settings).layers == RECIPES[name].layers


def test_a_recipe_can_be_changed_by_a_link_in_every_field(visit):
    asked = {**MOVED, "lr": 0.0123, "init": "xavier_uniform", "preparation": "standard"}
    visitor = visit("mnist", **asked, view="code")
    assert visitor.complaints() == []
    for name, value in asked.items():
        assert getattr(visitor.settings, name) == value
        assert visitor.params[name] == str(value)
    assert visitor.run.settings == visitor.settings


# --------------------------------------------------------------------------- bad links


def test_each_wild_value_of_a_link_is_said_once(visit):
    wild = {"lr": "abc", "epochs": "10**9", "seed": "-5", "recipe": "<b>", "dropout": "nan"}
    wild |= {"batch_size": "0", "train_size": "1e99", "view": "![](//host/x.png)", "colour": "red"}
    visitor = visit("mnist", **wild)
    assert len(visitor.complaints()) == len(wild)
    for name in wild:
        assert sum(f"**{name}**" in sentence for sentence in visitor.complaints()) == 1
    for sentence in visitor.complaints():
        assert "![](//host" not in sentence
    known = settings_of_recipe("mlp")
    clamped = {"seed": 0, "batch_size": 1, "train_size": 70_000}
    assert {name: getattr(visitor.settings, name) for name in clamped} == clamped
    kept = [name for name in RECIPE_FIELDS if name not in clamped]
    assert [getattr(visitor.settings, n) for n in kept] == [getattr(known, n) for n in kept]
    visitor.look()
    assert visitor.complaints() == []
    assert "colour" not in visitor.params


@pytest.mark.parametrize(
    "params",
    [
        {"layers": "128-32c3"},
        {"layers": "what"},
        {"layers": "99999"},
        {"layers": "2048-2048-2048"},
        {"recipe": "cnn", "layers": "32c30"},
        {"recipe": "classic", "layers": "30-20"},
        {"recipe": "classic", "layers": ""},
        {"recipe": "classic", "layers": "0"},
        {"recipe": "mlp", "method": "gradient", "layers": "4c3"},
    ],
    ids=lambda params: ",".join(params.values()) or "none",
)
def test_layers_that_are_no_network_are_said_and_the_recipes_are_taken(visit, params):
    visitor = visit("mnist", **params, lang="zh", view="code")
    assert len(visitor.complaints()) == 1
    name = params.get("recipe", "mlp")
    assert recipe_of(visitor.run.settings) == RECIPES[name]
    assert visitor.look().complaints() == []
    assert "layers" not in visitor.params


@pytest.mark.parametrize(
    "changes",
    ["nonsense", "1:", "1:0", "1:nan", "1:1e9", "x:0.1", "-1:0.1", "1:0.1;2:0.1", "1:--5", "1:1e"],
)
def test_changes_that_are_none_are_not_read(changes):
    with pytest.raises(ValueError):
        read_changes(changes)


def test_changes_that_cannot_be_read_are_said_and_left_out(visit):
    visitor = visit("mnist", **TINY, changes="1:0.1,2:[x](//host)", done=2)
    [sentence] = visitor.complaints()
    assert sentence == visitor.word("mnist.bad_changes", got=plain("1:0.1,2:[x](//host)"))
    assert "[x](//host)" not in sentence
    assert visitor.run.planned == []
    train_to(visitor, 2)
    assert visitor.run.changes == []
    assert (visitor.run.step, visitor.params["done"]) == (2, "2")


@pytest.mark.parametrize("lr", [0.1 + 0.2, 1e-6, 1000.0, 7.0, 1.2345678901234567e-05])
def test_changes_come_back_to_the_last_digit(lr):
    changes = [Change(0, 0.5), Change(12, lr), Change(99_999_999, 0.001)]
    assert read_changes(write_changes(changes)) == changes
    assert read_changes("") == []


def test_a_link_made_before_the_first_step_leads_to_the_beginning(visit):
    visitor = visit("mnist", **TINY, seed=3)
    other = visit("mnist", **visitor.params)
    assert bits(other.run) == bits(visitor.run)
    assert other.params == visitor.params
    assert other.run.step == other.run.stop_at == 0


# --------------------------------------------------------------------------- in the middle of a run


@pytest.mark.parametrize(
    ("settings", "step"),
    [(TINY, 9), (CNN, 2), (NOTES, 5), (MOVED, 16), (DECAYED, 5)],
    ids=["mlp", "cnn", "classic", "moved", "decayed"],
)
def test_a_link_leads_to_the_same_bits(visit, settings, step):
    visitor = visit("mnist", **settings, seed=12)
    run = visitor.run
    train_to(visitor, step // 2)
    run.set_rate(visitor.settings.lr / 3)
    train_to(visitor, step)
    assert (run.step, len(run.changes)) == (step, 1)
    link = link_params(visitor.settings, run)
    assert visitor.params == {"lang": "en", **link}
    assert link["changes"] == f"{step // 2}:{run.rate!r}"
    other = visit("mnist", **link)
    assert str(step) in "".join(box.value for box in other.at.info)
    other.press("mnist.play").wait()
    assert_same(visitor, other)
    assert other.complaints() == []
    assert other.params["changes"] == link["changes"]
    # And both go on in the same way.
    for each in (visitor, other):
        train_to(each, step + 2)
    assert_same(visitor, other)


def test_a_link_made_at_the_end_of_an_epoch_leads_there(visit):
    visitor = visit("mnist", **TINY).press("mnist.play").wait()
    assert len(visitor.run.epochs) == 2
    other = visit("mnist", **visitor.params).press("mnist.play").wait()
    assert other.run.losses == visitor.run.losses
    assert bits(other.run) == bits(visitor.run)


def test_a_change_before_the_first_step_is_a_setting_of_its_own(visit):
    visitor = visit("mnist", **TINY).put("number_input", "mnist.lr", 0.05)
    train_to(visitor, 3)
    assert visitor.params["lr"] == "0.05"
    assert "changes" not in visitor.params
    other = visit("mnist", **visitor.params).press("mnist.play").wait()
    assert_same(visitor, other)


def test_a_link_shows_the_run_and_not_what_was_set_while_it_was_on_its_way(visit):
    visitor = visit("mnist", **TINY)
    train_to(visitor, 4)
    visitor.run.playing = True
    visitor.put("number_input", "mnist.epochs", 3)
    visitor.run.playing = False
    link = link_params(visitor.settings, visitor.run)
    assert (link["layers"], link["epochs"], link["done"]) == ("8", "3", str(visitor.run.step))
