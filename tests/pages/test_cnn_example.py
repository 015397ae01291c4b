"""The worked example's parts: tables that are typed, sizes that fit, kernels, gradients."""

from dataclasses import replace

import numpy as np
import pytest

from core.trace_image import trace_image
from pages._cnn.checks import AFTER, CHECKABLE, PARAMETERS, check_cell
from pages._cnn.example import CLASSES, ExampleError, example_of, notes_weights
from pages._cnn.kernels import KERNELS, OWN, name_of
from pages._cnn.layout import bands, captions, code_lines, kind_of, sentences
from pages._cnn.settings import Settings
from pages._cnn.tables import TableError, read_table, show_table, write_table

MOST = (12, 12)


@pytest.mark.parametrize(
    "text",
    [
        "1,2/3,-4.5",
        "1 2\n3 -4.5",
        "[[1, 2],\n [3, -4.5]]",
        " 1\t2 ;; 3\uff0c\u22124.5 ",
        "(1 2)/(3 -4.5)",
    ],
)
def test_a_table_is_read_however_it_is_written(text):
    assert np.array_equal(read_table(text, MOST), [[1, 2], [3, -4.5]])


@pytest.mark.parametrize(
    ("text", "code", "fields"),
    [
        ("", "empty", {}),
        (" [] / ; ", "empty", {}),
        ("1 2\n3 x", "number", {"row": "2", "column": "2", "got": "x"}),
        ("1 nan", "number", {"row": "1", "column": "2"}),
        ("1 inf", "number", {"got": "inf"}),
        ("1 1e9", "range", {"got": "1e9", "most": "1000"}),
        ("1 2\n3", "ragged", {"row": "2", "n": "1", "first": "2"}),
        ("\n".join(["0 " * 200] * 200), "size", {"rows": "200", "columns": "200"}),
        ("9" * 400, "number", {"got": "9" * 20}),
    ],
)
def test_what_is_no_table_is_told(text, code, fields):
    with pytest.raises(TableError) as caught:
        read_table(text, MOST)
    assert caught.value.code == code
    assert fields.items() <= caught.value.fields.items()


def test_tables_survive_a_link_and_a_field_to_the_last_bit():
    values = np.random.default_rng(0).normal(size=(3, 4)) * 10.0 ** np.arange(-4, 0)
    values[0, 0] = 0.0
    assert np.array_equal(read_table(write_table(values), MOST), values)
    assert np.array_equal(read_table(show_table(values), MOST), values)
    assert write_table([[0.0, -1.0], [0.1, 12.0]]) == "0,-1/0.1,12"


def test_the_notes_example():
    example = example_of(Settings())
    trace = trace_image(example.model(), example.image[None])
    assert trace["z1_0"].values.tolist() == [[3, 3, 2], [2, 2, 1], [1, 1, 1]]
    assert trace["p1_0"].values.tolist() == [[3, 2], [1, 1]]
    assert trace["f"].values.tolist() == [[3, 2, 1, 1]]
    assert trace["z2"].values.ravel() == pytest.approx([1.4, 4.2, 7.0], abs=1e-12)
    assert (
        trace.formula("z1_0.0.0") == "0×1 + 1×0 + 1×1 + 0×0 + 1×1 + 1×0 + 0×1 + 1×0 + 1×1 + 0 = 3"
    )
    assert trace.formula("p1_0.0.1") == "max(2, 1) = 2"
    assert trace.formula("z2.0.0") == "3×0.1 + 2×0.2 + 1×0.3 + 1×0.4 + 0 = 1.4"


@pytest.mark.parametrize(
    ("changes", "code", "cures"),
    [
        ({"stride": 3}, "stride", [{"stride": 2}, {"stride": 1}, {"padding": 2}]),
        ({"kernel": "/".join([",".join("1" * 7)] * 7)}, "kernel", [{"padding": 1}]),
        ({"image": "1", "kernel": "/".join([",".join("1" * 7)] * 7)}, "kernel", [{"padding": 3}]),
        ({"image": "1,1/1,1", "kernel": "1,1,1,1,1,1,1"}, "kernel", [{"padding": 3}]),
        ({"pool_size": 4}, "window", [{"pool_size": 3}]),
        ({"image": "/".join([",".join("1" * 12)] * 12), "pool_stride": 1}, "flat", None),
    ],
)
def test_what_is_impossible_is_told_with_what_would_do(changes, code, cures):
    with pytest.raises(ExampleError) as caught:
        example_of(replace(Settings(), **changes))
    assert caught.value.code == code
    assert caught.value.cures == (cures if cures is not None else [{"pool_stride": 2}])
    for cure in caught.value.cures:
        try:
            example_of(replace(Settings(), **{**changes, **cure}))
        except ExampleError as error:  # one thing at a time
            assert error.code != code


