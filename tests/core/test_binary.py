"""Ink and paper: every way to look at ink against the plainest one there is."""

from collections import deque

import numpy as np
import pytest

from core.binary import component_extents, components, ink_of, ink_strength
from core.cleaning import deskew, despeckle, dilate, erode
from core.otsu import otsu

EMPTY, FULL = np.zeros((5, 7), bool), np.ones((5, 7), bool)


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def inks(rng, count=40):
    """Yield random ink of all densities, in pictures from one pixel on."""
    for _ in range(count):
        yield rng.random(rng.integers(1, 18, 2)) < rng.random()


def strokes(rng):
    """Return ink with long and winding components, as noise hardly has them."""
    ink = np.zeros((40, 60), bool)
    for _ in range(12):
        row, column = rng.integers((40, 60))
        for _ in range(60):
            ink[row, column] = True
            row, column = (row, column) + rng.integers(-1, 2, 2)
            row, column = row % 40, column % 60
    return ink


def test_otsu_leaves_the_least_variance_within_the_classes(rng):
    for spread in (3, 20, 60):
        low, high = rng.normal(80, spread, 300), rng.normal(170, spread, 90)
        grey = np.concatenate([low, high]).clip(0, 255).round()

        def within(threshold, grey=grey):
            parts = grey[grey <= threshold], grey[grey > threshold]
            return sum(((part - part.mean()) ** 2).sum() for part in parts if len(part))

        best = min(within(t) for t in range(256))
        assert within(otsu(grey)) == pytest.approx(best, rel=1e-12)


def test_otsu_parts_two_values_in_their_middle_and_one_value_not_at_all():
    assert otsu(np.array([10, 10, 10, 21], np.uint8)) == 15
    assert otsu(np.array([0, 255])) == 127
    for value in (0, 7, 255):
        assert otsu(np.full((3, 4), value, np.uint8)) == value


@pytest.mark.parametrize("grey", [np.zeros((0, 3)), [-1.0, 5.0], [3.0, 256.0], [1.0, np.nan]])
def test_otsu_wants_pixels(grey):
    with pytest.raises(ValueError, match="otsu expected pixels from 0 to 255"):
        otsu(np.array(grey))


def colour_pairs():
    black, white, red, green = (0, 0, 0), (255, 255, 255), (190, 60, 50), (40, 120, 60)
    return [
        (black, white),
        (white, black),
        (red, green),
        (green, red),
        ((90, 90, 99), (60, 99, 60)),
    ]


@pytest.mark.parametrize(("ink", "paper"), colour_pairs())
def test_ink_is_found_whatever_its_colour(rng, ink, paper):
    wanted = np.zeros((30, 50), bool)
    wanted[8:22, 10:14] = wanted[8:12, 10:40] = wanted[8:22, 30:34] = True
    picture = np.where(wanted[..., None], np.array(ink), np.array(paper))
    noisy = (picture + rng.integers(-4, 5, picture.shape)).clip(0, 255).astype(np.uint8)
    assert np.array_equal(ink_of(noisy), wanted)
    strength = ink_strength(noisy)
    assert strength.dtype == np.uint8
    assert strength[wanted].min() > 150 > 100 > strength[~wanted].max()
    if len(set(ink)) == len(set(paper)) == 1:
        assert np.array_equal(ink_of(noisy[..., 0]), wanted)


def test_what_differs_from_the_paper_the_other_way_is_no_ink():
    picture = np.full((20, 40), 128, np.uint8)
    picture[5:15, 5:9] = picture[5:15, 15:19] = 20
    picture[10, 22:38] = 200
    assert np.array_equal(ink_of(picture), picture == 20)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (6, 8), (6, 8, 3)])
@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_blank_picture_has_no_ink(shape, value):
    assert not ink_of(np.full(shape, value, np.uint8)).any()
    assert not ink_of((np.arange(np.prod(shape)) % 6 + value // 2).reshape(shape)).any()


@pytest.mark.parametrize("shape", [(4,), (4, 5, 2), (4, 5, 3, 1), (0, 5), (4, 0, 3)])
def test_pictures_that_are_none(shape):
    with pytest.raises(ValueError, match="ink_strength expected a picture"):
        ink_of(np.zeros(shape, np.uint8))


def square_around(ink, row, column, size):
    """Return the pixels of the picture in the square that belongs to a pixel."""
    top, left = row - (size - 1) // 2, column - (size - 1) // 2
    rows, columns = slice(max(0, top), top + size), slice(max(0, left), left + size)
    return ink[rows, columns]


def mirrored(ink, row, column, size):
    """Return the pixels whose squares reach a pixel."""
    return square_around(ink[::-1, ::-1], len(ink) - 1 - row, ink.shape[1] - 1 - column, size)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 40])
def test_morphology_pixel_by_pixel(rng, size):
    for ink in inks(rng, 12):
        for row, column in np.ndindex(ink.shape):
            assert dilate(ink, size)[row, column] == square_around(ink, row, column, size).any()
            assert erode(ink, size)[row, column] == mirrored(ink, row, column, size).all()


