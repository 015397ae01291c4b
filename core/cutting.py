"""Cut a line of ink into its characters: three ways, from the plainest to the one that looks most.

Equal slices ask nothing of the picture; valleys look at how much ink stands in each column;
components look at what hangs together, and so can part characters that overlap in columns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from core.binary import check_ink, component_extents, components
from core.cutting_error import LONGEST_SIDE, CuttingError

EVENNESS = 0.5  # what a piece of no or twice the usual width costs; cutting all rows of ink costs 1
SHARED = 0.5  # of the narrower one's columns: then two components are one character
CRUMB = 0.1  # of a usual character's ink: less that stands alone is no character
USUAL_WIDTH = 0.75  # of its height: a character's, with a half of the gaps around it


class Cut(NamedTuple):
    """A box around one character, in pixels; right and bottom are the first ones beyond."""

    left: int
    top: int
    right: int
    bottom: int


class Cutting(NamedTuple):
    """A line of ink in pieces.

    Attributes
    ----------
    cuts : tuple of Cut
        The pieces' boxes from left to right; those of components may overlap.
    owner : ndarray of intp, (H, W)
        Which piece a pixel's ink belongs to: 1, 2, ...; 0 for none.
    columns : tuple of int
        Where a cut goes down the picture, to the left of that column.  Slices and valleys have one
        between any two pieces; components only where one of them was split.
    """

    cuts: tuple[Cut, ...]
    owner: np.ndarray
    columns: tuple[int, ...]


def equal_slices(ink: np.ndarray, count: int | None = None, *, whole: bool = False) -> Cutting:
    """Cut into slices of the same width: c_i = a + round(i·(b − a)/k), whatever stands there.

    Parameters
    ----------
    ink : ndarray of bool, (H, W)
    count : int, optional
        k, the number of characters; None estimates it, see ``estimate_count``.
    whole : bool
        Slice the picture from side to side, a = 0 and b = W, at full height, as the course notes
        do; otherwise from the first column of ink to the last.

    Raises
    ------
    CuttingError
        If there is no ink or the count does not fit.
    """
    ink, box, count = _begin_cutting(ink, count)
    if whole:
        box = Cut(0, 0, ink.shape[1], ink.shape[0])
    edges = box.left + np.rint(np.linspace(0, box.right - box.left, count + 1)).astype(np.intp)
    return _by_columns(ink, edges, None if whole else box)


def projection_valleys(ink: np.ndarray, count: int | None = None) -> Cutting:
    """Cut where little ink stands in a column, and where the pieces are about equally wide.

    With p(x) the number of inked rows in column x, h the number of rows and b − a that of columns
    from the first ink to the last, and w̄ = (b − a)/k, the cuts a = c_0 < c_1 < ... < c_k = b are
    those with the least cost

        Σ_{0<i<k} p(c_i)/h + λ·Σ_{0<i≤k} ((c_i − c_{i−1})/w̄ − 1)²,    λ = 1/2.

    Without the second sum all cuts would crowd in one gap.  The best way to end piece i at column c
    goes on from the best way to end piece i − 1 somewhere before it: so one table row after the
    other finds the best cuts of all, without trying every choice.  Source: Casey and Lecolinet, "A
    Survey of Methods and Strategies in Character Segmentation", 1996, section 2; Bellman, "Dynamic
    Programming", 1957.

    Parameters
    ----------
    ink : ndarray of bool, (H, W)
    count : int, optional
        k, the number of characters; None estimates it, see ``estimate_count``.

    Raises
    ------
    CuttingError
        If there is no ink or the count does not fit.
    """
    ink, box, count = _begin_cutting(ink, count)
    return _by_columns(ink, _best_edges(ink, box, count), box)


def component_boxes(ink: np.ndarray, count: int | None = None) -> Cutting:
    """Take what hangs together for a character; join what is too little and split what is too wide.

    1. Components that share half of the narrower one's columns are one character: the dot and the
       stem of an i, the parts of a broken stroke.
    2. Crumbs, with less than a tenth of the ink that one has on average, are dropped.  While there
       are still more than k, the one with the least ink is joined to its nearest.
    3. While there are fewer than k, one more character is expected in the one whose characters
       would be widest; then each is cut into as many as are expected in it, in its valleys, as by
       ``projection_valleys``.

    Source: Casey and Lecolinet, 1996, section 2, on connected component analysis.

    Parameters
    ----------
    ink : ndarray of bool, (H, W)
    count : int, optional
        k, the number of characters; None estimates it, see ``estimate_count``.

    Raises
    ------
    CuttingError
        If there is no ink or the count does not fit.
    """
    ink, _, count = _begin_cutting(ink, count)
    labels, groups = _groups(ink)
    groups = _fewer(_without_crumbs(groups, count), count)
    owner = np.zeros(ink.shape, np.intp)
    columns: list[int] = []
    pieces: list[tuple[Cut, np.ndarray]] = []
    for group, share in zip(groups, _expected_in(groups, count), strict=True):
        mask = np.isin(labels, group.labels)
        split = _by_columns(mask, _best_edges(mask, group.box, share), group.box)
        pieces += [(cut, split.owner == place) for place, cut in enumerate(split.cuts, 1)]
        columns += split.columns
    pieces.sort(key=lambda piece: piece[0].left + piece[0].right)
    for place, (_, mask) in enumerate(pieces, 1):
        owner[mask] = place
    return Cutting(tuple(cut for cut, _ in pieces), owner, tuple(sorted(columns)))


METHODS_OF_CUTTING: dict[str, Callable[..., Cutting]] = {
    "slices": equal_slices,
    "valleys": projection_valleys,
    "components": component_boxes,
}


def estimate_count(ink: np.ndarray) -> int:
    """Guess how many characters there are, from what hangs together.

    Components are joined as in the first step of ``component_boxes``, and crumbs left out.  With h
    the middle height of what is left, one that is w wide is max(1, round(w / (0.75·h)))
    characters: about as wide as digits and letters are.

    Parameters
    ----------
    ink : ndarray of bool, (H, W)

    Raises
    ------
    CuttingError
        If there is no ink.
    """
    _, groups = _groups(_begin_cutting(ink, 1)[0])
    usual = max(group.size for group in groups)
    groups = [group for group in groups if group.size >= CRUMB * usual]
    height = float(np.median([group.box.bottom - group.box.top for group in groups]))
    widths = [group.box.right - group.box.left for group in groups]
    return sum(max(1, round(width / (USUAL_WIDTH * height))) for width in widths)


class _Group(NamedTuple):
    """Components that are taken for one character: their labels, their box and their pixels."""

    labels: tuple[int, ...]
    box: Cut
    size: int

    def joined(self, other: _Group) -> _Group:
        """Return both as one."""
        (a, b, c, d), (e, f, g, h) = self.box, other.box
        box = Cut(min(a, e), min(b, f), max(c, g), max(d, h))
        return _Group(self.labels + other.labels, box, self.size + other.size)


def _begin_cutting(ink: np.ndarray, count: int | None) -> tuple[np.ndarray, Cut, int]:
    """Return the ink, the box around it and the count; raise unless they fit."""
    try:
        ink = check_ink(ink, "cutting")
    except ValueError as error:
        raise CuttingError("ink", np.shape(ink)) from error
    if max(ink.shape) > LONGEST_SIDE:
        raise CuttingError("large", max(ink.shape))
    box = _extent(ink)
    if box is None:
        raise CuttingError("empty")
    if count is None:
        count = estimate_count(ink)
    if count < 1:
        raise CuttingError("count", count)
    if count > (columns := int(ink.any(axis=0).sum())):
        raise CuttingError("narrow", count, columns)
    return ink, box, count


def _extent(ink: np.ndarray) -> Cut | None:
    """Return the box around all ink, or None where there is none."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return None
    return Cut(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def _by_columns(ink: np.ndarray, edges: np.ndarray, box: Cut | None) -> Cutting:
    """Return the pieces between columns; with a box, each as high as its ink."""
    owner = np.zeros(ink.shape, np.intp)
    cuts = []
    for place, (left, right) in enumerate(zip(edges.tolist(), edges[1:].tolist(), strict=False), 1):
        part = ink[:, left:right]
        owner[:, left:right][part] = place
        tight = _extent(part) if box else None
        top, bottom = (tight.top, tight.bottom) if tight else (0, len(ink))
        cuts.append(Cut(left, top, right, bottom))
    return Cutting(tuple(cuts), owner, tuple(edges[1:-1].tolist()))


def _best_edges(ink: np.ndarray, box: Cut, count: int) -> np.ndarray:
    """Return the count + 1 columns between which the pieces lie; see ``projection_valleys``."""
    width, height = box.right - box.left, box.bottom - box.top
    places = np.arange(width + 1)
    at_cut = np.append(ink[box.top : box.bottom, box.left : box.right].sum(axis=0) / height, 0.0)
    widths = places[:, None] - places[None]  # to the row's column from the column's
    uneven = np.where(widths > 0, EVENNESS * (widths * count / width - 1.0) ** 2, np.inf)
    cost, ways = uneven[:, 0], []
    for _ in range(count - 1):
        longer = uneven + (cost + at_cut)[None]
        ways.append(longer.argmin(axis=1))
        cost = longer.min(axis=1)
    edges = [width]
    for way in reversed(ways):
        edges.append(int(way[edges[-1]]))
    return box.left + np.array([0, *reversed(edges)])


def _groups(ink: np.ndarray) -> tuple[np.ndarray, list[_Group]]:
    """Return the labels of the components, and those that are one character, left to right."""
    labels, count = components(ink)
    boxes, sizes = component_extents(labels, count)
    loose = [
        _Group((label,), Cut(*box), size)
        for label, (box, size) in enumerate(zip(boxes.tolist(), sizes.tolist(), strict=True), 1)
    ]
    groups: list[_Group] = []
    for group in sorted(loose, key=lambda group: group.box.left):
        # Only the last ones can reach so far to the right; joined, they reach as far.
        while groups and _shared_columns(groups[-1].box, group.box) >= SHARED:
            group = groups.pop().joined(group)
        groups.append(group)
    return labels, groups


def _shared_columns(one: Cut, other: Cut) -> float:
    """Return which part of the narrower box's columns is also the other's; negative if apart."""
    return -_gap(one, other) / min(one.right - one.left, other.right - other.left)


def _without_crumbs(groups: list[_Group], count: int) -> list[_Group]:
    """Return the groups with enough ink for a character, if they have enough columns for all."""
    least = CRUMB * sum(group.size for group in groups) / max(count, len(groups))
    kept = [group for group in groups if group.size >= least]
    return kept if sum(group.box.right - group.box.left for group in kept) >= count else groups


def _fewer(groups: list[_Group], count: int) -> list[_Group]:
    """Join the group with the least ink to its nearest until there are no more than so many."""
    groups = list(groups)
    while len(groups) > count:
        least = groups.pop(min(range(len(groups)), key=lambda k: groups[k].size))
        nearest = min(range(len(groups)), key=lambda k: _gap(groups[k].box, least.box))
        groups[nearest] = groups[nearest].joined(least)
    return groups


def _gap(one: Cut, other: Cut) -> int:
    """Return how many columns lie between two boxes; negative if they share some."""
    return max(one.left, other.left) - min(one.right, other.right)


def _expected_in(groups: list[_Group], count: int) -> list[int]:
    """Return how many characters are expected in each group: one, and more in the widest."""
    widths = np.array([group.box.right - group.box.left for group in groups])
    shares = np.ones(len(groups), np.intp)
    for _ in range(count - len(groups)):
        shares[np.argmax(widths / shares)] += 1
    return shares.tolist()
