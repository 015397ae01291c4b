"""Point sets by formula, and tables of points as people paste them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.datasets import (
    DATASETS,
    MAX_POINTS,
    PointsError,
    format_points,
    four_points,
    make_blobs,
    make_circles,
    make_spirals,
    make_xor,
    parse_points,
    train_test_split,
)

CASES = [
    pytest.param(name, count, id=f"{name}-{count}")
    for name, dataset in DATASETS.items()
    for count in dataset.classes
]


def make(name, count, **kwargs):
    dataset = DATASETS[name]
    if dataset.classes_argument:
        kwargs[dataset.classes_argument] = count
    return dataset.make(**kwargs)


@pytest.mark.parametrize(("name", "count"), CASES)
@pytest.mark.parametrize("n_samples", [1, 7, 100])
def test_shapes_classes_and_seeds(name, count, n_samples):
    if "n_samples" not in DATASETS[name].arguments:
        n_samples, kwargs = 4, {}
    else:
        kwargs = {"n_samples": n_samples, "noise": 0.1, "rng": 3}
    x, y = make(name, count, **kwargs)
    assert (x.shape, x.dtype) == ((n_samples, 2), np.float64)
    assert (y.shape, y.dtype) == ((n_samples,), np.int64)
    counts = np.bincount(y, minlength=count)
    assert len(counts) == count
    assert counts.max() - counts.min() <= 1
    assert np.abs(x).max() < 3.6
    again, _ = make(name, count, **kwargs)
    assert np.array_equal(x, again)


def test_four_points_lie_in_the_four_quadrants():
    x, y = four_points()
    assert x.tolist() == [[2, 1], [-1, 1], [-1, -1], [1, -1]]
    assert y.tolist() == [0, 1, 2, 3]


def test_clean_shapes():
    x, y = make_circles(60, noise=0, factor=0.5)
    np.testing.assert_allclose(np.hypot(*x.T), np.where(y == 0, 2.5, 1.25))
    x, y = make_blobs(60, centers=4, noise=0)
    assert len(np.unique(x.round(9), axis=0)) == 4
    x, y = make_xor(60, rng=1)
    assert np.array_equal(y == 1, x[:, 0] * x[:, 1] < 0)
    x, y = DATASETS["quadrants"].make(60, rng=1)
    corners = {(1, 1): 0, (-1, 1): 1, (-1, -1): 2, (1, -1): 3}
    assert [corners[tuple(signs)] for signs in np.sign(x).astype(int)] == y.tolist()


@pytest.mark.parametrize(
    "call",
    [
        lambda: make_blobs(0),
        lambda: make_blobs(10, centers=7),
        lambda: make_spirals(10, arms=0),
        lambda: make_xor(10, noise=-1),
        lambda: make_xor(10, noise=np.nan),
        lambda: make_circles(10, factor=1.0),
    ],
)
def test_wild_arguments_are_refused(call):
    with pytest.raises(ValueError, match=r"expected|from 0"):
        call()


@given(st.integers(2, 40), st.floats(0.05, 0.95))
@settings(deadline=None, max_examples=50)
def test_split_deals_every_example_out_once(count, share):
    x = np.arange(2 * count).reshape(count, 2)
    y = np.arange(count)
    if np.ceil(share * count) == count:
        with pytest.raises(ValueError, match="leaves examples on both sides"):
            train_test_split(x, y, share)
        return
    x_train, x_test, y_train, y_test = train_test_split(x, y, share, rng=1)
    assert sorted([*y_train, *y_test]) == y.tolist()
    assert len(y_test) == np.ceil(share * count)
    assert np.array_equal(x[y_train], x_train)
    assert np.array_equal(x[y_test], x_test)


@pytest.mark.parametrize("share", [0.0, 1.0, -1, np.nan])
def test_split_needs_two_parts(share):
    with pytest.raises(ValueError, match="between 0 and 1"):
        train_test_split(np.zeros((4, 2)), np.zeros(4), share)
    with pytest.raises(ValueError, match="4 inputs, but 3 targets"):
        train_test_split(np.zeros((4, 2)), np.zeros(3), 0.5)


@pytest.mark.parametrize(
    "text",
    [
        "1.5, -2, 3\n0, 4e-1, 1",
        "x,y,class\r\n1.5,-2,3\r\n0,.4,1\r\n",
        "\ufeffx\ty\tlabel\n1.5\t-2\tIII\n0\t0.40\tI",
        "1.5;-2;iii\n\n  0 ; +0.4 ; 1.0  \n",
        "1.5 -2 3\n0   0.4   1",
        "１．５，−２，Ⅲ\n0\u30010.4\u30011",
    ],
)
def test_tables_as_people_write_them(text):
    x, y = parse_points(text)
    assert x.tolist() == [[1.5, -2], [0, 0.4]]
    assert y.tolist() == [2, 0]
    assert (x.dtype, y.dtype) == (np.float64, np.int64)


@pytest.mark.parametrize(
    ("text", "fields", "sentence"),
    [
        ("", ("empty", None, None), "expected at least one row x, y, class, got none"),
        ("x, y, class\n", ("empty", None, None), "expected at least one row"),
        ("1,2,1\n\n1,abc,1", ("number", 3, 2), "row 3, column 2: expected a number, got 'abc'"),
        ("nan,1,1", ("number", 1, 1), "got 'nan'"),
        ("1_0,1,1", ("number", 1, 1), "got '1_0'"),
        ("1,,1", ("number", 1, 2), "got ''"),
        ("1,2", ("columns", 1, None), r"row 1: expected 3 columns \(x, y, class\), got 2"),
        ("1,2,3,4", ("columns", 1, None), "got 4"),
        ("1,100.5,1", ("range", 1, 2), "expected a number from -100 to 100, got '100.5'"),
        ("1e999,1,1", ("range", 1, 1), "got '1e999'"),
        ("1,1,0", ("class", 1, 3), r"expected a class from 1 to 6 \(or I to VI\), got '0'"),
        ("1,1,7", ("class", 1, 3), "got '7'"),
        ("1,1,1.5", ("class", 1, 3), "got '1.5'"),
        ("1,1,VII", ("class", 1, 3), "got 'VII'"),
        ("1,1,1\nx,1,1\n1,1", ("number", 2, 1), "got 'x'"),
        ("1,1,1\n" * 2001, ("too_many", 2001, None), "expected at most 2000 points, got 2001"),
    ],
)
def test_a_bad_table_is_one_clear_sentence(text, fields, sentence):
    with pytest.raises(PointsError, match=sentence) as caught:
        parse_points(text)
    error = caught.value
    assert (error.code, error.row, error.column) == fields
    assert isinstance(error, ValueError)
    assert error.got in str(error)


def test_what_came_is_shortened():
    with pytest.raises(PointsError) as caught:
        parse_points("1,1,1\n" + "z" * 10_000 + ",1,1")
    assert len(str(caught.value)) < 120


def test_as_many_points_as_are_allowed():
    assert len(parse_points("1,1,1\n" * MAX_POINTS)[0]) == MAX_POINTS


point = st.tuples(st.floats(-100, 100), st.floats(-100, 100), st.integers(0, 5))


@given(st.lists(point, min_size=1, max_size=30))
@settings(deadline=None, max_examples=50)
def test_written_points_are_read_back_exactly(points):
    x = np.array([(a, b) for a, b, _ in points])
    y = np.array([c for _, _, c in points])
    x_read, y_read = parse_points(format_points(x, y))
    assert np.array_equal(x, x_read)
    assert np.array_equal(y, y_read)


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=100)
def test_any_text_gives_points_or_a_points_error(text):
    try:
        x, y = parse_points(text)
    except PointsError as error:
        assert str(error)
    else:
        assert len(x) == len(y) > 0
