"""A dot and a scribble are no digits, and several digits are found one by one."""

import numpy as np
import pytest

from core.digit_picture import prepare_digit
from core.digit_shape import not_a_digit, split_digits
from tests.core.drawn_digits import STROKES, on_paper, pen


def lines(points, width, side=280):
    """Draw a line through points with a round pen: 1 is ink."""
    rows, columns = np.indices((side, side)) + 0.5
    nearest = np.full((side, side), np.inf)
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        way = np.array([x1 - x0, y1 - y0], float)
        length = max(float(way @ way), 1e-9)
        share = ((columns - x0) * way[0] + (rows - y0) * way[1]) / length
        share = share.clip(0, 1)
        away = np.hypot(columns - x0 - share * way[0], rows - y0 - share * way[1])
        nearest = np.minimum(nearest, away)
    return (nearest < width / 2).astype(np.float64)


def zigzag(turns, low=20, high=260):
    places = np.linspace(low, high, turns)
    return [(x, low if k % 2 else high) for k, x in enumerate(places)]


def verdict(ink):
    return not_a_digit(prepare_digit(on_paper(ink)))


@pytest.mark.parametrize("digit", STROKES)
@pytest.mark.parametrize(("height", "width"), [(60, 6), (60, 14), (200, 10), (200, 44)])
def test_a_digit_is_a_digit_in_every_size_and_with_every_pen(digit, height, width):
    assert verdict(pen(digit, height, width, (30, 40))) == ""


@pytest.mark.parametrize("width", [6, 12, 22, 60])
def test_a_dot_is_a_dot_wherever_it_lies(width):
    for x, y in ((140, 140), (60, 200)):
        assert verdict(lines([(x, y), (x, y)], width)) == "dot"


@pytest.mark.parametrize("turns", [13, 21, 29])
@pytest.mark.parametrize("width", [6, 12, 22, 40])
def test_a_field_that_is_hatched_or_filled_is_a_scribble(turns, width):
    assert verdict(lines(zigzag(turns), width)) == "scribble"


def test_many_holes_are_a_scribble_and_two_are_not():
    eight = [(140, 140), (90, 90), (140, 40), (190, 90), (90, 190), (140, 240), (190, 190)]
    assert verdict(lines([*eight, (140, 140)], 14)) == ""
    net = np.zeros((280, 280))
    for place in range(40, 250, 40):
        net[place - 3 : place + 3, 37:243] = net[37:243, place - 3 : place + 3] = 1
    assert verdict(net) == "scribble"


@pytest.mark.parametrize("digits", [(7, 2), (1, 5, 4)])
def test_each_of_several_digits_is_what_it_would_be_alone(digits):
    shape = (160, 120 * len(digits))
    alone = [pen(d, 100, 10, (20 + 120 * k, 20), shape) for k, d in enumerate(digits)]
    found = split_digits(prepare_digit(on_paper(np.maximum.reduce(alone))))
    assert len(found) == len(digits)
    for one, ink in zip(found, alone, strict=True):
        expected = prepare_digit(on_paper(ink))
        assert one.box == pytest.approx(expected.box, abs=1)
        assert np.abs(one.image.astype(int) - expected.image).mean() < 3


def test_one_digit_is_itself():
    whole = prepare_digit(on_paper(pen(5)))
    [same] = split_digits(whole)
    assert same is whole
