"""Digits: MNIST is the published one, and what is written is read back."""

import gzip
import hashlib
import io
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest

from core.digits import Digits, load_mnist, read_idx, write_idx
from core.digits_error import DigitsError
from core.digits_text import (
    read_digits_csv,
    read_digits_text,
    write_digits_csv,
    write_digits_text,
)
from core.digits_upload import read_digits
from tests.core.digit_files import caught, make_digits, same

MNIST = Path(__file__).parents[2] / "assets" / "mnist"


@pytest.fixture(scope="module")
def mnist():
    return load_mnist(MNIST)


@pytest.fixture
def digits():
    return make_digits()


# ------------------------------------------------------------------------------------------- MNIST


def test_mnist_is_complete(mnist):
    train, test = mnist
    assert (len(train), len(test)) == (60_000, 10_000)
    assert train.images.shape == (60_000, 28, 28)
    assert test.images.shape == (10_000, 28, 28)
    zeros_to_nines = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(train.labels).tolist() == zeros_to_nines
    assert np.bincount(test.labels).tolist() == [
        980,
        1135,
        1032,
        1010,
        982,
        892,
        958,
        1028,
        974,
        1009,
    ]
    assert train.labels[:5].tolist() == [5, 0, 4, 1, 9]
    for part in mnist:
        assert (part.images.dtype, part.labels.dtype) == (np.uint8, np.int64)
        assert (part.images.min(), part.images.max()) == (0, 255)


def test_mnist_files_have_the_published_sums():
    sums = {
        "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
        "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
        "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
        "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
    }
    for name, expected in sums.items():
        content = gzip.decompress((MNIST / f"{name}.gz").read_bytes())
        assert hashlib.md5(content, usedforsecurity=False).hexdigest() == expected


def test_the_test_set_written_again_is_the_published_file(mnist):
    images, labels = write_idx(mnist[1])
    assert (
        hashlib.md5(images, usedforsecurity=False).hexdigest() == "2646ac647ad5339dbf082846283269ea"
    )
    assert (
        hashlib.md5(labels, usedforsecurity=False).hexdigest() == "27ae3e4e09519cfbb04c329615203637"
    )


@pytest.fixture
def copied(tmp_path):
    """Return a folder with copies of MNIST's files."""
    for path in MNIST.glob("*.gz"):
        shutil.copy(path, tmp_path)
    return tmp_path


def test_a_missing_file_is_named(copied):
    (copied / "train-labels-idx1-ubyte.gz").unlink()
    error = caught(load_mnist, copied)
    assert (error.code, error.file) == ("missing", "train-labels-idx1-ubyte.gz")
    assert str(copied) in str(error)


def test_a_damaged_file_is_named(copied):
    path = copied / "train-labels-idx1-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-1000])
    error = caught(load_mnist, str(copied))
    assert (error.code, error.file) == ("gzip", path.name)
    assert str(error) == (
        f"{path.name}: expected a whole gzip file, got a damaged or truncated one"
    )


def test_a_file_that_is_not_the_published_one_is_named(copied, mnist):
    labels = mnist[0].labels.copy()
    labels[17] ^= 1
    path = copied / "train-labels-idx1-ubyte.gz"
    path.write_bytes(write_idx(Digits(mnist[0].images[:1].repeat(60_000, axis=0), labels))[1])
    error = caught(load_mnist, copied)
    assert (error.code, error.file) == ("checksum", path.name)
    assert error.expected == "a25bea736e30d166cdddb491f175f624"
    assert error.got in str(error)


# --------------------------------------------------------------------------- Digits and DigitsError


def test_digits_are_a_pair_that_counts_its_images(digits):
    images, labels = digits
    assert len(digits) == len(images) == len(labels) == 7
    assert same(pickle.loads(pickle.dumps(digits)), digits)


def test_an_error_survives_a_pickle_and_is_a_value_error():
    error = DigitsError("pixel", 3, 4, "x" * 100, file="a.csv")
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, ValueError)
    assert str(again) == str(error)
    assert str(error) == (
        "a.csv: row 3, column 4: expected a whole number from 0 to 255, got '" + "x" * 40 + "'"
    )


# ------------------------------------------------------------------------------------- round trips


@pytest.mark.parametrize("compress", [False, True])
def test_written_idx_is_read_back(digits, compress):
    images, labels = write_idx(digits, compress=compress)
    assert same(read_idx(images, labels), digits)
    assert same(read_idx(io.BytesIO(images), io.BytesIO(labels)), digits)
    assert same(read_digits([("a", images), ("b", labels)]), digits)
    assert same(read_digits([("b", labels), ("a", images)]), digits)


@pytest.mark.parametrize(
    ("write", "read"),
    [(write_digits_csv, read_digits_csv), (write_digits_text, read_digits_text)],
    ids=["csv", "text"],
)
@pytest.mark.parametrize("count", [1, 7, 300])  # 300 are more than one block
def test_written_text_is_read_back(write, read, count):
    digits = make_digits(count)
    content = write(digits)
    assert same(read(content), digits)
    assert same(read(io.BytesIO(content)), digits)
    assert same(read_digits([("", content)]), digits)


def test_every_value_in_every_length_is_read_back():
    images = np.arange(784).astype(np.uint8).reshape(1, 28, 28)
    digits = Digits(images, np.array([9], np.int64))
    assert same(read_digits_csv(write_digits_csv(digits)), digits)
    assert same(read_digits_text(write_digits_text(digits)), digits)


def test_what_is_written_is_what_the_forms_say(digits):
    first = digits.images[0]
    line = write_digits_csv(digits).split(b"\n")[0]
    assert line == ",".join(map(str, [0, *first.ravel()])).encode()
    lines = write_digits_text(digits).decode().split("\n")
    assert lines[:28] == ["\t".join(map(str, row)) for row in first]
    assert lines[28] == "0"
    assert len(lines) == 7 * 29 + 1
    images, labels = write_idx(digits)
    assert images[:16] == bytes.fromhex("00000803 00000007 0000001c 0000001c")
    assert labels == bytes.fromhex("00000801 00000007") + bytes(range(7))


def test_compressed_files_have_no_time_stamp(digits):
    for file in write_idx(digits, compress=True):
        assert file[:4] == b"\x1f\x8b\x08\x00"
        assert file[4:8] == bytes(4)


def test_what_is_read_can_be_written_to(digits):
    for read in (read_idx(*write_idx(digits)), read_digits_csv(write_digits_csv(digits))):
        read.images[0] = 1
        read.labels[0] = 1


@pytest.mark.parametrize(
    "wrong",
    [
        Digits(np.zeros((2, 28, 28)), np.zeros(2, int)),
        Digits(np.zeros((2, 784), np.uint8), np.zeros(2, int)),
        Digits(np.zeros((2, 28, 28), np.uint8), np.zeros(3, int)),
        Digits(np.zeros((2, 28, 28), np.uint8), np.zeros((2, 1), int)),
        Digits(np.zeros((2, 28, 28), np.uint8), np.zeros(2)),
        Digits(np.zeros((2, 28, 28), np.uint8), np.array([0, 10])),
        Digits(np.zeros((2, 28, 28), np.uint8), np.array([-1, 0])),
        Digits(np.zeros((0, 28, 28), np.uint8), np.zeros(0, int)),
    ],
)
@pytest.mark.parametrize("write", [write_idx, write_digits_csv, write_digits_text])
def test_what_could_not_be_read_back_is_not_written(write, wrong):
    with pytest.raises(ValueError, match="whole numbers from 0 to 9, with N from 1 to 70,000"):
        write(wrong)
