"""Moved images: the same numbers as SciPy, exact where nothing needs blending, and repeatable."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from core.augment import Augmentation, affine, affine_matrix, elastic, rotate, shear, shift, zoom
from core.distort import add_noise, thicken
from core.resample import resample
from core.rubber import RubberSheet

GOLDEN = Path(__file__).parents[1] / "golden" / "rotate.npz"  # made by scripts/golden_images.py
WILD = {"degrees": 30.0, "translate": 3.0, "scale": 0.3, "shear": 20.0}


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture
def noise(rng):
    """Ink up to the edge, neither square nor even, more than one block of it."""
    return rng.random((250, 13, 10), dtype=np.float32)


@pytest.fixture
def blob():
    """One soft spot in the middle of paper, as a digit is."""
    rows, columns = np.indices((28, 28)) - 13.5
    ink = np.exp(-((rows / 6) ** 2) - (columns / 3) ** 2)
    return np.where(ink > 0.01, 255 * ink, 0).astype(np.uint8)[None]


def golden():
    with np.load(GOLDEN) as file:
        arrays = dict(file)
    for number in sorted({name.split("/")[0] for name in arrays}):
        values = {k.split("/")[1]: v for k, v in arrays.items() if k.startswith(f"{number}/")}
        for degrees, rotated in zip(values["degrees"], values["rotated"], strict=True):
            name = f"{number}-{degrees:g}"
            yield pytest.param(
                values["images"], float(degrees), float(values["cval"]), rotated, id=name
            )


@pytest.mark.parametrize(("images", "degrees", "cval", "rotated"), list(golden()))
def test_rotating_gives_scipys_numbers(images, degrees, cval, rotated):
    tolerance = 1e-5 * max(1.0, float(images.max()))
    one_angle = rotate(images, degrees, cval=cval)
    each = rotate(images, np.full(len(images), degrees), cval=cval)
    for ours in (one_angle, each):
        assert ours.dtype == np.float32
        assert np.abs(ours - rotated).max() < tolerance


def one_by_one(image, matrix, cval):
    """Sample pixel by pixel, in Python's own numbers: the definition, written down."""
    height, width = image.shape
    result = np.full(image.shape, cval)
    for i, j in np.ndindex(height, width):
        point = np.array([i - (height - 1) / 2, j - (width - 1) / 2, 1.0])
        r, c = matrix @ point + [(height - 1) / 2, (width - 1) / 2]
        if 0 <= r <= height - 1 and 0 <= c <= width - 1:
            r0, c0 = int(r), int(c)
            r1, c1 = min(r0 + 1, height - 1), min(c0 + 1, width - 1)
            upper = image[r0, c0] * (1 - (c - c0)) + image[r0, c1] * (c - c0)
            lower = image[r1, c0] * (1 - (c - c0)) + image[r1, c1] * (c - c0)
            result[i, j] = upper * (1 - (r - r0)) + lower * (r - r0)
    return result


@pytest.mark.parametrize("cval", [0.0, 0.01, -3.0])
@pytest.mark.parametrize("margin", [0, 1])
def test_sampling_is_what_the_definition_says(noise, rng, cval, margin):
    images = noise[:12]
    if margin:  # paper all around, as a digit has it
        images = np.pad(images[:, 1:-1, 1:-1], ((0, 0), (1, 1), (1, 1)), constant_values=cval)
    matrices = affine_matrix(
        rng.uniform(-180, 180, 12),
        rng.uniform(-4, 4, 12),
        rng.uniform(-4, 4, 12),
        rng.uniform(0.3, 3, 12),
        rng.uniform(-60, 60, 12),
    )
    defined = [one_by_one(i, m, cval) for i, m in zip(images, matrices, strict=True)]
    assert affine(images, matrices, cval=cval) == pytest.approx(np.array(defined), abs=2e-5)
    alike = [affine(images[n : n + 1], matrices[n], cval=cval)[0] for n in range(12)]
    assert np.array(alike) == pytest.approx(np.array(defined), abs=2e-5)


