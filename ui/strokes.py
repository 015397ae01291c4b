"""Pen strokes: from the canvas, for a link, and as the picture that they make.

A drawing is kept as its strokes, each a line through points: a link can hold it, undo drops the
last one, and the picture that is made of them is the same wherever it is made.
"""

from __future__ import annotations

import base64
import math
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageDraw

SIDE = 308  # pixels of the canvas: eleven for each of an image's 28
WIDTHS = 2, 60  # pixels of the pen
MOST_STROKES, MOST_POINTS = 200, 4000  # more is no digit, and no link could hold it
NEAR = 0.6  # pixels: a point that lies so near to the line between its neighbours is left out
FINER = 2  # a picture is drawn so many times as large, for soft edges
CURVE_STEPS = 6  # straight pieces for each curve of the canvas

Point = tuple[float, float]


class Stroke(NamedTuple):
    """One line of the pen, in pixels from the left and from the top."""

    width: int
    points: tuple[tuple[int, int], ...]


class StrokesError(ValueError):
    """A text that ``write_strokes`` has not written."""


def strokes_of(drawing: Mapping[str, Any] | None) -> tuple[Stroke, ...]:
    """Return the strokes of the canvas' own description of a drawing (Fabric.js's JSON).

    Whatever is no path, or has numbers that are none, is left out.
    """
    found = []
    for thing in (drawing or {}).get("objects", ())[:MOST_STROKES]:
        try:
            points = _moved(_flattened(thing["path"]), thing)
            width = round(float(thing["strokeWidth"]) * _enlarged(thing))
        except (KeyError, TypeError, ValueError, IndexError, OverflowError):
            continue
        if points and all(math.isfinite(place) for point in points for place in point):
            kept = [_within(point) for point in _simplified(points)]
            found.append(Stroke(min(max(width, WIDTHS[0]), WIDTHS[1]), tuple(kept)))
    return _bounded(found)


def canvas_drawing(strokes: Iterable[Stroke], colour: str) -> dict[str, Any]:
    """Return strokes as the canvas wants a drawing that it shall begin with."""
    return {"objects": [_path(stroke, colour) for stroke in strokes]}


def draw_strokes(strokes: Sequence[Stroke], side: int = SIDE) -> np.ndarray:
    """Draw strokes as a canvas does, with round ends and soft edges.

    Returns
    -------
    ndarray of uint8, (side, side, 4)
        Black ink; transparent where nothing is drawn.
    """
    scale = FINER * side / SIDE
    large = Image.new("L", (FINER * side, FINER * side))
    pencil = ImageDraw.Draw(large)
    for stroke in strokes:
        radius = stroke.width * scale / 2
        points = [((x + 0.5) * scale, (y + 0.5) * scale) for x, y in stroke.points]
        for start, end in zip(points, points[1:], strict=False):
            pencil.line([start, end], 255, round(2 * radius))
        for x, y in points:
            pencil.ellipse((x - radius, y - radius, x + radius, y + radius), 255)
    picture = np.zeros((side, side, 4), np.uint8)
    picture[..., 3] = np.asarray(large.reduce(FINER))
    return picture


def write_strokes(strokes: Sequence[Stroke]) -> str:
    """Write strokes for a link; nothing is lost."""
    packed = bytearray()
    for width, points in strokes:
        packed += struct.pack(">BH", width, len(points))
        before = (0, 0)
        for point in points:
            packed += struct.pack(">hh", point[0] - before[0], point[1] - before[1])
            before = point
    if not packed:
        return ""
    return base64.urlsafe_b64encode(zlib.compress(bytes(packed), 9)).decode().rstrip("=")


def read_strokes(text: str) -> tuple[Stroke, ...]:
    """Read what ``write_strokes`` wrote.

    Raises
    ------
    StrokesError
        If it is something else.
    """
    most = 4 * MOST_POINTS + 3 * MOST_STROKES
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        content = zlib.decompressobj().decompress(packed, most + 1) if packed else b""
        return _unpacked(content[:most])
    except (ValueError, zlib.error, struct.error) as error:
        raise StrokesError("expected a drawing as a text, but got something else") from error


def _unpacked(content: bytes) -> tuple[Stroke, ...]:
    found, at = [], 0
    while at < len(content):
        width, count = struct.unpack_from(">BH", content, at)
        steps = np.array(struct.unpack_from(f">{2 * count}h", content, at + 3)).reshape(-1, 2)
        points = np.cumsum(steps, axis=0)
        if not (count and WIDTHS[0] <= width <= WIDTHS[1] and (abs(points) <= 2 * SIDE).all()):
            raise ValueError("a stroke that no canvas has made")
        found.append(Stroke(width, tuple((int(x), int(y)) for x, y in points)))
        at += 3 + 4 * count
    return tuple(found)


