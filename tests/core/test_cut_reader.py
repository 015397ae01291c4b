"""Reading what was cut: pieces as images, and the network that names them."""

from pathlib import Path

import numpy as np
import pytest

from core.captcha import (
    CAPTCHA_DIGITS,
    CAPTCHA_LOWER,
    TRAINING_FONTS,
    draw_captcha,
    load_fonts,
    random_text,
)
from core.captcha_style import CLEAN, difficulty
from core.checkpoint import load
from core.cut_reader import (
    centred,
    clean_ink,
    glyph_network,
    glyph_pictures,
    piece_images,
    read_pieces,
    small_slices,
)
from core.cutting import METHODS_OF_CUTTING, component_boxes, equal_slices
from core.cutting_error import CuttingError

ASSETS = Path(__file__).parents[2] / "assets"


@pytest.fixture(scope="module")
def fonts():
    files = {name: (ASSETS / "fonts" / name).read_bytes() for name in TRAINING_FONTS}
    return load_fonts(files)


@pytest.fixture(scope="module")
def network():
    model = glyph_network()
    model.load_state_dict(load(ASSETS / "weights" / "glyphs.npz")[0])
    return model


@pytest.fixture
def rng():
    return np.random.default_rng(8)


def middle(image):
    """Return the centre of mass, in pixels from the corner."""
    places, mass = np.arange(len(image)) + 0.5, float(image.sum())
    return image.sum(axis=1) @ places / mass, image.sum(axis=0) @ places / mass


def test_a_piece_is_centred_by_its_weight_and_fills_the_box(rng):
    for _ in range(50):
        piece = rng.integers(0, 256, rng.integers(1, 60, 2)) * (rng.random() < 0.9)
        image = centred(piece)
        assert (image.shape, image.dtype) == ((28, 28), np.uint8)
        if not piece.any():
            assert not image.any()
            continue
        assert image.max() == 255
        assert np.abs(np.array(middle(image.astype(float))) - 14).max() <= 0.55
        rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
        assert max(np.ptp(rows), np.ptp(columns)) + 1 <= 20


