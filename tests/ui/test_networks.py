"""The networks that come with the app are as good as their notes say, and nobody can spoil them."""

import shutil

import numpy as np
import pytest

from core.checkpoint import CheckpointError, load, save
from core.maps import passage, twins
from core.recipes import RECIPES, Learner
from ui import networks
from ui.digits import mnist
from ui.networks import WEIGHTS, course, shipped

COURSES = sorted(p.stem.removesuffix("-course") for p in WEIGHTS.glob("*-course.npz"))
TRAINED = sorted(p.stem for p in WEIGHTS.glob("*.npz") if p.stem in RECIPES)  # others read lines


def scores(learner, count):
    """Return accuracy and mean loss on the first test images."""
    images, labels = (array[:count] for array in mnist()[1])
    answer = passage(twins(learner.model))
    parts = [answer(learner.prepare(images[i : i + 500])) for i in range(0, count, 500)]
    outputs = np.concatenate(parts)
    return np.mean(outputs.argmax(axis=1) == labels), learner.test_loss(outputs, labels)


def fits(share, noted, count):
    """Whether a share of some images may be that of all: within four deviations."""
    return abs(share - noted) < 4 * np.sqrt(max(noted * (1 - noted), 1 / count) / count)


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """Have the files looked for in an empty folder."""
    monkeypatch.setattr(networks, "WEIGHTS", tmp_path)
    for read in (shipped, course):
        read.clear()
    yield tmp_path
    for read in (shipped, course):
        read.clear()


def test_there_are_some():
    assert "cnn-best" in TRAINED
    assert "cnn-small" in COURSES


@pytest.mark.parametrize("name", TRAINED)
def test_a_trained_network_is_as_good_as_it_says(name):
    found = shipped(name)
    assert (found.name, found.learner.recipe) == (name, RECIPES[name])
    assert found.accuracy > (0.99 if "cnn" in name else 0.97)
    assert fits(scores(found.learner, 1000)[0], found.accuracy, 1000)
    assert shipped(name) is found


@pytest.mark.parametrize("name", COURSES)
def test_a_course_leads_from_nothing_to_a_network_that_reads(name):
    moments = course(name)
    steps = [moment.step for moment in moments]
    assert steps[0] == 0
    assert steps == sorted(set(steps))
    assert 0.05 < moments[0].accuracy < 0.15
    assert moments[0].loss == pytest.approx(np.log(10), abs=0.1)
    assert moments[-1].accuracy > 0.985
    assert steps[-1] == RECIPES[name].epochs * moments[-1].learner.steps_per_epoch(60_000)
    gaps = np.diff(steps)
    assert gaps[0] < gaps[-1]
    assert (WEIGHTS / f"{name}-course.npz").stat().st_size < 1 << 20


@pytest.mark.parametrize("name", COURSES)
def test_a_course_begins_with_the_weights_of_its_seed(name):
    _, notes = load(WEIGHTS / f"{name}-course.npz")
    fresh = Learner(RECIPES[name], notes["seed"])
    first = course(name)[0].learner
    assert first.recipe == fresh.recipe
    assert first.prepare.to_dict() == notes["prepare"]
    for key, array in first.model.params.items():
        assert array.dtype == np.float32
        assert np.array_equal(array, fresh.model.params[key].astype(np.float16))


@pytest.mark.slow
@pytest.mark.parametrize("name", COURSES)
def test_every_moment_of_a_course_is_as_good_as_it_says(name):
    last = course(name)[-1]
    accuracy, loss = scores(last.learner, 10_000)
    assert accuracy == pytest.approx(last.accuracy, abs=2e-4)  # other processors round otherwise
    assert loss == pytest.approx(last.loss, rel=1e-3)
    for moment in course(name)[:-1]:
        assert fits(scores(moment.learner, 500)[0], moment.accuracy, 500), moment.step


def test_nobody_can_write_to_what_all_share():
    for learner in (shipped("cnn-best").learner, course("cnn-small")[3].learner):
        weights = learner.model.state_dict()
        for array in learner.model.params.values():
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0
        images, labels = (array[:4] for array in mnist()[0])
        with pytest.raises(ValueError, match="read-only"):
            list(learner.fit((images, labels), epochs=1))
        assert all(np.array_equal(learner.model.params[key], weights[key]) for key in weights)
        own = Learner(learner.recipe, 1)
        own.model.load_state_dict(weights)
        list(own.fit((images, labels), epochs=1))
        assert not np.array_equal(own.model.params["0.weight"], weights["0.weight"])


def test_a_course_is_read_moment_by_moment(elsewhere):
    learner = Learner(RECIPES["mlp-adam"], 2)
    state = learner.model.state_dict()
    stacks = {key: np.stack([array, -2 * array]) for key, array in state.items()}
    settings = {"settings": {"layers": "128", "init": "xavier_uniform", "batch_size": 32}}
    moments = [{"step": 0, "accuracy": 0.1, "loss": 2.0}, {"step": 7, "accuracy": 0.5, "loss": 1.0}]
    save(elsewhere / "mine-course.npz", stacks, **settings, seed=2, moments=moments)
    first, second = course("mine")
    assert (first.step, first.accuracy, first.loss) == (0, 0.1, 2.0)
    assert second.step == 7
    for key, array in state.items():
        assert np.array_equal(first.learner.model.params[key], array)
        assert np.array_equal(second.learner.model.params[key], -2 * array)


def test_a_file_that_is_missing_or_damaged_is_an_error(elsewhere):
    for read, end in ((shipped, ""), (course, "-course")):
        with pytest.raises(FileNotFoundError):
            read("gone")
        (elsewhere / f"bad{end}.npz").write_bytes(b"no weights")
        with pytest.raises(CheckpointError):
            read("bad")
    path = shutil.copy(networks.ASSETS / "weights" / "cnn-best.npz", elsewhere / "cut.npz")
    state, notes = load(path)
    save(path, dict(list(state.items())[1:]), **notes)
    with pytest.raises(KeyError, match=r"0\.weight"):
        shipped("cut")
