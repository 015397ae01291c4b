"""A script that was at work before may still be training while the next one draws."""

import sys
import threading
import time

import pytest

from pages._mnist.run import DigitsRun
from pages._mnist.settings import Settings as DigitSettings
from pages._quadrants.experiment import build_run
from pages._quadrants.pictures import loss_curve
from pages._quadrants.settings import Settings
from ui.digits import mnist


@pytest.fixture
def beside():
    """Give a function that calls another again and again beside the test, in a thread."""
    over, threads, before = threading.Event(), [], sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # as often as can be: what may come between two lines does

    def go_on(work):
        def again():
            while not over.is_set():
                work()

        threads.append(threading.Thread(target=again))
        threads[0].start()

    yield go_on
    over.set()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(before)


def looks(seconds=0.5):
    """Yield until so many seconds are over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield


def test_the_loss_of_every_step_has_its_step(beside):
    run = build_run(Settings(steps=10**6, test=0.25, data="moons"))
    run.advance(10)
    beside(lambda: run.advance(10**6, seconds=0.01))
    for _ in looks():
        curve = loss_curve(run)
        assert len(curve.steps) == len(curve.loss) == len(curve.test)
    assert run.step > 20


def test_the_loss_of_every_step_has_its_place(beside):
    run = DigitsRun(DigitSettings(layers="4", batch_size=8), *mnist())
    run.train_to(10)
    beside(lambda: run.train_to(run.step + 50))
    for _ in looks():
        places, losses = run.loss_curve()
        assert len(places) == len(losses)
    assert run.step > 50
