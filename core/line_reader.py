"""A reader of whole lines: a picture of any size and colours in, a text out, nothing cut.

A picture becomes a strip of 32 rows (``core.line``), a convolutional network says for every four
columns of it which character is there, and what it says becomes a text (``core.ctc_decode``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from core.activations import ReLU
from core.conv import Conv2d
from core.ctc import ctc_shares, log_softmax, pad_texts
from core.ctc_decode import Text, ctc_beam, ctc_columns
from core.init import RandomSource, as_generator, kaiming_normal
from core.layers import Dropout, Layer, Sequential
from core.line import LINE_HEIGHT, LINE_STEP, prepare_line, scale_planes
from core.pool import MaxPool2d

CHARACTERS = "0123456789abcdefghijklmnopqrstuvwxyz"  # of class 1, 2, ...; class 0 is the blank
ALPHABETS = {"digits": CHARACTERS[:10], "alnum": CHARACTERS}
BEAM = 8  # beginnings that the search keeps
LONE = 0.5  # how sure it must be of a single character: noise alone often looks a little like one
CANDIDATES = 4  # texts of each search that are compared
STRETCHES = (1.0, 1.12, 1.4, 1.5)  # how wide the strip is at each look; the widest last

# What each convolution has: channels, kernel, and the window of the pooling after it.
LINE_PLAN: tuple[tuple[int, tuple[int, int], tuple[int, int]], ...] = (
    (16, (3, 3), (2, 2)),
    (32, (3, 3), (2, 2)),
    (64, (3, 3), (2, 1)),
    (96, (3, 3), (1, 1)),
    (96, (3, 3), (2, 1)),
    (128, (2, 3), (1, 1)),
    (128, (1, 3), (1, 1)),
)


class Reading(NamedTuple):
    """What was read.

    Attributes
    ----------
    text : str
        Empty if no characters were found.
    confidence : float
        How probable the text is among all texts, 0 to 1, as the network sees it: the mean of its
        looks.
    characters : tuple of float
        For each character, how sure the network is of it in the columns that made it, 0 to 1.
    columns : ndarray, (how many characters, T)
        Which columns made each character: rows that sum to 1, the T columns side by side from the
        picture's left edge to its right.
    """

    text: str
    confidence: float
    characters: tuple[float, ...]
    columns: np.ndarray


class LineReader:
    """A network that reads lines, and how to ask it.

    Parameters
    ----------
    model : Sequential
        As ``line_network`` makes it.
    """

    def __init__(self, model: Sequential) -> None:
        self.model = model

    def read(
        self, picture: np.ndarray, alphabet: str = "alnum", length: int | None = None
    ) -> Reading:
        """Read a picture.

        The network looks four times, at strips that are stretched more and more, as it makes other
        mistakes each time.  Every look has its likeliest texts; the one that is the most probable
        on the mean of all looks is what is read.  A single character that it is not sure of is
        taken for noise, unless it was told that there is one.

        Parameters
        ----------
        picture : ndarray of uint8, (H, W) or (H, W, 3)
        alphabet : str
            "digits", or "alnum" for digits and letters from a to z.
        length : int, optional
            How many characters there are, if that is known.

        Raises
        ------
        ValueError
            If the picture is none, or there is no such alphabet.
        """
        _check_alphabet(alphabet)
        strip = prepare_line(picture)
        if not strip.any():
            return NOTHING
        looks = [self.log_probabilities(stretched(strip, by), alphabet) for by in STRETCHES]
        searches = [ctc_beam(look, BEAM, length)[:CANDIDATES] for look in looks]
        candidates = sorted({text for found in searches for text, _ in found})
        if not candidates:
            return NOTHING._replace(confidence=0.0)
        log_p = _mean_of_looks(looks, candidates)
        best = int(log_p.argmax())
        text, widest = candidates[best], looks[-1]
        confidence = float(np.exp(log_p[best]))
        if length is None and len(text) == 1 and confidence < LONE:
            return NOTHING._replace(confidence=1.0 - confidence)
        columns = ctc_columns(widest, text)
        sure = (columns * np.exp(widest[:, list(text)]).T).sum(axis=1)
        return Reading(to_text(text), confidence, tuple(sure.tolist()), columns)

    def log_probabilities(self, strip: np.ndarray, alphabet: str = "alnum") -> np.ndarray:
        """Return ln p of every class of an alphabet, for each column of a strip: (T, C).

        Class 0 is the blank.
        """
        _check_alphabet(alphabet)
        logits = columns_of(self.model.forward(strip[None]))[:, 0]
        return log_softmax(logits[:, : 1 + len(ALPHABETS[alphabet])].astype(np.float64))


NOTHING = Reading("", 1.0, (), np.empty((0, 0)))


def make_reader(state_dict: Mapping[str, Any]) -> LineReader:
    """Return a reader with learned weights, in single precision however they were stored."""
    model = line_network(0)
    model.load_state_dict(state_dict)
    return LineReader(model)


def line_network(rng: RandomSource = None, dropout: float = 0.1) -> Sequential:
    """Return the network: strips (N, 1, 32, W) in, logits (N, 37, 1, W/4) out.

    Four poolings halve the rows, two of them the columns too, until a kernel of two rows leaves
    one.  Each of the columns that are left has seen 50 columns of the strip.
    """
    return Sequential(*_line_layers(as_generator(rng), dropout))


def columns_of(logits: np.ndarray) -> np.ndarray:
    """Return the network's logits (N, C, 1, T) as ``CTCLoss`` takes them, (T, N, C): a view."""
    return logits[:, :, 0].transpose(2, 0, 1)


