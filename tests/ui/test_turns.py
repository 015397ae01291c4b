"""Turns come in the order in which they were asked for, whatever happens to those who wait."""

import threading
import time

import pytest

from ui.turns import Turns


def test_whoever_comes_alone_has_the_turn_at_once():
    turns = Turns()
    with turns.place() as place:
        assert place.wait(0)
        assert turns.asked == 1
    assert turns.asked == 0


def test_the_second_waits_for_the_first():
    turns = Turns()
    with turns.place(), turns.place() as second:
        assert not second.wait(0.01)


def test_whoever_stops_waiting_holds_nobody_up():
    turns = Turns()
    third = turns.place()
    with turns.place():
        with pytest.raises(KeyError), turns.place():
            place = third.__enter__()
            raise KeyError
        assert not place.wait(0)
    assert place.wait(0)
    third.__exit__(None, None, None)


def test_threads_that_ask_again_and_again_all_have_the_same_number_of_turns():
    turns, taken = Turns(), [0, 0, 0]
    begin, until = threading.Barrier(3), time.monotonic() + 0.5

    def work(mine: int) -> None:
        begin.wait()
        while time.monotonic() < until:
            with turns.place() as place:
                while not place.wait(0.1):
                    pass
                taken[mine] += 1
                time.sleep(0.002)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert min(taken) > 5
    assert max(taken) - min(taken) <= 2


def test_one_at_a_time():
    turns, inside, most = Turns(), [], []

    def work() -> None:
        for _ in range(50):
            with turns.place() as place:
                while not place.wait(0.1):
                    pass
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1}
    assert len(most) == 200


def test_whoever_has_the_turn_for_too_long_loses_it():
    turns = Turns()
    with turns.place() as first, turns.place() as second:
        turns.hand_on(0.05)
        assert not second.wait(0), "too early"
        time.sleep(0.06)
        turns.hand_on(0.05)
        assert second.wait(0)
        turns.hand_on(0.05)
        turns.leave(first)
        assert turns.asked == 1, "the second has only just begun"


def test_a_place_that_was_given_back_before_its_end_is_given_back_once():
    turns = Turns()
    with turns.place() as first:
        turns.leave(first)
        with turns.place() as second:
            assert second.wait(0)
            turns.leave(first)
            assert turns.asked == 1
