"""The drawing page with one of MNIST's test images as the drawing, and what a test asks of it."""

import numpy as np

from pages._draw.networks import TAUGHT
from pages._draw.sight import look
from ui.digits import mnist, read_digit, write_digit

TEST = mnist()[1]
FILES = {"classic": "classic", "mlp": "mlp", "cnn": "cnn-best"}


def visit_view(visit, view, place=18, **link):
    """Open a view; image 18 is a 3."""
    return visit("draw", view=view, own=write_digit(TEST.images[place]), **link)


def image_of(visitor):
    """Return what the networks get of it."""
    sheet = np.kron(255 - read_digit(visitor.settings.own), np.ones((8, 8), np.uint8))
    return look(sheet, visitor.settings).image


def replace_network(visitor, name, learner):
    """Let a network be another one, as if it had been taught that here."""
    visitor.at.session_state[TAUGHT] = {name: [learner]}
    return visitor.look()


def deeds(visitor):
    """Return what the visitor has done."""
    state = visitor.at.session_state
    return state["draw.did"] if "draw.did" in state else set()  # noqa: SIM401, it has no get
