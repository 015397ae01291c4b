"""Broken IDX files: each is refused for what is wrong with it, and a bomb does not go off."""

import gzip
import tracemalloc

import numpy as np
import pytest

from core.digits import read_idx, read_idx_images, read_idx_labels, write_idx
from core.digits_error import MAX_DIGITS
from core.digits_upload import read_digits
from tests.core.digit_files import caught, make_digits


@pytest.fixture
def digits():
    return make_digits()


def idx(*sizes: int, magic: int = 2051, body: int = 0) -> bytes:
    return np.array([magic, *sizes], ">u4").tobytes() + bytes(body)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    ("content", "code", "got"),
    [
        (b"", "empty", ""),
        (idx(0, 28, 28), "empty", ""),
        (idx(1, 28, 28, magic=2050, body=784), "magic", "00 00 08 02"),
        (b"\x89PNG\r\n", "magic", "89 50 4e 47"),
        (b"\0\0", "magic", "00 00"),
        (idx(1, 32, 28, body=896), "size", "32x28"),
        (idx(1, 784, magic=2049), "not_images", ""),
        (idx(2, 28, 28, body=2 * 784 - 1), "short", "1,583"),
        (idx(2, 28, 28, body=2 * 784 + 1), "long", ""),
        (idx(2, 28, 28)[:-1], "short", "15"),
        (idx(10**9, 28, 28, body=784), "too_many", "1,000,000,000"),
        (idx(2**32 - 1, 28, 28), "too_many", "4,294,967,295"),
        (idx(MAX_DIGITS + 1, 28, 28), "too_many", "70,001"),
    ],
)
def test_broken_images_are_refused(content, code, got, pack):
    error = caught(read_idx_images, pack(content))
    assert (error.code, error.got, error.row) == (code, got, None)
    assert error.got in str(error)


@pytest.mark.parametrize(
    ("content", "code", "row", "got"),
    [
        (idx(3, magic=2049) + b"\1\x0a\xff", "idx_label", 2, "10"),
        (idx(3, magic=2049) + b"\1\2", "short", None, "10"),
        (idx(3, magic=2049) + b"\1\2\3\4", "long", None, ""),
        (idx(1, 28, 28, body=784), "not_labels", None, ""),
        (idx(10**9, magic=2049), "too_many", None, "1,000,000,000"),
    ],
)
def test_broken_labels_are_refused(content, code, row, got):
    error = caught(read_idx_labels, content)
    assert (error.code, error.row, error.got) == (code, row, got)


def test_sizes_are_said():
    error = caught(read_idx_images, idx(2, 28, 28, body=100))
    assert str(error) == "expected 1,584 bytes, as the header says, got only 116"


def test_as_many_labels_as_images(digits):
    images, labels = write_idx(digits)[0], write_idx(make_digits(6))[1]
    error = caught(read_idx, images, labels)
    assert (error.code, error.expected, error.got) == ("counts", "7", "6")


@pytest.mark.parametrize("cut", [3, 12, 200, -9, -4, -1])
def test_a_truncated_gzip_is_refused(digits, cut):
    assert caught(read_idx_images, write_idx(digits, compress=True)[0][:cut]).code == "gzip"


@pytest.mark.parametrize("place", [40, 1000, -6])
def test_a_damaged_gzip_is_refused(digits, place):
    content = bytearray(write_idx(digits, compress=True)[0])
    content[place] ^= 0xFF
    assert caught(read_idx_images, bytes(content)).code in ("gzip", "short", "long")


LABEL_FILE = idx(1, magic=2049, body=1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("header", "code", "limit"),
    [
        (b"", "magic", 2e6),
        (idx(1000, 28, 28), "long", 5e6),
        (idx(10**9, 28, 28), "too_many", 2e6),
        (idx(MAX_DIGITS, 28, 28), "long", 60e6),
    ],
)
def test_a_gzip_bomb_does_not_go_off(header, code, limit):
    bomb = gzip.compress(header + bytes(100_000_000), compresslevel=1)
    tracemalloc.start()
    try:
        error = caught(read_digits, [("labels", LABEL_FILE), ("bomb.gz", bomb)])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (error.code, error.file) == (code, "bomb.gz")
    assert peak < limit
