"""How many cores a matrix product may use, and work that two cores share."""

import threading

import numpy as np
import pytest

import core.threads
from core.threads import LARGE, SMALL, blas_threads, one_core, share_out


class FakeLibrary:
    def __init__(self, num_threads):
        self.num_threads = num_threads

    def set_num_threads(self, number):
        self.num_threads = number


@pytest.fixture
def library(monkeypatch):
    fake = FakeLibrary(4)
    monkeypatch.setattr(core.threads, "_libraries", lambda: [fake, FakeLibrary(1)])
    return fake


def test_one_core_inside_and_all_of_them_after(library):
    block = blas_threads(SMALL + 1)
    for _ in range(2):
        with block:
            assert library.num_threads == 1
        assert library.num_threads == 4


def test_cores_come_back_after_an_exception(library):
    with pytest.raises(KeyError), blas_threads(SMALL + 1):
        raise KeyError
    assert library.num_threads == 4


@pytest.mark.threads
def test_blocks_of_two_threads_may_overlap(library):
    entered, leave = threading.Event(), threading.Event()

    def stay():
        with one_core(), one_core():
            entered.set()
            leave.wait(30)

    with one_core():
        other = threading.Thread(target=stay)
        other.start()
        entered.wait(30)
    assert library.num_threads == 1  # the other goes on
    leave.set()
    other.join(30)
    assert library.num_threads == 4


@pytest.mark.parametrize("first", ["this thread", "another"])
@pytest.mark.threads
def test_the_real_library_obeys_every_thread(first):
    found = []

    def enter():
        with one_core():
            found.append([library.num_threads for library in core.threads._libraries()])

    thread = threading.Thread(target=enter)
    for start in [enter, thread.start] if first == "this thread" else [thread.start, enter]:
        start()
    thread.join(30)
    assert core.threads._libraries()
    assert all(threads == 1 for libraries in found for threads in libraries)


@pytest.mark.parametrize("work", [0, SMALL, LARGE])
def test_tiny_and_large_products_are_left_alone(library, work):
    with blas_threads(work):
        assert library.num_threads == 4


def test_it_works_without_threadpoolctl(monkeypatch):
    core.threads._libraries.cache_clear()
    monkeypatch.setattr(core.threads, "ThreadpoolController", None)
    with blas_threads(SMALL + 1):
        pass
    assert core.threads._libraries() == []
    core.threads._libraries.cache_clear()


# ------------------------------------------------------------------------------ sharing work


def test_all_jobs_are_done_in_order():
    assert share_out([lambda n=n: n * n for n in range(20)]) == [n * n for n in range(20)]
    assert share_out([]) == []


@pytest.mark.threads
def test_a_helper_really_helps(monkeypatch):
    monkeypatch.setattr(core.threads, "_cores", lambda: 2)
    meeting = threading.Barrier(2, timeout=600)
    assert share_out([meeting.wait, meeting.wait]) in ([0, 1], [1, 0])


def test_without_threads_the_caller_does_everything(monkeypatch):
    def refuse():
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(core.threads, "_cores", lambda: 2)
    monkeypatch.setattr(core.threads, "_helpers", refuse)
    me = threading.get_ident()
    assert share_out([threading.get_ident] * 3) == [me] * 3


@pytest.mark.parametrize("cores", [1, 2])
def test_a_failed_job_fails_the_caller_and_leaves_nothing_running(cores, monkeypatch):
    monkeypatch.setattr(core.threads, "_cores", lambda: cores)
    for bad in range(4):

        def job(place, bad=bad):
            if place == bad:
                raise KeyError(place)

        with pytest.raises(KeyError):
            share_out([lambda place=place: job(place) for place in range(4)])
    assert share_out([lambda: 1, lambda: 2]) == [1, 2]


@pytest.mark.threads
def test_helpers_obey_the_callers_warnings(monkeypatch):
    monkeypatch.setattr(core.threads, "_cores", lambda: 2)
    meeting = threading.Barrier(2, timeout=600)

    def divide():
        meeting.wait()
        return float(np.ones(1)[0] / np.zeros(1)[0])

    with np.errstate(divide="ignore"):
        assert share_out([divide, divide]) == [np.inf, np.inf]
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        share_out([divide, divide])