def _bounded(strokes: list[Stroke]) -> tuple[Stroke, ...]:
    """Leave out the last strokes of what has too many points for any digit."""
    kept, points = [], 0
    for stroke in strokes:
        points += len(stroke.points)
        if points > MOST_POINTS:
            break
        kept.append(stroke)
    return tuple(kept)


def _flattened(path: Sequence[Sequence[Any]]) -> list[Point]:
    """Return the points of a path of straight lines and quadratic curves."""
    points: list[Point] = []
    for kind, *numbers in path[:MOST_POINTS]:
        places = [float(number) for number in numbers]
        end = (places[-2], places[-1])
        if kind == "Q" and points:
            points += _curve(points[-1], (places[0], places[1]), end)
        elif kind in "MLQ":
            points.append(end)
    return points


def _curve(start: Point, control: Point, end: Point) -> list[Point]:
    found = []
    for step in range(1, CURVE_STEPS + 1):
        t = step / CURVE_STEPS
        weights = (1 - t) ** 2, 2 * t * (1 - t), t**2
        corners = (start, control, end)
        x, y = (sum(w * p[i] for w, p in zip(weights, corners, strict=True)) for i in (0, 1))
        found.append((x, y))
    return found


def _moved(points: list[Point], thing: Mapping[str, Any]) -> list[Point]:
    """Return points where they are after the whole stroke was moved, scaled or turned."""
    (left, top), (right, bottom) = (
        [edge(point[i] for point in points) for i in (0, 1)] for edge in (min, max)
    )
    middle = (left + right) / 2, (top + bottom) / 2
    if thing.get("originX") != "center" or thing.get("originY") != "center":
        return points
    angle = math.radians(float(thing.get("angle", 0)))
    wide, high = (
        float(thing.get(scale, 1)) * (-1 if thing.get(flip) else 1)
        for scale, flip in (("scaleX", "flipX"), ("scaleY", "flipY"))
    )
    cos, sin = math.cos(angle), math.sin(angle)
    found = []
    for x, y in points:
        across, down = (x - middle[0]) * wide, (y - middle[1]) * high
        found.append(
            (
                float(thing["left"]) + cos * across - sin * down,
                float(thing["top"]) + sin * across + cos * down,
            )
        )
    return found


def _enlarged(thing: Mapping[str, Any]) -> float:
    """Return how much wider a stroke has become with its scale."""
    return math.sqrt(abs(float(thing.get("scaleX", 1)) * float(thing.get("scaleY", 1))))


def _within(point: Point) -> tuple[int, int]:
    """Return a point in whole pixels, not far outside the canvas."""
    x, y = (round(min(max(place, -SIDE), 2 * SIDE)) for place in point)
    return x, y


def _simplified(points: list[Point]) -> list[Point]:
    """Leave out points that lie on the line between others (Douglas and Peucker, 1973)."""
    places = np.array(points)
    keep = np.zeros(len(points), bool)
    keep[[0, -1]] = True
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        away = _distances(places[first + 1 : last], places[first], places[last])
        if away.max() > NEAR:
            middle = first + 1 + int(away.argmax())
            keep[middle] = True
            spans += [(first, middle), (middle, last)]
    return [point for point, kept in zip(points, keep, strict=True) if kept]


def _distances(places: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return how far points are from the line between two others."""
    way = end - start
    length = float(way @ way)
    share = np.clip((places - start) @ way / length, 0, 1) if length else np.zeros(len(places))
    apart: np.ndarray = np.linalg.norm(places - start - share[:, None] * way, axis=1)
    return apart


def _path(stroke: Stroke, colour: str) -> dict[str, Any]:
    """Return one stroke as the canvas describes it."""
    points = stroke.points if len(stroke.points) > 1 else stroke.points * 2
    (left, top), (right, bottom) = (
        [edge(point[i] for point in points) for i in (0, 1)] for edge in (min, max)
    )
    path: list[list[Any]] = [["M", *points[0]]]
    path += [["L", *point] for point in points[1:]]
    return {
        "type": "Path",
        "originX": "center",
        "originY": "center",
        "left": (left + right) / 2,
        "top": (top + bottom) / 2,
        "width": right - left,
        "height": bottom - top,
        "fill": None,
        "stroke": colour,
        "strokeWidth": stroke.width,
        "strokeLineCap": "round",
        "strokeLineJoin": "round",
        "path": path,
    }
