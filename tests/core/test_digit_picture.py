"""A digit is the same digit wherever, however large and on whatever paper it was drawn."""

from pathlib import Path

import numpy as np
import pytest

from core.checkpoint import load
from core.digit_picture import (
    PICTURE_SENTENCES,
    DigitPictureError,
    grey,
    prepare_digit,
)
from core.digits import load_mnist
from core.images import shrink
from core.recipes import Learner, Recipe
from core.surroundings import stroke_width
from tests.core.drawn_digits import STROKES, on_paper, pen

ASSETS = Path(__file__).resolve().parents[2] / "assets"


def alike(one, other):
    """Return the correlation of two images: 1 if they are the same."""
    return np.corrcoef(one.ravel(), other.ravel())[0, 1]


def code_of(picture):
    with pytest.raises(DigitPictureError) as caught:
        prepare_digit(picture)
    assert caught.value.code in PICTURE_SENTENCES
    assert "expected" in str(caught.value)
    return caught.value.code


def centre_of_mass(image):
    places = np.arange(len(image)) + 0.5
    return np.array([image.sum(1) @ places, image.sum(0) @ places]) / image.sum()


# ------------------------------------------------------------------------------- what comes out


@pytest.mark.slow
@pytest.mark.parametrize("digit", STROKES)
def test_it_is_prepared_as_mnist_was(digit):
    ink = pen(digit)
    made = prepare_digit(on_paper(ink))
    assert (made.image.shape, made.image.dtype) == ((28, 28), np.uint8)
    rows, columns = np.nonzero(made.image)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    left, top, right, bottom = made.box
    true = np.nonzero(ink > 0.2)
    assert (top, left) == (true[0].min(), true[1].min())
    assert (bottom, right) == (true[0].max() + 1, true[1].max() + 1)
    assert np.ptp(columns) / np.ptp(rows) == pytest.approx((right - left) / (bottom - top), abs=0.1)
    assert np.abs(centre_of_mass(made.image.astype(float)) - 14).max() <= 0.51
    assert made.image.max() == 255
    assert made.share == pytest.approx((ink > 0.5).mean(), rel=0.07)
    assert np.array_equal(made.cropped, made.ink[top:bottom, left:right])
    assert made.grey == pytest.approx(on_paper(ink))


@pytest.mark.parametrize("digit", STROKES)
def test_place_and_size_do_not_matter(digit):
    made = prepare_digit(on_paper(pen(digit)))
    for height, at in [(85, (10, 10)), (85, (190, 180)), (150, (14, 110)), (255, (20, 12))]:
        moved = prepare_digit(on_paper(pen(digit, height, 12 * height / 150, at)))
        assert alike(moved.scaled, made.scaled) > 0.95
    wide = prepare_digit(on_paper(pen(digit, 150, 12, (400, 30), (200, 640))))
    assert alike(wide.scaled, made.scaled) > 0.98


@pytest.mark.parametrize("width", [1.0, 2.0, 4.0, 8.0, 16.0, 22.0])
def test_a_thin_and_a_thick_pen_write_like_mnist(width):
    images = [prepare_digit(on_paper(pen(digit, 200, width, (40, 40)))).image for digit in STROKES]
    widths = [stroke_width(image > 127) for image in images]
    assert 1.2 < min(widths) < max(widths) < 3.6
    for image, digit in zip(images, STROKES, strict=True):
        assert (image > 200).sum() > 20
        assert alike(image, prepare_digit(on_paper(pen(digit, 200, 16, (40, 40)))).image) > 0.8


def test_a_stroke_has_the_width_it_was_drawn_with():
    y, x = np.indices((300, 300)) - 150
    for degrees in range(0, 180, 15):
        across = x * np.cos(np.radians(degrees)) + y * np.sin(np.radians(degrees))
        for width in (7, 21):
            measured = stroke_width(np.abs(across) < width / 2)
            assert measured == pytest.approx(width, rel=0.1)
    rings = np.abs(np.hypot(x, y) - 100) < 7
    assert stroke_width(rings) == pytest.approx(14, rel=0.02)
    assert stroke_width(np.zeros((5, 5), bool)) == 0


