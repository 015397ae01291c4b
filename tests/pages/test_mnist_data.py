"""The view of the digits: what is seen of one and of all, digits brought, digits taken home."""

import gzip
import json
import re

import numpy as np
import pytest

from core.digits import Digits, write_idx
from core.digits_text import read_digits_csv, read_digits_text, write_digits_csv, write_digits_text
from core.digits_upload import read_digits
from core.images import NOTES_PIXELS, STANDARD_PIXELS, UNIT_PIXELS, shrink
from core.recipes import RECIPES, Recipe
from pages._mnist.data_look import some_of
from pages._mnist.data_own import files_of
from ui.digits import mnist
from ui.i18n import LANGUAGES

pytestmark = pytest.mark.slow

TINY = {"layers": "16", "train_size": 500, "epochs": 1}
OWN = "mnist.own"


@pytest.fixture
def look(visit):
    """Give a function that opens the view."""
    return lambda **params: visit("mnist", **{**TINY, "view": "data", **params})


def part(visitor, name):
    return visitor.put("button_group", "mnist.data.part", name)


def table(visitor, number=0):
    """Return the numbers of a table on the page, and the place of the one that is marked."""
    found = [n.proto.body for n in visitor.at.get("html") if "ink-numbers" in n.proto.body]
    rows = re.findall(r"<tr><th>\d+</th>(.*?)</tr>", found[number])
    cells = [re.findall(r"<td[^>]*>(\d+)</td>", row) for row in rows]
    marked = re.search(r'chosen"[^>]*data-at="[^"\d]*(\d+)[^"\d]*(\d+)', found[number])
    return np.array(cells, int), marked and tuple(map(int, marked.groups()))


def bring(visitor, *files):
    """Upload files, given as (name, content)."""
    visit_number = max(
        int(key.rpartition(".")[2]) for key in visitor.drawn() if key.startswith("mnist.data.files")
    )
    uploader = visitor.at.file_uploader(key=f"mnist.data.files.{visit_number}")
    uploader.set_value([(name, content, "") for name, content in files])
    return visitor.look()


def some(count, seed=0, labels=None):
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
    return Digits(images, rng.integers(0, 10, count) if labels is None else np.array(labels))


def errors(visitor):
    return [box.value for box in visitor.at.error]


# ------------------------------------------------------------------------------------- one digit


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("digit", "role", "place"), [(7, 0, 7), (60_003, 1, 3)])
def test_the_link_names_a_digit_and_its_numbers_are_shown(look, language, digit, role, place):
    visitor = look(lang=language, digit=digit)
    numbers, marked = table(visitor)
    image, label = mnist()[role].images[place], mnist()[role].labels[place]
    np.testing.assert_array_equal(numbers, image)
    assert image[marked] == image.max()
    name = visitor.word(f"mnist_data.one_{('train', 'test')[role]}")
    said = visitor.word("mnist_data.picture", role=name, n=place, label=label)
    assert said in visitor.text()
    inked = int((image > 0).sum())
    assert visitor.word("mnist_data.numbers", inked=inked, empty=784 - inked) in visitor.text()


def test_a_digit_is_chosen_by_set_by_number_and_by_class(look):
    visitor = look()
    visitor.put("number_input", "mnist.data.place", 41)
    assert (visitor.settings.digit, visitor.params["digit"]) == (41, "41")
    visitor.put("button_group", "mnist.data.role", "test")
    assert visitor.settings.digit == 60_000
    visitor.put("button_group", "mnist.data.role", None)  # clicked away: it stays
    assert visitor.settings.digit == 60_000
    visitor.put("selectbox", "mnist.data.only", 8)
    found = set()
    for _ in range(3):
        visitor.press("mnist.data.another")
        place = visitor.settings.digit - 60_000
        assert mnist()[1].labels[place] == 8
        found.add(place)
    assert len(found) == 3
    np.testing.assert_array_equal(table(visitor)[0], mnist()[1].images[place])


