"""The parts that captchas are made of, each against its formula."""

from dataclasses import replace

import numpy as np
import pytest

from core.captcha_colours import (
    LUMINANCE,
    choose_colours,
    colours_of,
    noise_colours,
    rough_ground,
)
from core.captcha_layout import bent_boxes, corners_of, homographies, lay_out
from core.captcha_noise import add_dots, add_grain, roughen, soften, strokes, wave
from core.captcha_style import CLEAN, HARD, MEDIUM, WILD, CaptchaStyle

STYLES = [CLEAN, MEDIUM, HARD, WILD]
NAMES = ["clean", "medium", "hard", "wild"]


@pytest.fixture
def rng():
    return np.random.default_rng(11)


@pytest.fixture
def boxes(rng):
    """Eight characters, in ems: some hang below the line, some lean out of their advance."""
    left, top, right, bottom = rng.uniform([-0.1, -0.8, 0.3, 0], [0.1, -0.5, 0.8, 0.2], (8, 4)).T
    return np.stack([left, top, right, bottom], axis=1)


@pytest.fixture
def advances(boxes):
    return boxes[:, 2] + 0.05


# ------------------------------------------------------------------------------------- colours


@pytest.mark.parametrize("strength", [0.0, 0.4, 1.0])
def test_colours_have_the_brightness_that_is_asked_for(rng, strength):
    brightness = rng.random(500)
    colours = colours_of(brightness, strength, rng)
    assert np.abs(colours @ LUMINANCE / 255 - brightness).max() < 0.5 / 255 + 1e-6
    spread = np.ptp(colours.astype(int), axis=1)
    assert (spread == 0).all() if strength == 0 else spread.mean() > 60 * strength
    if strength == 1:  # as strong as can be: one of the three has nowhere to go
        assert ((colours.min(axis=1) == 0) | (colours.max(axis=1) == 255)).all()


@pytest.mark.parametrize("style", STYLES, ids=NAMES)
def test_text_and_ground_differ_at_least_by_the_contrast(rng, style):
    lighter, several = [], []
    for _ in range(200):
        ground, inks = choose_colours(5, style, rng)
        assert inks.shape == (5, 3)
        distance = (inks @ LUMINANCE - ground @ LUMINANCE) / 255
        assert np.abs(distance).min() >= style.contrast - 1.01 / 255
        assert (distance > 0).all() or (distance < 0).all()
        lighter.append(distance[0] > 0)
        several.append(len(np.unique(inks, axis=0)) > 1)
    assert np.mean(lighter) == pytest.approx(style.light, abs=0.15)
    assert np.mean(several) == pytest.approx(style.each, abs=0.15)


@pytest.mark.parametrize("own", [0.0, 0.5, 1.0])
def test_noise_wears_the_colour_of_the_text_as_often_as_the_style_says(rng, own):
    inks = np.array([[1, 2, 3], [4, 5, 6]], np.uint8)
    colours = noise_colours(1000, inks, replace(CLEAN, own=own), rng)
    is_own = (colours[:, None] == inks).all(axis=2).any(axis=1)
    assert is_own.mean() == pytest.approx(own, abs=0.06)


def test_ground_stays_near_its_colour(rng):
    paper = np.array([200, 100, 0], np.uint8)
    rough = [rough_ground(paper, 0.1, rng).astype(int) for _ in range(50)]
    assert max(np.abs(cells - paper).max() for cells in rough) in range(18, 27)
    assert {cells.shape[0] for cells in rough} == set(range(2, 8))


# ----------------------------------------------------------------------------- where letters stand


@pytest.mark.parametrize(
    "style", [*STYLES, replace(HARD, wave=0.2, fill_most=1.0)], ids=[*NAMES, "full"]
)
@pytest.mark.parametrize("size", [None, (160, 60), (40, 90), (600, 24)])
def test_a_line_fits_into_its_picture(rng, boxes, advances, style, size):
    for _ in range(50):
        line = lay_out(boxes, advances, style, rng, size)
        assert size in (None, (line.width, line.height))
        placed = line.em * boxes + line.pens[:, None] * [1, 0, 1, 0]
        placed += line.baseline * np.array([0, 1, 0, 1])
        edge = style.wave * line.height
        assert placed[:, 0].min() >= edge and placed[:, 2].max() <= line.width - edge
        assert placed[:, 1].min() >= edge - 1e-9
        assert placed[:, 3].max() <= line.height - edge + 1e-9
        steps = np.diff(line.pens) / (line.em * advances[:-1])
        assert steps.max() <= 1 + style.gap + 1e-9
        assert steps.min() >= 1 + style.gap - style.overlap - 1e-9


