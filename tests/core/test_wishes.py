"""Wishes: the picture goes uphill until the network is sure; the network and the digit stay."""

from pathlib import Path

import numpy as np
import pytest

from core import Flatten, Linear, Sequential, Sigmoid, softmax
from core.checkpoint import load
from core.digits import read_idx_images
from core.gradcheck import numerical_gradient
from core.recipes import Learner, Recipe
from core.wishes import wish
from tests.core.onlookers import assert_undisturbed, nested_network

ASSETS = Path(__file__).resolve().parents[2] / "assets"
RANGE = {"paper": -0.5, "ink": 2.0}


@pytest.fixture
def rng():
    return np.random.default_rng(8)


def some_image(rng):
    return rng.uniform(-0.2, 1.7, (2, 9, 8))  # far enough from paper and ink for a small step


def log_probability(model, x, label):
    return float(np.log(softmax(model(x[None]))[0, label]))


def blurred(image, sigma):
    """Average around every pixel with the weights of a bell curve; beyond the edge is nothing."""
    reach = int(4 * sigma + 0.5)
    offsets = range(-reach, reach + 1)
    bell = {d: np.exp(-0.5 * (d / sigma) ** 2) for d in offsets}
    result = np.zeros_like(image)
    channels, height, width = image.shape
    for c, i, j in np.ndindex(channels, height, width):
        for d in offsets:
            for e in offsets:
                if 0 <= i + d < height and 0 <= j + e < width:
                    result[c, i, j] += bell[d] * bell[e] * image[c, i + d, j + e]
    return result / sum(bell.values()) ** 2


@pytest.mark.parametrize("sigma", [0.0, 0.8, 1.5])
@pytest.mark.parametrize("label", [0, 2])
def test_a_step_goes_along_the_slope_of_the_log_probability(label, sigma, rng):
    model, x = nested_network(rng), some_image(rng)
    slope = numerical_gradient(lambda: log_probability(model, x, label), x)
    way = blurred(slope, sigma) if sigma else slope
    expected = x + 0.01 * 2.5 * way / np.abs(way).max()
    first, one = wish(model, x, label, **RANGE, steps=1, lr=0.01, sigma=sigma, enough=1.0)
    assert np.array_equal(first.image, x)
    assert np.allclose(one.image, expected, atol=1e-7)
    assert np.array_equal(one.sure, softmax(model(one.image[None]))[0])


@pytest.mark.parametrize("sigma", [0.0, 1.0, 3.0])
def test_every_small_step_goes_uphill(sigma, rng):
    model, x = nested_network(rng), some_image(rng)
    for label in range(3):
        found = list(wish(model, x, label, **RANGE, steps=8, lr=1e-4, sigma=sigma, enough=1.0))
        heights = [log_probability(model, at.image, label) for at in found]
        assert len(heights) == 9
        assert (np.diff(heights) > 0).all()


def test_the_last_step_is_the_first_that_is_sure_enough(rng):
    model, x = nested_network(rng), some_image(rng)
    for label in range(3):
        ever = [at.sure[label] for at in wish(model, x, label, **RANGE, steps=40, enough=1.0)]
        assert len(ever) == 41
        for enough in (0.0, ever[0], ever[0] + 1e-9, 0.5 * (ever[0] + max(ever))):
            found = list(wish(model, x, label, **RANGE, steps=40, enough=enough))
            sure = [at.sure[label] for at in found]
            assert sure == ever[: len(sure)]
            assert [at.step for at in found] == list(range(len(found)))
            assert sure[-1] >= enough
            assert all(value < enough for value in sure[:-1])


def test_before_a_last_sigmoid_the_way_is_the_same(rng):
    body, x = nested_network(rng), some_image(rng)
    common = {**RANGE, "steps": 5, "sigma": 1.0, "enough": 1.0}
    plain = list(wish(body, x, 1, **common))
    ended = list(wish(Sequential(body, Sigmoid()), x, 1, **common, confidences=lambda o: o))
    for one, other in zip(plain, ended, strict=True):
        assert np.array_equal(one.image, other.image)
        assert np.allclose(other.sure, 1 / (1 + np.exp(-body(one.image[None])[0])))


