"""Whatever is wrong with what comes in: one sentence each, the page alive, the work still there."""

import builtins
import logging
import re
import tracemalloc
from contextlib import contextmanager, nullcontext

import pytest
from hypothesis import HealthCheck, given, settings

from tests.pages import bad_input as bad
from ui.strokes import Stroke, write_strokes

MOST_MEMORY = 200e6  # bytes, while a file is looked at
LINKS = list(bad.wild_links())
FIELD = re.compile(r"\*\*(\w+)\*\* =")
SEVEN = (Stroke(22, ((80, 70), (210, 70), (130, 240))),)
HAN = re.compile(r"[\u4e00-\u9fff]")

# Where files come in: lesson, its link, what opens the uploader, its key, what else is wrong.
NEXT = {"own digits": ("button_group", "mnist.data.part", "own")}
UPLOADERS = {
    "a digit's picture": ("draw", {}, "draw.files", {**bad.PICTURES, **bad.NO_DIGITS}),
    "a sheet of drawings": ("draw", {"view": "teach"}, "draw.sheet.files", bad.TABLES),
    "a digit for the CNN": ("real_cnn", {}, "real_cnn.files", {**bad.PICTURES, **bad.NO_DIGITS}),
    "a captcha": ("captcha", {"view": "reader"}, "captcha.files", bad.PICTURES),
    "own digits": ("mnist", {"view": "data"}, "mnist.data.files", bad.TABLES),
    "weights": ("mnist", {"view": "code"}, "mnist.code.file", bad.WEIGHTS),
}
FILES = {entry: {**bad.ANY_FILE, **more} for entry, (*_, more) in UPLOADERS.items()}


def test_the_table_is_large():
    links = sum(len(params) for _, _, params in LINKS)
    assert links + sum(map(len, FILES.values())) >= 200


@pytest.fixture(autouse=True)
def quiet_log(caplog):
    """Fail if the app has logged an error or an exception."""
    yield
    loud = [r for r in caplog.records if r.levelno >= logging.ERROR]
    assert not loud, loud[0].getMessage()


def sane(sentence):
    """Whether something was said as one says it to a person."""
    strange = ("Traceback", "Error(", "object at 0x", "NoneType")
    html = re.search(r"(?<!\\)<", sentence)
    return 6 < len(sentence) < 400 and not html and not any(word in sentence for word in strange)


@pytest.mark.parametrize(
    ("lesson", "what", "params"), LINKS, ids=lambda v: v if len(v) < 30 else ""
)
def test_a_wild_link_gets_a_sentence_for_each_mistake(visit, lesson, what, params):
    lang = "zh" if len(what) % 2 else "en"
    visitor = visit(lesson, **{"lang": lang, **params})
    complaints = visitor.complaints()
    assert all(map(sane, complaints))
    if what in {**bad.NONSENSE, **bad.OUT_OF_RANGE}:
        named = [name for sentence in complaints for name in FIELD.findall(sentence)]
        assert sorted(named) == sorted(params)
        if lang == "zh":
            assert all(HAN.search(sentence) for sentence in complaints)


@pytest.mark.parametrize("lesson", bad.LESSONS)
def test_what_is_wrong_with_a_link_is_said_once(visit, lesson):
    [wild] = [params for other, what, params in LINKS if (other, what) == (lesson, "words")]
    visitor = visit(lesson, **wild)
    assert any(map(FIELD.search, visitor.complaints()))
    assert not any(map(FIELD.search, visitor.look().complaints()))


@pytest.mark.parametrize("lesson", bad.LESSONS)
def test_links_that_nobody_thought_of(visit, lesson):
    @settings(
        max_examples=8,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(bad.links_of(lesson))
    def open_it(params):
        visitor = visit(lesson, **{**params, "lang": "en"})
        assert all(map(sane, visitor.complaints()))

    open_it()


@contextmanager
def little_memory():
    """Fail if what is done meanwhile takes much memory; looking at it is slow."""
    tracemalloc.start()
    yield
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < MOST_MEMORY


@pytest.mark.parametrize(("entry", "lang"), list(zip(UPLOADERS, ("en", "zh") * 3, strict=True)))
def test_a_bad_file_gets_one_sentence_and_nothing_is_lost(visit, entry, lang):
    lesson, params, start, _ = UPLOADERS[entry]
    work = {"drawing": write_strokes(SEVEN)} if lesson == "draw" else {}
    visitor = visit(lesson, lang=lang, **params, **work)
    if entry in NEXT:
        visitor.put(*NEXT[entry])
    before = visitor.settings
    for what, content in FILES[entry].items():
        [key] = [name for name in visitor.drawn() if name.startswith(start)]
        ending = "npz" if entry == "weights" else "png"
        visitor.at.file_uploader(key=key).set_value([(f"<b>{what}</b>.{ending}", content, "")])
        with little_memory() if what in bad.LARGE else nullcontext():
            visitor.look()
        assert len(visitor.complaints()) == 1, what
        [complaint] = visitor.complaints()
        assert sane(complaint), (what, complaint)
        assert (HAN.search(complaint) is not None) == (lang == "zh"), (what, complaint)
        assert visitor.settings == before, what
    assert not hasattr(builtins, "GLASSNET_WAS_FOOLED")
    if work:
        assert visitor.params["drawing"] == work["drawing"]
