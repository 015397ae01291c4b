"""The drawings one keeps, and what a network becomes by them: gained, lost, accepted, undone."""

import io

import numpy as np
import pytest
from PIL import Image

from core.digit_sheet import read_sheet
from core.digits import Digits
from core.digits_text import write_digits_csv
from pages._draw.teach_files import sheet_file
from pages._draw.teach_kept import MOST_KEPT
from tests.pages.test_draw import SEVEN, bring, open_with, strokes
from ui.digits import mnist
from ui.i18n import strings

TEST = mnist()[1]


def open_teach(visit, drawn=SEVEN, **more):
    return open_with(visit, drawn, view="teach", **more)


def keep(visitor, label):
    visitor.put("button_group", "draw.truth_choice", label)
    return visitor.press("draw.keep")


def load(visitor, name, content):
    [key] = [name for name in visitor.drawn() if name.startswith("draw.sheet.files")]
    visitor.at.file_uploader(key=key).set_value([(name, content, "")])
    return visitor.look()


def drawings(visitor):
    state = visitor.at.session_state
    return len(state["draw.kept"]) if "draw.kept" in state else 0


def some_digits(count=12):
    return Digits(TEST.images[:count], TEST.labels[:count])


def teach(visitor):
    visitor.press("draw.teach_start")
    run = visitor.at.session_state["runs"]["draw.teach"]
    for _ in range(300):
        if not run.playing:
            return visitor.look()
        visitor.look()
    pytest.fail("it still teaches")


# ------------------------------------------------------------------------------------- what is kept


def test_a_drawing_is_kept_under_the_name_it_is_given(visit):
    visitor = open_teach(visit)
    assert visitor.at.button(key="draw.keep").disabled
    assert visitor.at.button(key="draw.teach_start").disabled
    keep(visitor, 7)
    assert visitor.word("draw_teach.added", k=7, n=1, most=MOST_KEPT) in visitor.text()
    assert drawings(visitor) == 1
    visitor.press("draw.keep")
    assert visitor.word("draw_teach.known", k=7) in visitor.text()
    keep(visitor, 1)
    assert visitor.word("draw_teach.renamed", k=1) in visitor.text()
    assert drawings(visitor) == 1
    assert visitor.at.session_state["draw.kept"].labels.tolist() == [1]


def test_what_is_taken_out_can_be_brought_back(visit):
    visitor = open_teach(visit)
    load(visitor, "mine.csv", write_digits_csv(some_digits(5)))
    assert drawings(visitor) == 5
    visitor.press("draw.remove_all")
    assert drawings(visitor) == 0
    visitor.press("draw.bring_back")
    assert drawings(visitor) == 5
    assert "draw.bring_back" not in visitor.drawn()


def test_files_hold_what_was_kept(visit):
    digits = some_digits(9)
    sheet = sheet_file(digits)
    visitor = open_teach(visit)
    load(visitor, "sheet.png", sheet)
    kept = visitor.at.session_state["draw.kept"]
    order = np.argsort(digits.labels, kind="stable")
    assert np.array_equal(kept.images, digits.images[order])
    assert np.array_equal(kept.labels, digits.labels[order])
    load(visitor, "again.csv", write_digits_csv(digits))
    said = visitor.word("draw_teach.loaded", n=0, of=9, most=MOST_KEPT)
    assert visitor.complaints() == [said]
    assert drawings(visitor) == 9
    picture = np.asarray(Image.open(io.BytesIO(sheet)))
    assert np.array_equal(read_sheet(picture).labels, kept.labels)


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("photo.png", "square", "digits.sheet"),
        ("cut.png", b"\x89PNG\r\n\x1a\nnothing", "picture.kind"),
        ("text.csv", b"a,b\n1,2\n", "digits.columns"),
        ("zeros.csv", b"\0\0\0\0", "digits.magic"),
        ("empty.csv", b"", "digits.empty"),
        ("large.csv", b"0,\n" * 7_000_000, "picture.bytes"),
    ],
)
def test_a_wrong_file_gets_one_sentence_and_all_is_kept(visit, name, content, key):
    if content == "square":
        file = io.BytesIO()
        Image.new("L", (100, 100), 255).save(file, "PNG")
        content = file.getvalue()
    visitor = open_teach(visit)
    keep(visitor, 7)
    load(visitor, name, content)
    [complaint] = visitor.complaints()
    first_words = strings("en")[key].partition("{")[0]
    assert first_words in complaint
    assert drawings(visitor) == 1


