import numpy as np
import pytest

from ui.curve_figure import figure
from ui.curves import Line, Panel, smoothed


@pytest.fixture
def panel():
    """Return a panel with a line, the band that it runs in, and another line."""
    x = np.arange(500)
    loss, band = smoothed(x, np.sqrt(x), "mean", "as it is")
    test = Line("test", [100, 500], [3, 4], tone="ink", dots=True)
    return Panel("Loss", [loss, test], "step", 500, 0, 20, band)


def test_everything_that_has_a_name_is_in_the_legend(panel):
    drawn = figure(panel, dark=True)
    assert [trace.name for trace in drawn.data] == [None, "as it is", "mean", "test"]
    assert [trace.showlegend for trace in drawn.data] == [False, None, None, None]
    assert drawn.data[1].fill == "tonexty"
    assert np.array_equal(drawn.data[1].y, panel.band.high)


@pytest.mark.parametrize("percent", [False, True])
def test_the_axes_reach_as_far_as_they_are_told(panel, percent):
    layout = figure(panel._replace(percent=percent), dark=False).layout
    assert layout.yaxis.range == (0, 20)
    assert 500 < layout.xaxis.range[1] < 520
    assert layout.yaxis.tickformat == (".1%" if percent else None)
    assert (layout.xaxis.title.text, layout.annotations[0].text) == ("step", "Loss")


def test_a_line_is_told_from_another_by_more_than_its_colour(panel):
    loss, test = figure(panel, dark=False).data[2:]
    assert (loss.mode, loss.line.dash) == ("lines", "solid")
    assert (test.mode, test.line.dash) == ("lines+markers", "dash")
    assert loss.line.color != test.line.color
