"""How the worked example's numbers are laid out: in the order in which they are computed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from core.activations import ReLU
from core.conv import Conv2d
from core.layers import Flatten, Linear
from core.losses import CrossEntropyLoss
from core.pool import AvgPool2d, MaxPool2d
from core.trace import Trace
from ui.grid import Band, side
from ui.i18n import t
from ui.source import lines_with

FORWARD = ("x_0", "q1_0", "w1_0_0", "b1", "z1_0", "a1_0", "share1", "p1_0", "f", "w2.T", "b2", "z2")
SOFTMAX = ("max", "shifted", "exp", "sum", "p")
LOSS = ("t", "nll", "loss", "dz2")
BACK = ("dw2.T", "db2", "df", "dp1_0", "da1_0", "dz1_0", "dw1_0_0", "db1", "dx_0")


def bands(trace: Trace) -> list[Band]:
    """Lay the grids out: all stages in one row, and the way back below."""

    def there(names: tuple[str, ...]) -> list[str]:
        return [name for name in names if name.removesuffix(".T") in trace]

    found = [
        side(*there(FORWARD), title=t("cnn.band_forward")),
        side(*there(SOFTMAX), title=t("cnn.band_softmax")),
    ]
    if "t" in trace:
        found.append(side(*there(LOSS), title=t("cnn.band_loss")))
        found.append(side(*there(BACK), title=t("cnn.band_back"), direction="backward"))
    return found


def kind_of(grid_id: str) -> str:
    """Return what a grid is, without its layer and channel: "dw1_0_0" is a "dw1"."""
    return re.sub(r"_.*", "", grid_id)


def captions(trace: Trace) -> dict[str, tuple[str, str]]:
    """Return each grid's symbol and what it is."""
    return {
        grid.id: (t(f"cnn_symbol.{kind_of(grid.id)}"), t(f"cnn_caption.{kind_of(grid.id)}"))
        for grid in trace
    }


def sentences(trace: Trace) -> dict[str, str]:
    """Return what to say under a sum, where the operation's own sentence would be too general."""
    said = ("z1", "p1", "f", "z2", "dw2", "db2", "df", "dp1", "da1", "dw1", "db1", "dx")
    kinds = {grid.id: kind_of(grid.id) for grid in trace}
    found = {name: t(f"cnn_sentence.{kind}") for name, kind in kinds.items() if kind in said}
    if "share1" in trace:
        found["p1_0"], found["da1_0"] = t("cnn_sentence.p1_mean"), t("cnn_sentence.da1_mean")
    return found


def code_lines(trace: Trace) -> dict[str, str]:
    """Return, for each grid, the lines of ``core`` that computed it, read from the source."""
    pool = AvgPool2d if "share1" in trace else MaxPool2d
    pool_back = MaxPool2d._to_the_largest if pool is MaxPool2d else AvgPool2d.backward
    sources: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
        "z1": (Conv2d.forward, ("_unfold(", "np.matmul", "y +=")),
        "a1": (ReLU.forward, ("np.maximum",)),
        "p1": (pool.forward, ("self._largest", "wide +=", "y +=", "y *=")),
        "f": (Flatten.forward, ("reshape",)),
        "z2": (Linear.forward, ("x @ weight.T", "y +=")),
        "max": (CrossEntropyLoss.forward, ("np.maximum.reduce",)),
        "shifted": (CrossEntropyLoss.forward, ("np.maximum.reduce",)),
        "exp": (CrossEntropyLoss.forward, ("np.exp",)),
        "sum": (CrossEntropyLoss.forward, ("np.add.reduce(e",)),
        "p": (CrossEntropyLoss.forward, ("e /=", "total *=")),
        "nll": (CrossEntropyLoss.forward, ("np.log",)),
        "loss": (CrossEntropyLoss.forward, ("np.log",)),
        "dz2": (CrossEntropyLoss.backward, ("d[right]",)),
        "dw2": (Linear.backward, ("np.matmul",)),
        "db2": (Linear.backward, ("np.add.reduce",)),
        "df": (Linear.backward, ("dy @",)),
        "dp1": (Flatten.backward, ("reshape",)),
        "da1": (pool_back, ("np.equal", "given =", "left =", "wide[", "dx[")),
        "dz1": (ReLU.backward, ("np.greater", "np.multiply", "dy * (")),
        "dw1": (Conv2d.backward, ("np.matmul", "weight[...]")),
        "db1": (Conv2d.backward, ("np.add.reduce(blame",)),
        "dx": (Conv2d._fold, ("np.matmul", "dx[:, :, pixels]")),
    }
    kinds = {grid.id: kind_of(grid.id) for grid in trace}
    return {name: lines_with(*sources[kind]) for name, kind in kinds.items() if kind in sources}
