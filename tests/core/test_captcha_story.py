"""The notes' captcha, step by step: each step is what the notes' program computes with Pillow."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.bicubic import bicubic_weights, shrink_bicubic
from core.captcha import load_fonts, notes_captcha
from core.captcha_story import (
    LEAST_INK,
    cut_equally,
    grey_of,
    printed_examples,
    printed_slices,
    read_story,
    shrink_slices,
    trim_to_ink,
)
from core.classic import ThreeLayerNetwork

FONTS = Path(__file__).parents[2] / "assets" / "fonts"


@pytest.fixture(scope="module")
def fonts():
    names = ("sans.ttf", "serif.ttf")
    return load_fonts({name: (FONTS / name).read_bytes() for name in names})


@pytest.fixture
def rng():
    return np.random.default_rng(3)


# ---------------------------------------------------------------------------------------- bicubic


@pytest.mark.parametrize("shape", [(24, 20), (20, 20), (9, 40), (8, 8), (3, 5), (1, 1), (13, 13)])
@pytest.mark.parametrize("size", [8, 5, 1])
def test_shrinking_is_pillows(shape, size, rng):
    noise = rng.integers(0, 256, (4, *shape), dtype=np.uint8)
    edges = np.where(noise > 127, 255, 0).astype(np.uint8)
    for images in (noise, edges):
        before = images.copy()
        if shape[0] <= max(size, 2 * shape[1] - size):  # as its docstring says
            pillow = [Image.fromarray(image).resize((size, size)) for image in images]
            assert np.array_equal(shrink_bicubic(images, size), np.stack(pillow))
        assert np.array_equal(images, before)


@pytest.mark.parametrize(("length", "size"), [(24, 8), (20, 8), (8, 8), (5, 8), (7, 3), (1, 4)])
def test_weights_are_keys_cubic(length, size):
    weights = bicubic_weights(length, size)
    assert weights.shape == (size, length)
    assert weights.sum(axis=1) == pytest.approx(np.ones(size))
    assert weights[::-1, ::-1] == pytest.approx(weights)
    if length == size:
        assert np.array_equal(weights, np.eye(size))


def test_weights_follow_the_formula_away_from_the_borders():
    distance = np.abs((np.arange(24) + 0.5 - 4.5 * 3) / 3)
    near, far = 1.5 * distance**3 - 2.5 * distance**2 + 1, -0.5 * distance**3 + 2.5 * distance**2
    cubic = np.select([distance < 1, distance < 2], [near, far - 4 * distance + 2])
    assert bicubic_weights(24, 8)[4] == pytest.approx(cubic / cubic.sum())


def test_shrinking_wrongly_is_a_sentence():
    with pytest.raises(ValueError, match="lengths of at least 1, but got 4 and 0"):
        shrink_bicubic(np.zeros((1, 4, 4), np.uint8), 0)
    with pytest.raises(ValueError, match="expected images of uint8, but got float64"):
        shrink_bicubic(np.zeros((1, 4, 4)))
    with pytest.raises(ValueError, match=r"expected images of shape \(N, H, W\)"):
        shrink_bicubic(np.zeros((4, 4), np.uint8))


# -------------------------------------------------------------------------------------- the steps


def test_grey_is_pillows(rng):
    picture = rng.integers(0, 256, (40, 50, 3), dtype=np.uint8)
    assert np.array_equal(grey_of(picture), Image.fromarray(picture).convert("L"))


def test_equal_slices_leave_the_rest(rng):
    grey = rng.integers(0, 256, (6, 23), dtype=np.uint8)
    slices = cut_equally(grey, 5)
    assert np.array_equal(np.hstack(list(slices)), grey[:, :20])
    assert slices.shape == (5, 6, 4)


def test_the_reading_is_the_notes_program(fonts, rng):
    """Pillow and formulas, as in the notes; every step must be equal, the outputs nearly."""
    network = ThreeLayerNetwork(64, 32, 10, rng=1)
    picture = notes_captcha("01234", fonts[0])
    steps = read_story(network, picture)
    image = Image.fromarray(picture).convert("L")
    assert np.array_equal(steps.grey, image)
    for i in range(5):
        crop = image.crop((i * 20, 0, (i + 1) * 20, 24))
        small = np.array(crop.resize((8, 8)))
        inputs = small.ravel() / 255.0 * 0.99 + 0.01
        hidden = 1 / (1 + np.exp(-network.hidden_weight.astype(float) @ inputs))
        outputs = 1 / (1 + np.exp(-network.output_weight.astype(float) @ hidden))
        assert np.array_equal(steps.slices[i], crop)
        assert np.array_equal(steps.pieces[i], crop)
        assert np.array_equal(steps.small[i], small)
        assert steps.inputs[i] == pytest.approx(inputs, abs=1e-6)
        assert steps.outputs[i] == pytest.approx(outputs, abs=1e-5)
        assert steps.digits[i] == outputs.argmax()


def ink_at(top, left, shape=(24, 20)):
    """A slanted stroke of 9 by 4 pixels, somewhere in a slice."""
    piece = np.zeros(shape, np.uint8)
    piece[np.arange(9) + top, np.arange(9) // 3 + left] = 255
    piece[top, left + 3] = LEAST_INK
    return piece


@pytest.mark.parametrize(("top", "left"), [(0, 0), (15, 16), (7, 5), (3, 16)])
def test_trimming_forgets_where_the_ink_stood(top, left):
    square = trim_to_ink(ink_at(top, left))
    assert square.shape == (9, 9)
    assert np.array_equal(square[:, 2:6], ink_at(0, 0)[:9, :4])
    assert square.sum() == ink_at(0, 0).sum()


def test_trimming_does_not_look_at_what_is_nearly_black():
    piece = ink_at(5, 5)
    dirty = np.where(piece == 0, LEAST_INK - 1, piece).astype(np.uint8)
    assert trim_to_ink(dirty).shape == trim_to_ink(piece).shape
    assert np.array_equal(trim_to_ink(np.zeros((24, 20), np.uint8)), [[0]])


def test_trimmed_slices_are_shrunk_one_by_one():
    empty, wide = np.zeros((24, 20), np.uint8), np.zeros((24, 20), np.uint8)
    wide[3:6, 2:17] = 200
    slices = np.stack([ink_at(1, 2), empty, wide, ink_at(9, 9)])
    pieces, small = shrink_slices(slices, "trimmed")
    assert len(pieces) == len(small) == 4
    for piece, alone, result in zip(slices, pieces, small, strict=True):
        assert np.array_equal(alone, trim_to_ink(piece))
        assert np.array_equal(result, shrink_bicubic(alone[None], 8)[0])
    assert np.array_equal(small[0], small[3])


# ---------------------------------------------------------------------------------- printed digits


def test_one_digit_without_wobble_is_the_notes_cure(fonts):
    slices, labels = printed_slices(fonts[:1], 1, 5, digits=(3,))
    assert labels.tolist() == [3] * 5
    assert np.array_equal(slices, cut_equally(grey_of(notes_captcha("33333", fonts[0])), 5))
    examples = printed_examples(slices, labels, "trimmed")
    assert np.array_equal(examples.labels, labels)
    assert examples.inputs[0] == pytest.approx(
        shrink_slices(slices, "trimmed")[1][0].ravel() / 255 * 0.99 + 0.01, abs=1e-6
    )


def test_labels_say_what_is_drawn(fonts):
    slices, labels = printed_slices(fonts[:1], 6, 5, length=4)
    for captcha, text in zip(slices.reshape(6, 4, 24, 20), labels.reshape(6, 4), strict=True):
        picture = grey_of(notes_captcha("".join(map(str, text)), fonts[0]))
        assert np.array_equal(np.hstack(list(captcha)), picture)


def test_digits_occur_equally_often_and_in_any_order(fonts):
    _, labels = printed_slices(fonts, 20, 5)
    assert np.bincount(labels).tolist() == [10] * 10
    assert not np.array_equal(labels, np.sort(labels))


def test_the_same_seed_draws_the_same(fonts):
    one, other = (printed_slices(fonts, 8, 5, wobble=2) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert not np.array_equal(one[0], printed_slices(fonts, 8, 6, wobble=2)[0])


def test_wobble_moves_the_text_and_changes_its_size(fonts):
    still, _ = printed_slices(fonts[:1], 1, 0, digits=(8,), length=1)
    moved, _ = printed_slices(fonts[:1], 60, 0, digits=(8,), length=1, wobble=2)
    places = np.array([[np.flatnonzero(p.any(axis=k))[0] for k in (0, 1)] for p in moved])
    rest = [np.flatnonzero(still[0].any(axis=k))[0] for k in (0, 1)]
    assert (np.ptp(places, axis=0) >= 4).all()
    assert (np.abs(places - rest) <= 4).all()
    assert len({len(trim_to_ink(piece)) for piece in moved}) >= 4


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda f: grey_of(np.zeros((4, 4), np.uint8)), r"of uint8 and shape \(H, W, 3\), but got"),
        (lambda f: grey_of(np.zeros((4, 4, 3))), "but got float64"),
        (lambda f: cut_equally(np.zeros((4, 4), np.uint8), 5), "1 to W slices, but got shape"),
        (lambda f: cut_equally(np.zeros((4, 4), np.uint8), 0), "1 to W slices, but got shape"),
        (lambda f: shrink_slices(np.zeros((1, 4, 4), np.uint8), "x"), "a cut of .* but got 'x'"),
        (lambda f: printed_slices(f, 0), "but got 0, 2, 10 and 0"),
        (lambda f: printed_slices([], 1), "but got 1, 0, 10 and 0"),
        (lambda f: printed_slices(f, 1, digits=()), "but got 1, 2, 0 and 0"),
        (lambda f: printed_slices(f, 1, wobble=5), "but got 1, 2, 10 and 5"),
    ],
)
def test_what_does_not_fit_is_a_sentence(fonts, call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call(fonts)
