"""The lesson on drawing: the desk, the steps of the preparation, tasks, links and trouble."""

import gc
import io
import re
import tracemalloc

import numpy as np
import pytest
from PIL import Image

from core.digit_picture import prepare_digit
from pages._draw.examples import example
from pages._draw.settings import FARTHEST
from tests.browser.handwriting import SHAPES
from ui.digits import mnist, read_digit, write_digit
from ui.strokes import SIDE, Stroke, draw_strokes, read_strokes, write_strokes

TEST = mnist()[1]


def strokes(name, height=200, left=70, top=50, pen=22):
    return tuple(
        Stroke(pen, tuple((round(left + 0.75 * height * x), round(top + height * y)) for x, y in w))
        for w in SHAPES[name][1]
    )


SEVEN = strokes("7 with a bar")
DOT = (Stroke(22, ((150, 150),)),)
SCRIBBLE = (Stroke(18, tuple((8 + 14 * k, 12 if k % 2 else 296) for k in range(21))),)


def said(visitor):
    """Return the digit that the page says it is."""
    found = re.findall(r"It says \*\*(\d)\*\*", "\n".join(visitor.texts()))
    return int(found[0]) if found else None


def open_with(visit, drawn, **more):
    return visit("draw", lang="en", drawing=write_strokes(drawn), **more)


@pytest.mark.parametrize("name", SHAPES)
def test_what_people_write_is_read(visit, name):
    visitor = open_with(visit, strokes(name))
    assert said(visitor) == SHAPES[name][0]
    assert visitor.complaints() == []


def test_nothing_drawn_is_nothing_read(visit):
    visitor = visit("draw", lang="en")
    assert visitor.word("draw.first") in visitor.text()
    assert said(visitor) is None
    for view in ("networks", "inside", "wish", "teach", "tasks"):
        visitor.view(view)
        assert said(visitor) is None


@pytest.mark.parametrize(("drawn", "code"), [(DOT, "dot"), (SCRIBBLE, "scribble")])
def test_what_is_no_digit_is_not_read(visit, drawn, code):
    visitor = open_with(visit, drawn)
    assert visitor.complaints() == [visitor.word(f"picture.{code}")]
    assert said(visitor) is None
    for view in ("networks", "inside", "wish", "teach", "tasks"):
        assert visitor.view(view).complaints() == [visitor.word(f"picture.{code}")]


def test_two_digits_are_told_and_each_is_read(visit):
    drawn = strokes("4 closed", 110, 15, 30) + strokes("2 angular", 110, 160, 40)
    visitor = open_with(visit, drawn)
    [warning] = visitor.complaints()
    assert "**42**" in warning and "2 digits" in warning


def test_undo_takes_one_stroke_and_clear_takes_all(visit):
    visitor = open_with(visit, SEVEN)
    sheet = visitor.at.session_state["draw.sheet"]
    visitor.press("draw.undo")
    assert read_strokes(visitor.params["drawing"]) == SEVEN[:1]
    assert visitor.at.session_state["draw.sheet"] == sheet + 1
    visitor.press("draw.clear")
    assert "drawing" not in visitor.params
    assert visitor.at.button(key="draw.undo").disabled
    assert visitor.at.button(key="draw.clear").disabled


def test_the_page_can_draw_by_itself(visit):
    visitor = visit("draw", lang="en")
    seen = set()
    for _ in range(6):
        visitor.press("draw.example")
        seen.add(visitor.params["drawing"])
        assert said(visitor) is not None
    assert len(seen) == 6


@pytest.mark.parametrize("digit", range(10))
def test_what_the_page_draws_is_a_digit_on_the_canvas(digit):
    rng = np.random.default_rng(digit)
    for pen in (6, 22, 44):
        drawn = example(digit, pen, rng)
        places = np.concatenate([np.array(stroke.points) for stroke in drawn])
        assert places.min() >= pen / 2 - 1
        assert places.max() <= SIDE - pen / 2
        assert {stroke.width for stroke in drawn} == {pen}


# --------------------------------------------------------------------------------- preparation


def test_a_step_that_is_skipped_is_skipped_everywhere(visit):
    small = strokes("3 round", 70, 220, 220, 10)
    visitor = open_with(visit, small)
    assert said(visitor) == 3
    whole = prepare_digit(draw_strokes(small))
    without = prepare_digit(draw_strokes(small), crop=False)
    assert not np.array_equal(whole.image, without.image)
    visitor.put("toggle", "draw.skip_crop", True)
    assert visitor.settings.crop == 0
    assert visitor.params["crop"] == "0"
    assert visitor.word("draw_steps.name_crop") in visitor.text()
    visitor.put("toggle", "draw.skip_crop", False)
    assert "crop" not in visitor.params


