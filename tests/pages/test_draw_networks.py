"""Several networks side by side, and the training digits nearest to a drawing."""

import base64
import re
from unittest.mock import patch

import numpy as np
import pytest
import streamlit as st

from core.losses import softmax
from core.maps import passage, twins
from core.recipes import RECIPES, Learner
from pages._draw import neighbours_list
from pages._draw.examples import example
from pages._draw.neighbours_list import CHOSEN, FOUND, votes
from pages._draw.networks import TAUGHT, Network
from pages._draw.settings import Settings
from pages._draw.sight import look
from pages._draw.view_networks import Answer, about, verdict
from tests.pages.own_drawing import FILES
from ui.answers import percent
from ui.digits import mnist, write_digit
from ui.i18n import LANGUAGES, strings
from ui.networks import shipped
from ui.strokes import Stroke, draw_strokes, read_strokes, write_strokes

TRAIN, TEST = mnist()
IDS = (*FILES, "own")
THREE = example(3, 22, np.random.default_rng(1))


def prepared(strokes):
    """Return what the networks get of a drawing."""
    return look(draw_strokes(strokes), Settings()).image


def shares_of(name, image):
    """Return what one of the shipped networks says, layer by layer."""
    learner = shipped(FILES[name]).learner
    x = learner.prepare(image[None])
    for layer in twins(learner.model):
        x = layer.forward(x)
    return x[0] if name == "classic" else softmax(x)[0]


def tables(visitor, pattern=r'white-space:nowrap">([^<]*)<'):
    """Return the numbers behind the bars, a list for each table but the desk's, or what else."""
    found = [text for text in visitor.texts() if text.startswith("<table")]
    return [re.findall(pattern, table) for table in found][1:]


def large(visitor):
    """Return the answers that are written large."""
    found = [re.fullmatch(r'<div style="font-size:3[^>]*>(.*)</div>', x) for x in visitor.texts()]
    return [match[1] for match in found if match]


def tiles(visitor):
    """Return the pixels, the captions and the spoken names of the nearest digits."""
    data = visitor.data("draw.near")["tiles"]
    pixels = [np.frombuffer(base64.b64decode(tile["pixels"]), np.uint8) for tile in data]
    names = [[tile[name] for tile in data] for name in ("caption", "label")]
    return np.array(pixels).reshape(-1, 28, 28), *names


def deeds(visitor):
    """Return what the visitor has done."""
    state = visitor.at.session_state
    return state["draw.did"] if "draw.did" in state else set()  # noqa: SIM401, it has no get


@pytest.fixture(params=LANGUAGES)
def words(request):
    """Give a language's words, and let it be the one that is spoken."""
    with patch.dict(st.session_state, {"lang": request.param}):
        yield strings(request.param)


# -------------------------------------------------------------------------------- the networks


def test_each_network_answers_as_its_layers_do(visit):
    for place in (247, 321, 18):
        own = np.kron(255 - TEST.images[place], np.ones((8, 8), np.uint8))
        image = look(own, Settings()).image
        visitor = visit("draw", view="networks", own=write_digit(TEST.images[place]))
        assert visitor.complaints() == []
        answered = {name: shares_of(name, image) for name in FILES}
        shown = [[percent(float(p)) for p in shares] for shares in answered.values()]
        assert tables(visitor) == shown
        lengths = [[f"{100 * p:.1f}" for p in shares] for shares in answered.values()]
        assert tables(visitor, r"width:([\d.]+)%;background:rgba\(53") == lengths
        total = percent(float(answered["classic"].sum()))
        assert visitor.word("draw_networks.sigmoids", sum=total) in visitor.texts()


def answers(rng, count):
    """Return answers by chance: some sure, some not, some that are no numbers."""
    found = []
    for name in IDS[:count]:
        shares = rng.dirichlet([0.3] * 10)
        if rng.random() < 0.6:
            shares = 0.3 * shares + 0.7 * np.eye(10)[3]
        if rng.random() < 0.1:
            shares[rng.integers(10)] = np.nan
        found.append(Answer(Network(name, None, None), shares))
    return found


