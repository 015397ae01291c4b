"""Points in the plane that ask to be told apart, made by formula or pasted by hand.

The functions carry scikit-learn's names.  Each returns ``(x, y)``: points of shape (n_samples, 2)
in float64, mostly within −3 to 3, and their classes, whole numbers from 0, as evenly many of each
as possible, in mixed order.  ``noise`` is the standard deviation of a normal shift of every
coordinate; with 0 the shape is clean.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from core.init import RandomSource, as_generator

Points = tuple[np.ndarray, np.ndarray]

MAX_CLASSES = 6
MAX_POINTS = 2000
MAX_COORDINATE = 100.0


def four_points() -> Points:
    """Return one point in each quadrant, (2, 1), (−1, 1), (−1, −1), (1, −1), classes 0 to 3."""
    points = np.array([[2.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])
    return points, np.arange(4, dtype=np.int64)


def make_quadrants(
    n_samples: int = 200, *, noise: float = 0.0, rng: RandomSource = None, gap: float = 0.2
) -> Points:
    """Scatter points evenly over the four quadrants, the class being the quadrant: 0 to 3.

    The points keep at least ``gap`` away from the axes.
    """
    rng = as_generator(rng)
    y = _classes(n_samples, 4)
    signs = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])[y]
    return _finish(signs * rng.uniform(gap, 3.0, (n_samples, 2)), y, noise, rng)


def make_blobs(
    n_samples: int = 200, *, centers: int = 3, noise: float = 0.5, rng: RandomSource = None
) -> Points:
    """Make round clouds, their centres evenly spaced on a circle of radius 2."""
    y = _classes(n_samples, centers, name="centers")
    return _finish(2.0 * _on_circle(y / centers + 0.25), y, noise, as_generator(rng))


def make_circles(
    n_samples: int = 200, *, noise: float = 0.1, rng: RandomSource = None, factor: float = 0.4
) -> Points:
    """Make a ring of radius 2.5 (class 0) and inside it a ring ``factor`` times as large (1)."""
    if not 0.0 < factor < 1.0:
        raise ValueError(f"make_circles expected a factor between 0 and 1, but got {factor}")
    y = _classes(n_samples, 2)
    radius = 2.5 * np.where(y == 0, 1.0, factor)
    return _finish(
        radius[:, None] * _on_circle(_share(y, closed=True)), y, noise, as_generator(rng)
    )


def make_xor(
    n_samples: int = 200, *, noise: float = 0.0, rng: RandomSource = None, gap: float = 0.2
) -> Points:
    """Scatter points over the four quadrants; class 1 where the coordinates' signs differ.

    No straight line parts the classes.  The points keep at least ``gap`` away from the axes.
    """
    rng = as_generator(rng)
    y = _classes(n_samples, 2)
    first = rng.choice([-1, 1], n_samples)
    signs = np.stack([first, np.where(y == 1, -first, first)], axis=1)
    return _finish(signs * rng.uniform(gap, 3.0, (n_samples, 2)), y, noise, rng)


def make_moons(n_samples: int = 200, *, noise: float = 0.1, rng: RandomSource = None) -> Points:
    """Make two half circles that reach into each other: the upper is class 0, the lower 1."""
    y = _classes(n_samples, 2)
    upper = _on_circle(0.5 * _share(y))
    lower = np.array([1.0, 0.5]) - upper
    x = np.where(y[:, None] == 0, upper, lower) - np.array([0.5, 0.25])
    return _finish(1.7 * x, y, noise, as_generator(rng))


def make_spirals(
    n_samples: int = 200,
    *,
    arms: int = 2,
    noise: float = 0.05,
    rng: RandomSource = None,
    turns: float = 1.0,
) -> Points:
    """Make arms that wind ``turns`` times around the middle, one class each."""
    y = _classes(n_samples, arms, name="arms")
    along = _share(y)
    radius = 0.3 + 2.5 * along
    x = radius[:, None] * _on_circle(y / arms + turns * along)
    return _finish(x, y, noise, as_generator(rng))


class Dataset(NamedTuple):
    """One way to make points, and what it can be asked for."""

    make: Callable[..., Points]
    arguments: tuple[str, ...]  # what it takes: "n_samples", "noise", and who sets the classes
    classes: tuple[int, ...]  # how many classes there can be
    classes_argument: str | None = None  # "centers" or "arms", where the number can be chosen


_ANY_NUMBER = tuple(range(2, MAX_CLASSES + 1))
DATASETS: dict[str, Dataset] = {
    "four_points": Dataset(four_points, (), (4,)),
    "quadrants": Dataset(make_quadrants, ("n_samples", "noise"), (4,)),
    "blobs": Dataset(make_blobs, ("n_samples", "noise", "centers"), _ANY_NUMBER, "centers"),
    "circles": Dataset(make_circles, ("n_samples", "noise"), (2,)),
    "xor": Dataset(make_xor, ("n_samples", "noise"), (2,)),
    "moons": Dataset(make_moons, ("n_samples", "noise"), (2,)),
    "spirals": Dataset(make_spirals, ("n_samples", "noise", "arms"), _ANY_NUMBER, "arms"),
}


def train_test_split(
    x: np.ndarray, y: np.ndarray, test_size: float = 0.25, rng: RandomSource = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Deal examples out at random; return (x_train, x_test, y_train, y_test).

    ``test_size`` is the test set's share of all examples, between 0 and 1; the number is rounded
    up.  Both parts must get at least one example.
    """
    if len(x) != len(y):
        raise ValueError(f"train_test_split got {len(x)} inputs, but {len(y)} targets")
    count = int(np.ceil(test_size * len(x))) if 0.0 < test_size < 1.0 else 0
    if not 0 < count < len(x):
        raise ValueError(
            "train_test_split expected a test_size between 0 and 1 that leaves examples on both "
            f"sides, but got {test_size} of {len(x)}"
        )
    order = as_generator(rng).permutation(len(x))
    test, train = order[:count], order[count:]
    return x[train], x[test], y[train], y[test]


