"""Train a reader of lines on: some more steps, on pictures of one kind.

A reader that was trained on all kinds of captchas can become better at one of them, and pay for it
with the others: what it forgets is measured, as in ``core.captcha_repair``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from core.ctc import CTCLoss, pad_texts
from core.line import prepare_line
from core.line_reader import LineReader, as_maps, columns_of, to_classes
from core.optim import Adam

Labelled = tuple[np.ndarray, str]  # a picture, and what it says
TUNING_RATE = 3e-4
STEEPEST = 1.0  # a longer gradient is shortened: one strange picture must not do harm


def tune_reader(
    reader: LineReader, draw: Callable[[int], Sequence[Labelled]], steps: int, batch_size: int = 16
) -> Iterator[float]:
    """Train a reader, step by step, and yield the loss of each batch, in nats a character.

    Adam with a learning rate that falls in a straight line from 0.0003 to 0.

    Parameters
    ----------
    reader : LineReader
        It is changed: give a copy of one that others use.
    draw : callable
        From a number of pictures to so many, with their texts.
    steps, batch_size : int
        From 1.

    Raises
    ------
    ValueError
        If a number is below 1, or a text has other characters than the reader.
    """
    if min(steps, batch_size) < 1:
        raise ValueError(
            f"tune_reader expected at least 1 step and 1 picture, but got {steps} and {batch_size}"
        )
    model, loss = reader.model, CTCLoss(zero_infinity=True)
    optimizer = Adam(model)
    for step in range(steps):
        optimizer.lr = TUNING_RATE * (1.0 - step / steps)
        strips, texts = _batch(draw(batch_size))
        logits = model.forward(strips, training=True)
        yield loss.forward(columns_of(logits), texts)
        model.backward(as_maps(loss.backward()), need_dx=False)
        _shorten(model.grads.values())
        optimizer.step()


def share_read(reader: LineReader, pictures: Sequence[Labelled], alphabet: str) -> float:
    """Return the share of pictures whose whole text is read right."""
    right = sum(reader.read(picture, alphabet).text == text for picture, text in pictures)
    return right / len(pictures)


def _batch(drawn: Sequence[Labelled]) -> tuple[np.ndarray, np.ndarray]:
    """Return strips, with paper to the right of the narrower ones, and texts as classes."""
    strips = [prepare_line(picture) for picture, _ in drawn]
    widest = max(strip.shape[2] for strip in strips)
    room = [(0, 0), (0, 0)]
    filled = [np.pad(strip, [*room, (0, widest - strip.shape[2])]) for strip in strips]
    return np.stack(filled), pad_texts([to_classes(text) for _, text in drawn])


def _shorten(grads: Iterable[np.ndarray]) -> None:
    """Shorten a gradient that is longer than ``STEEPEST``."""
    arrays = list(grads)
    length = float(np.sqrt(sum(float((array * array).sum()) for array in arrays)))
    if length > STEEPEST:
        for array in arrays:
            array *= STEEPEST / length