# --------------------------------------------------------------------------------- ink and paper


@pytest.mark.parametrize("digit", STROKES)
def test_dark_on_light_and_light_on_dark_are_the_same(digit):
    picture = on_paper(pen(digit))
    dark, light = prepare_digit(picture), prepare_digit(255 - picture)
    assert (dark.inverted, light.inverted) == (False, True)
    assert np.array_equal(dark.image, light.image)
    for paper, colour in [(200, 150), (240, 90), (20, 60), (60, 20), (90, 220)]:
        made = prepare_digit(on_paper(pen(digit), paper, colour))
        assert made.inverted == (colour > paper)
        assert alike(made.image, dark.image) > 0.995


@pytest.mark.parametrize("digit", STROKES)
def test_a_digit_that_fills_the_picture_and_touches_its_border_is_ink(digit):
    for width in (12, 40):
        full = pen(digit, 280, width, (20, 0))
        for picture in (on_paper(full), 255 - on_paper(full)):
            found = prepare_digit(picture).ink
            assert (np.abs(found - full) > 0.35).sum() < 0.02 * full.sum()


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (255, 120, 0), (30, 60, 200)])
def test_on_a_transparent_canvas_ink_is_where_something_was_drawn(colour):
    ink = pen(5)
    canvas = np.zeros((280, 280, 4), np.uint8)
    canvas[..., :3] = np.where(ink[..., None] > 0, colour, 0)
    canvas[..., 3] = np.rint(255 * ink)
    expected = prepare_digit(on_paper(ink)).image
    assert alike(prepare_digit(canvas).image, expected) > 0.995
    half = canvas // (1, 1, 1, 2)
    assert alike(prepare_digit(half.astype(np.uint8)).image, expected) > 0.99


