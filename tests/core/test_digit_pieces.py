"""What is the digit, what is dirt on the paper, and where two digits stand side by side."""

import numpy as np
import pytest

from core.digit_picture import prepare_digit
from core.digit_pieces import main_pieces, pieces
from core.surroundings import block_mean, box_mean, extreme_around, outermost, paper_under
from tests.core.drawn_digits import STROKES, on_paper, pen

# ------------------------------------------------------------------------------------------ specks


@pytest.mark.parametrize("digit", STROKES)
def test_specks_do_not_change_the_digit(digit):
    ink = pen(digit, 130, 12, (90, 90))
    clean = prepare_digit(on_paper(ink))
    dirty = ink.copy()
    for top, left in [(5, 5), (8, 270), (272, 20), (250, 250), (140, 12), (60, 60)]:
        dirty[top : top + 5, left : left + 5] = 1
    made = prepare_digit(on_paper(dirty))
    assert made.box == clean.box
    assert np.abs(made.image.astype(int) - clean.image).max() <= 2
    assert made.ink[5:10, 5:10].max() == 0


def test_a_piece_needs_more_ink_the_farther_away_it_is():
    ink = np.zeros((200, 300), bool)
    ink[50:150, 40:60] = True  # 2,000 pixels, 100 long
    kept = []
    for gap, size in [(4, 11), (4, 7), (40, 11), (90, 11), (90, 18)]:
        other = ink.copy()
        other[90 : 90 + size, 60 + gap : 60 + gap + size] = True
        kept.append(bool(main_pieces(other, other)[:, 61:].any()))
    assert kept == [True, False, False, False, True]


def test_a_faint_piece_counts_by_what_is_strong_in_it():
    weak = np.zeros((100, 100), bool)
    weak[20:80, 20:30] = weak[20:80, 40:60] = True
    strong = weak.copy()
    strong[:, 40:] = False
    assert np.array_equal(main_pieces(weak, strong), strong)
    strong[50:60, 45:60] = True
    assert np.array_equal(main_pieces(weak, strong), weak)


def test_a_frame_and_what_comes_in_from_the_border_of_a_photo_are_no_digit():
    digit = pen(7, 130, 12, (90, 70)) > 0.5
    frame = np.zeros((280, 280), bool)
    frame[10:270, 10:270] = True
    frame[13:267, 13:267] = False
    assert np.array_equal(main_pieces(digit | frame, digit | frame), digit)
    assert np.array_equal(main_pieces(frame, frame), frame)
    table = np.zeros((280, 280), bool)
    table[:, :60] = True
    both = digit | table
    assert np.array_equal(main_pieces(both, both, framed=True), digit)
    assert np.array_equal(main_pieces(both, both), both)
    assert np.array_equal(main_pieces(table, table, framed=True), table)


# --------------------------------------------------------------------------------- one or several


@pytest.mark.parametrize("digit", STROKES)
def test_one_digit_is_one_piece_even_if_it_is_broken(digit):
    ink = pen(digit)
    assert len(pieces(ink)) == 1
    for row in (110, 140, 170):
        broken = ink.copy()
        broken[row : row + 6] = 0
        assert len(pieces(broken)) == 1
    assert pieces(np.zeros((20, 20))) == []


@pytest.mark.parametrize("first", STROKES)
@pytest.mark.parametrize("second", STROKES)
def test_two_digits_side_by_side_are_two(first, second):
    shape = (160, 316)
    ink = np.maximum(pen(first, 110, 10, (15, 20), shape), pen(second, 90, 8, (125, 40), shape))
    found = pieces(prepare_digit(on_paper(ink)).ink)
    assert len(found) == 2
    (left, top, right, bottom), other = found
    assert right < other[0]
    rows, columns = np.nonzero(ink[:, :115] > 0.5)
    assert (left, top) == pytest.approx((columns.min(), rows.min()), abs=2)
    assert (right, bottom) == pytest.approx((columns.max() + 1, rows.max() + 1), abs=2)
    beside = np.maximum(ink, pen(first, 100, 10, (220, 30), shape))
    assert len(pieces(prepare_digit(on_paper(beside)).ink)) == 3


# ------------------------------------------------------------------------------------ surroundings


def around(image, radius, reduce):
    """Look at every square by itself."""
    height, width = image.shape
    return np.array(
        [
            [
                reduce(
                    image[max(0, r - radius) : r + radius + 1, max(0, c - radius) : c + radius + 1]
                )
                for c in range(width)
            ]
            for r in range(height)
        ]
    )


@pytest.mark.parametrize("shape", [(9, 13), (1, 20), (20, 2)])
@pytest.mark.parametrize("radius", [0, 1, 2, 3, 5, 30])
def test_means_and_extremes_are_those_of_the_squares(shape, radius):
    image = np.random.default_rng(radius).integers(0, 256, shape).astype(np.uint8)
    assert box_mean(image.astype(np.float32), radius) == pytest.approx(
        around(image, radius, np.mean), abs=1e-3
    )
    for extreme, reduce in ((np.maximum, np.max), (np.minimum, np.min)):
        found = extreme_around(extreme, image, radius)
        assert found.dtype == np.uint8
        assert np.array_equal(found, around(image, radius, reduce))


def test_blocks_are_averaged_and_small_images_stay():
    image = np.random.default_rng(0).random((50, 70)).astype(np.float32)
    assert block_mean(image, 70) is image
    half = block_mean(image, 35)
    assert half == pytest.approx(image.reshape(25, 2, 35, 2).mean((1, 3)), abs=1e-6)
    assert block_mean(image, 30).shape == (17, 24)
    assert block_mean(np.full((50, 70), 3.0, np.float32), 16) == pytest.approx(3.0)
    assert sorted(outermost(np.arange(20).reshape(4, 5))) == [
        *(0, 1, 2, 3, 4, 5, 9, 10, 14, 15, 16, 17, 18, 19)
    ]


def test_the_paper_under_strokes_follows_slopes_and_shadows():
    y, x = np.indices((120, 160))
    for light in (200 - 0.6 * x - 0.2 * y, np.where(x + y > 140, 110.0, 220.0)):
        stroke = np.abs(x - 0.5 * y - 30) < 6
        dark = np.where(stroke, 0.3 * light, light).astype(np.float32)
        paper = paper_under(dark, 1 / 5, beyond=True).astype(float)
        assert np.abs(paper - light).mean() < 3
        assert np.abs(paper - light)[stroke].mean() < 12
