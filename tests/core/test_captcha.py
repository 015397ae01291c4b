"""Captchas: repeatable, within their frame, as hard as their style says, and the notes' own."""

import io
import itertools
import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from core.captcha import (
    CAPTCHA_ALL,
    CAPTCHA_DIGITS,
    CAPTCHA_LOWER,
    HELD_OUT_FONTS,
    TRAINING_FONTS,
    draw_captcha,
    load_fonts,
    notes_captcha,
    random_text,
)
from core.captcha_error import CAPTCHA_SENTENCES, CaptchaError
from core.captcha_style import (
    CLEAN,
    HARD,
    MEDIUM,
    STYLE_RANGES,
    WHOLE_PARTS,
    WILD,
    CaptchaStyle,
    any_style,
    difficulty,
)

FOLDER = Path(__file__).parents[2] / "assets" / "fonts"
CONTENTS = {name: (FOLDER / name).read_bytes() for name in TRAINING_FONTS + HELD_OUT_FONTS}
FONTS = load_fonts(CONTENTS)
SANS = FONTS[0]
LEVELS = (0.0, 0.25, 0.5, 0.75, 1.0)

# Every part by itself, strong enough to be seen in any picture.
ALONE = {
    "rotation": {"rotation": 30.0},
    "scale": {"scale": 0.3},
    "shear": {"shear": 20.0},
    "shift": {"shift": 0.2},
    "warp": {"warp": 0.2},
    "overlap": {"overlap": 0.4},
    "gap": {"gap": 0.9},
    "wave": {"wave": 0.1},
    "period": {"wave": 0.1, "period": 0.5},
    "dots": {"dots": 0.1},
    "dot_size": {"dots": 0.1, "dot_size": 5},
    "lines": {"lines": 2},
    "arcs": {"arcs": 2},
    "stroke": {"lines": 2, "stroke": 0.15},
    "own": {"lines": 8, "own": 1.0},
    "blur": {"blur": 1.5},
    "grain": {"grain": 0.2},
    "texture": {"texture": 0.4},
    "colours": {"colours": 1.0, "contrast": 0.3},
    "each": {"each": 1.0, "contrast": 0.1},
    "mixed": {"mixed": 1.0},
    "contrast": {"contrast": 0.2},
    "light": {"light": 0.0},
    "smallest": {"smallest": 40, "tallest": 40},
    "tallest": {"tallest": 90},
    "fill_least": {"fill_least": 0.9, "fill_most": 0.9},
    "fill_most": {"fill_least": 0.3, "fill_most": 1.0},
    "margin": {"margin": 1.0},
}
# What each is compared with, where that is not CLEAN: bent characters are never as sharp.
BESIDE = {
    "scale": {"rotation": 1e-9},
    "shear": {"rotation": 1e-9},
    "shift": {"rotation": 1e-9},
    "warp": {"rotation": 1e-9},
    "period": {"wave": 0.1},
    "dot_size": {"dots": 0.1},
    "stroke": {"lines": 2},
    "own": {"lines": 8},
    "colours": {"contrast": 0.3},
    "each": {"contrast": 0.1},
}


# ------------------------------------------------------------------------------------- the fonts


