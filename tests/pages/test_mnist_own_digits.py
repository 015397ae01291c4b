"""Digits of one's own in the MNIST lesson: brought, refused with a sentence, taken home."""

import gzip

import numpy as np
import pytest

from core.digits import write_idx
from core.digits_text import read_digits_csv, read_digits_text, write_digits_csv, write_digits_text
from core.digits_upload import read_digits
from pages._mnist.data_own import files_of
from tests.pages.data_view import TINY, part, some, table
from ui.digits import mnist
from ui.i18n import LANGUAGES

OWN = "mnist.own"


@pytest.fixture
def look(visit):
    """Give a function that opens the view."""
    return lambda **params: visit("mnist", **{**TINY, "view": "data", **params})


def bring(visitor, *files):
    """Upload files, given as (name, content)."""
    visit_number = max(
        int(key.rpartition(".")[2]) for key in visitor.drawn() if key.startswith("mnist.data.files")
    )
    uploader = visitor.at.file_uploader(key=f"mnist.data.files.{visit_number}")
    uploader.set_value([(name, content, "") for name, content in files])
    return visitor.look()


def errors(visitor):
    return [box.value for box in visitor.at.error]


# ------------------------------------------------------------------------------- digits brought


@pytest.mark.parametrize("language", LANGUAGES)
def test_own_digits_take_the_place_of_mnists_and_give_it_back(look, language):
    visitor = part(look(lang=language), "own")
    run = visitor.run
    own = some(12, labels=[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9])
    bring(visitor, ("mine.csv", write_digits_csv(own)))
    assert visitor.run is not run
    np.testing.assert_array_equal(visitor.run.train.images, own.images)
    assert visitor.run.test is mnist()[1]
    counts = " · ".join(f"{k}: {3 if k == 9 else 1}" for k in range(10))
    said = visitor.word("mnist_data.uses_own_train", n="12", counts=counts)
    assert said in visitor.text()
    np.testing.assert_array_equal(table(visitor)[0], own.images[0])
    visitor.train()
    assert len(visitor.run.epochs) == 1
    visitor.press("mnist.data.back.train")
    assert visitor.run.train is mnist()[0]
    assert visitor.at.session_state[OWN] == {}


@pytest.mark.parametrize("form", ["csv", "text", "idx"])
def test_every_form_can_be_brought(look, form):
    visitor = part(look(), "own")
    visitor.put("button_group", "mnist.data.own_role", "test")
    own = some(3, labels=[7, 7, 2])
    images, labels = write_idx(own)
    files = {
        "csv": [("a.csv", write_digits_csv(own))],
        "text": [("a.txt", write_digits_text(own))],
        "idx": [("l", labels), ("i", gzip.compress(images))],
    }
    bring(visitor, *files[form])
    assert errors(visitor) == []
    np.testing.assert_array_equal(visitor.run.test.images, own.images)
    np.testing.assert_array_equal(visitor.run.test.labels, own.labels)
    assert visitor.settings.digit == 60_000
    for name in ("inputs", "all"):
        part(visitor, name)
    visitor.put("selectbox", "mnist.data.only", 4)
    assert visitor.word("mnist_data.no_examples", k=4) in visitor.text()
    visitor.press("mnist.data.another")
    assert visitor.settings.digit == 60_000


def test_one_half_of_an_idx_pair_waits_for_the_other(look):
    visitor = part(look(), "own")
    images, labels = write_idx(some(3))
    bring(visitor, ("i", images))
    sentence = visitor.word(
        "digits.in_file", file="i", sentence=visitor.word("digits.labels_missing")
    )
    assert errors(visitor) == [sentence]
    visitor.language("zh")
    assert visitor.word("digits.labels_missing") in errors(visitor)[0]
    bring(visitor, ("i", images), ("l", labels))
    assert errors(visitor) == []
    assert len(visitor.run.train) == 3


