"""What would make it an 8: the way there, its facts, and what the other networks think of it."""

import base64

import numpy as np
import pytest

from core.recipes import RECIPES, Learner, Recipe
from pages._draw import view_wish
from pages._draw.networks import Network
from pages._draw.wish_way import ENOUGH, STEPS, Way, on_drawing, way_to
from tests.pages.own_drawing import FILES, TEST, deeds, image_of, replace_network, visit_view
from ui.networks import shipped

KEPT = "draw.newest.wish"


def network(name, learner=None):
    """Return a network that reads."""
    return Network(name, learner or shipped(FILES[name]).learner, None)


def visit_wish(visit, place=18, **link):
    """Open the view with one of MNIST's test images, a 3 if nothing else is said."""
    return visit_view(visit, "wish", place, **link)


def shown_change(visitor):
    """Return the difference as the browser gets it, in grey levels."""
    data = visitor.data("draw.wish_change")
    texts = [float(text.replace("−", "-")) for text in data["texts"]]
    return np.reshape(texts, (data["height"], data["width"]))


@pytest.fixture
def ways(monkeypatch):
    """Give a list that grows with each way that is computed."""
    computed = []

    def counted(*args):
        computed.append(args)
        return way_to(*args)

    monkeypatch.setattr(view_wish, "way_to", counted)
    return computed


# ---------------------------------------------------------------------------------------- the way


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("smooth", [False, True])
def test_a_way_begins_with_the_drawing_and_ends_with_the_wish(name, smooth):
    for place, wished in ((18, 8), (7, 4)):
        image = TEST.images[place]
        way = way_to(network(name), image, wished, smooth)
        assert np.abs(way.images[0] - image).max() < 0.01
        assert way.images.min() >= -0.01 and way.images.max() <= 255.01
        granted = (way.sure.argmax(axis=1) == wished) & (way.sure[:, wished] >= ENOUGH)
        assert granted.tolist() == [False] * way.last + [True]
        assert (way.sure[: way.turned].argmax(axis=1) != wished).all()
        assert way.sure[way.turned].argmax() == wished
        asked = network(name).sure(way.images.astype(np.float32))
        assert asked == pytest.approx(way.sure, abs=1e-4)
        assert (np.abs(np.diff(way.images, axis=0)).max(axis=(1, 2)) < 0.021 * 255).all()


def test_strokes_move_neighbours_together():
    """The rougher a change, the more of it is in differences between neighbours."""
    for name in FILES:
        rough = []
        for smooth in (False, True):
            way = way_to(network(name), TEST.images[18], 8, smooth)
            moved = way.change(way.last)
            rough.append(np.abs(np.diff(moved, axis=1)).sum() / np.abs(moved).sum())
        assert rough[1] < 0.65 * rough[0]


def test_a_way_that_leads_nowhere_ends():
    """A network with nothing but zeros says 0 whatever it sees: no pixel makes a difference."""
    learner = Learner(RECIPES["mlp"], 0)
    for array in learner.model.params.values():
        array[:] = 0
    way = way_to(network("mlp", learner), TEST.images[18], 8, False)
    assert way.last == STEPS
    assert way.turned is None
    assert not way.change(STEPS).any()


