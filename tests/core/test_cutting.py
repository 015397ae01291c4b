"""Cutting a line into its characters: what must hold for every way, and for each alone."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from core.captcha import TRAINING_FONTS, draw_captcha, load_fonts, notes_captcha, random_text
from core.captcha_style import CLEAN, CaptchaStyle
from core.cut_reader import clean_ink
from core.cutting import (
    EVENNESS,
    METHODS_OF_CUTTING,
    component_boxes,
    equal_slices,
    estimate_count,
    projection_valleys,
)
from core.cutting_error import CUTTING_SENTENCES, LONGEST_SIDE, CuttingError

FONT_FILES = Path(__file__).parents[2] / "assets" / "fonts"
WIDE = CaptchaStyle(gap=1.0, smallest=40, tallest=40)

every_method = pytest.mark.parametrize(
    "method", METHODS_OF_CUTTING.values(), ids=METHODS_OF_CUTTING
)


@pytest.fixture(scope="module")
def fonts():
    return load_fonts({name: (FONT_FILES / name).read_bytes() for name in TRAINING_FONTS})


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def drawn(*rectangles, shape=(30, 100)):
    """Return ink in rectangles: left, top, right, bottom."""
    ink = np.zeros(shape, bool)
    for left, top, right, bottom in rectangles:
        ink[top:bottom, left:right] = True
    return ink


def some_ink(rng, count=40):
    """Yield ink like text: blocks and dust of all sizes."""
    for _ in range(count):
        height, width = rng.integers((3, 12), (40, 90))
        ink = rng.random((height, width)) < rng.random() * 0.2
        for _ in range(rng.integers(1, 7)):
            left, top = rng.integers((width, height))
            ink[top : top + rng.integers(1, 20), left : left + rng.integers(1, 12)] = True
        yield ink


@every_method
def test_every_piece_is_in_its_box_and_no_ink_belongs_to_two(rng, method):
    for ink in some_ink(rng):
        before = ink.copy()
        count = int(rng.integers(1, min(9, ink.any(axis=0).sum() + 1)))
        cutting = method(ink, count)
        assert np.array_equal(ink, before)
        assert len(cutting.cuts) == count
        assert not cutting.owner[~ink].any()
        assert cutting.owner.max() <= count
        if method is not component_boxes:
            assert cutting.owner[ink].all()
        middles = [cut.left + cut.right for cut in cutting.cuts]
        assert middles == sorted(middles)
        for place, cut in enumerate(cutting.cuts, 1):
            assert 0 <= cut.left < cut.right <= ink.shape[1]
            assert 0 <= cut.top < cut.bottom <= ink.shape[0]
            rows, columns = np.nonzero(cutting.owner == place)
            assert ((cut.left <= columns) & (columns < cut.right)).all()
            assert ((cut.top <= rows) & (rows < cut.bottom)).all()


@every_method
def test_the_same_ink_is_cut_the_same_way(rng, method):
    for ink in some_ink(rng, 10):
        one, other = method(ink, 3), method(ink.copy(), 3)
        assert (one.cuts, one.columns) == (other.cuts, other.columns)
        assert np.array_equal(one.owner, other.owner)


def clean_line(text, style, fonts, seed):
    """Draw a text in one font; return its ink and where ink begins after an empty column."""
    rng = np.random.default_rng(seed)
    ink = clean_ink(draw_captcha(text, style, [fonts[seed % len(fonts)]], rng))[0]
    inked = ink.any(axis=0)
    return ink, np.flatnonzero(inked & ~np.concatenate([[False], inked[:-1]])).tolist()


def begins_of(cutting):
    """Return the first column of each piece's ink."""
    places = range(1, len(cutting.cuts) + 1)
    return [int((cutting.owner == place).any(axis=0).argmax()) for place in places]


@every_method
def test_wide_texts_are_cut_exactly(fonts, rng, method):
    """Where an empty column follows every character, and all are about as wide."""
    seen = 0
    for seed in range(32):
        text = random_text(rng, int(rng.integers(1, 9)), "02345689")
        ink, begins = clean_line(text, WIDE, fonts, seed)
        if len(begins) == len(text):
            seen += 1
            assert begins_of(method(ink, len(text))) == begins, text
    assert seen > 26


@pytest.mark.parametrize("method", [projection_valleys, component_boxes])
def test_clean_captchas_have_one_character_a_box(fonts, rng, method):
    seen = 0
    for seed in range(64):
        ink, begins = clean_line(random_text(rng, 5), CLEAN, fonts, seed)
        if len(begins) == 5:
            seen += 1
            assert begins_of(method(ink, 5)) == begins
            assert estimate_count(ink) == 5
    assert seen > 54


def test_the_notes_slices_are_twenty_columns_wide(fonts):
    ink = notes_captcha("01234", fonts[0])[..., 0] > 127
    cutting = equal_slices(ink, 5, whole=True)
    assert cutting.cuts == tuple((20 * k, 0, 20 * k + 20, 24) for k in range(5))
    assert cutting.columns == (20, 40, 60, 80)


