"""What the walk's "show me" can do: each action does what a learner would do on the page."""

from __future__ import annotations

from collections.abc import Callable

from pages._draw.desk import draw_example
from pages._draw.networks import network_of
from pages._draw.session import change, current, did, sight_now
from pages._draw.settings import AUTO
from pages._draw.teach_kept import keep_drawing
from pages._draw.view_inside import ask
from pages._draw.view_wish import wish_for


def _draw() -> None:
    draw_example()


def _skip() -> None:
    """Leave out the middle step, which harms most."""
    change(view="steps", scale=0)
    did("skipped")


def _move() -> None:
    change(view="steps", right=1)
    did("moved")


def _threshold() -> None:
    change(view="networks", threshold=0.95 if current().threshold < 0.9 else 0.6)
    did("compared")


def _ask() -> None:
    """Ask about a digit that the network has not said: the next one."""
    change(view="inside")
    sight = sight_now()
    said = 0 if sight.image is None else int(network_of(current()).sure(sight.image[None]).argmax())
    ask((said + 1) % 10)


def _wish() -> None:
    """Wish for an 8, or for a 3 where it is an 8 already."""
    change(view="wish")
    sight = sight_now()
    if sight.image is None:
        draw_example()
        sight = sight_now()
    assert sight.image is not None
    said = int(network_of(current()).sure(sight.image[None]).argmax())
    wish_for(3 if said == 8 else 8)


def _keep() -> None:
    """Keep the drawing as what the network says it is, unless the learner has said."""
    change(view="teach")
    sight = sight_now()
    if sight.image is None or sight.digits:
        draw_example()
        sight = sight_now()
    assert sight.image is not None
    if current().truth == AUTO:
        change(truth=int(network_of(current()).sure(sight.image[None]).argmax()))
    keep_drawing()


ACTIONS: dict[str, Callable[[], None]] = {
    "draw": _draw,
    "skip": _skip,
    "move": _move,
    "threshold": _threshold,
    "ask": _ask,
    "wish": _wish,
    "keep": _keep,
}
