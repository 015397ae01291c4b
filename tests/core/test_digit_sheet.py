"""A sheet holds digits so that anybody sees which is which, and gives them back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.digit_sheet import read_sheet, write_sheet
from core.digits import Digits
from core.digits_error import DigitsError


def some_digits(labels):
    rng = np.random.default_rng(len(labels))
    images = rng.integers(1, 256, (len(labels), 28, 28)).astype(np.uint8)
    return Digits(images, np.array(labels, np.int64))


@given(st.lists(st.integers(0, 9), min_size=1, max_size=25))
def test_what_is_written_is_read_by_label(labels):
    digits = some_digits(labels)
    sheet = write_sheet(digits)
    assert sheet.shape == (280, 28 * np.bincount(labels).max())
    found = read_sheet(sheet)
    order = np.argsort(digits.labels, kind="stable")
    assert np.array_equal(found.images, digits.images[order])
    assert np.array_equal(found.labels, digits.labels[order])


def test_row_seven_holds_the_sevens():
    digits = some_digits([7, 2, 7])
    sheet = write_sheet(digits)
    assert np.array_equal(sheet[196:224], np.hstack([digits.images[0], digits.images[2]]))
    assert np.array_equal(sheet[56:84, :28], digits.images[1])
    assert np.count_nonzero(sheet) == np.count_nonzero(digits.images)


@pytest.mark.parametrize("shape", [(280, 30), (252, 28), (280, 0), (280, 28 * 201), (28, 28)])
def test_another_size_is_no_sheet(shape):
    with pytest.raises(DigitsError) as caught:
        read_sheet(np.ones(shape, np.uint8))
    assert caught.value.code == "sheet"
    assert f"{shape[1]} × {shape[0]}" in str(caught.value)


def test_an_empty_sheet_holds_nothing():
    with pytest.raises(DigitsError) as caught:
        read_sheet(np.zeros((280, 56), np.uint8))
    assert caught.value.code == "empty"
    with pytest.raises(ValueError):
        write_sheet(Digits(np.empty((0, 28, 28), np.uint8), np.empty(0, np.int64)))