def as_maps(columns: np.ndarray) -> np.ndarray:
    """Return (T, N, C) as the network's (N, C, 1, T): the way back of ``columns_of``."""
    return columns.transpose(1, 2, 0)[:, :, None]


def to_classes(text: str) -> Text:
    """Return a text's characters as classes; upper case counts as lower case.

    Raises
    ------
    ValueError
        If a character is neither a digit nor a letter from a to z.
    """
    found = tuple(CHARACTERS.find(character) + 1 for character in text.lower())
    if 0 in found:
        raise ValueError(f"expected digits and letters from a to z, but got {text!r}")
    return found


def to_text(classes: Text) -> str:
    """Return classes as a text."""
    return "".join(CHARACTERS[label - 1] for label in classes)


def stretched(strip: np.ndarray, by: float) -> np.ndarray:
    """Return a strip (1, 32, W) stretched in its width, to a multiple of 4."""
    width = LINE_STEP * round(strip.shape[2] * by / LINE_STEP)
    if width == strip.shape[2]:
        return strip
    return scale_planes(strip.transpose(1, 2, 0), LINE_HEIGHT, width).transpose(2, 0, 1)


def _check_alphabet(alphabet: str) -> None:
    if alphabet not in ALPHABETS:
        raise ValueError(f"expected an alphabet of {', '.join(ALPHABETS)}, got {alphabet!r}")


def _mean_of_looks(looks: list[np.ndarray], texts: list[Text]) -> np.ndarray:
    """Return ln p of each text, p being the mean of what it is in all looks."""
    target = pad_texts(texts)
    log_p = []
    for look in looks:
        alike = np.broadcast_to(look[:, None], (len(look), len(texts), look.shape[1]))
        log_p.append(-ctc_shares(alike, target)[1])
    mean: np.ndarray = np.logaddexp.reduce(log_p, axis=0) - np.log(len(looks))
    return mean


def _line_layers(rng: np.random.Generator, dropout: float) -> Iterator[Layer]:
    """Yield the network's layers."""
    before = 1
    for channels, kernel, pooling in LINE_PLAN:
        padding = (1 if kernel[0] == 3 else 0, 1)
        yield Conv2d(before, channels, kernel, padding=padding, rng=rng, init=kaiming_normal)
        yield ReLU()
        if pooling != (1, 1):
            yield MaxPool2d(pooling)
        before = channels
    yield Dropout(dropout, rng=rng)
    yield Conv2d(before, len(CHARACTERS) + 1, 1, rng=rng)
