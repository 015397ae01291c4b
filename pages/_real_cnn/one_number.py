"""One number of a feature map: the piece of the digit that it sees, and the sum that it is."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.conv import Conv2d
from core.receptive import receptive_fields
from core.stages import Stage
from core.trace import Trace, format_number
from core.trace_blame import trace_blame, trace_weight
from core.trace_channels import trace_channels
from core.trace_unit import trace_unit
from pages._real_cnn.names import map_name, stage_name
from pages._real_cnn.session import change, did
from pages._real_cnn.settings import LESSON, Settings
from pages._real_cnn.sight import Focus, Sight, shown_values
from ui.cells import Cell, number_cells
from ui.field import map_on_picture
from ui.grid import TILE_WORD_KEYS, Band, number_grids, side, stack, tiles_payload
from ui.i18n import t, template
from ui.units import place_name, show_sum, show_unit
from ui.walk import presenting

MOST_NUMBERS = 100  # of a table; more are shown as a picture


def show_number(settings: Settings, sight: Sight, focus: Focus) -> None:
    """Draw the map with the digit beside it, and the sum of the number that is chosen."""
    st.markdown(t("real_cnn_number.lead"))
    values = shown_values(settings, sight, focus.stage)[focus.map]
    layers = [layer for layer, _ in sight.answers[: focus.stage.place + 1]]
    fields = receptive_fields(layers, (sight.image.shape[0], sight.image.shape[1]))
    map_on_picture(
        values,
        sight.image,
        fields.rows,
        fields.columns,
        key=f"{LESSON}.field",
        label=t("real_cnn_number.field", name=map_name(focus.stage, focus.map)),
        titles=(t("real_cnn_number.picture"), map_name(focus.stage, focus.map)),
        says=template("real_cnn_number.says"),
        chosen=(focus.row, focus.column),
        on_choose=choose_place,
        large=presenting(),
    )
    number = format_number(float(values[focus.row, focus.column]))
    where = {"row": focus.row + 1, "column": focus.column + 1}
    st.markdown(t("real_cnn_number.chosen", number=number, **where))
    if sight.blame is None:
        _forwards(focus)
    else:
        _backwards(settings, sight, focus)


def choose_place(row: int, column: int) -> None:
    """Choose a number of the map."""
    change(row=row, column=column)
    did("chose_place")


def _forwards(focus: Focus) -> None:
    stage = focus.stage
    if isinstance(stage.layer, Conv2d) and len(stage.x) > 1:
        trace = trace_channels(stage.layer, stage.x, stage.z, focus.at, stage.activation, stage.a)
        st.markdown(t("real_cnn_number.many", k=focus.source + 1))
        _draw_channels(trace, "x", focus.source, ("b", "z", "a"), "z.0.0", "sum")
        return
    if stage.kind == "conv":
        st.markdown(t("real_cnn_number.one"))
    traced = trace_unit(stage.layer, stage.x, stage.z, focus.at, stage.activation, stage.a)
    names = [place_name(where, stage.x.shape) for where in traced.places]
    show_unit(traced, names, key=f"{LESSON}.{stage.kind}")


def _draw_channels(
    trace: Trace, planes: str, channel: int, rest: tuple[str, ...], chosen: str, key: str
) -> None:
    """Draw a sum over maps: one of them with its kernel, what each adds, and the end."""
    end = [name for name in rest if name in trace]
    beside = [f"{planes}_{channel}", f"w_{channel}"]
    count = trace["s"].values.shape[1]
    bands: list[Band]
    if count == 1:
        bands = [side(*beside, *end)]
    else:
        heads = [str(c + 1) for c in range(count)]
        bands = [side(*beside), stack("s", heads=heads), side(*end)]
    show_sum(trace, bands, key=f"{LESSON}.{key}", chosen=chosen)


def _backwards(settings: Settings, sight: Sight, focus: Focus) -> None:
    """Draw where the blame of this number comes from, and what of it the kernel takes."""
    stage = focus.stage
    following = sight.stages[sight.stages.index(stage) + 1]
    st.markdown(t("real_cnn_number.blame", next=stage_name(following)))
    _blame_from(sight, following, focus)
    if stage.activation is not None:
        st.markdown(t("real_cnn_number.gate"))
        slopes = sight.slope(stage.activation_place), sight.slope(stage.place)
        assert stage.a is not None
        gate = trace_blame(stage.activation, stage.z, stage.a, *slopes, focus.at).trace
        bands = [side("x", "y", "d", "dx")]
        notes = {"x": "z", "y": "a"}
        show_sum(gate, bands, key=f"{LESSON}.gate", chosen="dx.0.0", notes=notes)
    if isinstance(stage.layer, Conv2d):
        _kernel_gradient(settings, sight, focus)


def _blame_from(sight: Sight, following: Stage, focus: Focus) -> None:
    """Draw the sum with which the next stage hands its blame to this number."""
    slopes = sight.slope(following.place), sight.slope(following.place - 1)
    at: tuple[int, ...] = focus.at
    if following.kind == "linear":
        at = (int(np.ravel_multi_index(at, following.shape)),)
    traced = trace_blame(following.layer, following.x, following.z, *slopes, at)
    key = f"{LESSON}.blame.{following.kind}"
    if isinstance(following.layer, Conv2d):
        sums = np.abs(np.nan_to_num(traced.trace["s"].values[0]))
        _draw_channels(traced.trace, "d", int(sums.argmax()), ("dx",), "dx.0.0", "blame.conv")
    elif following.kind == "linear":
        names = [place_name(where, following.z.shape) for where in traced.places]
        begin = [name for name in ("d", "w", "p") if name in traced.trace]
        bands = [stack(*begin, heads=names)]
        end = [name for name in ("rest", "dx") if name in traced.trace]
        show_sum(traced.trace, [*bands, side(*end)], key=key, chosen="dx.0.0")
    elif "d" in traced.trace:
        begin = [name for name in ("d", "share") if name in traced.trace]
        show_sum(traced.trace, [side(*begin, "dx")], key=key, chosen="dx.0.0")
    else:
        st.markdown(t("real_cnn_number.no_winner"))


def _kernel_gradient(settings: Settings, sight: Sight, focus: Focus) -> None:
    """Draw the gradient of one number of the kernel: a sum over all places."""
    layer = focus.stage.layer
    grads = sight.blame.grads if sight.blame is not None else {}
    params = sight.learner.model.params
    name = next(key for key, array in params.items() if array is layer.params["weight"])
    kernel = grads[name][focus.map, focus.source]
    at = (
        min(settings.kernel_row, kernel.shape[0] - 1),
        min(settings.kernel_column, kernel.shape[1] - 1),
    )
    st.markdown(t("real_cnn_number.kernel", k=focus.source + 1, map=focus.map + 1))
    most = float(np.abs(np.nan_to_num(kernel)).max()) or 1.0
    width = kernel.shape[1]
    number_cells(
        [
            Cell(
                format_number(float(value)),
                float(value) / most,
                t("real_cnn_number.kernel_cell", row=r + 1, column=c + 1, value=f"{value:.3g}"),
            )
            for (r, c), value in np.ndenumerate(kernel)
        ],
        key=f"{LESSON}.kernel",
        label=t("real_cnn_number.kernel_label"),
        heads=[str(c + 1) for c in range(width)],
        sides=[str(r + 1) for r in range(len(kernel))],
        scale="diverging",
        chosen=at[0] * width + at[1],
        on_choose=lambda cell: _choose_kernel(*divmod(cell, width)),
        large=presenting(),
    )
    place = (focus.map, focus.source, *at)
    slope = sight.slope(focus.stage.place)
    traced = trace_weight(layer, focus.stage.x, slope, grads[name], place).trace
    bands = [side("x", "d"), side("dw")]
    if traced["x"].values.size > MOST_NUMBERS:
        _touched(traced)
        bands = bands[1:]
    show_sum(traced, bands, key=f"{LESSON}.dw", chosen="dw.0.0")


def _touched(trace: Trace) -> None:
    """Draw a sum over many places as pictures: the pixels, the blame, and their products."""
    parts = {name: trace[name].values for name in ("x", "d")}
    with np.errstate(all="ignore"):
        parts["product"] = parts["x"] * parts["d"]
    for column, (name, values) in zip(st.columns(3), parts.items(), strict=True):
        with column:
            number_grids(
                tiles_payload(
                    values[None],
                    [t(f"real_cnn_number.touched_{name}")],
                    words={key: template(f"grid.{key}") for key in TILE_WORD_KEYS},
                    large=True,
                ),
                key=f"{LESSON}.touched.{name}",
            )


def _choose_kernel(row: int, column: int) -> None:
    change(kernel_row=row, kernel_column=column)
