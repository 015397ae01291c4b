"""Digits as text: read as programs and people write it, and a bad one says where it is bad."""

import io
import tracemalloc

import pytest

from core.digits_error import MAX_DIGITS
from core.digits_text import (
    read_digits_csv,
    read_digits_text,
    write_digits_csv,
    write_digits_text,
)
from core.digits_upload import read_digits
from tests.core.digit_files import caught, make_digits, same


@pytest.fixture
def digits():
    return make_digits()


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


@pytest.mark.slow
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