def test_the_image_is_moved_by_choosing_a_field(visit):
    visitor = open_with(visit, SEVEN, network="classic")
    cells = visitor.data("draw.shift")
    across = 2 * FARTHEST + 1
    assert len(cells["cells"]) == across**2
    assert cells["chosen"] == across * FARTHEST + FARTHEST
    assert cells["cells"][cells["chosen"]][0] == "7"
    moved = open_with(visit, SEVEN, network="classic", down=1, right=-2)
    assert moved.data("draw.shift")["chosen"] == across * (FARTHEST + 1) + FARTHEST - 2


# --------------------------------------------------------------------------------- links, pictures


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def bring(visitor, name, content):
    [key] = [name for name in visitor.drawn() if name.startswith("draw.files")]
    visitor.at.file_uploader(key=key).set_value([(name, content, "")])
    return visitor.look()


def photo(digit, shape=(400, 500)):
    sheet = np.full((*shape, 3), 230, np.uint8)
    large = np.kron(digit, np.ones((10, 10)))[..., None] * (200 / 255)
    sheet[60:340, 150:430] -= large.astype(np.uint8)
    return sheet


def test_a_picture_takes_the_drawings_place_and_a_stroke_takes_it_back(visit):
    visitor = open_with(visit, SEVEN)
    assert said(bring(visitor, "mine.png", png(photo(TEST.images[18])))) == 3
    assert "drawing" not in visitor.params
    assert visitor.word("draw.brought") in visitor.text()
    link = visitor.params["own"]
    assert read_digit(link).shape == (28, 28)
    again = visit("draw", lang="en", own=link)
    assert said(again) == 3
    assert again.word("draw.brought_before") in again.text()
    visitor.press("draw.clear")
    assert said(visitor) is None and "own" not in visitor.params


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("white.png", png(np.full((200, 200), 255, np.uint8)), "picture.blank"),
        ("a.png", b"hello, I am no picture", "picture.kind"),
        ("cut.png", png(photo(TEST.images[18]))[:900], "picture.damaged"),
    ],
)
def test_a_bad_picture_gets_one_sentence_and_the_drawing_stays(visit, name, content, key):
    visitor = open_with(visit, SEVEN)
    bring(visitor, name, content)
    [complaint] = visitor.complaints()
    assert visitor.word(key)[:30] in complaint
    assert said(visitor) == 7


@pytest.mark.parametrize(
    "params",
    [
        {"drawing": "AAAA"},
        {"drawing": "~~~"},
        {"own": "AAAA"},
        {"network": "own"},
        {"down": 9, "right": -9},
        {"k": 0, "threshold": 7, "wish": 12, "truth": 44},
    ],
)
def test_a_wild_link_opens(visit, params):
    visitor = visit("draw", lang="en", **params)
    assert visitor.look().settings.network == "cnn"
    for view in ("networks", "inside", "wish", "teach", "tasks"):
        visitor.view(view)


def test_all_of_the_page_is_in_its_link(visit):
    visitor = open_with(visit, SEVEN, network="mlp", scale=0, view="networks", k=5)
    again = visit("draw", **visitor.params)
    assert again.settings == visitor.settings
    assert again.texts() == visitor.texts()


# --------------------------------------------------------------------------------- tasks, readers


def test_the_tasks_ask_what_is_really_said(visit):
    one = strokes("1 with a flag")
    visitor = open_with(visit, one, view="tasks")
    assert "task" not in visitor.params.get("solved", "")
    assert visitor.text().count("✓") == 0
    visitor.put("button_group", "draw.truth_choice", 7)
    assert visitor.settings.truth == 7
    assert visitor.text().count("✓") == 1


def test_the_learners_own_network_reads_along(visit):
    visitor = visit("mnist", lang="en", recipe="mlp", train_size=2000, epochs=1)
    visitor.train()
    visitor.go("draw")
    visitor.press("draw.example")
    visitor.put("button_group", "draw.network", "own")
    assert visitor.settings.network == "own"
    assert said(visitor) is not None
    visitor.press("draw.clear")


def test_a_link_to_a_digit_shows_that_digit(visit):
    visitor = visit("draw", lang="en", own=write_digit(TEST.images[0]))
    assert said(visitor) == TEST.labels[0]


def test_many_drawings_leave_memory_where_it_was(visit):
    visitor = visit("draw", lang="en", view="tasks")
    marks = []
    tracemalloc.start()
    for number in range(35):
        visitor.press("draw.example")
        if number in (9, 34):
            gc.collect()
            state = visitor.at.session_state._state  # the proxy of AppTest lists no keys
            marks.append((len(state.filtered_state), tracemalloc.get_traced_memory()[0]))
    tracemalloc.stop()
    (keys, before), (keys_after, after) = marks
    assert keys_after <= keys
    assert after - before < 2e6
