"""Strokes of the pen: from the canvas and back, through a link, and as a picture."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.strokes import (
    MOST_POINTS,
    SIDE,
    WIDTHS,
    Stroke,
    StrokesError,
    canvas_drawing,
    draw_strokes,
    read_strokes,
    strokes_of,
    write_strokes,
)

places = st.integers(0, SIDE - 1)
strokes = st.builds(
    lambda width, points: Stroke(width, tuple(points)),
    st.integers(*WIDTHS),
    st.lists(st.tuples(places, places), min_size=1, max_size=30),
)
drawings = st.lists(strokes, max_size=6).map(tuple)


def path(points, width=20, **more):
    """A stroke as the canvas tells of it."""
    xs, ys = zip(*points, strict=True)
    return {
        "type": "Path",
        "originX": "center",
        "originY": "center",
        "left": (min(xs) + max(xs)) / 2,
        "top": (min(ys) + max(ys)) / 2,
        "strokeWidth": width,
        "path": [["M", *points[0]], *(["L", *point] for point in points[1:])],
        **more,
    }


def only(drawing):
    (stroke,) = strokes_of({"objects": [drawing]})
    return stroke


@pytest.mark.slow
@given(drawings)
def test_a_link_loses_nothing(drawn):
    assert read_strokes(write_strokes(drawn)) == drawn


@pytest.mark.slow
@given(drawings)
def test_the_canvas_gives_back_what_was_put_on_it(drawn):
    once = strokes_of(canvas_drawing(drawn, "#000"))
    assert [stroke.width for stroke in once] == [stroke.width for stroke in drawn]
    for before, after in zip(drawn, once, strict=True):
        assert after.points[0] == before.points[0]
        assert after.points[-1] == before.points[-1]
        assert set(after.points) <= set(before.points)
    # What is left out is less than a pixel, so nearly the same pixels are inked.
    ink, again = (draw_strokes(one)[..., 3] > 127 for one in (drawn, once))
    assert np.count_nonzero(ink != again) <= 0.05 * np.count_nonzero(ink) + 30
    assert strokes_of(canvas_drawing(once, "#000")) == once


@given(st.text(max_size=60))
def test_what_nobody_has_written_is_told_or_is_a_drawing(text):
    try:
        found = read_strokes(text)
    except StrokesError:
        return
    assert all(WIDTHS[0] <= width <= WIDTHS[1] and points for width, points in found)


def test_a_text_that_unpacks_to_a_great_deal_is_refused_or_cut():
    packed = write_strokes([Stroke(20, tuple((k % 300, 7) for k in range(3000)))] * 30)
    try:
        found = read_strokes(packed)
    except StrokesError:
        return
    assert sum(len(points) for _, points in found) <= MOST_POINTS + 200


@pytest.mark.parametrize(
    "thing",
    [
        {},
        {"path": [], "strokeWidth": 3},
        {"path": [["M", "a", 2]], "strokeWidth": 3, "left": 1, "top": 1},
        {"path": [["M", math.nan, 2]], "strokeWidth": 3, "left": 1, "top": 1},
        {"type": "Text", "text": "7"},
        path([(1, 1), (2, 2)], width=math.inf),
    ],
)
def test_what_is_no_stroke_is_left_out(thing):
    good = path([(10, 10), (200, 250)])
    assert strokes_of({"objects": [thing, good]}) == strokes_of({"objects": [good]})


@pytest.mark.parametrize("drawing", [None, {}, {"objects": []}])
def test_an_empty_canvas_has_no_strokes(drawing):
    assert strokes_of(drawing) == ()
    assert not draw_strokes(()).any()
    assert write_strokes(()) == ""


def test_a_curve_bends_and_a_straight_line_needs_two_points():
    bent = {**path([(10, 10), (110, 10)]), "path": [["M", 10, 10], ["Q", 60, 110, 110, 10]]}
    points = np.array(only({**bent, "top": 35}).points)
    assert points[:, 1].max() == 60  # the middle of a quadratic curve is half-way to its control
    straight = only(path([(10, 10 + k) for k in range(100)]))
    assert straight.points == ((10, 10), (10, 109))


def test_a_stroke_that_was_moved_scaled_and_turned_lies_where_it_is_shown():
    points = [(100, 100), (100, 200)]
    assert only(path(points, left=160, top=130)).points == ((160, 80), (160, 180))
    assert only(path(points, scaleX=2, scaleY=2)).points == ((100, 50), (100, 250))
    assert only(path(points, scaleX=2, scaleY=2, width=10)).width == 20
    assert only(path(points, angle=90)).points == ((150, 150), (50, 150))
    assert only(path(points, flipY=True)).points == ((100, 200), (100, 100))


@given(strokes, st.integers(154, 400))
def test_a_picture_has_ink_along_the_line_and_none_far_from_it(stroke, side):
    ink = draw_strokes([stroke], side)
    assert ink.shape == (side, side, 4)
    assert not ink[..., :3].any()
    alpha = ink[..., 3]
    scale = side / SIDE
    for x, y in stroke.points:
        row, column = (min(int((place + 0.5) * scale), side - 1) for place in (y, x))
        assert alpha[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2].max() > 60
    rows, columns = np.nonzero(alpha)
    reach = stroke.width * scale / 2 + 2
    xs, ys = zip(*stroke.points, strict=True)
    assert rows.min() >= (min(ys) + 0.5) * scale - reach
    assert rows.max() <= (max(ys) + 0.5) * scale + reach
    assert columns.min() >= (min(xs) + 0.5) * scale - reach
    assert columns.max() <= (max(xs) + 0.5) * scale + reach


def test_a_line_is_as_wide_as_the_pen():
    for width in (6, 22, 44):
        alpha = draw_strokes([Stroke(width, ((154, 40), (154, 260)))])[..., 3]
        assert alpha[150].sum() / 255 == pytest.approx(width, abs=1.1)