def filled_in(template, text):
    """Return what stands in a text where its template has fields."""
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.*?)", re.escape(template))
    return re.fullmatch(pattern, text).groupdict()


def test_the_sentence_says_who_says_what(words):
    """Each name once: beside its digit, or among those who are not sure enough."""
    rng = np.random.default_rng(2)
    words = {key.removeprefix("draw_networks."): text for key, text in words.items()}
    kinds = set()
    for _ in range(300):
        asked, threshold = answers(rng, int(rng.integers(3, 5))), float(rng.random())
        names = [words[f"draw_network.{one.network.id}"] for one in asked]
        best = [float(one.shares.max()) for one in asked]  # NaN if one of them is
        sure = {}
        for name, one, share in zip(names, asked, best, strict=True):
            if share >= threshold:
                sure.setdefault(int(one.shares.argmax()), []).append(name)
        doubts = [
            words["doubt"].format(name=name, k=one.shares.argmax(), share=percent(share))
            if np.isfinite(share)
            else words["doubt_none"].format(name=name)
            for name, one, share in zip(names, asked, best, strict=True)
            if not share >= threshold
        ]
        kind = ("nobody", "some_agree", "disagree_some")[min(len(sure), 2)]
        if not doubts:
            kind = "all_agree" if len(sure) == 1 else "disagree"
        kinds.add(kind)
        found = filled_in(words[kind], verdict(asked, threshold))
        if kind == "all_agree":
            least = int(np.argmin(best))
            assert found["name"] == names[least] and found["share"] == percent(best[least])
            assert found["n"] == str(len(asked))
        else:
            assert found.get("doubts", "") == words["between"].join(doubts)
        if kind in ("all_agree", "some_agree"):
            assert found["k"] == str(*sure)
            assert found.get("names", "") in ("", words["between"].join(*sure.values()))
        if "groups" in found:
            groups = [filled_in(words["group"], g) for g in found["groups"].split(words["or"])]
            said = {int(group["k"]): group["names"].split(words["between"]) for group in groups}
            assert said == sure
    assert kinds == {"all_agree", "nobody", "some_agree", "disagree", "disagree_some"}


def test_only_certainty_is_a_hundred_per_cent():
    shares = np.random.default_rng(3).random(500).tolist() + [0.9994, 0.9995, 1 - 1e-9, 0.0]
    for share in shares:
        shown = float(percent(share).removesuffix("%"))
        assert shown < 100
        assert abs(shown - 100 * share) <= 0.05 + 1e-9
    assert (percent(1.0), percent(np.nan)) == ("100.0%", "\u2013")


def test_the_threshold_decides_what_counts(visit):
    image = prepared(THREE)
    best = [float(shares_of(name, image).max()) for name in FILES]
    visitor = visit("draw", view="networks", drawing=write_strokes(THREE))
    assert "compared" not in deeds(visitor)
    for threshold in (0.3, 0.99, 1.0):
        visitor.put("slider", "draw.threshold", threshold)
        assert visitor.settings.threshold == threshold
        unsure = [share for share in best if share < threshold]
        assert large(visitor) == ["3?" if share in unsure else "3" for share in best]
        for share in best:
            word = "says_unsure" if share in unsure else "says"
            said = visitor.word(f"draw_networks.{word}", share=percent(share))
            assert said in visitor.texts()
    assert unsure
    assert "compared" in deeds(visitor)
    assert visitor.params["threshold"] == "1.0"