def test_the_folder_holds_just_the_fonts_that_are_named():
    there = {path.name for path in FOLDER.iterdir() if path.suffix in (".ttf", ".otf")}
    assert there == set(CONTENTS)
    assert not set(TRAINING_FONTS) & set(HELD_OUT_FONTS)
    note = (FOLDER / "SOURCE_AND_LICENCE.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in note for name in there)


@pytest.mark.parametrize("font", FONTS, ids=lambda font: font.name)
def test_every_font_draws_every_character_differently(font):
    glyphs = [font.glyph(character, 48) for character in CAPTCHA_ALL]
    assert len({(g.mask.size, g.top, g.mask.tobytes()) for g in glyphs}) == len(CAPTCHA_ALL)
    assert font.lacks(CAPTCHA_ALL) == set()
    others = {" ", "\n", "\u00e9", "\u4e09", "\U0001f600"}
    assert font.lacks("a7" + "".join(others)) == others


@pytest.mark.parametrize("font", FONTS, ids=lambda font: font.name)
def test_no_font_bears_a_name_that_others_keep_for_themselves(font):
    assert font.face(20).getname()[0].startswith("Glassnet ")
    assert len(CONTENTS[font.name]) < 25_000


def test_masks_have_an_empty_frame_and_nothing_but_that():
    for font, character in itertools.product(FONTS, "0gjQf7"):
        ink = np.asarray(font.glyph(character, 40).mask)
        assert not ink[[0, -1]].any() and not ink[:, [0, -1]].any()
        assert all(line.any() for line in (ink[1], ink[-2], ink[:, 1], ink[:, -2]))


# ---------------------------------------------------------------------------------- the notes' own


@pytest.mark.parametrize("name", ["sans.ttf", "script.otf"])
@pytest.mark.parametrize("text", ["01234", "33333", "98765", "70141"])
def test_the_notes_captcha_is_what_pillow_draws(name, text):
    face = ImageFont.truetype(io.BytesIO(CONTENTS[name]), 23, layout_engine=0)
    picture = Image.new("RGB", (100, 24))
    ImageDraw.Draw(picture).text((5, 0), " ".join(text), font=face, fill="white")
    drawn = notes_captcha(text, load_fonts({name: CONTENTS[name]})[0])
    assert drawn.shape == (24, 100, 3)
    assert np.array_equal(drawn, np.asarray(picture))


def test_the_notes_font_has_the_widths_of_arial():
    # 1139 of 2048 units for a digit, 569 for a space: Arial's, as its font file says.
    face = SANS.face(2048)
    assert {face.getlength(digit) for digit in CAPTCHA_DIGITS} == {1139.0}
    assert face.getlength(" ") == 569.0


def test_the_notes_captcha_in_other_sizes_and_spacings():
    assert notes_captcha("12345678", SANS).shape == (24, 160, 3)
    wide, narrow, small = (
        np.flatnonzero(notes_captcha("888", SANS, size, spaces).any(axis=(0, 2)))
        for size, spaces in ((23, 1), (23, 0), (12, 1))
    )
    assert wide[-1] > narrow[-1] > narrow[0] == wide[0]
    assert small[-1] < wide[-1]


# ------------------------------------------------------------------------------------- the pictures


@pytest.mark.parametrize("level", LEVELS)
def test_the_same_state_draws_the_same_picture(level):
    style = difficulty(level)
    once = draw_captcha("40718", style, FONTS, 5)
    # Fonts that have drawn nothing yet draw the same as those that remember.
    again = draw_captcha("40718", style, load_fonts(CONTENTS), np.random.default_rng(5))
    assert np.array_equal(once, again)
    others = [draw_captcha("40718", style, FONTS, seed) for seed in range(6, 12)]
    assert not any(np.array_equal(once, other) for other in others)
    rng = np.random.default_rng(5)
    first, second = (draw_captcha("40718", style, FONTS, rng) for _ in range(2))
    assert np.array_equal(first, once) and not np.array_equal(first, second)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("length", [1, 4, 8])
def test_pictures_have_the_size_that_is_asked_for(level, length):
    rng, style = np.random.default_rng(length), difficulty(level)
    for _ in range(8):
        text = random_text(rng, length, CAPTCHA_LOWER)
        free = draw_captcha(text, style, FONTS, rng)
        assert free.dtype == np.uint8 and free.shape[2] == 3
        assert style.smallest <= free.shape[0] <= style.tallest
        assert draw_captcha(text, style, FONTS, rng, (160, 60)).shape == (60, 160, 3)


def test_longer_texts_make_wider_pictures():
    widths = [draw_captcha("8" * n, CLEAN, [SANS], 1).shape[1] for n in range(1, 9)]
    assert all(np.diff(widths) > 5)


def test_clean_pictures_are_white_on_black_alone():
    for seed in range(20):
        picture = draw_captcha("2468", CLEAN, FONTS, seed)
        assert (picture == picture[..., :1]).all()
        assert picture.max() > 200 and (picture == 0).mean() > 0.4


@pytest.mark.parametrize("part", ["rotation", "scale", "shear", "shift", "warp", "wave", "overlap"])
@pytest.mark.parametrize("size", [None, (120, 40), (60, 60)])
def test_bent_text_stays_inside_the_frame(part, size):
    style = replace(CLEAN, smallest=48, tallest=64, **ALONE[part])
    rng = np.random.default_rng(3)
    for _ in range(12):
        picture = draw_captcha(random_text(rng, 5, CAPTCHA_LOWER), style, FONTS, rng, size)
        edges = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
        assert edges.max() <= 16  # a trace of a soft edge


@pytest.mark.parametrize("font", FONTS, ids=lambda font: font.name)
def test_bent_by_nothing_characters_stand_where_sharp_ones_do(font):
    style = replace(CLEAN, smallest=60, tallest=60)
    for seed in range(4):
        sharp, bent = (
            draw_captcha("g74Qa", changed, [font], seed, (240, 60)).astype(float)[..., 0]
            for changed in (style, replace(style, rotation=1e-9))
        )
        rows, columns = np.indices(sharp.shape)
        for places, most in ((rows, 0.7), (columns, 1.5)):  # sharp ones are of a whole size
            means = [(places * ink).sum() / ink.sum() for ink in (sharp, bent)]
            assert abs(means[0] - means[1]) < most
        assert abs(sharp.sum() / bent.sum() - 1) < 0.15


@pytest.mark.parametrize("part", ALONE)
def test_every_part_changes_the_picture(part):
    plain, changed = (replace(CLEAN, **parts) for parts in (BESIDE.get(part, {}), {**ALONE[part]}))
    pairs = [[draw_captcha("30865", s, FONTS, seed) for s in (plain, changed)] for seed in range(4)]
    # A probability, a rounding or the draw of a range may leave one picture as it was.
    assert sum(not np.array_equal(*pair) for pair in pairs) >= 3


@pytest.mark.slow
def test_whatever_a_style_may_be_can_be_drawn():
    rng = np.random.default_rng(8)
    for seed in range(150):
        ends = {name: bounds[int(rng.random() * 2)] for name, bounds in STYLE_RANGES.items()}
        for low, high in (("smallest", "tallest"), ("fill_least", "fill_most")):
            ends[low], ends[high] = sorted((ends[low], ends[high]))
        size = [None, (16, 16), (1000, 16), (16, 200)][seed % 4]
        text = random_text(rng, 1 + seed % 8, CAPTCHA_ALL)
        picture = draw_captcha(text, CaptchaStyle(**ends), FONTS, rng, size)
        assert picture.shape[:2] == (size or picture.shape[1::-1])[::-1]


# --------------------------------------------------------------------------------------- the styles


def test_difficulty_moves_every_part_one_way():
    table = np.array([list(asdict(difficulty(level)).values()) for level in np.linspace(0, 1, 21)])
    names = list(asdict(CLEAN))
    steps = np.diff(table, axis=0)
    free = {"period", "smallest", "tallest", "fill_least", "fill_most", "margin", "light"}
    for name, column in zip(names, steps.T, strict=True):
        if name in {"contrast", "gap"}:
            assert (column <= 1e-12).all() and column.any(), name
        elif name not in free:
            assert (column >= -1e-12).all() and column.any(), name
    assert (difficulty(0), difficulty(0.5), difficulty(1)) == (CLEAN, MEDIUM, HARD)
    assert (HARD.rotation, MEDIUM.rotation) == (30.0, 12.0)


def test_training_styles_reach_from_clean_to_harder_than_hard():
    rng = np.random.default_rng(2)
    styles = [asdict(any_style(rng)) for _ in range(300)]
    for name in ("rotation", "scale", "shear", "warp", "overlap", "wave", "dots", "stroke", "own"):
        drawn = np.array([style[name] for style in styles])
        assert 0.15 < (drawn == 0).mean() < 0.45, name
        assert drawn.max() > getattr(HARD, name), name
        assert drawn.max() <= getattr(WILD, name), name
    # Each part by itself: how much a text is turned says nothing about how many dots there are.
    parts = np.array([[style["rotation"], style["dots"], style["wave"]] for style in styles])
    assert np.abs(np.corrcoef(parts.T) - np.eye(3)).max() < 0.2
    assert any_style(4) == any_style(4) != any_style(5)


@pytest.mark.parametrize("style", [CLEAN, MEDIUM, HARD, WILD, difficulty(0.3)])
def test_styles_survive_json(style):
    assert CaptchaStyle.from_dict(json.loads(json.dumps(style.to_dict()))) == style


@pytest.mark.parametrize("name", STYLE_RANGES)
def test_parts_keep_to_their_ranges(name):
    least, most = STYLE_RANGES[name]
    wrong = [least - 1, most + 1, float("nan"), "1", True, None]
    wrong += [least + 0.5] if name in WHOLE_PARTS else []
    for value in wrong:
        with pytest.raises(ValueError, match=rf"\b{name}\b"):
            CaptchaStyle(**{name: value})


def test_ranges_begin_before_they_end():
    with pytest.raises(ValueError, match="smallest"):
        CaptchaStyle(smallest=50, tallest=40)
    with pytest.raises(ValueError, match="fill_least"):
        CaptchaStyle(fill_least=0.8, fill_most=0.7)


# ------------------------------------------------------------------------------- texts and errors


def test_texts_hold_every_character_about_as_often():
    rng = np.random.default_rng(1)
    text = "".join(random_text(rng, 8, CAPTCHA_LOWER) for _ in range(900))
    counts = np.array([text.count(character) for character in CAPTCHA_LOWER])
    assert counts.sum() == 7200  # 200 each, give or take four standard deviations
    assert np.abs(counts - 200).max() < 60
    assert random_text(3, 5) == random_text(3, 5) != random_text(4, 5)
    assert set(random_text(0, 8, "7")) == {"7"}


WRONG = {
    "empty": lambda: draw_captcha("", CLEAN, FONTS, 1),
    "too_long": lambda: notes_captcha("123456789", SANS),
    "letter": lambda: draw_captcha("12\U0001f60045", CLEAN, FONTS, 1),
    "alphabet": lambda: random_text(1, 5, ""),
    "length": lambda: random_text(1, 9),
    "fonts": lambda: draw_captcha("123", CLEAN, [], 1),
    "font": lambda: load_fonts({"a.ttf": b"%PDF-1.7 no font"}),
    "size": lambda: draw_captcha("123", CLEAN, FONTS, 1, (100, 5000)),
    "font_size": lambda: notes_captcha("123", SANS, size=1000),
    "spaces": lambda: notes_captcha("123", SANS, spaces=9),
    "level": lambda: difficulty(1.5),
}


@pytest.mark.parametrize("code", CAPTCHA_SENTENCES)
def test_every_error_says_what_was_expected(code):
    with pytest.raises(CaptchaError) as caught:
        WRONG[code]()
    assert caught.value.code == code
    assert str(caught.value).startswith("expected ") and "{" not in str(caught.value)
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("letter", lambda: draw_captcha("1 2", CLEAN, FONTS, 1)),
        ("letter", lambda: notes_captcha("\u4e09", SANS)),
        ("font", lambda: load_fonts({"a.ttf": b""})),
        ("size", lambda: draw_captcha("1", CLEAN, FONTS, 1, (15, 40))),
        ("length", lambda: random_text(1, 0)),
        ("level", lambda: difficulty(float("nan"))),
        ("level", lambda: difficulty("hard")),
    ],
)
def test_other_ways_to_be_wrong(code, call):
    with pytest.raises(CaptchaError) as caught:
        call()
    assert caught.value.code == code