@pytest.mark.parametrize("margin", [0, 1])
def test_many_are_moved_as_each_alone(noise, rng, margin):
    images = np.pad(noise, ((0, 0), (margin, margin), (margin, margin)))
    angles = rng.uniform(-180, 180, len(images))
    alone = [rotate(image[None], angle)[0] for image, angle in zip(images, angles, strict=True)]
    assert rotate(images, angles) == pytest.approx(np.array(alone), abs=1e-5)
    many = np.concatenate([images] * 3)
    assert np.array_equal(rotate(many, 33.0)[-250:], rotate(images, 33.0))


@pytest.mark.parametrize(
    "move",
    [
        partial(rotate, degrees=20.0),
        partial(shift, rows=1.5, columns=-2.0),
        partial(zoom, factor=1.3),
        partial(shear, degrees=15.0),
        partial(elastic, alpha=20.0, rng=1),
        partial(thicken, amount=1.5),
        partial(thicken, amount=-0.5),
        partial(add_noise, sigma=10.0, rng=1),
        partial(Augmentation(**WILD, elastic=20.0), rng=1),
    ],
    ids=lambda move: getattr(move.func, "__name__", "Augmentation"),
)
def test_every_move_changes_a_copy_in_float32(move, blob):
    before = blob.copy()
    moved = move(blob)
    assert np.array_equal(blob, before)
    assert moved.dtype == np.float32
    assert moved.shape == blob.shape
    assert not np.array_equal(moved, blob)
    assert moved == pytest.approx(move(blob.astype(np.float32)), abs=1e-4)
    assert move(blob[:0]).shape == (0, 28, 28)


@pytest.mark.parametrize("each", [False, True])
def test_nothing_is_blended_where_pixels_meet_pixels(noise, each):
    def arg(value):
        return np.full(len(noise), value) if each else value

    square = noise[:, :10]
    assert np.array_equal(rotate(noise, arg(0.0)), noise)
    assert np.array_equal(rotate(noise, arg(180.0)), noise[:, ::-1, ::-1])
    if each:
        square, arg = square[:5], lambda value: np.full(5, value)
    for quarter in (1, 2, 3, -1):
        assert np.array_equal(
            rotate(square, arg(90.0 * quarter)), np.rot90(square, quarter, (1, 2))
        )


@pytest.mark.parametrize("each", [False, True])
@pytest.mark.parametrize("cval", [0.0, 0.25])
def test_a_shift_by_whole_pixels_is_exact(noise, each, cval):
    by = np.full(len(noise), 2.0) if each else 2.0
    expected = np.full_like(noise, cval)
    expected[:, 2:, :-3] = noise[:, :-2, 3:]
    assert np.array_equal(shift(noise, by, -1.5 * by, cval=cval), expected)


def test_shifting_far_leaves_paper(noise):
    assert np.array_equal(shift(noise, 1e5, 0.0, cval=0.5), np.full_like(noise, 0.5))
    far = np.full(len(noise), -1e5)
    assert np.array_equal(shift(noise, far, 0.0, cval=0.5), np.full_like(noise, 0.5))


def test_positive_angles_turn_to_the_left_and_lean_to_the_right(blob):
    def tilt(images):
        rows, columns = np.indices((28, 28)) - 13.5
        return float((images[0] * rows * columns).sum() / (images[0] * rows * rows).sum())

    assert tilt(blob) == pytest.approx(0.0, abs=1e-6)
    assert tilt(rotate(blob, 20.0)) > 0.2  # the upper end goes left: row and column both negative
    assert tilt(shear(blob, 20.0)) == pytest.approx(-np.tan(np.radians(20.0)), abs=0.02)


def test_ink_is_kept_by_what_only_moves_and_grows_with_the_zoom(blob):
    ink = float(blob.sum())
    for moved in (rotate(blob, 17.0), shift(blob, 1.3, -0.6), shear(blob, 12.0)):
        assert moved.sum() == pytest.approx(ink, rel=0.01)
    assert zoom(blob, 1.2).sum() == pytest.approx(1.44 * ink, rel=0.02)
    assert zoom(blob, 0.8).sum() == pytest.approx(0.64 * ink, rel=0.02)


def test_one_matrix_does_what_four_moves_do(blob):
    soft = blob.astype(np.float32)
    at_once = affine(soft, affine_matrix(10.0, 2.0, -1.0, 1.1, 8.0))
    in_turn = shift(rotate(zoom(shear(soft, 8.0), 1.1), 10.0), 2.0, -1.0)
    assert np.abs(at_once - in_turn).mean() < 1.0  # each resampling blurs a little


