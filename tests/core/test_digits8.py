"""The small digits: as they were published, and parted as scikit-learn parts them."""

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from core.digits8 import DIGITS8_PIXELS, Digits8, load_digits8, split_digits8

PATH = Path(__file__).parents[2] / "assets" / "digits8" / "optdigits.tes.gz"
PUBLISHED = "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8"


@pytest.fixture(scope="module")
def digits():
    return load_digits8(PATH.read_bytes())


def lines(digits):
    rows = np.column_stack([digits.images.reshape(-1, 64), digits.labels])
    return "".join(",".join(map(str, row)) + "\n" for row in rows.tolist())


def test_they_are_complete(digits):
    assert (digits.images.dtype, digits.images.shape) == (np.uint8, (1797, 8, 8))
    assert (digits.labels.dtype, digits.labels.shape) == (np.int64, (1797,))
    assert (digits.images.min(), digits.images.max()) == (0, 16)
    # The counts that the data set's description publishes.
    assert np.bincount(digits.labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_they_are_the_published_ones(digits):
    assert hashlib.sha256(gzip.decompress(PATH.read_bytes())).hexdigest() == PUBLISHED
    assert hashlib.sha256(lines(digits).encode()).hexdigest() == PUBLISHED
    assert PATH.stat().st_size < 60_000


def test_the_split_is_the_notes_split(digits):
    train, test = split_digits8(digits)
    numbered = Digits8(np.arange(1797), np.arange(1797))
    learned, held = (part.labels for part in split_digits8(numbered))
    # From sklearn.model_selection.train_test_split(..., test_size=0.1, random_state=0).
    assert held[:8].tolist() == [1081, 1707, 927, 713, 262, 182, 303, 895]
    assert learned[:8].tolist() == [353, 5, 58, 1349, 1025, 575, 1074, 1110]
    assert (len(held), learned[-1]) == (180, 684)
    assert np.array_equal(np.sort(np.concatenate([learned, held])), np.arange(1797))
    for part, rows in ((train, learned), (test, held)):
        assert np.array_equal(part.images, digits.images[rows])
        assert np.array_equal(part.labels, digits.labels[rows])


def test_another_seed_is_another_split(digits):
    _, test = split_digits8(digits, 50, 1)
    _, other = split_digits8(digits, 50, 2)
    assert len(test.labels) == 50
    assert not np.array_equal(test.images, other.images)


@pytest.mark.slow
def test_inputs_are_the_notes_inputs(digits):
    inputs = DIGITS8_PIXELS(digits.images)[:, 0]
    assert inputs == pytest.approx(digits.images / 16 * 0.99 + 0.01, abs=1e-6)


@pytest.mark.parametrize("test", [0, -1, 1797])
def test_an_empty_part_is_a_sentence(digits, test):
    with pytest.raises(ValueError, match="split_digits8 expected 1 to 1796 digits to test"):
        split_digits8(digits, test)


@pytest.mark.parametrize("content", [b"", b"0,1,2\n", PATH.read_bytes()[:20_000]])
def test_a_file_that_is_no_gzip_is_a_sentence(content):
    with pytest.raises(ValueError, match=r"load_digits8 expected (a whole gzip file|lines of 65)"):
        load_digits8(content)


ROW = "0," * 64


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "expected lines of 65 whole numbers"),
        ("0," * 63 + "1\n", "expected lines of 65 whole numbers"),
        (ROW + "1,2\n" + "0," * 63 + "1\n", "expected lines of 65 whole numbers"),
        (ROW + "x\n", "expected lines of 65 whole numbers"),
        (ROW + "-1\n", "expected lines of 65 whole numbers"),
        (ROW + "100\n", "expected lines of 65 whole numbers"),
        (ROW + "10\n", "labels up to 9, got 0 and 10"),
        ("17," + ROW[2:] + "1\n", "counts up to 16 and labels up to 9, got 17 and 1"),
    ],
)
def test_what_is_no_table_of_digits_is_a_sentence(text, sentence):
    with pytest.raises(ValueError, match=sentence):
        load_digits8(gzip.compress(text.encode()))


def test_a_bomb_is_not_unpacked():
    with pytest.raises(ValueError, match="expected lines of 65"):
        load_digits8(gzip.compress(bytes(12 << 20)))
