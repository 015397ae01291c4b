"""Whoever has gone leaves nothing behind."""

import gc
import time

from streamlit import config

from ui.driven import Driven
from ui.leaving import ROUND, WATCH, Shelf, Watch, new_shelf

AWAY = 100.0  # seconds


def watching(here):
    return Watch(lambda visitor: visitor in here, lambda: AWAY)


def playing():
    run = Driven()
    run.playing = True
    return run


def test_a_shelf_is_emptied_when_its_visitor_has_been_away_for_long():
    here = {"ann", "bob"}
    watch = watching(here)
    shelves = {name: Shelf(mnist=playing()) for name in here}
    for name, shelf in shelves.items():
        watch.over(shelf, name)
    run = shelves["ann"]["mnist"]
    start = time.monotonic()
    watch.look(start + 1000)
    assert all(shelves.values())
    here.discard("ann")
    watch.look(start + 1000 + AWAY - 1)  # a short break in the connection
    assert shelves["ann"]
    assert run.playing
    watch.look(start + 1000 + AWAY + 1)
    assert not shelves["ann"]
    assert not run.playing
    assert shelves["bob"]


def test_nobody_counts_as_gone_whom_streamlit_would_still_give_everything_back():
    kept = config.get_option("server.disconnectedSessionTTL")
    assert WATCH.away() > kept + ROUND  # the watch last saw them up to a round before they left


def test_runs_at_work_are_counted_over_all_visitors_who_are_there():
    here = {"ann", "bob"}
    watch = watching(here)
    shelves = [Shelf(mnist=playing(), quadrants=Driven()), Shelf(mnist=playing())]
    for shelf, name in zip(shelves, ("ann", "bob"), strict=True):
        watch.over(shelf, name)
    assert watch.at_work() == 2
    shelves[1]["mnist"].playing = False
    assert watch.at_work() == 1
    here.discard("ann")
    assert watch.at_work() == 0


def test_whoever_comes_back_in_time_keeps_everything():
    here = set()
    watch = watching(here)
    shelf = Shelf(mnist=playing())
    watch.over(shelf, "ann")
    start = time.monotonic()
    watch.look(start + AWAY - 1)
    here.add("ann")
    watch.look(start + AWAY + 1)
    here.discard("ann")
    watch.look(start + 2 * AWAY)
    assert shelf["mnist"].playing


def test_a_shelf_that_nobody_holds_is_forgotten():
    watch = watching({"ann", "bob"})
    watch.over(Shelf(), "ann")
    gc.collect()
    assert not watch.shelves
    assert not watch.seen


def test_two_shelves_with_the_same_things_are_two():
    watch = watching({"ann", "bob"})
    one, other = Shelf(), Shelf()
    watch.over(one, "ann")
    watch.over(other, "bob")
    assert dict(watch.shelves) == {one: "ann", other: "bob"}
    assert len(watch.shelves) == 2


def test_without_a_server_there_is_nobody_to_watch():
    shelf = new_shelf()
    shelf["x"] = 1
    assert shelf == {"x": 1}