def test_pixels_stay_between_paper_and_ink(rng):
    model, x = nested_network(rng), rng.uniform(-0.5, 2.0, (2, 9, 8))
    images = np.array([at.image for at in wish(model, x, 0, **RANGE, lr=0.5, enough=1.0)])
    assert (images.min(), images.max()) == (-0.5, 2.0)


def test_who_wishes_disturbs_nobody(rng):
    batch = rng.standard_normal((3, 2, 9, 8))
    before = batch.copy()

    def look(model):
        for at in wish(model, batch[0], 2, **RANGE, steps=3, sigma=1.0):
            at.image[...] = np.nan  # what was yielded is the reader's

    assert_undisturbed(nested_network(rng), batch, look)
    assert np.array_equal(batch, before)
    found = list(wish(nested_network(rng), batch[0], 2, **RANGE, steps=3))
    assert all(np.isfinite(at.image).all() for at in found)


@pytest.mark.parametrize("weight", [0.0, np.nan, np.inf])
def test_where_no_way_leads_up_the_picture_stays(weight):
    model = Sequential(Flatten(), Linear(4, 2, bias=False, rng=0))
    model.params["1.weight"][...] = weight
    x = np.full((1, 2, 2), 0.5, np.float32)
    *_, last = wish(model, x, 0, paper=0.0, ink=1.0, steps=3)
    assert last.step == 3
    assert np.array_equal(last.image, x)
    assert last.image.dtype == np.float32


def change(sigma):
    """Ask the best network for each wrong class; return how much a 7 changes, how roughly."""
    state, notes = load(ASSETS / "weights" / "cnn-best.npz")
    learner = Learner(Recipe(**notes["settings"]), notes["seed"])
    learner.model.load_state_dict(state)
    digits = (ASSETS / "mnist" / "t10k-images-idx3-ubyte.gz").read_bytes()
    paper, ink = learner.prepare(np.array([[[0, 255]]], np.uint8)).ravel().tolist()
    amounts, rough = [], []
    (x,) = learner.prepare(read_idx_images(digits)[:1])
    for label in range(10):
        *_, last = wish(learner.model, x, label, paper=paper, ink=ink, sigma=sigma)
        if last.step and last.sure[label] >= 0.9:
            moved = (last.image - x)[0]
            amounts.append(np.square(moved).sum())
            edges = np.square(np.diff(moved)).sum() + np.square(np.diff(moved, axis=0)).sum()
            rough.append(edges / amounts[-1])
    assert len(rough) == 9
    return np.median(amounts), np.median(rough)


@pytest.mark.slow
def test_a_real_network_is_led_astray_by_a_little_noise_or_by_more_that_one_sees():
    (noise, noise_rough), (strokes, strokes_rough) = change(0.0), change(1.5)
    assert strokes > 2 * noise
    assert strokes_rough < 0.5 * noise_rough


@pytest.mark.parametrize(
    "wrong",
    [
        {"paper": 2.0},
        {"ink": np.nan},
        {"steps": -1},
        {"lr": 0.0},
        {"lr": 1.1},
        {"sigma": -0.1},
        {"sigma": 29.0},
        {"enough": 1.1},
        {"enough": -0.1},
    ],
)
def test_numbers_out_of_range_are_errors(wrong, rng):
    with pytest.raises(ValueError, match="wish expected paper below ink, steps from 0"):
        next(wish(nested_network(rng), some_image(rng), 0, **{**RANGE, **wrong}))


def test_what_is_no_image_and_no_class_is_an_error(rng):
    for shape in [(9, 8), (1, 2, 9, 8)]:
        with pytest.raises(ValueError, match=r"wish expected one image of shape \(C, H, W\)"):
            next(wish(nested_network(rng), np.zeros(shape), 0, **RANGE))
    for label in (-1, 3):
        with pytest.raises(ValueError, match=f"wish expected a class from 0 to 2, but got {label}"):
            next(wish(nested_network(rng), some_image(rng), label, **RANGE))