def test_an_opaque_canvas_is_its_colours_and_a_clear_corner_is_no_ink():
    picture = on_paper(pen(5), 230, 40)
    canvas = np.dstack([picture] * 3 + [np.full_like(picture, 255)])
    image = prepare_digit(canvas).image
    assert np.array_equal(image, prepare_digit(picture).image)
    assert np.array_equal(image, prepare_digit(canvas[..., :3]).image)
    canvas[:40, :40] = canvas[-30:, -60:] = 0
    assert np.array_equal(prepare_digit(canvas).image, image)
    primaries = np.array([[(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]] * 4, np.uint8)
    assert grey(primaries)[0] == pytest.approx([76.245, 149.685, 29.07, 255])


def light(kind):
    """Return how much light falls on each pixel of 280×280."""
    y, x = np.indices((280, 280)) / 279
    return {
        "slope": 1 - 0.6 * (0.7 * x + 0.3 * y),
        "vignette": 1 - 0.9 * ((x - 0.5) ** 2 + (y - 0.4) ** 2),
        "shadow": np.where(x + 0.4 * y > 0.8, 0.55, 1.0),
        "lamp": 0.5 + 0.5 * np.exp(-((x - 0.2) ** 2 + (y - 0.3) ** 2) / 0.2),
    }[kind]


@pytest.mark.parametrize("kind", ["slope", "vignette", "shadow", "lamp"])
@pytest.mark.parametrize("digit", STROKES)
def test_uneven_light_and_noise_do_not_matter(digit, kind):
    ink = pen(digit, 140, 12)
    noise = np.random.default_rng(digit).normal(0, 4, ink.shape)
    photo = on_paper(np.zeros_like(ink), 220 * light(kind) * (1 - 0.6 * ink) + noise)
    made = prepare_digit(photo)
    assert not made.inverted
    assert alike(made.image, prepare_digit(on_paper(ink)).image) > 0.97


@pytest.mark.parametrize("digit", STROKES)
def test_strong_noise_is_averaged_away(digit):
    ink = pen(digit, 160, 12)
    noise = np.random.default_rng(digit).normal(0, 25, ink.shape)
    made = prepare_digit(on_paper(np.zeros_like(ink), 200 - 120 * ink + noise))
    assert alike(made.image, prepare_digit(on_paper(ink)).image) > 0.97


def test_a_sheet_on_a_table_is_paper():
    ink = pen(5, 180, 14, (50, 40))
    expected = prepare_digit(on_paper(ink)).image
    around = np.pad(on_paper(ink, 235, 40), 70, constant_values=60)
    assert alike(prepare_digit(around).image, expected) > 0.98
    beside = np.pad(on_paper(ink, 235, 40), ((0, 0), (90, 0)), constant_values=60)
    assert alike(prepare_digit(beside).image, expected) > 0.98


def test_small_pictures_do_and_large_ones_too():
    image = prepare_digit(on_paper(pen(5))).image
    tiny = prepare_digit(np.rint(shrink(on_paper(pen(5))[None], 40)[0]).astype(np.uint8))
    assert tiny.grey.shape == (120, 120)
    assert alike(tiny.scaled, prepare_digit(on_paper(pen(5))).scaled) > 0.92
    # Most pixels of so few lie at an edge, and are no noise.
    for digit in STROKES:
        icon = prepare_digit(on_paper(pen(digit, 8, 1.5, (1, 1), (10, 9))))
        assert alike(icon.scaled, prepare_digit(on_paper(pen(digit))).scaled) > 0.55
    large = np.kron(on_paper(pen(5)), np.ones((5, 5), np.uint8))
    made = prepare_digit(large)
    assert max(made.grey.shape) <= 320
    assert made.ink.shape == made.grey.shape
    assert alike(made.image, image) > 0.99


# ------------------------------------------------------------------------- steps that are left out


def test_without_cropping_the_whole_picture_is_scaled():
    picture = on_paper(pen(7, 90, 10, (20, 15)))
    made = prepare_digit(picture, crop=False, centre=False)
    assert np.array_equal(made.cropped, made.ink)
    assert np.array_equal(made.image, np.rint(255 * shrink(made.ink[None], 28)[0]))
    moved = prepare_digit(picture, crop=False)
    assert np.abs(centre_of_mass(moved.image.astype(float)) - 14).max() <= 0.51
    assert np.abs(centre_of_mass(made.image.astype(float)) - 14).max() > 3
    assert np.array_equal(
        prepare_digit(picture, crop=False, scale=False).image,
        prepare_digit(picture, crop=False).image,
    )


@pytest.mark.parametrize("height", [70, 140, 250])
def test_without_scaling_a_digit_stays_as_large_as_it_was(height):
    made = prepare_digit(on_paper(pen(2, height, 10, (20, 15))), scale=False)
    rows = np.flatnonzero(made.image.max(axis=1) > 60)
    assert np.ptp(rows) + 1 == pytest.approx((height + 10) / 10, abs=1.1)
    assert np.abs(centre_of_mass(made.image.astype(float)) - 14).max() <= 0.8


def test_without_centring_the_box_is_in_the_middle():
    picture = on_paper(pen(7))
    made, centred = prepare_digit(picture, centre=False), prepare_digit(picture)
    rows, columns = np.nonzero(made.image)
    assert (rows.min(), rows.max()) == (4, 23)
    assert columns.min() + columns.max() == pytest.approx(27, abs=1)
    assert np.array_equal(made.scaled, centred.scaled)
    assert not np.array_equal(made.image, centred.image)


# ------------------------------------------------------------------------------------------ errors


def test_where_nothing_is_drawn_that_is_said():
    rng = np.random.default_rng(0)
    for level in (0, 1, 128, 255):
        assert code_of(np.full((100, 120), level, np.uint8)) == "blank"
        assert code_of(np.full((9, 9, 4), (level, level, level, 0), np.uint8)) == "blank"
    for sigma in (1, 5, 20):
        assert code_of(on_paper(np.zeros((200, 200)), 150 + rng.normal(0, sigma, (200, 200)))) == (
            "blank"
        )
    assert code_of(on_paper(np.zeros((280, 280)), 220 * light("slope"))) == "blank"
    assert code_of(on_paper(pen(2), 200, 196)) == "blank"
    assert code_of(on_paper(pen(2), 200, 189)) == "faint"
    assert prepare_digit(on_paper(pen(2), 200, 180)).image.max() == 255


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        (np.zeros((28, 28)), "shape"),
        (np.zeros(784, np.uint8), "shape"),
        (np.zeros((28, 28, 2), np.uint8), "shape"),
        (np.zeros((1, 28, 28, 3), np.uint8), "shape"),
        (np.zeros((28, 28), bool), "shape"),
        (np.zeros((3, 28), np.uint8), "size"),
        (np.zeros((28, 4097), np.uint8), "size"),
        (np.zeros((0, 28, 3), np.uint8), "size"),
    ],
)
def test_what_is_no_picture_is_said(picture, code):
    assert code_of(picture) == code


