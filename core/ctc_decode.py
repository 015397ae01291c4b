"""From a network's answers, column by column, to a text: decoding, and where it stands.

What the columns and the blank mean is told in ``core.ctc``.  The likeliest text is not always that
of the likeliest path, as many unlikely paths may spell one text: so besides the greedy way there
is a search that adds up the paths of every text.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from core.ctc import BLANK, NEVER, columns_needed, ctc_shares

LEAST = 1e-4  # a class less likely than this in a column is not tried there

Text = tuple[int, ...]


def ctc_greedy(log_p: np.ndarray) -> tuple[Text, float]:
    """Return the text of the likeliest path, and the likelihood of that path, 0 to 1.

    Parameters
    ----------
    log_p : ndarray, (T, C)
        Logarithms of probabilities, as ``core.ctc.log_softmax`` makes them.
    """
    _check_columns(log_p, "ctc_greedy")
    path = log_p.argmax(axis=1)
    new = np.concatenate([[True], path[1:] != path[:-1]])
    text = tuple(int(label) for label in path[new] if label != BLANK)
    return text, float(np.exp(log_p.max(axis=1).sum()))


def ctc_beam(
    log_p: np.ndarray, width: int = 8, length: int | None = None
) -> list[tuple[Text, float]]:
    """Search for the likeliest texts, keeping the ``width`` best beginnings.

    Every beginning of a text has two probabilities: of the paths that end with its last character
    and of those that end with a blank.  A column makes of a beginning itself (with a blank, or the
    last character again) and longer ones; the same character twice only after a blank.

    Graves and Jaitly, "Towards End-to-End Speech Recognition with Recurrent Neural Networks", 2014,
    algorithm 1.  Where a length is wanted, beginnings compete only with those of their own length:
    so it is reached even if the network is sure of another.

    Parameters
    ----------
    log_p : ndarray, (T, C)
        Logarithms of probabilities; −∞ for classes that are ruled out.
    width : int
        How many beginnings are kept; at least 1.
    length : int, optional
        Only texts of so many characters.

    Returns
    -------
    list of (text, ln p)
        The likeliest first, at most ``width``; empty if no text of that length fits into T columns.
        ln p is what the search found of the text's probability, never more than all of it.
    """
    _check_columns(log_p, "ctc_beam")
    if width < 1 or (length is not None and length < 0):
        raise ValueError(
            "ctc_beam expected a width of at least 1 and no negative length, "
            f"but got {width} and {length}"
        )
    # The floor keeps texts of a wanted length alive where the network is sure of another.
    least = NEVER if length is not None else float(np.log(LEAST))
    beam: dict[Text, tuple[float, float]] = {(): (NEVER, 0.0)}
    for column in np.maximum(log_p, NEVER):
        grown: dict[Text, tuple[float, float]] = {}
        # As many classes as beginnings are kept: a class beyond cannot be in what is kept, unless
        # by adding up.
        tried = np.argsort(column)[::-1][: width + 2]
        classes = [(int(k), float(column[k])) for k in tried if k != BLANK and column[k] > least]
        for text, after in beam.items():
            for longer, ends in _longer_by(text, after, column, classes):
                old = grown.get(longer, (NEVER, NEVER))
                grown[longer] = _add(old[0], ends[0]), _add(old[1], ends[1])
        beam = _best_beginnings(grown, width, length)
    found = [
        (text, _add(*ends)) for text, ends in beam.items() if length is None or len(text) == length
    ]
    found = [(text, value) for text, value in found if value > NEVER / 2]
    return sorted(found, key=lambda pair: -pair[1])[:width]


def ctc_columns(log_p: np.ndarray, text: Text) -> np.ndarray:
    """Return which columns made each character, (S, T): each row sums to 1.

    For every column, the share of all paths spelling the text that have the character there, then
    divided by the row's sum: where the character is, as a heat map wants it.

    Raises
    ------
    ValueError
        If the text does not fit into T columns.
    """
    _check_columns(log_p, "ctc_columns")
    target = np.array([text], np.intp).reshape(1, -1)
    needed = int(columns_needed(target)[0])
    if needed > len(log_p):
        raise ValueError(f"ctc_columns expected a text for {len(log_p)} columns, not {needed}")
    shares, _ = ctc_shares(np.maximum(log_p, NEVER)[:, None].astype(np.float64), target)
    rows = shares[:, 0, 1::2].T
    return rows / rows.sum(axis=1, keepdims=True)


def _longer_by(
    text: Text,
    after: tuple[float, float],
    column: np.ndarray,
    classes: list[tuple[int, float]],
) -> Iterator[tuple[Text, tuple[float, float]]]:
    """Yield what one column makes of a beginning: texts, each with ln p (character, blank) last."""
    character, blank = after
    either = _add(character, blank)
    again = character + float(column[text[-1]]) if text else NEVER
    yield text, (again, either + float(column[BLANK]))
    for label, value in classes:
        come_from = blank if text and label == text[-1] else either
        yield (*text, label), (come_from + value, NEVER)


def _best_beginnings(
    grown: dict[Text, tuple[float, float]], width: int, length: int | None
) -> dict[Text, tuple[float, float]]:
    """Return the ``width`` likeliest beginnings; if a length is wanted, of each up to that."""
    order = sorted(grown.items(), key=lambda item: -_add(*item[1]))
    kept: dict[Text, tuple[float, float]] = {}
    of_length: dict[int, int] = {}
    for text, ends in order:
        size = 0 if length is None else len(text)
        if size <= (length or 0) and of_length.get(size, 0) < width:
            of_length[size] = of_length.get(size, 0) + 1
            kept[text] = ends
    return kept


def _add(one: float, other: float) -> float:
    """Return ln(e^one + e^other), for single numbers faster than ``np.logaddexp``."""
    return max(one, other) + math.log1p(math.exp(-abs(one - other)))


def _check_columns(log_p: np.ndarray, where: str) -> None:
    if log_p.ndim != 2 or log_p.shape[1] < 2 or not len(log_p):
        raise ValueError(
            f"{where} expected logarithms of shape (T, C), with T at least 1 and C at least 2, "
            f"but got {log_p.shape}"
        )