def test_openings_add_nothing_and_closings_take_nothing(rng):
    for ink in [*inks(rng), EMPTY, FULL]:
        size = int(rng.integers(1, 6))
        opened, closed = dilate(erode(ink, size), size), erode(dilate(ink, size), size)
        assert (opened <= ink).all()
        assert (ink <= closed).all()
        assert np.array_equal(dilate(erode(opened, size), size), opened)
        assert np.array_equal(erode(dilate(closed, size), size), closed)
        assert np.array_equal(~dilate(~ink, 3), erode(ink, 3))


def flooded(ink):
    """Label components one pixel after the other."""
    labels, count = np.zeros(ink.shape, int), 0
    for start in np.argwhere(ink).tolist():
        if labels[tuple(start)]:
            continue
        count += 1
        labels[tuple(start)] = count
        waiting = deque([start])
        while waiting:
            row, column = waiting.popleft()
            for r in range(max(0, row - 1), min(len(ink), row + 2)):
                for c in range(max(0, column - 1), min(ink.shape[1], column + 2)):
                    if ink[r, c] and not labels[r, c]:
                        labels[r, c] = count
                        waiting.append([r, c])
    return labels, count


def test_components_are_what_a_flood_reaches(rng):
    spiral = np.zeros((15, 15), bool)
    for k in range(0, 8, 2):
        spiral[k, k : -k or None] = spiral[k : 15 - k, 14 - k] = True
        spiral[14 - k, k : 15 - k] = spiral[k + 2 : 15 - k, k] = True
        spiral[k + 2, k : k + 2] = True
    for ink in [*inks(rng, 60), EMPTY, FULL, spiral, strokes(rng), strokes(rng)[:, ::-1]]:
        labels, count = components(ink)
        expected, expected_count = flooded(ink)
        assert count == expected_count
        assert np.array_equal(labels, expected)


def test_extents_and_despeckling_component_by_component(rng):
    for ink in [*inks(rng), EMPTY, FULL]:
        labels, count = components(ink)
        boxes, sizes = component_extents(labels, count)
        smallest = int(rng.integers(0, 8))
        kept = np.zeros_like(ink)
        for place in range(count):
            rows, columns = np.nonzero(labels == place + 1)
            box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
            assert (boxes[place].tolist(), sizes[place]) == (box, len(rows))
            if len(rows) >= smallest:
                kept |= labels == place + 1
        assert boxes.shape == (count, 4)
        assert np.array_equal(despeckle(ink, smallest), kept)


def slanted(slope, columns=(20, 60, 100)):
    """Return upright bars, sheared: row r moves to the right by slope·(H/2 − r)."""
    ink = np.zeros((41, 121), bool)
    for column in columns:
        for row in range(5, 36):
            begin = column + round(slope * (20 - row))
            ink[row, begin : begin + 4] = True
    return ink


@pytest.mark.parametrize("slope", [-0.9, -0.5, -0.2, 0.0, 0.3, 0.6, 1.0])
def test_slanted_bars_become_upright_each_where_it_stands(slope):
    ink = slanted(slope)
    upright, angle = deskew(ink)
    assert angle == pytest.approx(np.degrees(np.arctan(slope)), abs=0.5)
    assert upright.sum() == ink.sum()
    room = (upright.shape[1] - ink.shape[1]) // 2
    middles = [np.flatnonzero(row).reshape(3, 4).mean(axis=1) for row in upright[5:36]]
    assert np.abs(np.array(middles) - room - (21.5, 61.5, 101.5)).max() <= 1.0
    assert abs(deskew(upright)[1]) < 1.5


def test_a_line_of_upright_characters_that_climbs_is_not_slanted():
    ink = np.zeros((60, 90), bool)
    for place in range(6):
        ink[5 + 6 * place : 25 + 6 * place, 5 + 14 * place : 9 + 14 * place] = True
    assert deskew(ink)[1] == 0


def test_deskewing_nothing_and_everything(rng):
    for ink in [EMPTY, FULL, np.ones((1, 5), bool), np.eye(3, 50, dtype=bool)]:
        upright, angle = deskew(ink)
        assert upright.sum() == ink.sum()
        assert len(upright) == len(ink)
        assert -45 <= angle <= 45
    for ink in inks(rng):
        assert deskew(ink)[0].sum() == ink.sum()


@pytest.mark.parametrize("ink", [np.ones((3, 3)), np.ones(3, bool), np.ones((0, 3), bool)])
def test_ink_that_is_none(ink):
    for function in (components, deskew, lambda ink: dilate(ink, 3), lambda ink: erode(ink, 3)):
        with pytest.raises(ValueError, match="expected ink as bools"):
            function(ink)


def test_sizes_that_do_not_fit():
    for function, size in ((dilate, 0), (erode, 0), (despeckle, -1)):
        with pytest.raises(ValueError, match=f"expected a number of pixels from .*got {size}"):
            function(FULL, size)