def bad_files():
    good = write_digits_csv(some(5))
    lines = good.splitlines()
    short = b"\n".join([*lines[:2], lines[2].rpartition(b",")[0], *lines[3:]])
    images, labels = write_idx(some(5))
    return {
        "columns": ([("a.csv", short)], {"row": 3, "got": 784, "expected": 785}),
        "pixel": (
            [("a.csv", good.replace(lines[1][2:], b"ten," + lines[1][2:].partition(b",")[2]))],
            None,
        ),
        "label": ([("a.csv", b"10" + good[1:])], None),
        "magic": ([("a", b"\0\0\x08\x09" + images[4:]), ("b", labels)], None),
        "short": ([("a", images[:-9]), ("b", labels)], None),
        "files": ([("a", images), ("b", labels), ("c", labels)], {"got": 3}),
        "form": ([("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")], None),
    }


@pytest.mark.parametrize("code", list(bad_files()))
def test_a_bad_file_gets_a_sentence_and_nothing_is_taken_over(look, code):
    visitor = part(look(), "own")
    run = visitor.run
    files, values = bad_files()[code]
    bring(visitor, *files)
    assert len(errors(visitor)) == 1
    start = visitor.word(f"digits.{code}", **values) if values else ""
    assert start in errors(visitor)[0]
    assert visitor.run is run
    assert OWN not in visitor.at.session_state
    bring(visitor, ("good.csv", write_digits_csv(some(4))))
    assert errors(visitor) == []
    assert len(visitor.run.train) == 4


@pytest.mark.usefixtures("short_slices")
def test_a_run_that_plays_is_untouched_by_what_is_brought(look):
    # So wide that no run ends meanwhile, not even the one that learns from nine digits.
    visitor = part(look(layers="512", train_size=20_000, epochs=100), "own")
    visitor.press("mnist.play")
    run, step = visitor.run, visitor.run.step
    train = run.train
    bring(visitor, ("bad.csv", b"1,2,3\n"))
    assert len(errors(visitor)) == 1
    assert visitor.run is run
    assert run.playing
    bring(visitor, ("good.csv", write_digits_csv(some(9))))
    assert visitor.run is run
    assert run.playing
    assert run.step > step
    assert run.train is train
    assert visitor.word("mnist_data.own_waits") in visitor.text()
    visitor.press("mnist.apply")
    assert visitor.run is not run
    assert len(visitor.run.train) == 9
    visitor.press("mnist.play")
    assert visitor.word("mnist_data.own_waits") not in visitor.text()


def test_the_server_forgets_a_file_once_it_has_been_read(look, monkeypatch):
    forgotten = []
    monkeypatch.setattr("pages._mnist.data_own.forget", lambda files: forgotten.extend(files))
    visitor = part(look(), "own")
    bring(visitor, ("a.csv", write_digits_csv(some(2))))
    bring(visitor, ("b.csv", b"nothing"))
    assert [file.name for file in forgotten] == ["a.csv", "b.csv"]


# ---------------------------------------------------------------------------- digits taken home


@pytest.mark.parametrize("role", ["train", "test"])
def test_what_is_taken_home_can_be_brought_back(role):
    own = some(6)
    read = {"csv": read_digits_csv, "text": read_digits_text}
    for form, reader in read.items():
        ((_, build),) = files_of(own, form, role).items()
        np.testing.assert_array_equal(reader(build()).images, own.images)
    built = [(name, build()) for name, build in files_of(own, "idx", role).items()]
    back = read_digits(built)
    np.testing.assert_array_equal(back.images, own.images)
    np.testing.assert_array_equal(back.labels, own.labels)


def test_a_download_has_as_many_digits_as_were_asked_for(look):
    visitor = part(look(), "own")
    visitor.put("number_input", "mnist.data.take", 37)
    visitor.put("button_group", "mnist.data.take_role", "train")
    assert "mnist.data.download.train-37.csv" in visitor.drawn()
    visitor.put("button_group", "mnist.data.form", "idx")
    names = [key for key in visitor.drawn() if key.startswith("mnist.data.download")]
    assert len(names) == 2
    assert visitor.word("mnist_data.form_idx_is", n="37") in visitor.text()
    bring(visitor, ("two.csv", write_digits_csv(some(2))))  # fewer than are asked for
    assert "mnist.data.download.train-2-images-idx3-ubyte.gz" in visitor.drawn()