def test_unbent_boxes_stay_where_they_are(rng, boxes, advances):
    line = lay_out(boxes, advances, CLEAN, rng, None)
    bent = bent_boxes(boxes, advances, line, CLEAN, rng)
    expected = line.em * corners_of(boxes)
    expected += np.stack([line.pens, np.full(8, line.baseline)], axis=1)[:, None]
    assert np.abs(bent - expected).max() < 1e-9


def edges_of(bent):
    return np.roll(bent, -1, axis=1) - bent


@pytest.mark.parametrize("degrees", [5.0, 30.0])
def test_turned_boxes_keep_their_sides_and_turn_no_further(rng, boxes, advances, degrees):
    style = CaptchaStyle(rotation=degrees, smallest=60, tallest=60)
    angles = []
    for _ in range(100):
        line = lay_out(boxes, advances, style, rng, None)
        edges = edges_of(bent_boxes(boxes, advances, line, style, rng))
        plain = line.em * edges_of(corners_of(boxes))
        assert np.allclose(np.linalg.norm(edges, axis=2), np.linalg.norm(plain, axis=2))
        angles.append(np.degrees(np.arctan2(edges[:, 0, 0], edges[:, 0, 1])))
    angles = np.concatenate(angles)
    assert 0.97 * degrees < np.abs(angles).max() <= degrees
    assert abs(angles.mean()) < 0.1 * degrees
    assert angles.std() == pytest.approx(degrees / np.sqrt(3), rel=0.1)


@pytest.mark.parametrize(
    ("part", "value", "change"),
    [
        ("shear", 20.0, lambda edges: np.degrees(np.arctan(edges[:, 0, 0] / edges[:, 0, 1]))),
        ("scale", 0.3, lambda edges: edges[:, 0, 1] - 1),
        ("scale", 0.3, lambda edges: edges[:, 1, 0] - 1),
    ],
)
def test_boxes_lean_and_stretch_as_far_as_the_style_says(rng, boxes, advances, part, value, change):
    style = CaptchaStyle(**{part: value}, smallest=60, tallest=60, fill_least=0.4, fill_most=0.4)
    changes = []
    for _ in range(100):
        line = lay_out(boxes, advances, style, rng, None)
        extents = line.em * (boxes[:, 2:] - boxes[:, :2])
        edges = edges_of(bent_boxes(boxes, advances, line, style, rng)) / extents[:, None]
        if part == "shear":
            edges = edges * extents[:, None]
        changes.append(change(edges))
    changes = np.concatenate(changes)
    assert 0.97 * value < np.abs(changes).max() <= value + 1e-9
    assert changes.std() == pytest.approx(value / np.sqrt(3), rel=0.1)


def test_warped_boxes_have_no_dent(rng, boxes, advances):
    style = CaptchaStyle(warp=0.24, rotation=60.0, shear=45.0, scale=0.5)
    for _ in range(300):
        line = lay_out(boxes, advances, style, rng, None)
        edges = edges_of(bent_boxes(boxes, advances, line, style, rng))
        after = np.roll(edges, -1, axis=1)
        turns = edges[..., 0] * after[..., 1] - edges[..., 1] * after[..., 0]
        assert (turns < 0).all()  # counter-clockwise on the screen, at every corner


def test_homographies_take_corners_to_corners_and_lines_to_lines(rng):
    sources = corners_of(np.array([[0.0, 0.0, 30.0, 40.0]] * 20)) + rng.uniform(-6, 6, (20, 4, 2))
    targets = corners_of(np.array([[5.0, 2.0, 25.0, 50.0]] * 20)) + rng.uniform(-6, 6, (20, 4, 2))
    ones = np.ones((20, 1))
    matrices = np.hstack([homographies(sources, targets), ones]).reshape(20, 3, 3)

    def moved(points):
        image = np.concatenate([points, np.ones((20, points.shape[1], 1))], axis=2)
        image = image @ matrices.transpose(0, 2, 1)
        return image[..., :2] / image[..., 2:]

    assert np.abs(moved(sources) - targets).max() < 1e-8
    share = np.linspace(0, 1, 7)[:, None]
    line = sources[:, :1] * (1 - share) + sources[:, 2:3] * share
    steps = np.diff(moved(line), axis=1)
    cross = steps[:, :-1, 0] * steps[:, 1:, 1] - steps[:, :-1, 1] * steps[:, 1:, 0]
    assert np.abs(cross).max() < 1e-6


