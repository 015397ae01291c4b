"""What a visitor does and reads in the MNIST lesson's view of the digits."""

import re

import numpy as np

from core.digits import Digits

TINY = {"layers": "16", "train_size": 500, "epochs": 1}


def part(visitor, name):
    return visitor.put("button_group", "mnist.data.part", name)


def table(visitor, number=0):
    """Return the numbers of a table on the page, and the place of the one that is marked."""
    found = [n.proto.body for n in visitor.at.get("html") if "ink-numbers" in n.proto.body]
    rows = re.findall(r'<tr><th scope="row">\d+</th>(.*?)</tr>', found[number])
    cells = [re.findall(r"<td[^>]*>(\d+)</td>", row) for row in rows]
    marked = re.search(r'chosen"[^>]*data-at="[^"\d]*(\d+)[^"\d]*(\d+)', found[number])
    return np.array(cells, int), marked and tuple(map(int, marked.groups()))


def some(count, seed=0, labels=None):
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
    return Digits(images, rng.integers(0, 10, count) if labels is None else np.array(labels))