def test_the_displacements_are_added_to_the_places(noise):
    images = noise[:3]
    field = np.zeros((2, 3, 13, 10), np.float32)
    field[0], field[1, 1] = 2.0, -1.0
    moved = resample(images, affine_matrix(), displace=lambda n: field[:, :n])
    assert np.array_equal(moved[0], shift(images, -2.0, 0.0)[0])
    assert np.array_equal(moved[1], shift(images, -2.0, 1.0)[1])


def test_a_rubber_sheet_is_smooth_and_as_strong_as_said():
    fields = RubberSheet(28, 30, 34.0, 4.0, np.random.default_rng(3))(200)
    assert fields.shape == (2, 200, 28, 30)
    middle = fields[..., 12:16, 12:16]
    # The root mean square of u is 1/√3, and smoothing leaves 1/(2√π σ) of it.
    assert middle.std() == pytest.approx(34 / np.sqrt(3) / (2 * np.sqrt(np.pi) * 4), rel=0.1)
    assert abs(middle.mean()) < 0.1
    assert np.abs(np.diff(fields, axis=-1)).max() < 1.5
    rows, columns = fields.reshape(2, -1)
    assert abs(np.corrcoef(rows, columns)[0, 1]) < 0.1


def test_a_rubber_sheet_without_smoothing_is_what_was_drawn():
    rough = RubberSheet(5, 4, 1.0, 0.01, np.random.default_rng(3))(50)
    assert rough.min() >= -1
    assert rough.max() <= 1
    assert rough.std() == pytest.approx(1 / np.sqrt(3), rel=0.05)


def test_no_bending_without_alpha(blob):
    assert np.array_equal(elastic(blob, 0.0, rng=1), blob)


def test_augmentation_draws_for_each_image_and_repeats_by_rng(blob):
    images = np.repeat(blob, 70, axis=0)
    augment = Augmentation(**WILD, elastic=30.0)
    moved = augment(images, np.random.default_rng(5))
    assert np.array_equal(moved, augment(images, 5))
    assert not np.array_equal(moved, augment(images, 6))
    assert len(np.unique(moved.reshape(70, -1), axis=0)) == 70
    legacy = [augment(images, np.random.RandomState(5)) for _ in range(2)]
    assert np.array_equal(*legacy)


@pytest.mark.parametrize("name", [*WILD, "elastic"])
def test_every_range_moves_something(name, blob):
    images = np.repeat(blob, 5, axis=0)
    moved = Augmentation(**{name: {**WILD, "elastic": 30.0}[name]})(images, 1)
    assert all(not np.array_equal(image, blob[0]) for image in moved)


def test_ranges_are_kept(blob):
    images = np.repeat(blob, 200, axis=0)
    moved = Augmentation(translate=3.0)(images, 1).astype(np.float64)
    places = np.tensordot(moved, np.indices((28, 28)) - 13.5, axes=([1, 2], [1, 2]))
    places /= moved.sum(axis=(1, 2))[:, None]
    assert np.abs(places).max() <= 3.0 + 1e-6
    assert np.abs(places).max() > 2.9
    ink = Augmentation(scale=0.2)(images, 1).sum(axis=(1, 2)) / blob.sum()
    assert 0.62 < ink.min() < 0.7
    assert 1.38 < ink.max() < 1.46


def test_no_range_no_change(blob):
    same = Augmentation()(blob, 1)
    assert same.dtype == np.float32
    assert np.array_equal(same, blob)
    floats = blob.astype(np.float32)
    assert Augmentation()(floats, 1) is not floats


def test_augmentation_goes_round_through_json():
    augment = Augmentation(**WILD, elastic=30.0, sigma=5.0)
    assert Augmentation.from_dict(json.loads(json.dumps(augment.to_dict()))) == augment
    assert list(augment.to_dict()) == [*WILD, "elastic", "sigma"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("degrees", bad) for bad in (-1.0, 181.0, np.nan, np.inf, "10", None, True)),
        *(("translate", -0.1), ("scale", 1.0), ("shear", 90.0), ("elastic", np.inf)),
        *(("sigma", 0.0), ("sigma", np.nan)),
    ],
)
def test_a_wrong_range_is_a_sentence(name, value):
    settings = {**Augmentation().to_dict(), name: value}
    with pytest.raises(ValueError, match=f"Augmentation expected {name} to be .* but got"):
        Augmentation.from_dict(settings)


