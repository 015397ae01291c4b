"""The captcha lesson as a visitor sees it: story, repair, answers, reader, race."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from core.captcha_style import difficulty
from pages._captcha import tuning, view_answers, view_race
from pages._captcha.parts import SHOWN_PARTS, read_parts, write_parts
from pages._captcha.session import TUNED, draw, line_reader, read
from pages._captcha.settings import EVERY, Settings
from pages._captcha.view_race import RACE


def cells(visitor, key):
    """Return what the cells of a table say, as the browser gets them."""
    return [cell[0] for cell in visitor.data(f"captcha.{key}")["cells"]]


def numbers(visitor, key):
    """Return a ledger's table: before, after, change; ten digits each."""
    texts = [text.replace("\u2212", "-") for text in cells(visitor, f"ledger.{key}")]
    return np.array(texts, float).reshape(3, 10)


# ---------------------------------------------------------------------------------------- the story


def test_the_story_is_that_of_the_notes(visit):
    visitor = visit("captcha")
    assert visitor.complaints() == []
    assert visitor.params == {"lang": "en"}
    marks = [text for text in visitor.texts() if text.startswith("## ")]
    assert marks == ["## :green[**0**] :green[**1**] :green[**2**] :orange[**1**] :green[**4**]"]
    small = visitor.data("captcha.small")["tiles"]
    pixels = np.array([np.frombuffer(base64.b64decode(t["pixels"]), np.uint8) for t in small])
    assert pixels.shape == (5, 64)
    assert visitor.text().count("this it is") == 1


@pytest.mark.parametrize("word", ["", "12a", "1 2", "\N{GRINNING FACE}", "12\u4e09"])
def test_what_the_network_cannot_read_is_told_in_one_sentence(visit, word):
    visitor = visit("captcha")
    visitor.put("text_input", "captcha.word", word)
    assert len(visitor.complaints()) == 1
    visitor.put("text_input", "captcha.word", "77")
    assert visitor.complaints() == []
    assert len(visitor.data("captcha.slices")["tiles"]) == 2


def test_another_network_is_another(visit):
    visitor = visit("captcha")
    before = visitor.text()
    visitor.press("captcha.other_network")
    assert visitor.settings.seed == Settings().seed + 1
    assert visitor.text() != before


# --------------------------------------------------------------------------------------- the repair


def test_the_repair_gains_and_costs_and_can_be_undone(visit):
    visitor = visit("captcha", view="repair").press("captcha.try_repair")
    printed, hand = numbers(visitor, "printed"), numbers(visitor, "handwritten")
    assert printed[1, 3] > printed[0, 3] + 50
    assert hand[1].mean() < hand[0].mean() - 5
    assert np.abs(printed[2] - (printed[1] - printed[0])).max() <= 1  # rounded, each by itself
    assert "forgetting" in visitor.text()
    visitor.press("captcha.accept").view("story")
    [read_as] = [text for text in visitor.texts() if text.startswith("## ")]
    assert ":green[**3**]" in read_as
    visitor.view("repair").press("captcha.undo_repair").view("story")
    assert ":green[**3**]" not in visitor.text()


def test_old_samples_keep_what_was_learned(visit):
    link = {"mix": 80, "rounds": 4, "samples": 100, "failing": EVERY, "trim": 1}
    visitor = visit("captcha", view="repair", **link).press("captcha.try_repair")
    printed, hand = numbers(visitor, "printed"), numbers(visitor, "handwritten")
    assert printed[1].mean() > 99.5
    assert hand[1].mean() > hand[0].mean() - 0.5
    visitor.press("captcha.discard")
    assert "captcha.ledger.printed" not in visitor.drawn()


def test_the_three_answers_are_measured(visit):
    view_answers._scores().clear()
    visitor = visit("captcha", view="answers")
    [scores] = view_answers._scores().values()
    assert [(one.cut, one.epochs, one.printed) for one in scores][0] == ("equal", 2, False)
    assert f"**{scores[0].whole:.1%}**" in visitor.text()
    visitor.put("toggle", "captcha.neat", True).put("toggle", "captcha.printed", True)
    assert (visitor.settings.neat, visitor.settings.printed) == (1, 1)
    assert f"**{scores[5].whole:.1%}**" in visitor.text()
    assert scores[5].whole > 0.95 > scores[0].whole


# --------------------------------------------------------------------------------------- the reader


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def bring(visitor, content):
    [key] = [name for name in visitor.drawn() if name.startswith("captcha.files")]
    visitor.at.file_uploader(key=key).set_value([("mine.png", content, "")])
    return visitor.look()


def test_what_is_read_is_what_the_network_reads(visit):
    settings = Settings(level=0.25, length=6, picture=3)
    drawn = draw(settings, (3,))
    found = read(drawn.picture, settings)
    visitor = visit("captcha", view="reader", level=0.25, length=6, picture=3)
    assert visitor.complaints() == []
    assert any(text.startswith("## ") and found.text in text for text in visitor.texts())
    assert cells(visitor, "characters") == list(found.text)
    for method in ("slices", "valleys", "components"):
        assert len(visitor.data(f"captcha.pieces.{method}")["tiles"]) == 6
    visitor.press("captcha.another")
    assert visitor.settings.picture == 4