def test_a_chosen_pixel_is_marked_named_and_kept(look):
    visitor = look(digit=7)
    visitor.put("number_input", "mnist.data.pixel_row", 6)
    visitor.put("number_input", "mnist.data.pixel_column", 13)
    value = mnist()[0].images[7, 6, 13]
    said = visitor.word("mnist_data.pixel", row=6, column=13, value=value, place=6 * 28 + 13)
    assert said in visitor.text()
    assert table(visitor)[1] == (6, 13)
    visitor.press("mnist.data.another").go("home").go("mnist")
    assert table(visitor)[1] == (6, 13)
    visitor.language("zh")
    assert table(visitor)[1] == (6, 13)


# ----------------------------------------------------------------------------- into the network


def test_scaling_is_shown_with_the_real_numbers_of_the_pixel(look):
    visitor = look(digit=7, preparation="notes")
    visitor.put("number_input", "mnist.data.pixel_row", 7)
    visitor.put("number_input", "mnist.data.pixel_column", 9)
    pixel = int(mnist()[0].images[7, 7, 9])
    assert 0 < pixel < 255
    text = visitor.text()
    ways = {UNIT_PIXELS: "255 =", NOTES_PIXELS: "0.99 + 0.01 =", STANDARD_PIXELS: "/ 0.3081 ="}
    for prepare, formula in ways.items():
        x = float(prepare(np.full((1, 1, 1), pixel, np.uint8)).item())
        shown = re.search(re.escape(formula) + r" ([−\d.]+)`", text)
        assert float(shown[1].replace("−", "-")) == pytest.approx(x, abs=6e-4)
    assert visitor.word("mnist_data.scaling_lead", mean="33.3", deviation="78.6") in text
    marked = [m.value for m in visitor.at.markdown if "green-badge" in m.value]
    assert len(marked) == 1
    assert visitor.word("mnist_data.prepared_notes") in marked[0]


def test_the_shrunken_digit_is_what_the_preparation_makes(look):
    visitor = look(digit=11)
    numbers, _ = table(visitor, 1)
    image = mnist()[0].images[11]
    np.testing.assert_array_equal(numbers, np.rint(shrink(image[None], 8)[0]))


def moved_tiles(visitor):
    return visitor.data("mnist.data.moved")["tiles"]


def test_the_recipes_movements_are_shown(look):
    visitor = look(digit=5)
    assert visitor.word("mnist_data.not_moved") in visitor.text()
    visitor = look(digit=5, degrees=10, translate=2)
    tiles = moved_tiles(visitor)
    assert len({tile["pixels"] for tile in tiles}) == 7
    again = moved_tiles(look(digit=5, degrees=10, translate=2))
    assert tiles == again
    visitor = look(recipe="classic-rotated", digit=5)
    assert [tile["caption"] for tile in moved_tiles(visitor)[1:]] == [
        visitor.word("mnist_data.turned", degrees=degrees) for degrees in ("+10", "−10")
    ]


def test_the_recipes_that_move_digits_are_the_ones_that_the_page_names(look):
    moving = ("degrees", "translate", "scale", "shear", "elastic", "copies")
    movers = [
        name
        for name, recipe in RECIPES.items()
        if any(getattr(recipe, field) != getattr(Recipe(), field) for field in moving)
    ]
    for language in LANGUAGES:
        visitor = look(lang=language)
        named = visitor.word("mnist_data.not_moved")
        assert movers
        assert all(visitor.word(f"recipe.{name}") in named for name in movers)


# ---------------------------------------------------------------------------------- all of them


