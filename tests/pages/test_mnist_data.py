"""The view of the digits: what is seen of one, of its way into the network, and of all."""

import json
import re

import numpy as np
import pytest

from core.images import NOTES_PIXELS, STANDARD_PIXELS, UNIT_PIXELS, shrink
from core.recipes import RECIPES, Recipe
from pages._mnist.data_look import some_of
from tests.pages.data_view import TINY, part, some, table
from ui.digits import mnist
from ui.i18n import LANGUAGES


@pytest.fixture
def look(visit):
    """Give a function that opens the view."""
    return lambda **params: visit("mnist", **{**TINY, "view": "data", **params})


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