_EXPECTED = {
    "empty": "expected at least one row x, y, class",
    "columns": "expected 3 columns (x, y, class)",
    "number": "expected a number",
    "range": f"expected a number from {-MAX_COORDINATE:g} to {MAX_COORDINATE:g}",
    "class": f"expected a class from 1 to {MAX_CLASSES} (or I to VI)",
    "too_many": f"expected at most {MAX_POINTS} points",
}


class PointsError(ValueError):
    """A table of points that cannot be read: where, what was expected and what came.

    Attributes
    ----------
    code : str
        One of "empty", "columns", "number", "range", "class" and "too_many".
    row, column : int or None
        Line of the text and place in it, both from 1; None where the whole is meant.
    got : str
        What stood there, or how many there were; shortened to 40 characters.
    """

    def __init__(
        self, code: str, row: int | None = None, column: int | None = None, got: str = ""
    ) -> None:
        self.code, self.row, self.column, self.got = code, row, column, got[:40]
        place = f"row {row}" + (f", column {column}" if column else "") + ": " if row else ""
        came = f"'{self.got}'" if column else self.got
        super().__init__(f"{place}{_EXPECTED[code]}, got {came}")


_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
_SEPARATOR = re.compile(r"\s*[,;\t\u3001]\s*|\s+")
_CLASSES = {name: place for place, name in enumerate(["I", "II", "III", "IV", "V", "VI"])}