@pytest.mark.parametrize(
    ("recipe", "expected", "kind"),
    [
        ("classic", "784 → 200 → 10", "sigmoids"),
        ("mlp-best", "784 → 512 → 512 → 10", "full"),
        ("cnn-small", "320 → 50 → 10", "conv"),
    ],
)
def test_what_a_network_is_comes_from_its_layers(words, recipe, expected, kind):
    learner = Learner(RECIPES[recipe], 0)
    lines = about(Network("cnn", learner, 0.98765)).split("  \n")
    values = {"chain": expected, "kernels": "10 + 20"}
    said = [words[f"draw_networks.is_{kind}"].format(**values)]
    tested = words["draw_networks.tested"].format(share="98.77%")
    assert lines == [*said, tested]
    lines = about(Network("own", learner, None, 3)).split("  \n")
    taught = words["draw_networks.taught"].format(n=3)
    assert lines == [*said, taught, words["draw_networks.untested"]]


def test_a_network_that_was_taught_here_says_so(visit):
    visitor = visit("draw", view="networks", drawing=write_strokes(THREE))
    learner = Learner(RECIPES["mlp"], 5)
    visitor.at.session_state[TAUGHT] = {"mlp": [learner]}
    visitor.look()
    assert visitor.word("draw_networks.taught", n=1) in visitor.text()
    y = passage(twins(learner.model))(learner.prepare(prepared(THREE)[None]))
    assert tables(visitor)[1] == [percent(float(p)) for p in softmax(y)[0]]


def test_ones_own_network_reads_along_once_it_is_trained(visit):
    visitor = visit("mnist", layers=12, train_size=600, epochs=1).train()
    run = visitor.run
    visitor.go("draw").view("networks").press("draw.example")
    image = prepared(read_strokes(visitor.settings.drawing))
    own = run.learner.confidences(run.ask(image[None]))[0]
    assert tables(visitor)[3] == [percent(float(p)) for p in own]
    share = f"{run.epochs[-1].test_accuracy:.2%}"
    assert visitor.word("draw_networks.tested_own", share=share) in visitor.text()
    assert visitor.word("draw_networks.own_missing") not in visitor.text()


def test_without_ones_own_network_there_is_the_way_to_it(visit):
    visitor = visit("draw", view="networks", drawing=write_strokes(THREE))
    assert visitor.word("draw_networks.own_missing") in visitor.texts()
    assert len(tables(visitor)) == 3
    links = [node.proto.label for node in visitor.at.get("page_link")]
    assert links == [visitor.word("lesson.mnist")]


def test_with_nothing_drawn_only_the_networks_are_named(visit):
    visitor = visit("draw", view="networks")
    assert visitor.complaints() == []
    assert tables(visitor) == []
    assert "neighbours" not in visitor.drawn()
    for name in FILES:
        assert f"**{visitor.word(f'draw_network.{name}')}**" in visitor.texts()
        assert f"{shipped(FILES[name]).accuracy:.2%}" in visitor.text()


