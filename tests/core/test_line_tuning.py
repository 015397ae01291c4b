"""A reader that is trained on: the loss falls, only the copy changes, and numbers are checked."""

import copy

import numpy as np
import pytest

from core.line_reader import LineReader, line_network
from core.line_tuning import share_read, tune_reader


def bars(count, rng):
    """Draw pictures that say 1 or 11: one thick upright bar, or two."""
    drawn = []
    for _ in range(count):
        picture = np.full((32, 64), 255, np.uint8)
        number = int(rng.integers(1, 3))
        for place in range(number):
            picture[6:26, 14 + 24 * place : 20 + 24 * place] = 0
        drawn.append((picture, "1" * number))
    return drawn


@pytest.mark.slow
def test_a_new_reader_learns_two_kinds_of_pictures():
    rng = np.random.default_rng(1)
    reader = LineReader(line_network(3, dropout=0.0))
    before = copy.deepcopy(reader)
    losses = list(tune_reader(reader, lambda count: bars(count, rng), 25, 8))
    assert len(losses) == 25
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:3])
    for name, array in before.model.params.items():
        assert array.tobytes() != reader.model.params[name].tobytes() or not array.any()


def test_a_copy_leaves_the_first_as_it_was():
    rng = np.random.default_rng(2)
    reader = LineReader(line_network(4))
    kept = {name: array.copy() for name, array in reader.model.params.items()}
    for _ in tune_reader(copy.deepcopy(reader), lambda count: bars(count, rng), 2, 2):
        pass
    assert all((kept[name] == array).all() for name, array in reader.model.params.items())


def test_the_share_that_is_read():
    class Knows:
        def read(self, picture, alphabet):
            return type("Reading", (), {"text": str(int(picture[0, 0]))})

    pictures = [(np.full((2, 2), k, np.uint8), str(k if k < 3 else 9)) for k in range(4)]
    assert share_read(Knows(), pictures, "digits") == 0.75


@pytest.mark.parametrize(("steps", "batch"), [(0, 1), (1, 0), (-1, 4)])
def test_numbers_are_checked(steps, batch):
    with pytest.raises(ValueError, match="at least 1 step"):
        list(tune_reader(LineReader(line_network(1)), lambda count: [], steps, batch))
