"""The pictures of the home page: each made by a network that works just now."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from core import (
    SGD,
    Conv2d,
    CrossEntropyLoss,
    Linear,
    ReLU,
    Sequential,
    StepEnd,
    evaluate,
    fit,
    softmax,
)
from core.datasets import four_points
from core.digit_picture import prepare_digit
from core.init import standard_normal
from core.maps import feature_maps, passage, twins
from core.recipes import Learner, Recipe
from core.training import predict
from pages._captcha.session import draw, read
from pages._captcha.settings import Settings as CaptchaSettings
from pages._cnn.kernels import KERNELS
from pages._draw.examples import example
from pages._home.beforehand import HIDDEN, Picture
from ui.charts import regions, sheet
from ui.digits import mnist, mnist_test
from ui.networks import shipped
from ui.plane import plane_grid
from ui.strokes import draw_strokes

STEPS, SIZE, EXTENT = 600, 120, 3.0
QUICK = Recipe(layers="32", train_size=6000, epochs=1, batch_size=32, lr=0.003)
ROWS, COLUMNS = 5, 8  # of digits in the picture
SEEN = 10  # pictures of what a trained network makes of a digit: itself and nine maps
SHOWN_KERNELS = ("identity", "vertical", "horizontal", "blur")

PEN, DRAWN = 20, 112  # pixels of the pen on the canvas, and of a drawing in the picture
CAPTCHA, CAPTCHAS, CAPTCHA_SIZE = CaptchaSettings(level=0.8), 6, (160, 60)


def quadrants(seed: int) -> Picture:
    """Train the quadrant network anew and paint its regions; return that and facts about it."""
    start = time.perf_counter()
    rng = np.random.RandomState(seed)
    layers = [Linear(2, HIDDEN, rng=rng, init=standard_normal), ReLU()]
    model = Sequential(*layers, Linear(HIDDEN, 4, rng=rng, init=standard_normal))
    x, y = four_points()
    data = x.astype(np.float32), y
    loss, optimizer = CrossEntropyLoss(), SGD(model, lr=0.01)
    for event in fit(model, loss, optimizer, data, epochs=STEPS, batch_size=4):
        if isinstance(event, StepEnd) and event.step == STEPS:
            break
    _, accuracy = evaluate(model, loss, data)
    facts = {
        "seconds": f"{time.perf_counter() - start:.2f}",
        "steps": str(STEPS),
        "accuracy": str(round(4 * (accuracy or 0))),
        "points": "4",
    }
    return regions(softmax(model(plane_grid(SIZE, EXTENT)))), facts


def digits(seed: int) -> Picture:
    """Train a small network on some digits and mark what it gets wrong; return that and facts."""
    start = time.perf_counter()
    train, test = mnist()
    learner = Learner(QUICK, seed)
    for _ in learner.fit((train.images, train.labels)):
        pass
    answers = predict(learner.model, test.images, prepare=learner.prepare).argmax(axis=1)
    wrong = answers != test.labels
    first = int(np.random.default_rng(seed).integers(len(wrong) - ROWS * COLUMNS))
    shown = slice(first, first + ROWS * COLUMNS)
    facts = {
        "seconds": f"{time.perf_counter() - start:.2f}",
        "learned": f"{QUICK.train_size:,}",
        "accuracy": f"{1 - wrong.mean():.1%}",
        "tested": f"{len(wrong):,}",
    }
    return sheet(test.images[shown], wrong[shown], COLUMNS), facts


def maps(seed: int) -> Picture:
    """Lay four kernels on two digits; return what comes out, as ink, and facts about it."""
    start = time.perf_counter()
    images = mnist_test().images
    chosen = np.random.default_rng(seed).integers(len(images), size=2)
    layer = Conv2d(1, len(SHOWN_KERNELS), 3, padding=1, bias=False)
    layer.params["weight"][:, 0] = [KERNELS[name] for name in SHOWN_KERNELS]
    found = np.abs(layer.forward(images[chosen, None].astype(np.float32)))
    found *= 255.0 / found.max(axis=(2, 3), keepdims=True)
    shown = found.reshape(-1, *found.shape[2:]).astype(np.uint8)
    facts = {"milliseconds": f"{(time.perf_counter() - start) * 1e3:.0f}"}
    return sheet(shown, np.zeros(len(shown), np.bool_), len(SHOWN_KERNELS)), facts


def sight(seed: int) -> Picture:
    """Let the trained network look at a digit; return it and its liveliest maps, and facts."""
    learner, images = shipped("cnn-best").learner, mnist_test().images
    start = time.perf_counter()
    image = images[np.random.default_rng(seed).integers(len(images))]
    found = feature_maps(learner.model, learner.prepare(image[None])[0])[1][1]
    liveliest = np.argsort(-found.mean(axis=(1, 2)), kind="stable")[: SEEN - 1]
    shown = found[liveliest] * (255.0 / found[liveliest].max(axis=(1, 2), keepdims=True))
    frame = [(0, 0), *(((28 - n) // 2,) * 2 for n in shown.shape[1:])]
    tiles = np.concatenate([image[None], np.pad(shown, frame).astype(np.uint8)])
    facts = {"milliseconds": f"{(time.perf_counter() - start) * 1e3:.0f}"}
    return sheet(tiles, np.zeros(len(tiles), np.bool_), SEEN // 2), facts


def captchas(seed: int) -> Picture:
    """Draw some captchas, and let the network read them; return them and facts about it."""
    start = time.perf_counter()
    drawn = [draw(CAPTCHA, (seed, number), CAPTCHA_SIZE) for number in range(CAPTCHAS)]
    right = sum(read(one.picture, CAPTCHA).text == one.text for one in drawn)
    tiles = np.pad([one.picture for one in drawn], ((0, 0), (3, 3), (3, 3), (0, 0)), "edge")
    rows = [np.hstack(tiles[place : place + 2]) for place in range(0, CAPTCHAS, 2)]
    facts = {
        "milliseconds": f"{(time.perf_counter() - start) * 1e3:.0f}",
        "right": str(right),
        "n": str(CAPTCHAS),
    }
    return np.vstack(rows), facts


def drawings(seed: int) -> Picture:
    """Draw some digits with a pen, and let the network read them; return them and facts."""
    learner, rng = shipped("cnn-best").learner, np.random.default_rng(seed)
    start = time.perf_counter()
    wanted = rng.permutation(10)
    inks = [draw_strokes(example(int(digit), PEN, rng), DRAWN)[..., 3] for digit in wanted]
    images = np.stack([prepare_digit(255 - ink).image for ink in inks])
    said = passage(twins(learner.model))(learner.prepare(images)).argmax(axis=1)
    facts = {
        "milliseconds": f"{(time.perf_counter() - start) * 1e3:.0f}",
        "right": str(int((said == wanted).sum())),
        "n": str(len(wanted)),
    }
    return sheet(np.stack(inks), said != wanted, len(wanted) // 2, zoom=1), facts


PICTURES: dict[str, Callable[[int], Picture]] = {
    "quadrants": quadrants,
    "mnist": digits,
    "cnn": maps,
    "real_cnn": sight,
    "captcha": captchas,
    "draw": drawings,
}