def cost_of(ink, edges):
    """Return what a choice of cuts costs, by the formula; the edges count from the first ink."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    tight = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    profile = tight.sum(axis=0) / len(tight)
    uneven = np.diff(edges) * (len(edges) - 1) / tight.shape[1] - 1
    return profile[list(edges[1:-1])].sum() + EVENNESS * (uneven**2).sum()


def test_valleys_are_the_cheapest_of_all_choices(rng):
    for ink in some_ink(rng, 25):
        columns = np.flatnonzero(ink.any(axis=0))
        width, count = columns[-1] + 1 - columns[0], int(rng.integers(1, 4))
        if count > len(columns):
            continue
        every = ((0, *inner, width) for inner in combinations(range(1, width), count - 1))
        best = min(cost_of(ink, edges) for edges in every)
        cutting = projection_valleys(ink, count)
        edges = (0, *(c - columns[0] for c in cutting.columns), width)
        assert cost_of(ink, edges) == pytest.approx(best, abs=1e-9)


def test_dots_and_broken_strokes_belong_to_their_character():
    dot, stem = (12, 2, 15, 5), (12, 8, 15, 25)
    upper, lower = (30, 5, 42, 14), (32, 16, 40, 25)
    hat = (78, 2, 84, 5), (74, 7, 90, 25)
    ink = drawn(dot, stem, upper, lower, (60, 5, 70, 25), *hat)
    expected = ((12, 2, 15, 25), (30, 5, 42, 25), (60, 5, 70, 25), (74, 2, 90, 25))
    for count in (4, None):
        cutting = component_boxes(ink, count)
        assert (cutting.cuts, cutting.columns) == (expected, ())


def test_a_part_of_a_character_takes_no_others_place():
    ink = drawn((14, 2, 20, 5), (10, 7, 26, 25), (50, 5, 62, 25), (62, 14, 64, 16), (64, 5, 76, 25))
    cutting = component_boxes(ink, 3)
    assert cutting.cuts[0] == (10, 2, 26, 25)
    assert 62 <= cutting.columns[0] < 64


def test_what_touches_is_split_at_its_valley():
    bridge = (22, 14, 26, 16)
    ink = drawn((10, 5, 22, 25), bridge, (26, 5, 38, 25), (60, 5, 72, 25))
    cutting = component_boxes(ink, 3)
    assert 22 <= cutting.columns[0] < 26
    assert [cut.left for cut in cutting.cuts] == [10, cutting.columns[0], 60]
    assert estimate_count(ink) == 3


def test_crumbs_are_no_characters_unless_nothing_else_is_there():
    blocks = [(10, 5, 20, 25), (30, 5, 40, 25)]
    crumbs = [(2, 3, 4, 5), (90, 20, 92, 22)]
    ink = drawn(*blocks, *crumbs)
    assert component_boxes(ink, 2).cuts == tuple(blocks)
    assert component_boxes(ink).cuts == tuple(blocks)
    assert component_boxes(drawn(*crumbs), 2).cuts == tuple(crumbs)


def test_too_many_are_joined_to_what_is_near():
    ink = drawn((10, 5, 14, 25), (16, 5, 20, 25), (60, 5, 70, 25))
    assert component_boxes(ink, 2).cuts == ((10, 5, 20, 25), (60, 5, 70, 25))


def test_components_part_what_no_column_can():
    """Two characters that lean over each other: the first's top stands over the second's foot."""
    ink = np.zeros((40, 60), bool)
    for row in range(40):
        for begin in (5, 21):
            ink[row, begin + (39 - row) // 2 : begin + (39 - row) // 2 + 6] = True
    cutting = component_boxes(ink, 2)
    assert cutting.columns == ()
    assert cutting.cuts[0].right > cutting.cuts[1].left
    assert (cutting.owner == 1).sum() == (cutting.owner == 2).sum() == 240


@every_method
def test_what_cannot_be_cut(method):
    narrow, line = drawn((4, 4, 7, 9)), drawn((4, 4, 70, 9))
    for ink, count, code, got in [
        (drawn(), 5, "empty", ""),
        (drawn(), None, "empty", ""),
        (line, 0, "count", "0"),
        (line, -3, "count", "-3"),
        (narrow, 4, "narrow", "4"),
        (np.ones((3, LONGEST_SIDE + 1), bool), 2, "large", str(LONGEST_SIDE + 1)),
        (np.ones((3, 4)), 2, "ink", "(3, 4)"),
        (np.ones(3, bool), 2, "ink", "(3,)"),
    ]:
        with pytest.raises(CuttingError) as caught:
            method(ink, count)
        assert (caught.value.code, caught.value.got) == (code, got)
        assert "expected" in str(caught.value)
        assert "{" not in str(caught.value)
        assert code in CUTTING_SENTENCES
    assert len(method(narrow, 3).cuts) == 3
    assert len(method(np.ones((1, 1), bool)).cuts) == 1
