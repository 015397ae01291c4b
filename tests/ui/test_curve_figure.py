import numpy as np
import pytest

from ui.curve_figure import figure
from ui.curves import Line, Panel, smoothed


def panels(count):
    """Return panels that have a line, its band and another line, all of the same names."""
    x = np.arange(500)
    loss, band = smoothed(x, np.sqrt(x), "loss", "as it is")
    other = Line("test", [100, 500], [3, 4], tone="ink", dots=True)
    return [Panel(f"panel {k}", [loss, other], "step", 500, 0, k + 1, band) for k in range(count)]


def test_each_panel_has_its_own_axes_side_by_side():
    drawn = figure(panels(3), dark=False)
    axes = [drawn.layout[f"xaxis{k}"] for k in ("", "2", "3")]
    ends = [end for axis in axes for end in axis.domain]
    assert ends == sorted(set(ends))
    assert (ends[0], ends[-1]) == (0, pytest.approx(1))
    assert [drawn.layout[f"yaxis{k}"].range[1] for k in ("", "2", "3")] == [1, 2, 3]
    assert [trace.xaxis for trace in drawn.data if trace.name == "test"] == ["x", "x2", "x3"]
    middles = [sum(axis.domain) / 2 for axis in axes]
    assert [title.x for title in drawn.layout.annotations] == pytest.approx(middles)
    assert [title.text for title in drawn.layout.annotations] == ["panel 0", "panel 1", "panel 2"]


def test_what_lies_in_several_panels_is_once_in_the_legend():
    drawn = figure(panels(2), dark=True)
    named = [trace for trace in drawn.data if trace.name]
    assert sorted(t.name for t in named) == ["as it is"] * 2 + ["loss"] * 2 + ["test"] * 2
    assert sorted(t.name for t in named if t.showlegend) == ["as it is", "loss", "test"]
    assert all(trace.legendgroup == trace.name for trace in named)


def test_a_line_is_told_from_another_by_more_than_its_colour():
    loss, test = (trace for trace in figure(panels(1), dark=False).data[2:])
    assert (loss.mode, loss.line.dash) == ("lines", "solid")
    assert (test.mode, test.line.dash) == ("lines+markers", "dash")
    assert loss.line.color != test.line.color
