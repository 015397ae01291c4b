"""Digits: MNIST is the published one, what is written is read back, and nothing is trusted."""

import gzip
import hashlib
import io
import pickle
import shutil
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from core.digits import (
    Digits,
    load_mnist,
    read_idx,
    read_idx_images,
    read_idx_labels,
    write_idx,
)
from core.digits_error import MAX_DIGITS, DigitsError
from core.digits_text import (
    read_digits_csv,
    read_digits_text,
    write_digits_csv,
    write_digits_text,
)
from core.digits_upload import read_digits

MNIST = Path(__file__).parents[2] / "assets" / "mnist"


def make_digits(count: int = 7) -> Digits:
    rng = np.random.default_rng(count)
    images = rng.integers(0, 256, (count, 28, 28), np.uint8)
    images[:, :5] = 0
    images[0, 5, :4] = 9, 10, 99, 100
    return Digits(images, np.arange(count) % 10)


def same(a: Digits, b: Digits) -> bool:
    return all(
        x.dtype == y.dtype and np.array_equal(x, y) for x, y in zip((*a,), (*b,), strict=True)
    )


def caught(read, *arguments) -> DigitsError:
    with pytest.raises(DigitsError) as error:
        read(*arguments)
    return error.value


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
    digits = Digits(images, np.array([9]))
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


# ------------------------------------------------------------------------------------- IDX, broken


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


# ------------------------------------------------------------------------------------ text, broken


def csv_rows(count: int = 3) -> list[str]:
    return write_digits_csv(make_digits(count)).decode().splitlines()


def changed(row: str, column: int, cell: str, separator: str = ",") -> str:
    cells = row.split(separator)
    cells[column - 1] = cell
    return separator.join(cells)


def table(rows: list[str]) -> bytes:
    return "\n".join(rows).encode()


HEADING = ",".join(["label", *(f"{y}x{x}" for y in range(1, 29) for x in range(1, 29))])


@pytest.mark.parametrize(
    "arrange",
    [
        lambda rows: table([HEADING, *rows]),
        lambda rows: table([HEADING, "", *rows]) + b"\n\n",
        lambda rows: b"\xef\xbb\xbf" + table(rows),
        lambda rows: "\r\n".join([HEADING, *rows, ""]).encode(),
        lambda rows: table(rows).replace(b",", b";"),
        lambda rows: table([HEADING, *rows]).replace(b",", b"\t"),
        lambda rows: table(rows).replace(b",", b", "),
        lambda rows: table([rows[0], "", " ", *rows[1:]]) + b"\n",
        lambda rows: table([changed(rows[0], 1, "00"), changed(rows[1], 2, "000"), *rows[2:]]),
    ],
    ids=["heading", "gaps", "mark", "crlf", "semicolon", "tab", "spaces", "empty lines", "padded"],
)
def test_tables_as_programs_write_them(digits, arrange):
    content = arrange(csv_rows(7))
    assert same(read_digits_csv(content), digits)
    assert same(read_digits([("a.csv", content)]), digits)


@pytest.mark.parametrize("separator", [b",", b";", b"\t", b"text form"])
def test_plain_files_are_read_in_blocks_not_line_by_line(separator, monkeypatch):
    monkeypatch.setattr("core.digits_text._read_one_by_one", None)
    digits = make_digits(300)
    if separator == b"text form":
        content = write_digits_text(digits)
    else:
        content = HEADING.encode() + b"\r\n" + write_digits_csv(digits).replace(b",", separator)
    assert same(read_digits([("", content)]), digits)


R = csv_rows()


@pytest.mark.parametrize(
    ("rows", "code", "row", "column", "got"),
    [
        ([], "empty", None, None, ""),
        (["", "  ", ""], "empty", None, None, ""),
        ([HEADING], "empty", None, None, ""),
        ([HEADING, "", ""], "empty", None, None, ""),
        ([R[0].rpartition(",")[0].rpartition(",")[0]], "columns", 1, None, "783"),
        ([HEADING, R[0], R[1] + ",0", R[2]], "columns", 3, None, "786"),
        ([R[0], R[1].rpartition(",")[0], "0," + R[2]], "columns", 2, None, "784"),
        ([R[0], "", R[1].rpartition(",")[0]], "columns", 3, None, "784"),
        ([R[0], R[1], changed(R[2], 785, "abc")], "pixel", 3, 785, "abc"),
        ([changed(R[0], 2, "-1"), R[1]], "pixel", 1, 2, "-1"),
        ([changed(R[0], 9, "256"), R[1]], "pixel", 1, 9, "256"),
        ([changed(R[0], 9, "1e2"), R[1]], "pixel", 1, 9, "1e2"),
        ([changed(R[0], 9, "0.5"), R[1]], "pixel", 1, 9, "0.5"),
        ([changed(R[0], 9, ""), R[1]], "pixel", 1, 9, ""),
        ([changed(R[0], 9, "1 2"), R[1]], "pixel", 1, 9, "1 2"),
        ([changed(R[0], 9, "+1"), R[1]], "pixel", 1, 9, "+1"),
        ([changed(R[0], 9, "1_0"), R[1]], "pixel", 1, 9, "1_0"),
        ([changed(R[0], 9, "٣"), R[1]], "pixel", 1, 9, "٣"),
        ([changed(R[0], 9, "9" * 5000), R[1]], "pixel", 1, 9, "9" * 40),
        ([R[0], changed(R[1], 1, "10")], "label", 2, 1, "10"),
        ([R[0], changed(R[1], 1, "x")], "label", 2, 1, "x"),
        (["x" + R[0], R[1]], "label", 1, 1, "x0"),
        ([R[0], R[1].replace(",", ";")], "columns", 2, None, "1"),
        (["hello", "world"], "columns", 2, None, "1"),
        ([R[0], "1," * 40_000], "line", 2, None, ""),
        ([R[0], "1," * 400_000, R[1]], "line", 2, None, ""),
    ],
)
def test_a_bad_table_says_where(rows, code, row, column, got):
    error = caught(read_digits_csv, table(rows))
    assert (error.code, error.row, error.column, error.got) == (code, row, column, got)
    upload = caught(read_digits, [("my.csv", table(rows))])
    assert str(upload) == f"my.csv: {error}"
    assert error.got in str(error)


