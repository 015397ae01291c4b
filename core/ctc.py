"""Connectionist temporal classification: learn to read a line without being told what is where.

A network looks at a line of text column by column, and says for each of the T columns how likely
every class is there: a character, or class 0, the blank, "nothing new here".  A text comes of a
path, one class a column, by first making one of each run of equal classes and then dropping the
blanks: so ``--77-7`` reads 77.  Many paths spell the same text.  Its probability is the sum of
theirs, and the loss is −ln of that sum.  Graves et al., "Connectionist Temporal Classification:
Labelling Unsegmented Sequence Data with Recurrent Neural Networks", 2006.

How a text is made of the network's answer is in ``core.ctc_decode``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.losses import Loss

BLANK = 0
NEVER = -1e30  # the logarithm of 0, as far as sums of it can be told from anything possible


class CTCLoss(Loss):
    """−ln of the probability of a text, summed over all ways to lay it out along the columns.

    L = (1/N) Σ_n −ln p(text_n) / max(1, length_n): as ``torch.nn.CTCLoss`` with its reduction
    "mean", so that a long text counts no more than a short one.  It takes logits, the numbers
    *before* softmax, as ``CrossEntropyLoss`` does, and every line has the same T.

    Parameters
    ----------
    zero_infinity : bool
        What to do with a text that T columns cannot spell, whose loss is infinite: count it as 0,
        with no gradient, or (the default) raise a ValueError.

    Notes
    -----
    Write blanks around every character: text s of length S becomes s′ of length 2S + 1.  α_t(i) is
    the probability of all beginnings of paths that have come to s′_i in column t, the emission
    there included, and β_t(i) that of all ends that go on from there (section 4.1).  From one
    column to the next a path stays, goes on to the next of s′, or skips a blank between two
    different characters.  With p_t(k) = softmax(z_t)_k, and p(text) = Σ_i α_t(i)·β_t(i)/p_t(s′_i)
    for any t, the gradient is (equation 16)

        ∂(−ln p(text))/∂z_t(k) = p_t(k) − Σ_{i: s′_i = k} α_t(i)·β_t(i) / (p_t(k)·p(text)).

    Everything is done with logarithms, in double precision, for the whole batch at once: the only
    loop is that over the columns.
    """

    def __init__(self, zero_infinity: bool = False) -> None:
        super().__init__()
        self.zero_infinity = zero_infinity

    def forward(self, prediction: np.ndarray, target: np.ndarray) -> float:
        """Return the mean loss, in nats a character.

        Parameters
        ----------
        prediction : ndarray, (T, N, C)
            Logits.
        target : ndarray of whole numbers, (N, S)
            Texts as classes from 1 to C − 1, filled up with 0 at the end.

        Raises
        ------
        ValueError
            If the shapes do not fit, a target is no class or has a blank inside, or a text does
            not fit into T columns (without ``zero_infinity``).
        """
        target = check_ctc(prediction, target)
        lengths = np.count_nonzero(target, axis=1)
        possible = columns_needed(target) <= len(prediction)
        if not self.zero_infinity and not possible.all():
            worst = int(np.argmin(possible))
            raise ValueError(
                f"CTCLoss expected texts that fit into {len(prediction)} columns, but text {worst} "
                f"needs {columns_needed(target)[worst]}: a column for each character, and one "
                "between two equal ones"
            )
        log_p = log_softmax(prediction.astype(np.float64))
        shares, losses = ctc_shares(log_p, target)
        weights = possible / (np.maximum(1, lengths) * len(target))
        self._cache = log_p, shares, target, weights, prediction.dtype
        return float(np.where(possible, losses, 0.0) @ weights)

    def backward(self) -> np.ndarray:
        """Return ∂L/∂logits, of shape (T, N, C)."""
        log_p, shares, target, weights, dtype = self._recall()
        dx = np.exp(log_p)
        of_class = np.equal(with_blanks(target)[:, :, None], np.arange(dx.shape[2]))
        dx -= np.matmul(shares.swapaxes(0, 1), of_class.astype(np.float64)).swapaxes(0, 1)
        dx *= weights[:, None]
        return dx.astype(dtype)


def ctc_shares(log_p: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how all paths that spell the texts are spread, and −ln p(text).

    Parameters
    ----------
    log_p : ndarray, (T, N, C)
        Logarithms of probabilities.
    target : ndarray of whole numbers, (N, S)
        Texts, filled up with 0 at the end.

    Returns
    -------
    shares : ndarray, (T, N, 2S + 1)
        For each column, the share of the paths' probability that is at each of: blank, first
        character, blank, ...  They sum to 1 in every column of a possible text.
    losses : ndarray, (N,)
        About 1e30 for an impossible text.
    """
    columns, count, _ = log_p.shape
    labels = with_blanks(target)
    ends = 2 * np.count_nonzero(target, axis=1)
    # β is α of the text and the line read backwards: both at once.
    back = ends[:, None] - np.arange(labels.shape[1])
    inside = back >= 0
    back = np.maximum(back, 0)
    emitted = log_p[:, np.arange(count)[:, None], labels]
    turned = np.take_along_axis(emitted[::-1], back[None], axis=2)
    both = np.concatenate([labels, np.take_along_axis(labels, back, axis=1)])
    walked = _walk(np.concatenate([emitted, turned], axis=1), _can_skip(both))
    alpha, beta = walked[:, :count], walked[::-1, count:]
    beta = np.take_along_axis(beta, back[None], axis=2)
    last = alpha[-1]
    end, before = (
        np.take_along_axis(last, np.maximum(ends - step, 0)[:, None], axis=1)[:, 0]
        for step in (0, 1)
    )
    total = np.where(ends > 0, np.logaddexp(end, before), end)
    shares = np.where(inside, alpha + beta - emitted, NEVER)
    # Every column's sum is p(text) once more; dividing by its own keeps rounding errors apart.
    top = shares.max(axis=2, keepdims=True)
    shares = np.exp(shares - top)
    shares /= shares.sum(axis=2, keepdims=True)
    return shares, -total


