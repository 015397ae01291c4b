"""Digits to be written to files, and what reading them back says."""

import numpy as np
import pytest

from core.digits import Digits
from core.digits_error import DigitsError


def make_digits(count: int = 7) -> Digits:
    rng = np.random.default_rng(count)
    images = rng.integers(0, 256, (count, 28, 28), np.uint8)
    images[:, :5] = 0
    images[0, 5, :4] = 9, 10, 99, 100
    return Digits(images, np.arange(count, dtype=np.int64) % 10)


def same(a: Digits, b: Digits) -> bool:
    return all(
        x.dtype == y.dtype and np.array_equal(x, y) for x, y in zip((*a,), (*b,), strict=True)
    )


def caught(read, *arguments) -> DigitsError:
    with pytest.raises(DigitsError) as error:
        read(*arguments)
    return error.value