def test_rows_are_counted_through_all_blocks():
    rows = [HEADING, *csv_rows(700)]
    rows[650] = changed(rows[650], 300, "x")
    error = caught(read_digits_csv, table(rows))
    assert (error.code, error.row, error.column) == ("pixel", 651, 300)


def test_neither_form(digits):
    for content in (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "1,2".encode("utf-16")):
        assert caught(read_digits, [("a.png", content)]).code == "form"


@pytest.mark.parametrize(
    "arrange",
    [
        lambda text: text.rstrip(b"\n"),
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: b"\xef\xbb\xbf\n" + text + b"\n\n",
        lambda text: b"\n".join(text.split(b"\n")[:29] + [b"", b""] + text.split(b"\n")[29:]),
        lambda text: text.replace(b"\t", b" \t").replace(b"\n", b"\t\n"),
    ],
    ids=["no last newline", "crlf", "mark", "empty lines", "spaces"],
)
def test_the_text_form_as_people_write_it(digits, arrange):
    content = arrange(write_digits_text(digits))
    assert same(read_digits_text(content), digits)
    assert same(read_digits([("a.txt", content)]), digits)


T = write_digits_text(make_digits(2)).decode().splitlines()


@pytest.mark.parametrize(
    ("rows", "code", "row", "column", "got"),
    [
        (T[1:], "pixel_rows", 28, None, "27"),
        (T[:29] + T[30:], "pixel_rows", 57, None, "27"),
        (T[:20], "pixel_rows", 21, None, "20"),
        (T[:28], "label_row", 29, None, "0"),
        (T[:28] + T[29:], "label_row", 29, None, "28"),
        (T[:28] + ["3\t4"], "label_row", 29, None, "2"),
        ([T[0].rpartition("\t")[0], *T[1:]], "columns", 1, None, "27"),
        ([T[0], T[1] + "\t0", *T[2:]], "columns", 2, None, "29"),
        ([T[0], changed(T[1], 4, "x", "\t"), *T[2:]], "pixel", 2, 4, "x"),
        ([changed(T[0], 1, "x", "\t"), *T[1:]], "pixel", 1, 1, "x"),
        ([T[0], changed(T[1], 28, "256", "\t"), *T[2:]], "pixel", 2, 28, "256"),
        ([T[0], changed(T[1], 28, "-3", "\t"), *T[2:]], "pixel", 2, 28, "-3"),
        ([*T[:28], "10", *T[29:]], "label", 29, 1, "10"),
        ([*T[:28], "x"], "label", 29, 1, "x"),
    ],
)
def test_a_bad_text_says_where(rows, code, row, column, got):
    for error in (
        caught(read_digits_text, table(rows)),
        caught(read_digits, [("a.txt", table(rows))]),
    ):
        assert (error.code, error.row, error.column, error.got) == (code, row, column, got)


def test_an_empty_text_has_no_digit():
    assert caught(read_digits_text, b"").code == "empty"
    assert caught(read_digits_text, b"\n \n").code == "empty"


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr("core.digits_text.MAX_DIGITS", 6)
    digits = make_digits(6)
    assert same(read_digits_csv(write_digits_csv(digits)), digits)
    heading = HEADING.encode() + b"\n"
    error = caught(read_digits_csv, heading + write_digits_csv(make_digits(9)))
    assert (error.code, error.row) == ("too_many_rows", 8)
    spaced = write_digits_csv(make_digits(9)).replace(b",", b", ")
    assert caught(read_digits_csv, spaced).row == 7
    error = caught(read_digits_text, write_digits_text(make_digits(7)))
    assert (error.code, error.row) == ("too_many_rows", 6 * 29 + 1)


def test_one_digit_more_than_all_of_mnist_is_refused():
    error = caught(read_digits_csv, (b"1" + b",0" * 784 + b"\n") * (MAX_DIGITS + 1))
    assert (error.code, error.row) == ("too_many_rows", 70_001)
    assert str(error) == "row 70001: expected at most 70,000 digits, got more"


def test_a_table_takes_little_more_memory_than_its_digits():
    content = write_digits_csv(make_digits(3000))
    tracemalloc.start()
    try:
        read_digits_csv(io.BytesIO(content))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3000 * 785 * 1.2 + 8e6 < len(content) + 4e6


# ---------------------------------------------------------------------------------------- uploads


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
