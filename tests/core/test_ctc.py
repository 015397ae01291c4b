"""CTC: against all paths one by one, finite differences, torch, and what decoding must keep."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from core.ctc import CTCLoss, columns_needed, ctc_shares, log_softmax, pad_texts
from core.ctc_decode import ctc_beam, ctc_columns, ctc_greedy

GOLDEN = Path(__file__).parents[1] / "golden"


def spelled(path):
    """Merge equal neighbours, then drop blanks."""
    return tuple(k for i, k in enumerate(path) if k and (i == 0 or path[i - 1] != k))


def by_hand(log_p):
    """Return the probability of every text, and of each its paths, by looking at all paths."""
    found = {}
    for path in product(range(log_p.shape[1]), repeat=len(log_p)):
        p = np.exp(sum(log_p[t, k] for t, k in enumerate(path)))
        found.setdefault(spelled(path), []).append((p, path))
    return found


def some_columns(seed, columns=5, classes=4, size=1.5):
    return log_softmax(size * np.random.default_rng(seed).standard_normal((columns, classes)))


@pytest.mark.parametrize("seed", range(6))
def test_the_loss_is_the_sum_over_all_paths(seed):
    log_p = some_columns(seed)
    paths = by_hand(log_p)
    for text, ways in paths.items():
        value = CTCLoss()(log_p[:, None], pad_texts([text]))
        assert value == pytest.approx(-np.log(sum(p for p, _ in ways)) / max(1, len(text)))
    assert sum(p for ways in paths.values() for p, _ in ways) == pytest.approx(1.0)


@pytest.mark.parametrize("seed", range(3))
def test_the_shares_are_those_of_all_paths(seed):
    log_p = some_columns(seed)
    for text, ways in by_hand(log_p).items():
        total = sum(p for p, _ in ways)
        shares, _ = ctc_shares(log_p[:, None], pad_texts([text]))
        for column in range(len(log_p)):
            for label in range(log_p.shape[1]):
                there = sum(p for p, path in ways if path[column] == label) / total
                of_label = np.array([0, *(k for c in text for k in (c, 0))]) == label
                assert shares[column, 0][of_label].sum() == pytest.approx(there)


@pytest.mark.parametrize("lengths", [(3, 0, 1, 5), (0,), (2, 2), (1, 6)])
def test_gradient_by_finite_differences(lengths):
    rng = np.random.default_rng(len(lengths))
    texts = pad_texts([rng.integers(1, 5, n) for n in lengths])
    logits = rng.standard_normal((11, len(lengths), 5))
    loss = CTCLoss()
    loss.forward(logits, texts)
    ours = loss.backward()
    step = 1e-6
    for place in np.ndindex(*logits.shape):
        sides = []
        for move in (step, -step):
            moved = logits.copy()
            moved[place] += move
            sides.append(loss.forward(moved, texts))
        assert ours[place] == pytest.approx((sides[0] - sides[1]) / (2 * step), abs=1e-7)


# In float32 it is torch that is less exact: it adds up in that precision, CTCLoss in float64.
@pytest.mark.parametrize(("dtype", "near"), [("float32", 1e-4), ("float64", 1e-10)])
def test_the_same_numbers_as_torch(dtype, near):
    with np.load(GOLDEN / f"ctc_{dtype}.npz") as file:
        arrays = dict(file)
    numbers = {name.split("/")[0] for name in arrays}
    assert len(numbers) >= 4
    for number in numbers:
        x, target, value, dx = (arrays[f"{number}/{k}"] for k in ("x", "target", "value", "dx"))
        loss = CTCLoss(zero_infinity=True)
        assert loss.forward(x, target) == pytest.approx(float(value), rel=near)
        ours = loss.backward()
        assert ours.dtype == dx.dtype == dtype
        assert np.abs(ours - dx).max() <= near * np.abs(dx).max()


def test_impossible_texts():
    logits = np.zeros((4, 2, 3))
    texts = pad_texts([[1, 1, 2], [1, 1, 1]])
    assert columns_needed(texts).tolist() == [4, 5]
    with pytest.raises(ValueError, match="text 1 needs 5"):
        CTCLoss()(logits, texts)
    loss = CTCLoss(zero_infinity=True)
    alone = CTCLoss()(logits[:, :1], texts[:1])
    assert loss(logits, texts) == pytest.approx(alone / 2)
    gradient = loss.backward()
    assert not gradient[:, 1].any()
    assert gradient[:, 0].any()


def test_extreme_logits_stay_finite():
    logits = 1e4 * np.random.default_rng(0).standard_normal((20, 3, 6)).astype(np.float32)
    loss = CTCLoss()
    assert np.isfinite(loss(logits, pad_texts([[1, 2, 3], [], [4, 4]])))
    gradient = loss.backward()
    assert np.isfinite(gradient).all()
    assert np.abs(gradient.sum(axis=2)).max() < 1e-5


@pytest.mark.parametrize(
    ("shape", "target"),
    [
        ((4, 1, 3), [[3]]),
        ((4, 1, 3), [[-1]]),
        ((4, 1, 3), [[0, 1]]),
        ((4, 2, 3), [[1]]),
        ((4, 1, 3), [[1.0]]),
        ((4, 3), [[1]]),
        ((0, 1, 3), [[1]]),
    ],
)
def test_what_does_not_fit_is_refused(shape, target):
    with pytest.raises(ValueError, match="CTCLoss expected"):
        CTCLoss()(np.zeros(shape), np.array(target))


def test_backward_once_for_every_forward():
    with pytest.raises(RuntimeError, match="forward"):
        CTCLoss().backward()


@pytest.mark.parametrize("seed", range(8))
def test_greedy_is_the_likeliest_path(seed):
    log_p = some_columns(seed)
    best = max((way for ways in by_hand(log_p).values() for way in ways), key=lambda way: way[0])
    text, likelihood = ctc_greedy(log_p)
    assert text == spelled(best[1])
    assert likelihood == pytest.approx(best[0])


@pytest.mark.parametrize("seed", range(8))
def test_a_wide_beam_finds_the_likeliest_texts(seed):
    log_p = some_columns(seed, size=0.7)
    sums = {text: sum(p for p, _ in ways) for text, ways in by_hand(log_p).items()}
    order = sorted(sums, key=lambda text: -sums[text])
    found = ctc_beam(log_p, width=200)
    assert [text for text, _ in found[:5]] == order[:5]
    for text, value in found[:5]:
        assert np.exp(value) == pytest.approx(sums[text])
    for length in range(6):
        wanted = [text for text in order if len(text) == length]
        found = ctc_beam(log_p, width=200, length=length)
        assert [text for text, _ in found[:1]] == wanted[:1]
        assert all(len(text) == length for text, _ in found)


@pytest.mark.parametrize("seed", range(5))
def test_a_narrow_beam_claims_no_more_than_there_is(seed):
    log_p = some_columns(seed, columns=12, classes=6)
    (text, value), *_ = ctc_beam(log_p, width=3)
    _, losses = ctc_shares(log_p[:, None], pad_texts([text]))
    assert value <= -losses[0] + 1e-9
    assert value >= np.log(ctc_greedy(log_p)[1]) - 1e-9


def test_ruled_out_classes_are_never_read():
    log_p = some_columns(3, columns=9, classes=6)
    log_p[:, [1, 4]] = -np.inf
    with np.errstate(invalid="raise", over="raise", divide="raise"):
        for length in (None, 3):
            for text, _ in ctc_beam(log_p, length=length):
                assert not {1, 4} & set(text)


def test_no_text_of_a_length_that_does_not_fit():
    assert ctc_beam(some_columns(1, columns=3), length=4) == []
    assert len(ctc_beam(some_columns(1, columns=3), length=3)[0][0]) == 3


def test_columns_of_each_character():
    log_p = np.full((9, 4), np.log(0.01))
    for column, label in enumerate([0, 2, 2, 0, 3, 0, 3, 1, 0]):
        log_p[column, label] = np.log(0.97)
    text, _ = ctc_greedy(log_p)
    assert text == (2, 3, 3, 1)
    columns = ctc_columns(log_p, text)
    assert columns.shape == (4, 9)
    np.testing.assert_allclose(columns.sum(axis=1), 1.0)
    assert columns.argmax(axis=1).tolist()[1:] == [4, 6, 7]
    assert columns[0, 1:3].sum() > 0.9
    with pytest.raises(ValueError, match="9 columns"):
        ctc_columns(log_p, (1,) * 6)
    assert ctc_columns(log_p, ()).shape == (0, 9)


def test_bad_columns_are_refused():
    for decode in (ctc_greedy, ctc_beam):
        with pytest.raises(ValueError, match="shape"):
            decode(np.zeros((3, 1)))
    with pytest.raises(ValueError, match="width"):
        ctc_beam(np.zeros((3, 2)), width=0)
