"""A whole run in a file: it goes on as if it had never been interrupted, or says what is wrong."""

import io

import numpy as np
import pytest

from core.checkpoint import load, save
from core.resume import ResumeError
from core.threads import one_core
from pages._mnist.kept_run import file_name_of_run, holds_run, read_run, run_of, write_run
from pages._mnist.weights import LoadedRun, WeightsError, open_file, read_weights, write_weights
from tests.pages.digit_runs import TINY, a_run, each_kind
from ui.digits import mnist

FILE, RUN = "mnist.code.file", "mnist.code.run"
SHOWN = ("step", "losses", "places", "changes", "planned", "last_epoch", "stopped", "settings")


def bits(run):
    return {name: array.tobytes() for name, array in run.learner.model.params.items()}


def facts(run):
    """Return all that the page shows of a run, but for the seconds that it took."""
    epochs = [epoch[:-1] for epoch in run.epochs]
    return [getattr(run, name) for name in SHOWN], epochs


def kept(run):
    return read_run("a/b.npz", *open_file(write_run(run)))


def to_the_end(run):
    run.playing = not run.finished
    with one_core():
        while run.playing:
            next(run._course)


@each_kind
def test_it_goes_on_to_the_same_bits(recipe, changes, few):
    whole = a_run(recipe, changes, few)
    to_the_end(whole)
    for step in (1, whole.step // 2, whole.step):
        first = a_run(recipe, changes, few, step)
        second = run_of(kept(first), mnist()[0], few)
        assert facts(second) == facts(first)
        assert bits(second) == bits(first)
        to_the_end(second)
        assert bits(second) == bits(whole)
        assert facts(second) == facts(whole)
        assert np.array_equal(second.outputs(), whole.outputs())


def test_it_can_be_kept_at_any_piece_of_work(few, monkeypatch):
    monkeypatch.setattr("pages._mnist.run.TEST_BATCH", 100)  # so that a test has three pieces
    whole = a_run("mlp", TINY, few)
    to_the_end(whole)
    going = a_run("mlp", TINY, few)
    going.playing = True
    tested = 0
    with one_core():
        while going.playing:
            next(going._course)
            tested += going.untested is not None
            again = run_of(kept(going), mnist()[0], few)
            to_the_end(again)
            assert bits(again) == bits(whole)
            assert facts(again) == facts(whole)
    assert tested >= 2, "it was never kept in the middle of a test"


def test_changes_of_the_rate_and_one_epoch_more_come_along(few):
    whole, first = (a_run("mlp", TINY, few, 3) for _ in range(2))
    for run in (whole, first):
        run.set_rate(0.003)
    second = run_of(kept(first), mnist()[0], few)
    assert second.rate == 0.003
    for run in (whole, second):
        to_the_end(run)
        run.play()
        to_the_end(run)
    assert second.last_epoch == 3
    assert bits(second) == bits(whole)
    assert facts(second) == facts(whole)


def test_a_run_that_began_with_weights_of_a_file_still_says_so(few):
    weights = read_weights("mine.npz", *open_file(write_weights(a_run("mlp", TINY, few, 4))))
    whole, first = (LoadedRun(weights, mnist()[0], few) for _ in range(2))
    with one_core():
        first.train_to(2)
    second = run_of(kept(first), mnist()[0], few)
    assert isinstance(second, LoadedRun)
    assert second.file == "mine.npz"
    for run in (whole, second):
        to_the_end(run)
    assert bits(second) == bits(whole)


def test_other_digits_are_refused(few):
    run = a_run("mlp", TINY, few, 2)
    with pytest.raises(WeightsError) as caught:
        run_of(kept(run), *mnist())
    assert caught.value.code == "digits"


def spoilt(run, name, value):
    """Return a file in which one thing is different."""
    arrays, notes = load(io.BytesIO(write_run(run)))
    place = notes["run"] if name in notes["run"] else arrays if name in arrays else notes
    place[name] = value
    file = io.BytesIO()
    save(file, arrays, **notes)
    return file.getvalue()


BAD = {
    "losses": (np.zeros(3), "resume_progress"),
    "places": (np.zeros((2, 1)), "resume_progress"),
    "epochs": ([[1, 2]], "resume_progress"),
    "changes": ([["a", "b"]], "resume_progress"),
    "seconds": ("long", "resume_progress"),
    "last_epoch": (None, "resume_progress"),
    "untested": ([1], "resume_progress"),
    "run": ([], "not_digits"),
    "digits": ([1, 2], "not_digits"),
    "order": (np.zeros(200, np.int32), "resume_order"),
    "memory": (np.zeros((1, 3)), "resume_memory"),
    "rngs": ({}, "resume_rngs"),
    "progress": ("here", "resume_progress"),
    "model.1.bias": (np.zeros(9), "resume_weights"),
    "settings": ({}, "not_setting_missing"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_whole_is_one_sentence_and_changes_nothing(name, visit, few):
    value, code = BAD[name]
    visitor = visit("mnist", **TINY, view="code")
    run, settings = visitor.run, visitor.settings
    saved = a_run("mlp", TINY, mnist()[1], 2)
    visitor.at.file_uploader(key=FILE).upload("bad.npz", spoilt(saved, name, value), "x")
    visitor.look()
    [said] = visitor.complaints()
    fields = dict.fromkeys(("name", "got", "expected"), "{")
    assert said.startswith(visitor.word(f"mnist_code.{code}", **fields).partition("{")[0])
    assert (visitor.run, visitor.settings) == (run, settings)


def test_a_file_brings_the_run_back_on_the_page(visit):
    visitor = visit("mnist", **TINY, view="code")
    visitor.run.train_to(5)
    before = visitor.run
    visitor.look()
    assert RUN in visitor.drawn()
    saved = a_run("mlp-adam", TINY, mnist()[1], 4)
    visitor.at.file_uploader(key=FILE).upload("mine.npz", write_run(saved), "x")
    visitor.look()
    run = visitor.run
    assert facts(run) == facts(saved)
    assert bits(run) == bits(saved)
    said = visitor.word("mnist_code.goes_on", file="mine.npz", step="4")
    assert said in [box.value.replace("\\", "") for box in visitor.at.info]
    assert visitor.look().run is run, "the settings fit"
    assert visitor.look().complaints() == []
    visitor.press("mnist.bring_back")
    assert visitor.run is before


def test_names_and_kinds_of_files(few):
    run = a_run("mlp", TINY, few, 2)
    assert file_name_of_run(run) == "glassnet_mlp_step_2.npz"
    assert holds_run(open_file(write_run(run))[1])
    assert not holds_run(open_file(write_weights(run))[1])
    with pytest.raises(ResumeError):
        run_of(read_run("x", *open_file(spoilt(run, "rngs", {"order": 3}))), mnist()[0], few)