def test_no_more_are_kept_than_there_is_room_for(visit):
    visitor = open_teach(visit)
    load(visitor, "many.csv", write_digits_csv(some_digits(MOST_KEPT + 30)))
    assert drawings(visitor) == MOST_KEPT
    keep(visitor, 7)
    assert visitor.complaints() == [visitor.word("draw_teach.full", most=MOST_KEPT)]


def test_several_digits_are_not_kept_as_one(visit):
    drawn = strokes("4 closed", 110, 15, 30) + strokes("2 angular", 110, 160, 40)
    visitor = open_teach(visit, drawn, truth=4)
    assert visitor.at.button(key="draw.keep").disabled
    assert visitor.word("draw_teach.only_one") in visitor.text()


# --------------------------------------------------------------------------------- what is taught


def test_a_network_is_taught_measured_accepted_and_brought_back(visit):
    visitor = open_teach(visit, network="classic", mix=0, rounds=30)
    keep(visitor, 1)  # wrong on purpose: so it can be seen
    teach(visitor)
    run = visitor.at.session_state["runs"]["draw.teach"]
    before, after = (run.tallies["mnist", when] for when in ("before", "after"))
    assert before.asked.sum() == after.asked.sum() == len(TEST)
    assert before.share == pytest.approx(0.9711)
    assert after.share < before.share
    values = {"n": "10,000", "before": f"{before.share:.2%}", "after": f"{after.share:.2%}"}
    assert visitor.word("draw_teach.mnist", **values) in visitor.text()
    table = visitor.data("draw.ledger.own")
    assert table["cells"][1][0] == "0"
    assert table["cells"][11][0] == "100"
    was = visitor.text().count("It says **7**")
    assert was == 1  # nothing has changed yet
    visitor.press("draw.accept")
    assert "It says **1**" in visitor.text()
    assert "draw.accept" not in visitor.drawn()
    visitor.press("draw.undo_lesson")
    assert "It says **7**" in visitor.text()
    assert "draw.undo_lesson" not in visitor.drawn()


def test_what_is_not_wanted_is_discarded(visit):
    visitor = open_teach(visit, network="classic")
    keep(visitor, 7)
    teach(visitor)
    visitor.press("draw.discard")
    assert "draw.accept" not in visitor.drawn()
    assert "draw.undo_lesson" not in visitor.drawn()
    assert "It says **7**" in visitor.text()


def test_a_result_is_about_its_drawings_and_its_network(visit):
    visitor = open_teach(visit, network="mlp")
    keep(visitor, 7)
    teach(visitor)
    assert "draw.accept" in visitor.drawn()
    visitor.put("button_group", "draw.network", "classic")
    assert "draw.accept" not in visitor.drawn()
    visitor.put("button_group", "draw.network", "mlp")
    assert "draw.accept" in visitor.drawn()
    load(visitor, "more.csv", write_digits_csv(some_digits(2)))
    assert "draw.accept" not in visitor.drawn()


def test_teaching_can_be_stopped_and_begun_again(visit):
    visitor = open_teach(visit, network="cnn", rounds=50, mix=95)
    keep(visitor, 7)
    visitor.press("draw.teach_start")
    run = visitor.at.session_state["runs"]["draw.teach"]
    assert run.playing
    assert 0 < run.progress < 1
    visitor.press("draw.teach_start")  # it says Stop now
    assert not run.playing
    assert "draw.teach" not in visitor.at.session_state["runs"]
    visitor.press("draw.teach_start")
    assert visitor.at.session_state["runs"]["draw.teach"].playing


def test_the_ledger_is_counted_once_for_a_network(visit):
    visitor = open_teach(visit, network="mlp")
    keep(visitor, 7)
    teach(visitor)
    first = visitor.at.session_state["runs"]["draw.teach"]
    teach(visitor)
    second = visitor.at.session_state["runs"]["draw.teach"]
    assert second is not first
    assert second.tallies["mnist", "before"] is first.tallies["mnist", "before"]


def test_a_picture_that_was_brought_can_be_kept(visit):
    file = io.BytesIO()
    Image.fromarray(np.kron(255 - TEST.images[18], np.ones((8, 8), np.uint8))).save(file, "PNG")
    visitor = open_teach(visit)
    bring(visitor, "three.png", file.getvalue())
    keep(visitor, 3)
    assert visitor.at.session_state["draw.kept"].labels.tolist() == [3]
