"""The line reader: what size, colours and polarity must not change, and how well it reads."""

from pathlib import Path

import numpy as np
import pytest

from core.captcha import HELD_OUT_FONTS, TRAINING_FONTS, draw_captcha, load_fonts, random_text
from core.captcha_style import difficulty
from core.checkpoint import load
from core.ctc import CTCLoss, pad_texts
from core.line import LINE_HEIGHT, LINE_STEP, LINE_WIDTHS, line_width, prepare_line, scale_planes
from core.line_reader import (
    ALPHABETS,
    CHARACTERS,
    LineReader,
    as_maps,
    columns_of,
    line_network,
    make_reader,
    to_classes,
    to_text,
)
from core.optim import Adam

ASSETS = Path(__file__).parents[2] / "assets"


def fonts(names):
    return load_fonts({name: (ASSETS / "fonts" / name).read_bytes() for name in names})


def drawn(count, level, alphabet="digits", names=TRAINING_FONTS, seed=20_000):
    """Return pictures with their texts, five characters each."""
    rng, faces = np.random.default_rng(seed), fonts(names)
    texts = [random_text(rng, 5, ALPHABETS[alphabet]) for _ in range(count)]
    return [(draw_captcha(text, difficulty(level), faces, rng), text) for text in texts]


@pytest.fixture(scope="module")
def reader():
    return make_reader(load(ASSETS / "weights" / "reader.npz")[0])


def ink():
    """Return a grey picture of strokes on paper, from 0 to 1."""
    picture = np.zeros((40, 120))
    picture[10:30, 20:26] = picture[10:14, 40:60] = picture[26:30, 70:100] = 1.0
    return picture


def in_colours(picture, paper, pen):
    paper, pen = np.array(paper, float), np.array(pen, float)
    return np.round(paper + picture[..., None] * (pen - paper)).astype(np.uint8)


COLOURS = [
    ((255, 255, 255), (0, 0, 0)),
    ((0, 0, 0), (255, 255, 255)),
    ((200, 60, 60), (60, 130, 60)),
    ((255, 255, 255), (255, 240, 60)),
    ((90, 90, 90), (110, 110, 110)),
]


@pytest.mark.parametrize(("paper", "pen"), COLOURS)
def test_colours_and_polarity_do_not_matter(paper, pen):
    plain = prepare_line((255 * ink()).astype(np.uint8))
    assert plain.max() == pytest.approx(1.0)
    assert plain.min() >= -0.01
    np.testing.assert_allclose(prepare_line(in_colours(ink(), paper, pen)), plain, atol=0.03)


@pytest.mark.parametrize("times", [2, 3, 10])
def test_size_does_not_matter(times):
    picture = in_colours(ink(), (250, 240, 230), (20, 30, 90))
    large = picture.repeat(times, axis=0).repeat(times, axis=1)
    apart = np.abs(prepare_line(large) - prepare_line(picture))
    assert apart.mean() < 0.02
    assert apart.max() < 0.4  # at the edges of strokes


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (2, 3), (24, 100), (60, 160), (7, 9)])
@pytest.mark.parametrize("colours", [(), (3,)])
def test_any_size_becomes_a_strip(size, colours):
    picture = np.random.default_rng(1).integers(0, 256, (*size, *colours)).astype(np.uint8)
    strip = prepare_line(picture)
    assert strip.dtype == np.float32
    assert strip.shape == (1, LINE_HEIGHT, line_width(*size))
    assert strip.shape[2] % LINE_STEP == 0
    assert LINE_WIDTHS[0] <= strip.shape[2] <= LINE_WIDTHS[1]
    assert np.isfinite(strip).all()
    assert np.abs(strip).max() <= 1.0


def test_a_huge_picture_is_thinned_out():
    picture = np.zeros((10_000, 10_000), np.uint8)
    picture[4000:6000, 2000:3000] = 255
    strip = prepare_line(picture)[0]
    dark = strip > 0.5
    assert dark.any(axis=0).mean() == pytest.approx(0.1, abs=0.02)
    assert dark.any(axis=1).mean() > 0.6
    assert not strip[:, strip.shape[1] // 2 :].any()


@pytest.mark.parametrize(("above", "below"), [(0, 0), (40, 0), (0, 100), (70, 70)])
def test_empty_rows_are_left_away(above, below):
    plain = prepare_line((255 * ink()).astype(np.uint8))
    padded = prepare_line(np.pad((255 * ink()).astype(np.uint8), ((above, below), (0, 0))))
    apart = padded.shape[2] / plain.shape[2]
    assert apart == pytest.approx(1.0, abs=0.25)
    assert (padded > 0.5).any(axis=2).mean() > 0.55


def test_scaling_keeps_the_mean_and_a_plane():
    planes = np.random.default_rng(2).random((64, 96, 2)).astype(np.float32)
    np.testing.assert_allclose(scale_planes(planes, 64, 96), planes, atol=1e-6)
    small = scale_planes(planes, 32, 48)
    np.testing.assert_allclose(small.mean((0, 1)), planes.mean((0, 1)), atol=0.01)
    assert scale_planes(np.full((5, 7, 1), 3.0), 32, 48) == pytest.approx(3.0)


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((4, 4)),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros(4, np.uint8),
        np.zeros((0, 4), np.uint8),
    ],
)
def test_what_is_no_picture_is_refused(picture):
    with pytest.raises(ValueError, match="prepare_line expected"):
        prepare_line(picture)