# --------------------------------------------------------------------- strokes, wave, dots, blur


@pytest.mark.parametrize(("lines", "arcs"), [(0, 0), (1, 0), (0, 2), (4, 3), (8, 8)])
def test_strokes_are_as_many_as_the_style_says_or_half_of_it(rng, lines, arcs):
    style = replace(CLEAN, lines=lines, arcs=arcs, stroke=0.1)
    counts = set()
    for _ in range(60):
        drawn = list(strokes(200, 50, np.eye(3, dtype=np.uint8), style, rng))
        straight = [len(points) == 4 for points, _, _ in drawn]
        counts.add((sum(straight), len(drawn) - sum(straight)))
        assert all(1 <= width <= 5 for _, width, _ in drawn)
        assert all(max(points[::2]) - min(points[::2]) >= 40 for points, _, _ in drawn)
    assert {n for n, _ in counts} == set(range(lines - lines // 2, lines + 1))
    assert {n for _, n in counts} == set(range(arcs - arcs // 2, arcs + 1))


def test_a_wave_shows_what_was_within_its_amplitude(rng):
    """Each plane holds its own coordinates: so the bent picture says where every pixel was."""
    rows, columns = np.indices((60, 120))
    bent = wave(np.stack([2 * columns, 4 * rows, 0 * rows]).astype(np.int16), 5.0, 40.0, rng)
    right, down = bent[0] / 2 - columns, bent[1] / 4 - rows
    inside = np.s_[6:-6, 6:-6]
    for moved, along in ((right, 1), (down, 0)):
        # The same for the whole row, or column: blended pixels are off by less than one step.
        assert np.ptp(moved[inside], axis=along).max() <= 0.51
        assert 2.4 < np.abs(moved[inside]).max() < 5.6
    assert (bent[2] == 0).all()
    assert bent.min() == 0 and bent.max() <= 238


def test_a_wave_without_amplitude_is_none(rng):
    planes = rng.integers(0, 256, (3, 21, 34)).astype(np.int16)
    assert np.array_equal(wave(planes, 0.0, 30.0, rng)[:, :-1, :-1], planes[:, :-1, :-1])


@pytest.mark.parametrize("side", [1, 3, 6])
def test_dots_cover_their_share(rng, side):
    planes = np.zeros((3, 200, 200), np.int16)
    add_dots(planes, 0.05, side, np.array([[9, 8, 7], [6, 5, 4]]), rng)
    assert (planes != 0).any(axis=0).mean() == pytest.approx(0.05, rel=0.15)
    assert {tuple(c) for c in np.unique(planes.reshape(3, -1), axis=1).T} == {
        *((0, 0, 0), (9, 8, 7), (6, 5, 4))
    }


@pytest.mark.parametrize("sigma", [0.4, 0.8, 1.2, 2.0])
def test_blur_has_its_standard_deviation(sigma):
    planes = np.zeros((3, 41, 41), np.int16)
    planes[:, 19:22, 19:22] = 255  # of variance 2/3 by itself
    before = planes.sum()
    soften(planes, sigma)
    assert planes.sum() == pytest.approx(before, rel=0.1)  # whole numbers lose a little
    places = np.arange(41) - 20
    for profile in (planes[0].sum(axis=0), planes[0].sum(axis=1)):
        variance = (profile * places**2).sum() / profile.sum()
        assert np.sqrt(variance - 2 / 3) == pytest.approx(sigma, rel=0.12)


def test_blur_leaves_what_is_even(rng):
    planes = np.full((3, 20, 30), 137, np.int16)
    soften(planes, 1.7)
    assert (planes == 137).all()


def test_grain_keeps_to_its_range(rng):
    planes = np.full((3, 80, 80), 128, np.int16)
    add_grain(planes, 0.1, rng)
    assert planes.min() in range(102, 105) and planes.max() in range(151, 155)
    assert abs(planes.mean() - 128) < 1
    edges = np.tile(np.array([0, 255], np.int16), (3, 80, 40))
    add_grain(edges, 0.3, rng)
    assert edges.min() == 0 and edges.max() == 255


def test_a_picture_is_left_as_it_is_by_a_style_without_noise(rng):
    picture = rng.integers(0, 256, (30, 50, 3)).astype(np.uint8)
    assert np.array_equal(roughen(picture, np.zeros((1, 3)), CLEAN, rng), picture)