def test_several_digits_are_told_to_be_read_as_one(visit):
    halves = [
        tuple(Stroke(12, tuple((x // 2 + aside, y) for x, y in points)) for _, points in strokes)
        for strokes, aside in ((THREE, 0), (example(1, 22, np.random.default_rng(1)), 150))
    ]
    told = strings("en")["draw_networks.digits"].format(n=2)
    for strokes, are_two in ((halves[0] + halves[1], True), (THREE, False)):
        visitor = visit("draw", view="networks", drawing=write_strokes(strokes))
        assert (told in visitor.texts()) == are_two


# --------------------------------------------------------------------- the nearest training digits


def distances_to(image):
    """Return how far an image is from every training image, in full ink, the plain way."""
    flat = TRAIN.images.reshape(len(TRAIN), -1)
    point = image.ravel().astype(np.int32)
    squares = [((part - point) ** 2).sum(axis=1) for part in np.array_split(flat, 60)]
    return np.sqrt(np.concatenate(squares)) / 255


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_the_nearest_are_the_nearest_of_all(visit, locale):
    image = prepared(THREE)
    far = distances_to(image)
    nearest = np.argsort(far, kind="stable")[:7]
    link = {"view": "networks", "k": 7, "drawing": write_strokes(THREE)}
    visitor = visit("draw", locale=locale, **link)
    pixels, captions, says = tiles(visitor)
    assert (pixels == np.concatenate([image[None], TRAIN.images[nearest]])).all()
    assert captions[0] == visitor.word("draw_networks.near_own")
    for place, index in enumerate(nearest, 1):
        values = {"k": TRAIN.labels[index], "distance": f"{far[index]:.2f}"}
        assert captions[place] == visitor.word("draw_networks.near_tile", **values)
        said = visitor.word("draw_networks.near_says", i=f"{index:,}", **values)
        assert says[place] == said
    others = distances_to(TRAIN.images[nearest[0]])
    others[nearest[0]] = np.inf
    values = {"nearest": f"{far.min():.2f}", "sibling": f"{others.min():.2f}"}
    assert visitor.word("draw_networks.near_sibling", **values) in visitor.texts()
    assert votes_in(visitor, TRAIN.labels[nearest])


def votes_in(visitor, labels):
    """Whether the page counts these labels."""
    with patch.dict(st.session_state, {"lang": visitor.lang}):
        return votes(labels) in visitor.texts()


def test_votes_are_counted(words):
    rng = np.random.default_rng(6)
    ties = 0
    for _ in range(300):
        labels = rng.choice([3, 5, 8], int(rng.integers(1, 9)))
        text = votes(labels)
        counts = {k: int((labels == k).sum()) for k in set(labels.tolist())}
        for k, n in counts.items():
            assert words["draw_networks.near_count"].format(n=n, k=k) in text
        first = [k for k, n in counts.items() if n == max(counts.values())]
        kind = "near_votes" if len(first) == 1 else "near_tie"
        found = filled_in(words[f"draw_networks.{kind}"], text)
        assert found["n"] == str(len(labels))
        assert found.get("k") in (None, str(first[0]))
        ties += kind == "near_tie"
    assert 0 < ties < 300


def test_another_number_of_neighbours_is_not_looked_for_anew(visit):
    visitor = visit("draw", view="networks", drawing=write_strokes(THREE))
    assert len(tiles(visitor)[0]) == 1 + Settings().k
    with patch.object(neighbours_list, "kneighbors", side_effect=AssertionError):
        visitor.put("slider", "draw.k", 30)
        assert len(tiles(visitor)[0]) == 31
        visitor.put("slider", "draw.k", 1)
        assert len(tiles(visitor)[0]) == 2
    assert visitor.params["k"] == "1"
    assert "compared" in deeds(visitor)
    before = visitor.at.session_state[FOUND][1].indices
    visitor.press("draw.example")
    image = prepared(read_strokes(visitor.settings.drawing))
    assert (tiles(visitor)[0][0] == image).all()
    assert visitor.at.session_state[FOUND][1].indices.tolist() != before.tolist()


def test_one_of_them_is_compared_in_full(visit):
    image = prepared(THREE)
    visitor = visit("draw", view="networks", k=12, drawing=write_strokes(THREE))
    nearest = visitor.at.session_state[FOUND][1].indices
    for place, compared in ((1, 1), (9, 9), (12, 12), (13, 1)):
        visitor.at.session_state[CHOSEN] = place
        visitor.look()
        index = nearest[compared - 1]
        assert visitor.data("draw.near")["chosen"] == str(compared)
        values = {"k": TRAIN.labels[index], "i": f"{index:,}"}
        assert visitor.word("draw_networks.near_one", **values) in visitor.texts()
        apart = (image / 255.0 - TRAIN.images[index] / 255.0).ravel()
        squares = [(part @ part) for part in (apart[apart > 0], apart[apart < 0], apart)]
        shown = dict(zip(("more", "less", "sum"), (f"{x:.1f}" for x in squares), strict=True))
        distance = f"{np.sqrt(squares[2]):.2f}"
        said = visitor.word("draw_networks.near_sum", distance=distance, **shown)
        assert said in visitor.texts()
    visitor.at.session_state[CHOSEN] = 0
    visitor.look()
    assert visitor.word("draw_networks.near_yours") in visitor.texts()