@pytest.mark.parametrize("language", LANGUAGES)
def test_counts_means_and_examples_of_a_set(look, language):
    visitor = part(look(lang=language, digit=60_000), "all")
    test = mnist()[1]
    counts = np.bincount(test.labels)
    figure = json.loads(visitor.at.get("plotly_chart")[-1].proto.spec)
    assert figure["data"][0]["text"] == [f"{n:,}" for n in counts]
    assert (
        visitor.word(
            "mnist_data.counts_notice",
            n="10,000",
            most=1,
            most_n="1,135",
            least=5,
            least_n="892",
            share="11.3%",
        )
        in visitor.text()
    )
    assert len(visitor.data("mnist.data.means")["tiles"]) == 10
    visitor.put("selectbox", "mnist.data.only", 4)
    key = next(k for k in visitor.drawn() if k.startswith("mnist.data.examples"))
    places = [int(t["caption"].replace(",", "")) for t in visitor.data(key)["tiles"]]
    assert len(places) == len(set(places)) == 20
    assert set(test.labels[places]) == {4}
    visitor.press("mnist.data.others")
    key = next(k for k in visitor.drawn() if k.startswith("mnist.data.examples"))
    others = [int(t["caption"].replace(",", "")) for t in visitor.data(key)["tiles"]]
    assert set(places) != set(others)


def test_examples_are_drawn_without_repetition_and_none_where_there_are_none():
    digits = some(6, labels=[3, 3, 1, 3, 1, 0])
    assert sorted(some_of(digits, 3, 20, (1,))) == [0, 1, 3]
    assert len(some_of(digits, -1, 4, (1,))) == 4
    assert len(some_of(digits, 9, 4, (1,))) == 0


# ------------------------------------------------------------------------------- digits brought


@pytest.mark.parametrize("language", LANGUAGES)
def test_own_digits_take_the_place_of_mnists_and_give_it_back(look, language):
    visitor = part(look(lang=language), "own")
    run = visitor.run
    own = some(12, labels=[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9])
    bring(visitor, ("mine.csv", write_digits_csv(own)))
    assert visitor.run is not run
    np.testing.assert_array_equal(visitor.run.train.images, own.images)
    assert visitor.run.test is mnist()[1]
    counts = " · ".join(f"{k}: {3 if k == 9 else 1}" for k in range(10))
    said = visitor.word("mnist_data.uses_own_train", n="12", counts=counts)
    assert said in visitor.text()
    np.testing.assert_array_equal(table(visitor)[0], own.images[0])
    visitor.train()
    assert len(visitor.run.epochs) == 1
    visitor.press("mnist.data.back.train")
    assert visitor.run.train is mnist()[0]
    assert visitor.at.session_state[OWN] == {}


@pytest.mark.parametrize("form", ["csv", "text", "idx"])
def test_every_form_can_be_brought(look, form):
    visitor = part(look(), "own")
    visitor.put("button_group", "mnist.data.own_role", "test")
    own = some(3, labels=[7, 7, 2])
    images, labels = write_idx(own)
    files = {
        "csv": [("a.csv", write_digits_csv(own))],
        "text": [("a.txt", write_digits_text(own))],
        "idx": [("l", labels), ("i", gzip.compress(images))],
    }
    bring(visitor, *files[form])
    assert errors(visitor) == []
    np.testing.assert_array_equal(visitor.run.test.images, own.images)
    np.testing.assert_array_equal(visitor.run.test.labels, own.labels)
    assert visitor.settings.digit == 60_000
    for name in ("inputs", "all"):
        part(visitor, name)
    visitor.put("selectbox", "mnist.data.only", 4)
    assert visitor.word("mnist_data.no_examples", k=4) in visitor.text()
    visitor.press("mnist.data.another")
    assert visitor.settings.digit == 60_000


def test_one_half_of_an_idx_pair_waits_for_the_other(look):
    visitor = part(look(), "own")
    images, labels = write_idx(some(3))
    bring(visitor, ("i", images))
    sentence = visitor.word(
        "digits.in_file", file="i", sentence=visitor.word("digits.labels_missing")
    )
    assert errors(visitor) == [sentence]
    visitor.language("zh")
    assert visitor.word("digits.labels_missing") in errors(visitor)[0]
    bring(visitor, ("i", images), ("l", labels))
    assert errors(visitor) == []
    assert len(visitor.run.train) == 3