def test_a_piece_looks_the_same_wherever_and_however_large_it_stands(rng):
    piece = np.kron(rng.integers(0, 256, (10, 6)), np.ones((2, 2), int))
    piece[0], piece[:, 0], piece[:, -1], piece[-1] = 200, 200, 200, 200
    image = centred(piece)
    assert np.array_equal(centred(np.pad(piece, ((3, 8), (11, 2)))), image)
    assert np.array_equal(centred(np.kron(piece, np.ones((3, 3), int))), image)
    assert np.array_equal(centred(piece // 2 * 2), centred(piece // 2))
    thin = centred(np.full((20, 1), 90))
    assert thin.any(axis=0).sum() == 1
    assert thin.any(axis=1).sum() == 20


def test_ink_of_another_piece_in_the_same_box_is_left_out():
    ink = np.zeros((40, 60), bool)
    for row in range(40):
        for begin in (5, 21):
            ink[row, begin + (39 - row) // 2 : begin + (39 - row) // 2 + 6] = True
    strength = np.where(ink, 250, 3).astype(np.uint8)
    first, second = piece_images(strength, component_boxes(ink, 2))
    assert np.array_equal(first, second)
    alone = np.where(component_boxes(ink, 2).owner == 1, 250, 3)
    expected = piece_images(alone, component_boxes(alone > 9, 1))[0]
    assert np.array_equal(first, expected)


def test_the_notes_slices_keep_their_mean(rng):
    grey = rng.integers(0, 256, (24, 100)).astype(np.uint8)
    slices = small_slices(grey, equal_slices(grey > 127, 5, whole=True))
    assert slices.shape == (5, 8, 8)
    means = grey.reshape(24, 5, 20).mean(axis=(0, 2))
    assert slices.mean(axis=(1, 2)) == pytest.approx(means, rel=1e-5)


@pytest.mark.slow
def test_glyphs_are_drawn_again_from_the_same_state(fonts):
    one, other = (glyph_pictures(3, 40, fonts) for _ in range(2))
    assert np.array_equal(one.images, other.images)
    assert np.array_equal(one.labels, other.labels)
    assert (one.images.shape, one.images.dtype) == ((40, 28, 28), np.uint8)
    assert one.images.any(axis=(1, 2)).all()
    assert 0 <= one.labels.min() <= one.labels.max() < len(CAPTCHA_LOWER)
    assert set(glyph_pictures(3, 40, fonts, "ab").labels) == {0, 1}
    assert not np.array_equal(glyph_pictures(4, 40, fonts).labels, one.labels)


@pytest.mark.slow
def test_the_network_names_glyphs_it_never_saw(fonts, network):
    images, labels = glyph_pictures(123_456, 200, fonts, CAPTCHA_DIGITS)
    named = network.forward(images[:, None] / np.float32(255))[:, :10].argmax(axis=1)
    assert (named == labels).mean() > 0.85


@pytest.mark.parametrize("method", ["valleys", "components"])
def test_clean_captchas_are_read(fonts, network, method):
    rng, right = np.random.default_rng(77), 0
    for _ in range(40):
        text = random_text(rng, 5)
        picture = draw_captcha(text, CLEAN, fonts, rng)
        right += read_pieces(picture, network.forward, 5, method, CAPTCHA_DIGITS).text == text
    assert right >= 36


@pytest.mark.parametrize("method", METHODS_OF_CUTTING)
def test_readings_of_any_captcha_fit_together(fonts, network, rng, method):
    for level in (0.0, 0.5, 1.0):
        count = int(rng.integers(1, 8))
        picture = draw_captcha(
            random_text(rng, count, CAPTCHA_LOWER), difficulty(level), fonts, rng
        )
        before = picture.copy()
        reading = read_pieces(picture, network.forward, count, method)
        assert np.array_equal(picture, before)
        assert len(reading.sureness) == len(reading.images) == len(reading.cutting.cuts) == count
        assert len(reading.text) == np.count_nonzero(reading.sureness) <= count
        assert set(reading.text) <= set(CAPTCHA_LOWER)
        assert ((reading.sureness >= 0) & (reading.sureness <= 1)).all()
        again = read_pieces(picture, network.forward, count, method)
        assert (again.text, again.cutting.cuts) == (reading.text, reading.cutting.cuts)
        only = read_pieces(picture, network.forward, count, method, CAPTCHA_DIGITS)
        assert set(only.text) <= set(CAPTCHA_DIGITS)


def test_nothing_is_read_where_nothing_is(network):
    for picture in (np.full((40, 90, 3), 77, np.uint8), np.zeros((1, 1), np.uint8)):
        with pytest.raises(CuttingError) as caught:
            read_pieces(picture, network.forward, 5)
        assert caught.value.code == "empty"


def test_a_slice_without_ink_is_no_character(network):
    picture = np.zeros((30, 120), np.uint8)
    picture[5:25, 5:15] = picture[5:25, 100:110] = 255
    reading = read_pieces(picture, network.forward, 5, "slices", CAPTCHA_DIGITS)
    assert len(reading.text) == 2
    assert reading.sureness[1:4].tolist() == [0, 0, 0]
    assert not reading.images[1:4].any()


def test_cleaning_drops_thin_lines_but_no_thin_characters():
    picture = np.full((40, 90), 230, np.uint8)
    picture[8:32, 10:15] = picture[8:32, 40:45] = picture[8:32, 70:75] = 20
    blocks = picture < 100
    picture[20, :] = picture[5, :60] = 20
    assert np.array_equal(clean_ink(picture)[0], blocks)
    thin = np.where(np.eye(40, 90, 5, bool), 20, 230).astype(np.uint8)
    assert np.array_equal(clean_ink(thin)[0], thin == 20)


def test_cleaning_drops_dust_but_keeps_the_dots_of_letters(fonts):
    for font in fonts:
        ink, strength = clean_ink(draw_captcha("iij", CLEAN, [font], 1))
        assert ink[: len(ink) // 2].any()
        assert (strength[ink] > 0).all()
        dusty = np.where(ink, 255, 0).astype(np.uint8)
        dusty[0, ::7] = 255
        assert not clean_ink(dusty)[0][0].any()
