"""The lesson on a real CNN as a visitor sees it: what it shows is what the layers compute."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from core.exciting import most_exciting
from core.maps import feature_maps, partial_sums
from core.saliency import input_gradient, occlusion
from core.trace import format_number
from pages._real_cnn import view_likes
from pages._real_cnn.settings import AUTO, FIRST, Settings
from pages._real_cnn.sight import focus_of, look
from ui.digits import mnist, write_digit
from ui.grid.tiles import signed_bytes
from ui.networks import course, shipped

TEST = mnist()[1]
RNG = np.random.default_rng(5)


def grid(visitor, key, name):
    """Return the numbers of one grid, as the browser gets them."""
    found = {g["id"]: g for g in visitor.data(f"real_cnn.{key}")["grids"]}[name]
    return np.reshape(np.array(found["values"], dtype=float), (found["rows"], found["columns"]))


def tiles(visitor, key):
    """Return the bytes of all tiles of a wall, as the browser gets them."""
    data = visitor.data(f"real_cnn.{key}")
    pixels = [base64.b64decode(tile["pixels"]) for tile in data["tiles"]]
    return np.array([np.frombuffer(one, np.uint8) for one in pixels])


def sight(network="best", digit=FIRST, target=AUTO, moment=-1):
    """Look at a digit without any page."""
    learner = shipped("cnn-best").learner if network == "best" else None
    return look(learner or course("cnn-small")[moment].learner, TEST.images[digit], None, target)


def test_every_map_of_every_layer_is_there_as_the_layers_answer(visit):
    visitor = visit("real_cnn")
    assert visitor.complaints() == []
    assert visitor.params == {"lang": "en"}
    seen = sight()
    answers = [y for _, y in feature_maps(shipped("cnn-best").learner.model, seen.x)]
    for place, layer in enumerate((1, 2, 4, 6, 7)):  # behind each ReLU, and each pooling
        maps = answers[layer]
        assert (
            tiles(visitor, f"wall.{place}")
            == signed_bytes(maps, float(np.abs(maps).max())).reshape(len(maps), -1)
        ).all()
    said = int(answers[-1].argmax())
    assert f"**{said}**" in visitor.text()


@pytest.mark.parametrize("network", ["best", "course"])
def test_any_number_forwards_is_the_layers_own(visit, network):
    """Some places of all stages, drawn by chance, down to the sums that they are made of."""
    seen = sight(network)
    for place, stage in enumerate(seen.pictured):
        channel, row, column = (int(RNG.integers(n)) for n in stage.out.shape)
        link = {"stage": place, "map": channel, "row": row, "column": column}
        visitor = visit("real_cnn", network=network, **link)
        field = visitor.data("real_cnn.field")
        assert field["texts"] == [format_number(v) for v in stage.out[channel].ravel().tolist()]
        assert field["chosen"] == f"{row}.{column}"
        key = "sum" if stage.kind == "conv" and len(stage.x) > 1 else stage.kind
        assert grid(visitor, key, "z").item() == stage.z[channel, row, column]
        if key == "sum":
            parts = partial_sums(stage.layer, stage.x, channel)[:, row, column]
            assert grid(visitor, key, "s")[0] == pytest.approx(parts, rel=1e-4, abs=1e-5)
            assert grid(visitor, key, "a").item() == stage.a[channel, row, column]


@pytest.mark.parametrize("before", [0, 1])
def test_any_number_backwards_is_the_layers_own(visit, before):
    seen = sight(target=5)
    for place, stage in enumerate(seen.pictured):
        channel, row, column = (int(RNG.integers(n)) for n in stage.out.shape)
        link = {"stage": place, "map": channel, "row": row, "column": column, "source": 0}
        visitor = visit("real_cnn", target=5, before=before, **link)
        behind = stage.activation_place if stage.activation else stage.place
        slope = seen.slope(behind)[channel, row, column]
        assert f"{seen.blame.loss:.4g}" in visitor.text()
        following = seen.stages[place + 1]
        keys = {"conv": "blame.conv", "linear": "blame.linear", "pool": "blame.pool"}
        if f"real_cnn.{keys[following.kind]}" in visitor.drawn():
            assert grid(visitor, keys[following.kind], "dx").item() == slope
        else:
            assert slope == 0
        shown = seen.slope(stage.place if before else behind)[channel]
        texts = visitor.data("real_cnn.field")["texts"]
        assert texts == [format_number(v) for v in shown.ravel().tolist()]
        if stage.activation:
            gate = grid(visitor, "gate", "dx").item()
            assert gate == seen.slope(stage.place)[channel, row, column]
        if stage.kind == "conv":
            name = f"{stage.place}.weight"
            assert grid(visitor, "dw", "dw").item() == seen.blame.grads[name][channel, 0, 0, 0]


def test_the_scales_of_colour(visit):
    seen = sight()
    largest = max(float(stage.out.max()) for stage in seen.pictured)
    one = visit("real_cnn", scale="all")
    assert {one.data(f"real_cnn.wall.{k}")["high"] for k in range(5)} == {largest}
    each = visit("real_cnn", scale="map")
    assert each.data("real_cnn.wall.0")["high"] is None
    lively = [k for k, maps in enumerate(seen.pictured[0].out) if maps.any()]
    assert (tiles(each, "wall.0")[lively].max(axis=1) == 255).all()


def test_before_the_activation_maps_have_both_signs(visit):
    visitor = visit("real_cnn", before=1)
    assert tiles(visitor, "wall.0").min() < 128
    assert tiles(visit("real_cnn"), "wall.0").min() == 128


def test_what_pushes_the_answer(visit):
    seen = sight()
    visitor = visit("real_cnn", view="answer", label=8)
    last = seen.stages[-1]
    terms = last.layer.params["weight"][8] * last.x
    said = visitor.text()
    assert format_number(float(last.z[8])) in said
    ups = visitor.data("real_cnn.neurons.up")["cells"]
    assert ups[0][0] == format_number(float(terms.max()))
    assert grid(visitor, "neuron_sum", "z").item() == seen.stages[-2].z[int(terms.argmax())]
    assert grid(visitor, "softmax", "p")[0] == pytest.approx(seen.sure, rel=1e-6)
    visitor = visit("real_cnn", view="answer", neuron=17)
    assert grid(visitor, "neuron_sum", "z").item() == seen.stages[-2].z[17]


def test_covering_and_the_gradient(visit):
    seen = sight()
    visitor = visit("real_cnn", view="why", patch=7, fill="grey", label=3)
    grey = 128 * seen.learner.prepare.scale + seen.learner.prepare.offset
    found = occlusion(seen.learner.model, seen.x, 3, size=7, value=grey)
    cover = visitor.data("real_cnn.cover")
    assert cover["texts"] == [format_number(v) for v in found.drop.ravel().tolist()]
    assert cover["rows"][0] == [0, found.tops[0] + 7]
    slopes = input_gradient(seen.learner.model, seen.x, 3)[0]
    shown = visitor.data("real_cnn.slopes")["texts"]
    assert shown == [format_number(v) for v in slopes.ravel().tolist()]
    visitor.put("button_group", "real_cnn.times", 1)
    times = visitor.data("real_cnn.slopes")["texts"]
    assert times == [format_number(v) for v in (slopes * seen.x[0]).ravel().tolist()]


def test_the_digits_that_excite_a_map(visit):
    view_likes._found().clear()
    visitor = visit("real_cnn", view="likes", network="course", moment=99, stage=1, map=2)
    learner = course("cnn-small")[-1].learner
    for best in most_exciting(learner.model, 2, TEST.images, learner.prepare):  # noqa: B007
        pass
    captions = [tile["caption"] for tile in visitor.data("real_cnn.likes_digits")["tiles"]]
    wanted = [
        f"a {TEST.labels[i]}: {format_number(float(v))}"
        for i, v in zip(best.images[2], best.values[2], strict=True)
    ]
    assert captions == wanted
    digits = tiles(visitor, "likes_digits")
    assert (digits == TEST.images[best.images[2]].reshape(9, -1)).all()
    faded = tiles(visitor, "likes_pieces")
    assert ((faded == digits) | (faded <= 0.15 * digits + 1)).all()


def test_the_course_of_the_training(visit):
    visitor = visit("real_cnn", view="learned", moment=0)
    first = tiles(visitor, "course_kernels")
    assert "9.81%" in [metric.value for metric in visitor.at.metric]
    visitor.press("real_cnn.play_course")
    visitor.look()
    assert visitor.settings.moment > 0
    visitor.wait(lambda: visitor.settings.moment == len(course("cnn-small")) - 1)
    assert not np.array_equal(tiles(visitor, "course_kernels"), first)
    visitor.put("select_slider", "real_cnn.course_moment", 3)
    assert visitor.settings.moment == 3
    visitor.press("real_cnn.look_inside")
    assert (visitor.settings.network, visitor.settings.view) == ("course", "maps")


def test_a_link_keeps_everything(visit):
    params = {
        "digit": "77",
        "network": "course",
        "moment": "4",
        "stage": "2",
        "map": "9",
        "row": "3",
        "column": "5",
        "source": "7",
        "kernel_row": "1",
        "kernel_column": "2",
        "scale": "map",
        "before": "1",
        "target": "6",
        "label": "2",
        "neuron": "11",
        "patch": "3",
        "fill": "ink",
    }
    assert params.keys() | {"own", "view"} == Settings.__dataclass_fields__.keys()
    for view in ("maps", "answer", "why", "likes", "learned"):
        asked = {**params, **({} if view == "maps" else {"view": view})}
        visitor = visit("real_cnn", **asked)
        assert visitor.complaints() == []
        assert visitor.params == {"lang": "en", **asked}


def test_a_brought_digit_travels_in_the_link(visit):
    image = TEST.images[3]
    visitor = visit("real_cnn", own=write_digit(image))
    assert visitor.params["own"] == write_digit(image)
    field = base64.b64decode(visitor.data("real_cnn.field")["picture"])
    assert field == image.tobytes()
    visitor.press("real_cnn.back_to_test")
    assert "own" not in visitor.params


@pytest.mark.parametrize("own", ["x", "abc", "%%%", write_digit(TEST.images[0])[:-9], "A" * 1200])
def test_a_spoilt_digit_is_told_and_replaced(visit, own):
    visitor = visit("real_cnn", own=own)
    assert len(visitor.complaints()) == 1
    assert "own" not in visitor.params
    picture = base64.b64decode(visitor.data("real_cnn.field")["picture"])
    assert picture == TEST.images[FIRST].tobytes()


def test_wild_links_are_told_and_lead_somewhere(visit):
    wild = {"digit": "12345", "stage": "20", "map": "511", "row": "27", "column": "27"}
    visitor = visit("real_cnn", **wild, neuron="4095", network="?", patch="99")
    assert len(visitor.complaints()) == 3
    for view in ("answer", "why", "likes"):
        assert visitor.view(view).complaints() == []


def test_another_digit_is_another(visit):
    visitor = visit("real_cnn")
    for _ in range(3):
        before = TEST.labels[visitor.settings.digit]
        visitor.press("real_cnn.another")
        assert TEST.labels[visitor.settings.digit] != before
    visitor.put("number_input", "real_cnn.digit", 9999).press("real_cnn.another")
    assert visitor.settings.digit < 20


def test_what_is_looked_at_first_is_the_strongest():
    seen = sight()
    focus = focus_of(Settings(stage=2), seen)
    maps = seen.pictured[2].out
    assert maps[focus.at] == maps.max()
    parts = partial_sums(seen.pictured[2].layer, seen.pictured[2].x, focus.map)
    assert np.abs(parts[:, focus.row, focus.column]).argmax() == focus.source


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def bring(visitor, name, content):
    """Give the uploader a file, as a visitor does."""
    [key] = [name for name in visitor.drawn() if name.startswith("real_cnn.files")]
    visitor.at.file_uploader(key=key).set_value([(name, content, "")])
    return visitor.look()


def test_a_picture_is_brought(visit):
    """A digit of MNIST, ten times as large, dark on light and aside on a larger sheet."""
    sheet = np.full((400, 500, 3), 230, np.uint8)
    large = np.kron(TEST.images[FIRST], np.ones((10, 10)))[..., None] * (200 / 255)
    sheet[60:340, 150:430] -= large.astype(np.uint8)
    visitor = bring(visit("real_cnn"), "mine.png", png(sheet))
    assert visitor.complaints() == []
    assert visitor.settings.own
    assert "**3**" in visitor.text()
    own = np.frombuffer(
        base64.b64decode(visitor.data("real_cnn.field")["picture"]), np.uint8
    ).reshape(28, 28)
    shifts = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    moved = [np.roll(own, shift, (0, 1)).astype(int) for shift in shifts]
    assert min(np.abs(one - TEST.images[FIRST]).mean() for one in moved) < 8
    assert visit("real_cnn", own=visitor.params["own"]).settings.own == visitor.settings.own


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7 no picture",
        png(np.full((50, 50), 255, np.uint8)),
        png(np.zeros((8, 8), np.uint8))[:60],
    ],
    ids=["empty", "no picture", "blank", "cut off"],
)
def test_what_is_no_digit_is_told_and_changes_nothing(visit, content):
    visitor = visit("real_cnn", digit=5)
    before = visitor.settings
    bring(visitor, "mine.png", content)
    assert len(visitor.complaints()) == 1
    assert visitor.settings == before
    sheet = np.kron(255 - TEST.images[FIRST], np.ones((9, 9), np.uint8))
    assert bring(visitor, "mine.png", png(sheet)).complaints() == []
    assert visitor.settings.own