def test_a_captcha_is_brought(visit):
    visitor = visit("captcha", view="reader", length=4)
    own = draw(Settings(level=0.0, length=4), (8,))
    bring(visitor, png(255 - own.picture))
    assert visitor.complaints() == []
    assert f"## {own.text}" in visitor.texts()
    visitor.press("captcha.back")
    assert f"## {own.text}" not in visitor.texts()


def test_a_picture_without_text_has_no_characters(visit):
    visitor = visit("captcha", view="reader")
    bring(visitor, png(np.full((60, 160, 3), 200, np.uint8)))
    assert visitor.word("captcha_read.nothing") in visitor.text()
    assert "captcha.characters" not in visitor.drawn()


CUT_OFF = png(np.random.default_rng(1).integers(0, 255, (60, 60), dtype=np.uint8))[:900]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", CUT_OFF], ids=["empty", "other", "cut off"])
def test_what_is_no_picture_is_told(visit, content):
    visitor = visit("captcha", view="reader")
    bring(visitor, content)
    assert len(visitor.complaints()) == 1
    assert visitor.look().complaints() == []


def test_parts_of_the_difficulty_stay_as_they_are_set(visit):
    visitor = visit("captcha", view="reader", level=0.0)
    visitor.put("slider", "captcha.part.rotation", 36.0)
    assert read_parts(visitor.settings.parts) == {"rotation": 36.0}
    visitor.put("slider", "captcha.level", 1.0)
    assert visitor.at.slider(key="captcha.part.rotation").value == 36.0
    assert visitor.at.slider(key="captcha.part.arcs").value == difficulty(1.0).arcs
    visitor.press("captcha.parts_forget")
    assert visitor.settings.parts == ""


@pytest.mark.parametrize("text", ["rotation:1e9", "x:1", "arcs:nan", "a,b,:", "rotation"])
def test_wild_parts_are_left_out(text):
    assert read_parts(text) == {}


def test_a_part_that_cannot_be_is_told(visit):
    # The lower part is a link's, too: known parts stay, the others are told and left out.
    visitor = visit("captcha", view="reader", parts="arcs:2,rotation:999")
    assert len(visitor.complaints()) == 1
    assert visitor.settings.parts == "arcs:2"
    assert visitor.look().complaints() == []


def test_parts_survive_a_link():
    parts = {name: getattr(difficulty(0.9), name) for name in SHOWN_PARTS}
    assert read_parts(write_parts(parts)) == parts


def test_the_reader_is_trained_on_and_brought_back(visit, monkeypatch):
    monkeypatch.setattr(tuning, "EXAM", 5)
    visitor = visit("captcha", view="reader", level=0.0)
    first = reader_bytes(line_reader())
    visitor.put("slider", "captcha.tune_steps", 10).press("captcha.tune_start")
    [said] = [box.value for box in visitor.at.info]
    assert said.startswith("After 10 steps")
    tuned = visitor.at.session_state[TUNED]
    assert reader_bytes(tuned) != first == reader_bytes(line_reader())
    visitor.press("captcha.tune_undo")
    assert TUNED not in visitor.at.session_state


def reader_bytes(reader):
    return b"".join(array.tobytes() for array in reader.model.params.values())


# ----------------------------------------------------------------------------------------- the race


def test_the_race(visit, monkeypatch):
    monkeypatch.setattr(view_race, "COUNT", 3)
    visitor = visit("captcha", view="race", level=0.0).press("captcha.race_start")
    race = visitor.at.session_state[RACE]
    assert len({drawn.text for drawn in race.pictures}) == 3
    for place, drawn in enumerate(race.pictures):
        answer = drawn.text.upper() + " " if place else "?"
        visitor.at.text_input(key="captcha.race_answer").set_value(answer)
        [submit] = [b for b in visitor.at.button if b.form_id]
        submit.click()
        visitor.look()
    assert race.right(race.answers) == 2
    assert race.machine == [read(drawn.picture, race.settings).text for drawn in race.pictures]
    scores = [metric.value for metric in visitor.at.metric]
    assert scores[0] == visitor.word("captcha_race.score", k=2, n=3)


# ---------------------------------------------------------------------------------------- the links


def test_a_link_keeps_everything(visit):
    params = {
        "word": "907",
        "font": "serif",
        "size": "20",
        "spaces": "2",
        "trim": "1",
        "seed": "5",
        "epochs": "3",
        "failing": "7",
        "mix": "40",
        "samples": "12",
        "rounds": "2",
        "neat": "1",
        "longer": "1",
        "printed": "1",
        "alphabet": "alnum",
        "length": "4",
        "level": "0.35",
        "fonts": "new",
        "picture": "12",
        "parts": "rotation:20.0,arcs:2",
        "clean": "erode",
    }
    assert params.keys() | {"view"} == Settings.__dataclass_fields__.keys()
    for view in ("story", "repair", "reader", "race"):
        asked = {**params, **({} if view == "story" else {"view": view})}
        visitor = visit("captcha", **asked)
        assert visitor.complaints() == []
        assert visitor.params == {"lang": "en", **asked}
