import pytest

from ui.charts import bars, scales


@pytest.mark.parametrize("dark", [False, True])
def test_every_bar_has_its_name_and_its_number_on_it(dark):
    figure = bars(["0", "1", "2"], [5923, 0, 12], dark=dark)
    (drawn,) = figure.data
    assert (list(drawn.x), list(drawn.y)) == (["0", "1", "2"], [5923.0, 0.0, 12.0])
    assert list(drawn.text) == ["5,923", "0", "12"]
    assert figure.layout.yaxis.rangemode == "tozero"  # a bar's length must mean its number


def test_bars_are_seen_in_both_themes():
    light, dark = (bars(["a"], [1], dark=theme).data[0].marker.color for theme in (False, True))
    assert light != dark


def test_number_lines_show_the_same_marks_at_their_own_places():
    marks = [{"paper": 0.0, "ink": 1.0}, {"paper": -0.4, "ink": 2.8}]
    figure = scales(["plain", "normal"], marks, dark=False)
    (reach,) = (trace for trace in figure.data if trace.mode == "lines")
    assert list(reach.x) == [0.0, 1.0, None, -0.4, 2.8, None]  # None: there is a gap
    assert list(reach.y) == ["plain"] * 3 + ["normal"] * 3
    places = {trace.name: list(trace.x) for trace in figure.data if trace.mode == "markers"}
    assert places == {"paper": [0.0, -0.4], "ink": [1.0, 2.8]}
    assert len({trace.marker.symbol for trace in figure.data if trace.mode == "markers"}) == 2


def test_a_number_line_without_its_marks_is_refused():
    with pytest.raises(ValueError, match="shorter"):
        scales(["plain", "normal"], [{"paper": 0.0}], dark=False)