def test_texts_and_classes():
    assert to_text(to_classes(CHARACTERS.upper())) == CHARACTERS
    assert to_classes("0a") == (1, 11)
    for wrong in ("ä", "a b", "½"):
        with pytest.raises(ValueError, match="digits and letters"):
            to_classes(wrong)


@pytest.mark.parametrize("width", [48, 84, 192])
def test_one_column_of_answers_for_four_of_the_strip(width):
    model = line_network(0)
    logits = model.forward(np.zeros((2, 1, 32, width), np.float32))
    assert logits.shape == (2, 37, 1, width // 4)
    assert np.array_equal(as_maps(columns_of(logits)), logits)


@pytest.mark.slow
def test_a_new_network_learns_to_spell():
    rng = np.random.default_rng(0)
    model = line_network(rng, dropout=0.0)
    strips = rng.random((4, 1, 32, 48), np.float32)
    texts = pad_texts([to_classes(text) for text in ("12", "7", "", "a0b")])
    optimizer, loss, losses = Adam(model, lr=0.002), CTCLoss(), []
    for _ in range(40):
        losses.append(loss(columns_of(model.forward(strips, training=True)), texts))
        model.backward(as_maps(loss.backward()), need_dx=False)
        optimizer.step()
    assert losses[-1] < 0.2 * losses[0]


def test_nothing_is_read_where_nothing_is(reader):
    for size in ((1, 1), (50, 150), (3, 900)):
        found = reader.read(np.full((*size, 3), 77, np.uint8))
        assert found.text == ""
        assert found.characters == ()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("level", "alphabet", "names", "least"),
    [
        (0.5, "digits", TRAINING_FONTS, 37),
        (0.5, "digits", HELD_OUT_FONTS, 36),
        (0.5, "alnum", TRAINING_FONTS, 32),
        (1.0, "digits", TRAINING_FONTS, 33),
    ],
)
def test_the_shipped_weights_read(reader, level, alphabet, names, least):
    pictures = drawn(40, level, alphabet, names)
    right = sum(reader.read(picture, alphabet).text == text for picture, text in pictures)
    assert right >= least


def test_what_a_reading_tells(reader):
    for picture, _ in drawn(10, 0.5, "alnum"):
        found = reader.read(picture)
        assert len(found.columns) == len(found.text)
        np.testing.assert_allclose(found.columns.sum(axis=1), 1.0)
        assert 0.0 < found.confidence <= 1.0
        assert len(found.characters) == len(found.text)
        assert all(0.0 < sure <= 1.0 for sure in found.characters)
        middles = found.columns @ np.arange(found.columns.shape[1])
        assert (np.diff(middles) > 0).all()
        left, right = found.columns[:, : found.columns.shape[1] // 2].sum(axis=1)[[0, -1]]
        assert left > 0.5 > right


def test_a_single_character_that_it_is_not_sure_of_is_none(reader):
    """A step from dark to light in a flat strip looks a little like something, but says nothing."""
    picture = np.zeros((1, 1024), np.uint8)
    picture[:, 512:] = 255
    found = reader.read(picture, "digits")
    assert found.text == ""
    assert 0 < found.confidence <= 1
    assert len(reader.read(picture, "digits", 1).text) == 1  # whoever says so gets one


@pytest.mark.slow
def test_alphabet_and_length_are_kept(reader):
    for picture, text in drawn(5, 1.0, "alnum"):
        assert set(reader.read(picture, "digits").text) <= set(ALPHABETS["digits"])
        for length in (len(text) - 1, len(text) + 1):
            assert len(reader.read(picture, length=length).text) == length
    with pytest.raises(ValueError, match="digits, alnum"):
        reader.read(
            np.zeros((9, 9, 3), np.uint8) + np.eye(9, dtype=np.uint8)[..., None] * 200, "hex"
        )


@pytest.mark.slow
def test_a_confident_reader_is_more_often_right(reader):
    found = [(reader.read(p, "digits"), text) for p, text in drawn(60, 1.0, seed=5)]
    right = [reading.confidence for reading, text in found if reading.text == text]
    wrong = [reading.confidence for reading, text in found if reading.text != text]
    assert np.mean(right) > np.mean(wrong) if wrong else right


def test_reading_twice_is_the_same(reader):
    (picture, _), *_ = drawn(1, 0.8)
    one, other = reader.read(picture), LineReader(reader.model).read(picture)
    assert one.text == other.text
    assert one.confidence == other.confidence
