"""The CNN lesson as a visitor sees it: numbers, changes, gradients, links, bad input."""

import numpy as np
import pytest

from pages._cnn.settings import IMAGE, KERNEL
from pages._cnn.tables import write_table
from pages._cnn.view_controls import _switch

GRIDS = "cnn.grids"


def grid(visitor, name):
    """Return the numbers of one grid, as the browser gets them."""
    found = {g["id"]: g for g in visitor.data(GRIDS)["grids"]}[name]
    return np.reshape(np.array(found["values"], dtype=float), (found["rows"], found["columns"]))


def test_the_notes_numbers_are_there(visit):
    visitor = visit("cnn")
    assert grid(visitor, "z1_0").tolist() == [[3, 3, 2], [2, 2, 1], [1, 1, 1]]
    assert grid(visitor, "p1_0").tolist() == [[3, 2], [1, 1]]
    assert grid(visitor, "z2")[0] == pytest.approx([1.4, 4.2, 7.0])
    assert "max(2, 1) = 3" in visitor.text()
    assert visitor.complaints() == []
    assert visitor.params == {"lang": "en"}


def test_a_link_keeps_everything(visit):
    params = {
        "image": "1,0,1,0/0,1,0,1/1,1,0,0/0,0,0.5,1",
        "kernel": "1,-1/0.25,2",
        "bias": "-0.5",
        "stride": "2",
        "padding": "1",
        "pool": "average",
        "pool_size": "3",
        "pool_stride": "1",
        "ceil": "0",
        "weights": "1,2/3,4",
        "biases": "0.5,-1",
        "target": "2",
        "cell": "dw1_0_0.1.0",
        "lr": "0.3",
    }
    visitor = visit("cnn", **params)
    assert visitor.complaints() == []
    assert visitor.params == {"lang": "en", **params}
    assert visitor.data(GRIDS)["chosen"] == "dw1_0_0.1.0"
    other = visit("cnn", **visitor.params)
    assert other.data(GRIDS) == visitor.data(GRIDS)


def test_an_impossible_stride_is_told_and_mended(visit):
    visitor = visit("cnn").put("number_input", "cnn.stride", 3)
    [said] = visitor.complaints()
    assert "(5 + 2·0 − 3)/3 + 1" in said
    with pytest.raises(KeyError):
        visitor.data(GRIDS)
    visitor.press("cnn.cure.0")
    assert visitor.settings.stride == 2
    assert visitor.complaints() == []
    assert grid(visitor, "z1_0").shape == (2, 2)
    visitor.press("cnn.undo_change")
    assert visitor.settings.stride == 3


def test_a_kernel_larger_than_the_image(visit):
    visitor = visit("cnn", image="1,0/0,1")
    [said] = visitor.complaints()
    assert "does not fit into the image" in said
    visitor.press("cnn.cure.0")
    assert visitor.complaints() == []


@pytest.mark.parametrize("typed", ["0 1 x", "1 2\n3", "", "\n".join(["0 " * 200] * 200), "1e99"])
def test_what_is_no_table_stays_and_is_told(visit, typed):
    visitor = visit("cnn").put("text_area", "cnn.image.typed", typed)
    assert len(visitor.complaints()) == 1
    assert visitor.settings.image == IMAGE
    assert grid(visitor, "z1_0")[0, 0] == 3
    if typed:  # an empty field shows the numbers again
        assert visitor.at.text_area(key="cnn.image.typed").value == typed
    visitor.put("text_area", "cnn.image.typed", "1 0 1 0\n" * 4)
    assert visitor.complaints() == []
    assert visitor.settings.image == "/".join(["1,0,1,0"] * 4)


def test_a_spoilt_link_shows_the_notes(visit):
    visitor = visit("cnn", image="1,2/3", kernel="a")
    assert len(visitor.complaints()) == 1
    assert (visitor.settings.image, visitor.settings.kernel) == (IMAGE, KERNEL)
    assert grid(visitor, "z1_0")[0, 0] == 3


def test_a_pixel_is_switched_and_switched_back(visit, monkeypatch):
    visitor = visit("cnn")
    state = {"cnn.settings": visitor.settings}
    with monkeypatch.context() as patch:  # a click in a component comes this way
        patch.setattr("streamlit.session_state", state)
        _switch("image", (0, 0))
    visitor.at.session_state["cnn.settings"] = state["cnn.settings"]
    visitor.look()
    assert grid(visitor, "z1_0")[0, 0] == 4
    with monkeypatch.context() as patch:
        patch.setattr("streamlit.session_state", state)
        _switch("image", (0, 0))
    assert state["cnn.settings"].image == IMAGE
    assert state["cnn.undo"].image.startswith("1,1,1,0,0/")


def test_a_kernel_is_chosen_by_name(visit):
    visitor = visit("cnn").put("selectbox", "cnn.preset", "vertical")
    assert grid(visitor, "w1_0_0").tolist() == [[-1, 0, 1]] * 3
    visitor.press("cnn.notes")
    assert visitor.settings.kernel == KERNEL


def test_learning_lowers_the_loss_and_can_be_undone(visit):
    visitor = visit("cnn", target=1)
    before = grid(visitor, "loss").item()
    visitor.press("cnn.learn")
    after = grid(visitor, "loss").item()
    assert after < before
    [said] = [box.value for box in visitor.at.success]
    assert f"{before:.3f}" in said
    assert visitor.settings.kernel != KERNEL
    visitor.press("cnn.undo_change")
    assert grid(visitor, "loss").item() == before
    assert visitor.settings.kernel == KERNEL


def test_a_step_that_is_far_too_long_is_not_taken(visit):
    visitor = visit("cnn", target=1, lr=1000.0)
    before = visitor.settings
    for _ in range(2):
        visitor.press("cnn.learn")
        [said] = visitor.complaints()
        assert "nothing was changed" in said
        assert visitor.settings == before
    assert visit("cnn", **visitor.params).settings == before


def test_the_largest_tables_fit_into_a_link(visit):
    rng = np.random.default_rng(0)
    sizes = {"image": (12, 12), "kernel": (3, 3), "weights": (6, 64), "biases": (1, 6)}
    tables = {name: write_table(rng.normal(size=size) * 1e-107) for name, size in sizes.items()}
    visitor = visit("cnn", **tables, pool_size=3, pool_stride=1, target=6)
    assert visitor.complaints() == []
    assert {name: visitor.params[name] for name in sizes} == tables
    assert len(write_table(rng.normal(size=(7, 7)) * 1e-107)) <= 1_300  # the largest kernel


def test_ties_are_told_only_where_there_are_some(visit):
    assert "equally the largest" in visit("cnn", target=1).text()
    assert "equally the largest" not in visit("cnn", target=1, pool="average").text()
    assert "equally the largest" not in visit("cnn").text()


def test_two_images_have_a_distance(visit):
    visitor = visit("cnn", view="compare")
    assert "1.183" in visitor.text()
    visitor.press("cnn.same")
    assert visitor.settings.other == IMAGE
    assert "= **0**" in visitor.text()
    visitor.press("cnn.move.right")
    assert visitor.settings.other.startswith("0,0,1,1,0/")
    visitor = visit("cnn", view="compare", other="1,0,1/1,1,1/0,0,1", pool_size=1)
    assert any("same size" in said for said in visitor.complaints())


def test_loops_are_shown_and_measured(visit):
    visitor = visit("cnn", view="loops").press("cnn.measure")
    [said] = [box.value for box in visitor.at.success]
    assert "times as fast" in said
    loops, ours = visitor.at.session_state["cnn.measured"]
    assert loops > ours > 0