def parse_points(text: str) -> Points:
    """Read points from a pasted table with the columns x, y, class.

    Columns are parted by commas, semicolons, tabs or spaces (full-width ones too); a first line
    without any number is a heading; empty lines count as lines, but not as points.

    Parameters
    ----------
    text : str
        At most 2,000 points, coordinates from −100 to 100, classes as people write them: 1 to 6
        or I to VI.

    Returns
    -------
    x : ndarray, (N, 2)
    y : ndarray of int, (N,)
        Class "1" is 0.

    Raises
    ------
    PointsError
        At the first thing that does not fit.
    """
    rows = _cells_of(text)
    if not rows:
        raise PointsError("empty", got="none")
    if len(rows) > MAX_POINTS:
        raise PointsError("too_many", rows[MAX_POINTS][0], got=str(len(rows)))
    points = [_point(row, cells) for row, cells in rows]
    return np.array([(a, b) for a, b, _ in points]), np.array([c for _, _, c in points], np.int64)


def format_points(x: np.ndarray, y: np.ndarray) -> str:
    """Write points as a table that ``parse_points`` reads back to the very same numbers."""
    rows = [f"{float(a)!r}, {float(b)!r}, {int(c) + 1}" for (a, b), c in zip(x, y, strict=True)]
    return "\n".join(["x, y, class", *rows]) + "\n"


def _cells_of(text: str) -> list[tuple[int, list[str]]]:
    """Return (line number, cells) for every line that holds a point."""
    # NFKC turns full-width digits, commas and Roman numerals into the plain ones.
    plain = unicodedata.normalize("NFKC", text.replace("\ufeff", "").replace("−", "-"))
    lines = [(row, line.strip()) for row, line in enumerate(plain.splitlines(), start=1)]
    rows = [(row, _SEPARATOR.split(line)) for row, line in lines if line]
    if rows and not any(_NUMBER.fullmatch(c) or c.upper() in _CLASSES for c in rows[0][1]):
        del rows[0]
    return rows


def _point(row: int, cells: list[str]) -> tuple[float, float, int]:
    if len(cells) != 3:
        raise PointsError("columns", row, got=str(len(cells)))
    return _coordinate(row, 1, cells[0]), _coordinate(row, 2, cells[1]), _class(row, cells[2])


def _coordinate(row: int, column: int, cell: str) -> float:
    if not _NUMBER.fullmatch(cell):
        raise PointsError("number", row, column, cell)
    if not abs(float(cell)) <= MAX_COORDINATE:
        raise PointsError("range", row, column, cell)
    return float(cell)


def _class(row: int, cell: str) -> int:
    if cell.upper() in _CLASSES:
        return _CLASSES[cell.upper()]
    if not _NUMBER.fullmatch(cell) or float(cell) not in range(1, MAX_CLASSES + 1):
        raise PointsError("class", row, 3, cell)
    return int(float(cell)) - 1


def _classes(n_samples: int, count: int, name: str = "classes") -> np.ndarray:
    """Return n_samples classes in ascending order, as evenly many of each as possible."""
    if n_samples < 1 or not 1 <= count <= MAX_CLASSES:
        raise ValueError(
            f"expected at least one point and 1 to {MAX_CLASSES} {name}, but got {n_samples} "
            f"and {count}"
        )
    return np.sort(np.arange(n_samples) % count)


def _share(y: np.ndarray, *, closed: bool = False) -> np.ndarray:
    """Spread each class's points evenly from 0 to 1; ``closed`` leaves out 1, which is 0."""
    counts = np.bincount(y)
    return np.concatenate([np.linspace(0.0, 1.0, count, endpoint=not closed) for count in counts])


def _on_circle(turn: np.ndarray) -> np.ndarray:
    """Return the points on the unit circle after so many turns: shape (N, 2)."""
    return np.stack([np.cos(2 * np.pi * turn), np.sin(2 * np.pi * turn)], axis=1)


def _finish(x: np.ndarray, y: np.ndarray, noise: float, rng: np.random.Generator) -> Points:
    """Shift every coordinate at random, and mix the order."""
    if not 0.0 <= noise < np.inf:
        raise ValueError(f"noise is a standard deviation from 0, but got {noise}")
    x = x + noise * rng.standard_normal(x.shape)
    order = rng.permutation(len(x))
    return x[order], y[order].astype(np.int64)
