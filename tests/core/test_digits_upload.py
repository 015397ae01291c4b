"""Digits that are brought: files that go together, or a sentence; nothing is trusted."""

import gzip

import numpy as np
import pytest

from core.digits import write_idx
from core.digits_error import DigitsError
from core.digits_text import write_digits_csv, write_digits_text
from core.digits_upload import read_digits
from tests.core.digit_files import caught, make_digits


@pytest.fixture
def digits():
    return make_digits()


def test_files_that_do_not_go_together(digits):
    images, labels = write_idx(digits, compress=True)
    text = write_digits_csv(digits)
    i, w, c = ("i.gz", images), ("w.gz", labels), ("c.csv", text)
    for files, code, file in [
        ([], "files", ""),
        ([i, w, c], "files", ""),
        ([i], "labels_missing", "i.gz"),
        ([w], "images_missing", "w.gz"),
        ([i, ("j.gz", images)], "not_labels", "j.gz"),
        ([w, ("j.gz", labels)], "not_images", "j.gz"),
        ([i, c], "mixed", "c.csv"),
        ([c, c], "mixed", "c.csv"),
        ([i, ("w.idx", write_idx(make_digits(3))[1])], "counts", "w.idx"),
        ([("i.idx", images[:-5]), w], "gzip", "i.idx"),
        ([i, ("w.idx", labels[:5])], "gzip", "w.idx"),
        ([("b.csv.gz", gzip.compress(text))], "magic", "b.csv.gz"),
        ([("", b"")], "empty", ""),
    ]:
        error = caught(read_digits, files)
        assert (error.code, error.file) == (code, file), files
        assert str(error).startswith(f"{file}: " if file else "expected")


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_brought_gives_digits_or_a_digits_error(digits, seed):
    rng = np.random.default_rng(seed)
    forms = [*write_idx(digits), *write_idx(digits, compress=True), write_digits_csv(digits)]
    for content in (*forms, write_digits_text(digits)):
        broken = bytearray(content)
        for place in rng.integers(0, min(len(broken), 2000), 3):
            broken[place] = rng.integers(256)
        upload = [("a", bytes(broken[: rng.integers(1, len(broken))]))]
        if seed % 2:
            upload.append(("b", forms[1]))
        try:
            assert len(read_digits(upload)) > 0
        except DigitsError as error:
            assert str(error)