def with_blanks(target: np.ndarray) -> np.ndarray:
    """Return texts (N, S) with blanks around every character: (N, 2S + 1)."""
    labels = np.full((len(target), 2 * target.shape[1] + 1), BLANK, np.intp)
    labels[:, 1::2] = target
    return labels


def columns_needed(target: np.ndarray) -> np.ndarray:
    """Return how many columns each text (N, S) needs at least: equal neighbours need a blank."""
    twins = (target[:, 1:] == target[:, :-1]) & (target[:, 1:] != BLANK)
    return np.maximum(1, np.count_nonzero(target, axis=1) + np.count_nonzero(twins, axis=1))


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Return ln softmax(z) along the last axis: z − ln Σ e^z, with the largest z taken off first.

    A class that is ruled out may have the logit −∞, but not all of them.
    """
    shifted = logits - logits.max(axis=-1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return shifted


def pad_texts(texts: Sequence[Sequence[int]]) -> np.ndarray:
    """Return texts of classes as one array, (N, longest), filled up with 0."""
    padded = np.zeros((len(texts), max(map(len, texts), default=0)), np.intp)
    for row, text in zip(padded, texts, strict=True):
        row[: len(text)] = text
    return padded


def check_ctc(prediction: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the target as an array, or raise a ValueError if it cannot belong to the logits."""
    target = np.asarray(target)
    fits = prediction.ndim == 3 and target.ndim == 2 and len(target) == prediction.shape[1]
    if not fits or 0 in prediction.shape or target.dtype.kind not in "iu":
        raise ValueError(
            "CTCLoss expected logits of shape (T, N, C) and whole numbers of shape (N, S), with T "
            f"and N at least 1, but got {prediction.shape}, and {target.dtype} of {target.shape}"
        )
    if target.size and not 0 <= target.min() <= target.max() < prediction.shape[2]:
        raise ValueError(
            f"CTCLoss expected classes from 1 to {prediction.shape[2] - 1}, and 0 to fill up, but "
            f"they run from {target.min()} to {target.max()}"
        )
    if ((target[:, :-1] == BLANK) & (target[:, 1:] != BLANK)).any():
        raise ValueError("CTCLoss expected zeros only at the end of a text: 0 is the blank")
    return target


def _can_skip(labels: np.ndarray) -> np.ndarray:
    """Return where a path may come from two places before: (N, L), as 0 or NEVER, to be added."""
    skip = np.full(labels.shape, NEVER)
    skip[:, 2:][(labels[:, 2:] != BLANK) & (labels[:, 2:] != labels[:, :-2])] = 0.0
    return skip


def _walk(emitted: np.ndarray, skip: np.ndarray) -> np.ndarray:
    """Return ln α for all columns, (T, N, L), for ln p of s′ in every column (equations 6 to 8)."""
    alpha = np.empty_like(emitted)
    alpha[0] = NEVER
    alpha[0, :, :2] = emitted[0, :, :2]
    before = np.full((2, *skip.shape), NEVER)
    for column in range(1, len(alpha)):
        here, (one, two) = alpha[column - 1], before
        one[:, 1:] = here[:, :-1]
        two[:, 2:] = here[:, :-2]
        two += skip
        top = np.maximum(np.maximum(here, one), two)
        total = np.exp(here - top) + np.exp(one - top) + np.exp(two - top)
        alpha[column] = emitted[column] + top + np.log(total)
        np.maximum(alpha[column], NEVER, out=alpha[column])
        two[:, :2] = NEVER
    return alpha
