"""Answers as pictures: bars, painted numbers, curves; and the cells that can be chosen."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

from ui import answers, cells
from ui.answers import Bar, Curve
from ui.cells import Cell, number_cells


def test_bars_say_what_they_show_and_begin_where_they_are_told():
    drawn = answers.bars([Bar("4", 0.95, "95 %", "<b>", True), Bar("5", np.nan, "none")], low=0.9)
    assert re.findall(r"width:([\d.]+)%;background:rgba\(53", drawn) == ["50.0", "0.0"]
    assert "95 %" in drawn
    assert "&lt;b&gt;" in drawn
    assert drawn.count("font-weight:700") == 1


@pytest.mark.parametrize("dark", [False, True])
def test_zero_and_what_is_no_number_have_the_colour_of_the_page(dark):
    ground = answers.GROUND["dark" if dark else "light"]
    painted = answers.paint(np.array([[0.0, np.nan, np.inf], [1.0, -1.0, 0.5]]), dark=dark, size=6)
    assert painted.shape == (4, 6, 3)
    assert painted.dtype == np.uint8
    assert [tuple(pixel) for pixel in painted[0, ::2]] == [ground] * 3
    red, _, blue = painted[2, 0].astype(int)
    assert red > blue
    red, _, blue = painted[2, 2].astype(int)
    assert red < blue
    assert (answers.paint(np.zeros((2, 2)), dark=dark, size=2) == ground).all()


def test_a_mosaic_keeps_every_number_in_order():
    maps = np.arange(5 * 2 * 3, dtype=float).reshape(5, 2, 3)
    picture = answers.mosaic(maps)
    assert picture.shape == (2 * 3 - 1, 3 * 4 - 1)
    assert np.array_equal(picture[:2, 4:7], maps[1])
    assert np.array_equal(picture[3:5, :3], maps[3])
    assert np.isnan(picture).sum() == picture.size - maps.size
    line = answers.mosaic(np.arange(7.0))
    assert line.shape == (3, 3)
    assert np.array_equal(line.ravel()[:7], np.arange(7))


def test_curves_of_shares():
    here = Curve("this", [-1, 0, 1], [0.5, 0.9, 0.4])
    figure = answers.strength_figure([here, Curve("before", [0], [0.8], True)], axis="a", dark=True)
    assert [trace.name for trace in figure.data] == ["this", "before"]
    assert [trace.line.dash for trace in figure.data] == ["solid", "dash"]
    assert figure.layout.yaxis.range[0] == 0
    high = Curve("right", [0, 0.5, 1], [0.97, 0.99, np.nan])
    figure = answers.threshold_figure(high, at=0.5, axis="a", dark=False)
    assert 0.9 < figure.layout.yaxis.range[0] < 0.97
    assert figure.layout.shapes[0].x0 == 0.5
    nothing = Curve("right", [0, 1], [np.nan, np.nan])
    assert answers.threshold_figure(nothing, at=0, axis="a", dark=False).layout.yaxis.range[0] < 1


def test_a_table_of_cells_must_be_whole():
    with pytest.raises(ValueError, match="2 rows of 2 cells, but got 3"):
        number_cells(
            [Cell("1", 0, "one")] * 3, key="k", label="l", heads=["a", "b"], sides=["c", "d"]
        )


@pytest.mark.parametrize(("picked", "heard"), [("2 17", [2]), (None, []), ("9 17", [])])
def test_a_chosen_cell_is_told_once_and_only_if_it_is_there(monkeypatch, picked, heard):
    given, got = {}, []
    monkeypatch.setattr(cells, "component", lambda *_, **__: given.update)
    monkeypatch.setattr(cells, "st", SimpleNamespace(session_state={"k": {"picked": picked}}))
    three = [Cell("1", np.nan, "one"), Cell("2", 3.0, "two"), Cell("3", -0.25, "three", "c")]
    number_cells(three, key="k", label="l", scale="diverging", chosen=1, on_choose=got.append)
    data = given["data"]
    assert data["cells"] == [
        ["1", 0.0, "one", ""],
        ["2", 1.0, "two", ""],
        ["3", -0.25, "three", "c"],
    ]
    assert (data["chosen"], data["diverging"], data["heads"]) == (1, True, [])
    given["on_picked_change"]()
    assert got == heard