@pytest.mark.parametrize("seed", range(60))
def test_whatever_comes_gives_an_image_or_a_sentence(seed):
    rng = np.random.default_rng(seed)
    shape = tuple(rng.choice([4, 5, 9, 28, 99, 101, 330, 1000], 2))
    picture = rng.integers(0, 256, (*shape, rng.choice([1, 3, 4]))).astype(np.uint8)
    if seed % 2:
        picture = picture // 64 * 64 * (rng.random(shape) < 0.1)[..., None].astype(np.uint8)
    if seed % 3 == 0:
        picture[shape[0] // 3 :, shape[1] // 2 :] = rng.integers(256)
    for switches in ({}, {"crop": False}, {"scale": False}, {"centre": False}):
        try:
            made = prepare_digit(picture, **switches)
        except DigitPictureError as error:
            assert error.code in ("blank", "faint")
            continue
        left, top, right, bottom = made.box
        assert 0 <= left < right <= made.ink.shape[1]
        assert 0 <= top < bottom <= made.ink.shape[0]
        assert (made.image.shape, made.image.dtype) == ((28, 28), np.uint8)
        assert made.image.any()
        assert np.isfinite(made.ink).all()
        assert 0 <= made.ink.min() <= made.ink.max() <= 1


def test_the_picture_stays_as_it_was():
    picture = np.dstack([on_paper(pen(5))] * 4)
    before = picture.copy()
    picture.flags.writeable = False
    prepare_digit(picture)
    assert np.array_equal(picture, before)


# ---------------------------------------------------------------------------------- a real network


@pytest.mark.slow
def test_a_good_network_reads_what_was_prepared():
    state, notes = load(ASSETS / "weights" / "cnn-best.npz")
    learner = Learner(Recipe(**notes["settings"]), seed=0)
    learner.model.load_state_dict(state)
    digits = load_mnist(ASSETS / "mnist")[1]
    rng = np.random.default_rng(1)
    chosen = rng.permutation(len(digits))[:300]
    images = []
    for image in digits.images[chosen]:
        large = np.kron(image, np.ones((rng.integers(3, 9),) * 2, np.uint8))
        room = 280 - len(large)
        top, left = rng.integers(0, room, 2)
        canvas = np.pad(large, ((top, room - top), (left, room - left)))
        images.append(prepare_digit(255 - canvas if rng.random() < 0.5 else canvas).image)
    read = learner.model.forward(learner.prepare(np.stack(images))).argmax(axis=1)
    assert (read == digits.labels[chosen]).mean() >= 0.98
