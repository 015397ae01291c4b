"""What stages, maps and numbers are called on the page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.conv import Conv2d
from core.layers import Linear
from core.stages import Stage
from core.trace import format_number
from ui.i18n import t, template


def stage_name(stage: Stage) -> str:
    """Return a short name, such as "Convolution 2"."""
    return t(f"real_cnn.stage_{stage.kind}", k=stage.number)


def stage_line(stage: Stage) -> str:
    """Say what a stage is, and what comes out of it."""
    layer = stage.layer
    if isinstance(layer, Linear):
        return t("real_cnn.line_linear", n=layer.out_features, inputs=layer.in_features)
    maps, height, width = stage.out.shape
    fields = {"maps": maps, "height": height, "width": width}
    if isinstance(layer, Conv2d):
        size = " × ".join(map(str, layer.kernel_size))
        return t("real_cnn.line_conv", size=size, inputs=layer.in_channels, **fields)
    return t("real_cnn.line_pool", size=" × ".join(map(str, layer.kernel_size)), **fields)


def map_name(stage: Stage, channel: int) -> str:
    """Return a map's name; maps are counted from 1."""
    return t("real_cnn.map_name", stage=stage_name(stage), k=channel + 1)


def maps_say(names: Sequence[str], maps: np.ndarray) -> list[str]:
    """Say each map in words: its smallest and largest number, and where the largest stands."""
    known = np.nan_to_num(maps).reshape(len(maps), -1)
    rows, columns = np.divmod(known.argmax(axis=1), maps.shape[2])
    words = template("real_cnn.map_says")
    return [
        words.format(
            name=name,
            low=format_number(float(low)),
            high=format_number(float(high)),
            row=row + 1,
            column=column + 1,
        )
        for name, low, high, row, column in zip(
            names, known.min(axis=1), known.max(axis=1), rows, columns, strict=True
        )
    ]