@pytest.mark.parametrize("stride", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("padding", [0, 1, 2, 3])
def test_sizes_are_those_of_the_formula(stride, padding):
    settings = Settings(stride=stride, padding=padding, pool_size=1, pool_stride=2)
    room = 5 + 2 * padding - 3
    if room % stride:
        with pytest.raises(ExampleError, match="stride"):
            example_of(settings)
    else:
        example = example_of(settings)
        z = example.model()[0].forward(example.image[None, None])
        assert z.shape[2:] == (room // stride + 1,) * 2
        assert len(example.weights) == CLASSES
        assert np.array_equal(example.weights, notes_weights(*example.weights.shape))


def test_weights_that_no_longer_fit_are_filled_up():
    given = [[9.0, 8.0, 7.0, 6.0, 5.0], [1.0, 1.0, 1.0, 1.0, 1.0]]
    example = example_of(Settings(weights=write_table(given), biases="5,6,7"))
    assert np.array_equal(example.weights, [[9, 8, 7, 6], [1, 1, 1, 1]])
    assert np.array_equal(example.biases, [5, 6])
    example = example_of(Settings(weights="9,8", biases="5"))
    assert np.array_equal(example.weights, [[9, 8, 0.3, 0.4]])


def test_kernels_are_known_by_name():
    assert name_of(read_table(Settings().kernel, MOST)) == "notes"
    assert {name_of(kernel) for kernel in KERNELS.values()} == set(KERNELS)
    assert name_of(np.ones((2, 2))) == OWN
    assert KERNELS["blur"].sum() == 1


@pytest.mark.parametrize("pool", ["max", "average"])
@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1)])
def test_every_gradient_can_be_checked(pool, stride, padding):
    rng = np.random.default_rng(3)
    settings = Settings(
        image=write_table(rng.normal(size=(5, 5))),
        kernel=write_table(rng.normal(size=(3, 3))),
        bias=9.0,  # all gates are open, so that no two numbers in a window are 0
        stride=stride,
        padding=padding,
        pool=pool,
        target=2,
    )
    example = example_of(settings)
    trace = trace_image(example.model(), example.image[None], 1)
    checked = set()
    for grid in trace:
        if kind_of(grid.id) not in CHECKABLE:
            continue
        for place in np.ndindex(grid.values.shape):
            result = check_cell(example, 1, grid.cell(*place))
            assert result.analytic == pytest.approx(grid.values[place], abs=1e-12)
            assert result.numeric == pytest.approx(grid.values[place], abs=1e-6)
            checked.add(kind_of(grid.id))
    assert checked == set(AFTER) | set(PARAMETERS)


@pytest.mark.parametrize("cell", ["z1_0.0.0", "dz2.0.0", "nonsense", "dw1_0_0", ""])
def test_what_is_no_gradient_is_not_checked(cell):
    assert check_cell(example_of(Settings()), 0, cell) is None


@pytest.mark.parametrize("pool", ["max", "average"])
@pytest.mark.parametrize("padding", [0, 1])
def test_every_grid_has_its_place_its_name_and_its_code(pool, padding):
    example = example_of(Settings(pool=pool, padding=padding))
    trace = trace_image(example.model(), example.image[None], 0)
    shown = [name.removesuffix(".T") for band in bands(trace) for name in band.grids]
    assert len(set(shown)) == len(shown)
    assert {grid.id for grid in trace} - set(shown) <= {"n"}
    assert captions(trace).keys() == {grid.id for grid in trace}
    assert sentences(trace).keys() <= {grid.id for grid in trace}
    code = code_lines(trace)
    computed = {grid.id for grid in trace if grid.op != "given"}
    assert computed - code.keys() <= {"q1_0"}
    assert all(code.values())