def test_a_change_of_coarse_pixels_is_laid_over_fine_ones():
    rng = np.random.default_rng(4)
    image = TEST.images[3]
    for side in (1, 2, 7, 8, 14, 28):
        images = rng.uniform(0, 255, (2, side, side))
        way = Way(images, np.full((2, 10), 0.1), 8)
        laid = on_drawing(image, way, 1)
        assert np.array_equal(on_drawing(image, way, 0), image)
        assert laid.shape == (28, 28) and laid.min() >= 0 and laid.max() <= 255
        if 28 % side == 0:
            change = np.kron(images[1] - images[0], np.ones((28 // side,) * 2))
            assert laid == pytest.approx(np.clip(image + change, 0, 255), abs=1e-3)


# --------------------------------------------------------------------------------------- the page


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("smooth", [0, 1])
def test_the_page_shows_the_way(visit, name, smooth):
    visitor = visit_wish(visit, network=name, smooth=smooth)
    assert visitor.complaints() == []
    way = way_to(network(name), image_of(visitor), 8, bool(smooth))
    assert visitor.at.slider(key="draw.wish_step").value == way.last
    for step in (way.last, 1, 0):
        visitor.put("slider", "draw.wish_step", step)
        change = way.change(step)
        assert np.abs(shown_change(visitor) - change).max() <= 0.51
        drawn = base64.b64decode(visitor.data("draw.wish_change")["picture"])
        assert drawn == np.rint(way.images[step]).astype(np.uint8).tobytes()
        says = int(way.sure[step].argmax())
        share = f"{way.sure[step, says]:.1%}"
        assert visitor.word("draw_wish.says", step=step, says=says, share=share) in visitor.texts()
        facts = [str(way.turned)]
        moved = np.abs(change)
        for number in (f"{moved.mean():.1f}", f"{moved.max():.0f}"):
            facts.append(visitor.word("draw_wish.levels", n=number))
        assert [metric.value for metric in visitor.at.metric][-3:] == facts
    assert visitor.params.get("moment") == "0"


def test_the_others_are_asked_about_the_changed_drawing(visit):
    visitor = visit_wish(visit, network="mlp", wish=8)
    image = image_of(visitor)
    way = way_to(network("mlp"), image, 8, False)
    tables = [text for text in visitor.texts() if text.startswith("<table")]
    laid = way.images[way.last][None].astype(np.float32)
    fooled = []
    for name in FILES:
        sure = network(name).sure(laid)[0]
        label = visitor.word(f"draw_network.{name}")
        assert f"{sure[8]:.1%}" in tables[-1]
        assert visitor.word("draw_wish.other_says", k=sure.argmax()) in tables[-1]
        if sure.argmax() == 8 and name != "mlp":
            fooled.append(label)
    names = visitor.word("draw_wish.between").join(fooled)
    told = visitor.word("draw_wish.fooled" if fooled else "draw_wish.none_fooled", names=names)
    assert told in visitor.texts()


def test_a_way_is_computed_once_and_only_the_newest_is_kept(visit, ways):
    visitor = visit_wish(visit)
    visitor.look().put("slider", "draw.wish_step", 3).language("zh").view("inside").view("wish")
    assert len(ways) == 1
    visitor.put("button_group", "draw.wish", 5)
    visitor.put("button_group", "draw.smooth", 1)
    assert [args[2:] for args in ways] == [(8, False), (5, False), (5, True)]
    assert visitor.at.session_state[KEPT][2].wished == 5
    replace_network(visitor, "cnn", Learner(RECIPES["cnn-small"], 3)).look()
    assert len(ways) == 4


def test_only_what_the_visitor_wishes_for_counts(visit):
    visitor = visit_wish(visit)
    assert "wished" not in deeds(visitor.look())
    visitor.put("button_group", "draw.wish", 3)  # what it says already
    assert "wished" not in deeds(visitor)
    visitor.put("button_group", "draw.wish", 5)
    assert "wished" in deeds(visitor)
    for press in (
        lambda v: v.put("button_group", "draw.smooth", 1),
        lambda v: v.press("draw.play_wish"),
    ):
        visitor = visit_wish(visit)
        press(visitor)
        assert "wished" in deeds(visitor)


def test_it_plays_to_the_end_and_stops(visit):
    visitor = visit_wish(visit)
    last = visitor.at.slider(key="draw.wish_step").value
    visitor.press("draw.play_wish")
    seen = [visitor.settings.moment]
    while visitor.at.session_state[view_wish.PLAYING]:
        visitor.look()
        seen.append(visitor.settings.moment)
        assert len(seen) < 40
    assert seen == sorted(seen) and seen[-1] == last and len(seen) > 5
    assert seen[0] < last / 4
    visitor.press("draw.play_wish").press("draw.play_wish")
    paused = visitor.settings.moment
    assert paused < last
    assert visitor.look().settings.moment == paused
    visitor.press("draw.play_wish")
    assert paused < visitor.settings.moment


def test_a_new_wish_stops_what_plays_and_shows_its_end(visit):
    visitor = visit_wish(visit).press("draw.play_wish")
    assert visitor.at.session_state[view_wish.PLAYING]
    visitor.put("button_group", "draw.wish", 9)
    assert not visitor.at.session_state[view_wish.PLAYING]
    way = visitor.at.session_state[KEPT][2]
    assert visitor.at.slider(key="draw.wish_step").value == way.last
    assert way.wished == 9


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_a_wish_that_is_granted_already(visit, locale):
    visitor = visit_wish(visit, locale=locale, wish=3)
    sure = network("cnn").sure(image_of(visitor)[None])[0]
    share = f"{sure[3]:.1%}"
    told = visitor.word("draw_wish.already", k=3, share=share)
    assert [box.value for box in visitor.at.info] == [told]
    assert "draw.play_wish" not in visitor.drawn()
    visitor.press("draw.wish_other")
    second = int(np.argsort(sure)[-2])
    assert visitor.settings.wish == second
    assert visitor.at.session_state[KEPT][2].wished == second
    assert "wished" in deeds(visitor)


def test_a_link_leads_to_the_moment(visit):
    link = {"wish": "6", "smooth": "1", "moment": "4", "network": "mlp"}
    visitor = visit_wish(visit, **link)
    assert visitor.at.slider(key="draw.wish_step").value == 4
    assert {name: visitor.params[name] for name in link} == link


# -------------------------------------------------------------------------------- what may happen


def test_a_network_that_shrinks_its_images(visit):
    visitor = visit_wish(visit, network="mlp", wish=2)
    learner = Learner(Recipe(layers="20", preparation="small"), 5)
    replace_network(visitor, "mlp", learner)
    assert visitor.complaints() == []
    way = way_to(network("mlp", learner), image_of(visitor), 2, False)
    assert way.images.shape[1:] == (8, 8)
    assert np.abs(shown_change(visitor) - way.change(way.last)).max() <= 0.51
    tables = [text for text in visitor.texts() if text.startswith("<table")]
    laid = on_drawing(image_of(visitor), way, way.last)[None]
    assert f"{network('cnn').sure(laid)[0, 2]:.1%}" in tables[-1]


def test_another_network_without_numbers_only_says_nothing(visit):
    visitor = visit_wish(visit, network="cnn")
    learner = Learner(RECIPES["mlp"], 0)
    learner.model.params["3.weight"][:] = np.nan
    replace_network(visitor, "mlp", learner)
    assert visitor.complaints() == []
    assert visitor.word("draw_wish.none") in visitor.text()


def test_with_nothing_drawn_there_is_nothing_to_wish_for(visit):
    visitor = visit("draw", view="wish")
    assert visitor.complaints() == []
    assert "wish" not in visitor.drawn()