def bad_files():
    good = write_digits_csv(some(5))
    lines = good.splitlines()
    short = b"\n".join([*lines[:2], lines[2].rpartition(b",")[0], *lines[3:]])
    images, labels = write_idx(some(5))
    return {
        "columns": ([("a.csv", short)], {"row": 3, "got": 784, "expected": 785}),
        "pixel": (
            [("a.csv", good.replace(lines[1][2:], b"ten," + lines[1][2:].partition(b",")[2]))],
            None,
        ),
        "label": ([("a.csv", b"10" + good[1:])], None),
        "magic": ([("a", b"\0\0\x08\x09" + images[4:]), ("b", labels)], None),
        "short": ([("a", images[:-9]), ("b", labels)], None),
        "files": ([("a", images), ("b", labels), ("c", labels)], {"got": 3}),
        "form": ([("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")], None),
    }


@pytest.mark.parametrize("code", list(bad_files()))
def test_a_bad_file_gets_a_sentence_and_nothing_is_taken_over(look, code):
    visitor = part(look(), "own")
    run = visitor.run
    files, values = bad_files()[code]
    bring(visitor, *files)
    assert len(errors(visitor)) == 1
    start = visitor.word(f"digits.{code}", **values) if values else ""
    assert start in errors(visitor)[0]
    assert visitor.run is run
    assert OWN not in visitor.at.session_state
    bring(visitor, ("good.csv", write_digits_csv(some(4))))
    assert errors(visitor) == []
    assert len(visitor.run.train) == 4


def test_a_run_that_plays_is_untouched_by_what_is_brought(look):
    visitor = part(look(train_size=20_000, epochs=50), "own")
    visitor.press("mnist.train")
    run, step = visitor.run, visitor.run.step
    train = run.train
    bring(visitor, ("bad.csv", b"1,2,3\n"))
    assert len(errors(visitor)) == 1
    assert visitor.run is run
    assert run.playing
    bring(visitor, ("good.csv", write_digits_csv(some(9))))
    assert visitor.run is run
    assert run.playing
    assert run.step > step
    assert run.train is train
    assert visitor.word("mnist_data.own_waits") in visitor.text()
    visitor.press("mnist.apply")
    assert visitor.run is not run
    assert len(visitor.run.train) == 9
    visitor.press("mnist.pause")
    assert visitor.word("mnist_data.own_waits") not in visitor.text()


def test_the_server_forgets_a_file_once_it_has_been_read(look, monkeypatch):
    forgotten = []
    monkeypatch.setattr("pages._mnist.data_own.forget", lambda files: forgotten.extend(files))
    visitor = part(look(), "own")
    bring(visitor, ("a.csv", write_digits_csv(some(2))))
    bring(visitor, ("b.csv", b"nothing"))
    assert [file.name for file in forgotten] == ["a.csv", "b.csv"]


# ---------------------------------------------------------------------------- digits taken home


@pytest.mark.parametrize("role", ["train", "test"])
def test_what_is_taken_home_can_be_brought_back(role):
    own = some(6)
    read = {"csv": read_digits_csv, "text": read_digits_text}
    for form, reader in read.items():
        ((_, build),) = files_of(own, form, role).items()
        np.testing.assert_array_equal(reader(build()).images, own.images)
    built = [(name, build()) for name, build in files_of(own, "idx", role).items()]
    back = read_digits(built)
    np.testing.assert_array_equal(back.images, own.images)
    np.testing.assert_array_equal(back.labels, own.labels)


def test_a_download_has_as_many_digits_as_were_asked_for(look):
    visitor = part(look(), "own")
    visitor.put("number_input", "mnist.data.take", 37)
    visitor.put("button_group", "mnist.data.take_role", "train")
    assert "mnist.data.download.train-37.csv" in visitor.drawn()
    visitor.put("button_group", "mnist.data.form", "idx")
    names = [key for key in visitor.drawn() if key.startswith("mnist.data.download")]
    assert len(names) == 2
    assert visitor.word("mnist_data.form_idx_is", n="37") in visitor.text()
    bring(visitor, ("two.csv", write_digits_csv(some(2))))  # fewer than are asked for
    assert "mnist.data.download.train-2-images-idx3-ubyte.gz" in visitor.drawn()
