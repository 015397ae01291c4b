"""Pages are drawn in the order of the clicks, and training makes room for them."""

import threading
import time
from collections.abc import Iterator

import pytest

from ui import answering as module
from ui.answering import PAGES, answering, end_answering, make_room


class ClickError(Exception):
    """Somebody has clicked: the page that waits is out of date."""


def wait() -> None:
    """Wait for one's turn, and do nothing meanwhile."""


def room() -> float:
    """Return for how many of 0.2 seconds training makes room."""
    begin = time.monotonic()
    make_room(0.2)
    return time.monotonic() - begin


class Page(threading.Thread):
    """A page that is drawn until it is told that it is done."""

    def __init__(self, on_wait=wait, then=lambda: None) -> None:
        super().__init__()
        self.on_wait, self.then = on_wait, then
        self.begun, self.done, self.over = (threading.Event() for _ in range(3))

    def run(self) -> None:
        """Draw it."""
        try:
            with answering(self.on_wait):
                self.begun.set()
                self.then()
                self.done.wait(10)
        except ClickError:
            pass
        self.over.set()


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Page]]:
    monkeypatch.setattr(module, "HOLD", 60.0)  # a page has all the time that it wants
    begun: list[Page] = []
    yield begun
    for page in begun:
        page.done.set()
        page.join(10)
    assert PAGES.asked == 0
    assert room() < 0.2


def begin(pages: list[Page], *which: Page) -> None:
    """Let pages be asked for, one after the other."""
    for page in which:
        before = PAGES.asked
        pages.append(page)
        page.start()
        while PAGES.asked == before and not page.begun.is_set():
            time.sleep(0.001)


def test_the_second_page_is_drawn_when_the_first_is_done(pages):
    first, second = Page(), Page()
    begin(pages, first, second)
    assert first.begun.wait(5)
    assert not second.begun.wait(0.1)
    first.done.set()
    assert second.begun.wait(5)


@pytest.mark.slow
def test_a_page_that_takes_long_holds_up_the_next_one_no_longer_than_that(pages, monkeypatch):
    monkeypatch.setattr(module, "HOLD", 1.0)
    first, second, third = Page(), Page(), Page()
    begin(pages, first, second, third)
    assert second.begun.wait(5)
    assert not first.over.is_set()
    assert not third.begun.wait(0.1), "the second has a turn of its own"
    assert third.begun.wait(5)


def test_a_page_that_is_out_of_date_before_its_turn_goes_away(pages):
    def look() -> None:
        raise ClickError

    first, second, third = Page(), Page(on_wait=look), Page()
    begin(pages, first, second, third)
    assert second.over.wait(5)
    assert not second.begun.is_set()
    first.done.set()
    assert third.begun.wait(5)


def test_a_page_that_goes_on_to_train_holds_nobody_up(pages):
    first, second = Page(then=end_answering), Page()
    begin(pages, first)
    assert first.begun.wait(5)
    begin(pages, second)
    assert second.begun.wait(5)
    assert not first.over.is_set()


def test_training_makes_room_while_a_page_is_drawn(pages):
    assert room() < 0.2
    page = Page()
    begin(pages, page)
    assert page.begun.wait(5)
    assert room() >= 0.2
    page.done.set()
    assert page.over.wait(5)
    assert room() < 0.2
