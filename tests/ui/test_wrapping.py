"""Functions around methods: all or none, and once."""

import pytest

from ui.wrapping import wrap


@pytest.fixture
def counter() -> type:
    class Counter:
        def add(self, what: int) -> int:
            """Add one."""
            return what + 1

        def take(self, what: int) -> int:
            return what - 1

    return Counter


def twice(method, self, what: int) -> int:
    return 2 * method(self, what)


def test_it_is_called_instead_and_may_call_the_method(counter: type):
    assert wrap((counter, "add", twice), (counter, "take", twice))
    assert counter().add(3) == 8
    assert counter().take(3) == 4
    assert counter.add.__doc__ == "Add one."


def test_the_second_time_nothing_happens(counter: type):
    wrap((counter, "add", twice))
    assert not wrap((counter, "add", twice), (counter, "take", twice))
    assert counter().add(3) == 8
    assert counter().take(3) == 2


def test_where_one_is_missing_all_stay_as_they_are(counter: type):
    assert not wrap((counter, "add", twice), (counter, "gone", twice))
    assert counter().add(3) == 4