def test_wrong_names_of_ranges_are_a_sentence():
    with pytest.raises(ValueError, match="Augmentation expected the settings .*'sigma'.*but got"):
        Augmentation.from_dict({"degrees": 10.0})


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_none_are_refused(bad, blob):
    for call, sentence in [
        (partial(rotate, blob, bad), "rotate expected degrees to be finite"),
        (partial(rotate, blob, np.array([bad])), "rotate expected degrees to be finite"),
        (partial(rotate, blob, 1.0, cval=bad), "rotate expected a finite cval"),
        (partial(shift, blob, bad, 0.0), "shift expected rows to be finite"),
        (partial(shift, blob, 0.0, bad), "shift expected columns to be finite"),
        (partial(zoom, blob, bad), "zoom expected factor to be finite"),
        (partial(shear, blob, bad), "shear expected degrees to be finite"),
        (partial(affine, blob, np.full((2, 3), bad)), "affine expected finite matrices"),
        (partial(elastic, blob, bad), "elastic expected alpha"),
        (partial(elastic, blob, 1.0, bad), "elastic expected sigma"),
        (partial(thicken, blob, bad), "thicken expected an amount"),
        (partial(add_noise, blob, bad), "add_noise expected a finite sigma"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            call()


def test_what_cannot_be_done_is_a_sentence(blob):
    for call, sentence in [
        (partial(rotate, blob[0], 1.0), r"rotate expected images of shape \(N, H, W\)"),
        (partial(rotate, blob, np.zeros(3)), r"one for each of the 1 images, but got shape \(3,\)"),
        (partial(affine, blob, np.eye(3)), r"\(2, 3\) or \(1, 2, 3\), but got \(3, 3\)"),
        (partial(zoom, blob, 0.0), "zoom expected factors greater than 0"),
        (partial(zoom, blob, 1e-9), "zoom expected finite matrices"),
        (partial(shear, blob, 90.0), "shear expected degrees between -90 and 90"),
        (partial(Augmentation(), blob[0]), r"Augmentation expected images of shape \(N, H, W\)"),
        (
            partial(rotate, np.empty((0, 9999, 9999), np.uint8), 1.0),
            "less than 16,777,216 pixels, but got 9999 by 9999",
        ),
    ]:
        with pytest.raises(ValueError, match=sentence):
            call()


def test_thickening_grows_a_cross_and_thinning_takes_it_back():
    dot = np.zeros((1, 7, 7), np.uint8)
    dot[0, 3, 3] = 200
    rows, columns = np.indices((7, 7)) - 3
    for amount in (0, 1, 2):
        grown = thicken(dot, amount)
        assert np.array_equal(grown[0], 200.0 * (abs(rows) + abs(columns) <= amount))
        assert np.array_equal(thicken(grown, -amount), dot)
    assert thicken(dot, 1.25) == pytest.approx(0.75 * thicken(dot, 1) + 0.25 * thicken(dot, 2))
    assert thicken(dot, -0.25)[0, 3, 3] == 150


def test_the_edge_neither_feeds_nor_eats():
    full = np.full((1, 4, 5), 9, np.uint8)
    assert np.array_equal(thicken(full, 3), full)
    assert np.array_equal(thicken(full, -3), full)


def test_noise_is_as_strong_as_said_and_stays_within_the_pixels(rng):
    grey = np.full((20, 28, 28), 128, np.uint8)
    noisy = add_noise(grey, 20.0, rng)
    assert noisy.std() == pytest.approx(20.0, rel=0.05)
    assert noisy.mean() == pytest.approx(128.0, abs=1.0)
    assert np.array_equal(add_noise(grey, 9.0, 3), add_noise(grey, 9.0, 3))
    wild = add_noise(grey, 500.0, rng)
    assert (wild.min(), wild.max()) == (0.0, 255.0)
    assert np.array_equal(add_noise(grey, 0.0, rng), grey)
