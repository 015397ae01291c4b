"""Digits on canvases and photos are where, and as, they were asked for; scores can be repeated."""

import re
from pathlib import Path

import numpy as np
import pytest

from core.digit_picture import prepare_digit, stroke_width
from core.digits import load_mnist
from scripts.digit_scores import CANVAS_ROWS, CLASSES, PHOTO_ROWS, main
from scripts.placed_digits import CANVAS, DEGREES, KINDS, STROKE, draw, photograph, place

TEST = load_mnist(Path(__file__).resolve().parents[1] / "assets" / "mnist")[1]


def placed_digits(count=40):
    for index in range(count):
        yield place(TEST.images[index], np.random.default_rng(index))


def cells(text):
    """Return the rows of a table by their names."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return {name: found for name, *found in lines[2:]}


# ------------------------------------------------------------------------------------- canvases


def test_ink_is_where_it_was_asked_for():
    sizes, corners = [], []
    for placed in placed_digits():
        ink = placed.drawn.ink
        assert ink.shape == (CANVAS, CANVAS)
        rows, columns = np.nonzero(ink > 0.5)
        measured = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
        assert placed.drawn.box == pytest.approx(measured, abs=1.5)
        assert 1 / 3 - 0.01 < placed.size <= 1.0001
        sizes.append(placed.size)
        corners.append(np.divide(measured[:2], CANVAS - np.subtract(measured[2:], measured[:2])))
    assert min(sizes) < 0.45
    assert max(sizes) > 0.9
    inside = np.array([corner for corner, size in zip(corners, sizes, strict=True) if size < 0.8])
    assert (inside.min(axis=0) < 0.15).all()
    assert (inside.max(axis=0) > 0.85).all()


def test_edges_are_as_soft_as_a_pens():
    for placed in placed_digits():
        ink = placed.drawn.ink
        outline = 2 * (ink > 0.5).sum() / stroke_width(ink > 0.5)
        grey = ((ink > 0.05) & (ink < 0.95)).sum()
        assert 0.7 < grey / outline < 2.6
        assert (ink.min(), ink.max()) == (0, 1)


@pytest.mark.slow
def test_a_canvas_is_of_the_kind_it_says():
    seen = set()
    for placed in placed_digits():
        seen.add(placed.kind)
        colours, opacity = placed.canvas[..., :3], placed.canvas[..., 3]
        assert (placed.canvas.shape, placed.canvas.dtype) == ((CANVAS, CANVAS, 4), np.uint8)
        ink = np.rint(255 * placed.drawn.ink)
        if "transparent" in placed.kind:
            assert np.array_equal(opacity, ink)
            pens = np.unique(colours[opacity > 0], axis=0)
            assert len(pens) == 1
            assert not colours[opacity == 0].any()
            expected = {"black": [0] * 3, "white": [255] * 3}.get(placed.kind.split()[0], pens[0])
            assert np.array_equal(pens[0], expected)
        else:
            assert (opacity == 255).all()
            assert (colours == colours[..., :1]).all()
            dark = placed.kind == "black on white"
            assert np.array_equal(colours[..., 0], 255 - ink if dark else ink)
    assert seen == set(KINDS)
    for kind in KINDS:
        assert place(TEST.images[0], np.random.default_rng(0), kind).kind == kind


def test_strokes_are_as_much_wider_as_it_says():
    rows, columns = np.indices((28, 28)) - 13.5
    ring = 255 * np.clip(2.0 - np.abs(np.hypot(rows, columns) - 7.5), 0, 1)
    changes = []
    for seed in range(25):
        drawn = draw(ring, np.random.default_rng(seed), CANVAS, (0.4, 1.0))
        changes.append(drawn.stroke)
        width = stroke_width(drawn.ink > 0.5)
        # A ring of width w and middle radius r has the area 2πr·w: so w²/area does not depend on
        # how large it is drawn.
        measured = width**2 / (drawn.ink > 0.5).sum() * 2 * np.pi * 7.5
        assert measured == pytest.approx(3 * (1 + drawn.stroke), rel=0.1)
    assert min(changes) < -STROKE / 2 < STROKE / 2 < max(changes)
    assert max(np.abs(changes)) <= STROKE


def test_digits_are_turned_as_far_as_it_says():
    bar = np.zeros((28, 28))
    bar[4:24, 12:16] = 255
    turned = []
    for seed in range(25):
        drawn = draw(bar, np.random.default_rng(seed), CANVAS, (0.4, 1.0))
        rows, columns = (places - places.mean() for places in np.nonzero(drawn.ink > 0.5))
        leaning = np.degrees(0.5 * np.arctan2(2 * rows @ columns, rows @ rows - columns @ columns))
        assert leaning == pytest.approx(drawn.degrees, abs=0.5)
        turned.append(drawn.degrees)
    assert min(turned) < -DEGREES / 2 < DEGREES / 2 < max(turned)
    assert max(np.abs(turned)) <= DEGREES


# --------------------------------------------------------------------------------------- photos


@pytest.mark.slow
def test_photos_show_dark_ink_on_lighter_paper_that_is_not_even():
    shadows, shapes, inverted = set(), set(), 0
    for index in range(10):
        photo = photograph(TEST.images[index], np.random.default_rng(index))
        assert photo.picture.dtype == np.uint8
        shadows.add(photo.shadow)
        shapes.add(photo.picture.shape)
        inverted += prepare_digit(photo.picture).inverted
        grey = photo.picture.mean(axis=2)
        assert 20 < np.median(grey) < 250
        corners = [grey[:40, :40], grey[:40, -40:], grey[-40:, :40], grey[-40:, -40:]]
        light = [np.median(corner) for corner in corners]
        assert max(light) / min(light) > 1.05
        assert np.abs(np.diff(grey[:40, :40], axis=1)).mean() > 0.5
    assert inverted <= 1
    assert shadows == {True, False}
    assert shapes == {(384, 512, 3), (512, 384, 3)}


# --------------------------------------------------------------------------------------- scores


@pytest.mark.parametrize("make", [lambda *a: place(*a).canvas, lambda *a: photograph(*a).picture])
def test_a_seed_gives_the_same_picture(make):
    one, same, other = (make(TEST.images[3], np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert one.shape != other.shape or not np.array_equal(one, other)


@pytest.mark.slow
def test_the_tables_are_sane_and_can_be_repeated(capsys):
    told = []
    for seed in (3, 3, 4):
        assert main(["--pictures", "20", "--seed", str(seed), "--photos", "6"]) == 0
        told.append(re.sub(r"preparing one: \d+\.\d ms .*", "", capsys.readouterr().out))
    assert told[0] == told[1] != told[2]
    found = cells(told[0].split("\n\n")[0])
    photos = cells(told[0][told[0].index("| all photos") :])
    assert set(found) <= set(CANVAS_ROWS)
    assert set(photos) <= set(PHOTO_ROWS)
    for rows, first, parts in [
        (found, "all canvases", (KINDS, CLASSES)),
        (photos, "all photos", (PHOTO_ROWS[1:],)),
    ]:
        total, refused, *shares = rows[first]
        assert (int(total), int(refused)) in {(20, 0), (6, 0)}
        assert float(shares[0].rstrip("%")) >= 90
        for names in parts:
            among = [rows[name] for name in names if name in rows]
            assert sum(int(row[0]) for row in among) == int(total)
            for place_, share in enumerate(shares, 2):
                right = [int(row[0]) * float(row[place_].rstrip("%")) / 100 for row in among]
                expected = int(total) * float(share.rstrip("%")) / 100
                assert sum(right) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize(
    "words", [("--pictures", "0"), ("--pictures", "10001"), ("--seed", "-1"), ("--photos", "0")]
)
def test_what_makes_no_sense_is_refused(words, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(list(words))
    assert stopped.value.code == 2
    assert "error:" in capsys.readouterr().err
