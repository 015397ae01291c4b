"""What the readers of captchas are trained with: breaks change nothing, and the scripts run."""

import json
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np
import pytest

from core.checkpoint import load
from scripts import line_batches as batches
from scripts import train_glyphs


@pytest.fixture
def named_batches(monkeypatch):
    """Batches that say which they are instead of holding pictures; drawn in this process."""
    asked = []

    def make(seed, chunk, way):
        asked.append(chunk)
        return [(np.array([seed, chunk, place]), np.array(way)) for place in range(batches.EACH)]

    monkeypatch.setattr(batches, "make_batches", make)
    monkeypatch.setattr(batches, "ProcessPoolExecutor", ThreadPoolExecutor)
    return asked


def first(count, *, seed=3, start=0, workers=2):
    drawn = batches.line_batches(seed, start, 5000, workers)
    found = [tuple(name.tolist()) + (float(way),) for name, way in islice(drawn, count)]
    drawn.close()
    return found


@pytest.mark.parametrize("start", [0, 1, 24, 130, 700])
def test_a_break_changes_no_batch(named_batches, start):
    assert first(900)[start:] == first(900 - start, start=start, workers=1)


def test_the_pictures_become_harder_as_the_training_goes_on(named_batches):
    ways = [way for *_, way in first(600)]
    assert ways[0] < 0.02 and 0.1 < ways[-1] < 0.15  # of 5,000 steps


def test_no_chunk_is_drawn_twice_or_long_before_it_is_needed(named_batches):
    newest = max(chunk for _, chunk, _, _ in first(900))
    assert max(Counter(named_batches).values()) == 1
    assert max(named_batches) <= newest + batches.WAITING + 2


def test_every_batch_comes_once_and_a_chunk_is_not_used_up_at_a_time():
    order = list(islice(batches.batch_order(7), 3000))
    assert len(set(order)) == len(order)
    whole = set(range(order[-1][0] - 40))  # what waits for long is rare, but it happens
    used = Counter(chunk for chunk, _ in order)
    assert sum(used[chunk] == batches.EACH for chunk in whole) > 0.9 * len(whole)
    beside = [a[0] == b[0] for a, b in zip(order, order[1:], strict=False)]
    assert np.mean(beside) < 0.5
    assert order != list(islice(batches.batch_order(8), 3000))


@pytest.mark.slow
def test_the_network_for_cut_pieces_is_trained_and_measured(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(train_glyphs, "TESTED", 4)
    monkeypatch.setattr(train_glyphs, "CHUNK", 200)
    file = tmp_path / "glyphs.npz"
    options = ["--glyphs", "200", "--epochs", "1", "--workers", "1", "--save", str(file)]
    monkeypatch.setattr(sys, "argv", ["train_glyphs.py", *options])
    assert train_glyphs.main() == 0
    notes = json.loads(capsys.readouterr().out)
    state, kept = load(file)
    assert kept["seed"] == notes["seed"] == 1
    assert all(np.isfinite(array).all() for array in state.values())
