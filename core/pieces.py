"""Convolutions in pieces of the batch: what is small stays in the cache, and two cores can share.

A processor computes much faster with numbers that are in its cache, the megabyte or two beside
each core, than with those that it must fetch from memory.  The images between two layers of a
convolutional network are far more than that for a large batch, less so for 32 images.  So a batch
goes through such layers in pieces, each through all of them before the next one starts, and pieces
that know nothing of each other can go side by side on two cores.

Each piece is computed by twins of the layers: they share the parameters but have their own memory
and gradients, which are summed at the end, always in the same order.  How a batch is cut depends on
sizes alone.  So the answer is the same to the last bit however many cores there are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np

from core.activations import ReLU
from core.layer import NO_DX, Layer
from core.pool import MaxPool2d
from core.threads import share_out

PIECE = 32  # images that go through together, at most: half of a usual batch
KEPT = 8  # pieces whose memory is kept for the next batch, at most
WORTH_IT = 1 << 22  # multiply-adds in a batch from which handing pieces to another core pays


def pass_on(layers: Iterable[Layer], x: np.ndarray, training: bool) -> np.ndarray:
    """Pass x through all layers, first to last."""
    for layer in layers:
        x = layer.forward(x, training=training)
    return x


def pass_back(layers: Sequence[Layer], dy: np.ndarray, need_dx: bool, first: int) -> np.ndarray:
    """Pass dy back through all layers, last to first.

    Without ``need_dx`` that ends at the ``first`` layer that has something to learn.
    """
    stop = 0 if need_dx else first
    for layer in reversed(layers[stop + 1 :]):
        dy = layer.backward(dy)
    if layers:
        dy = layers[stop].backward(dy, need_dx=need_dx)
    return dy if need_dx else NO_DX


def first_with_params(layers: Iterable[Layer]) -> int:
    """Return the place of the first layer that has something to learn, or 0."""
    return next((place for place, layer in enumerate(layers) if layer.params), 0)


def in_stages(layers: Iterable[Layer]) -> list[Layer]:
    """Return the layers, with each run of convolutions and what is between them made one stage."""
    stages: list[Layer] = []
    for alone, run in groupby(layers, key=lambda layer: layer.by_image):
        members = list(run)
        if alone and any(layer.params for layer in members):
            stages.append(_Convolutions(members))
        else:
            stages += members
    return stages


def uses_helpers(stages: Iterable[Layer]) -> bool:
    """Return whether any of these stages hands work to other cores."""
    return any(isinstance(stage, _Convolutions) for stage in stages)


def pooled_first(layers: Sequence[Layer]) -> list[Layer]:
    """Return the layers with each ReLU after the max-pooling that follows it, not before.

    max(0, ·) rises, so the largest of what it lets through is what it makes of the largest:
    the same numbers, bit for bit, forwards and backwards, for a fraction of the work.
    """
    order = list(layers)
    for place, (layer, following) in enumerate(zip(layers, layers[1:], strict=False)):
        if isinstance(layer, ReLU) and isinstance(following, MaxPool2d):
            order[place : place + 2] = following, layer
    return order


class _Convolutions(Layer):
    """A run of layers that treat every image alone, computed in pieces if the batch is large.

    The twins keep their memory from batch to batch; what they answer is copied out of it.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        super().__init__()
        self.layers = pooled_first(layers)
        self.first = first_with_params(self.layers)
        shapes = [layer.params["weight"].shape for layer in layers if layer.params]
        self.weights = sum(math.prod(shape) for shape in shapes)
        self.channels = shapes[0][1]
        self.params = {"weight": np.empty(0)}
        self.twins: list[list[Layer]] = []
        self.kind: Any = None  # what the twins' memory was made for

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """Pass x through all layers."""
        cuts = self._cuts(x)
        if len(cuts) == 1:
            self._cache = None
            return pass_on(self.layers, x, training)
        arrays = (array for layer in self.layers for array in layer.params.values())
        kind = x.shape[1:], x.dtype, [array.dtype for array in arrays]
        if kind != self.kind:
            self.kind, self.twins = kind, []
        if not training:
            return self._only_look(x, cuts)
        pieces = list(zip(cuts, self._hire(len(cuts)), strict=True))
        y = _side_by_side(lambda part, twins: pass_on(twins, x[part], True), pieces)
        self._cache = pieces, y.shape
        return y

    def _only_look(self, x: np.ndarray, cuts: list[slice]) -> np.ndarray:
        """Pass x through, remembering nothing but x: a few twins then do for any number of images.

        Should ``backward`` follow all the same, it starts with a forward pass of its own.
        """
        free = self._hire(min(len(cuts), KEPT))

        def look(part: slice) -> np.ndarray:
            try:
                twins = free.pop()  # the last ones used, as their memory is in the cache
            except IndexError:  # more helpers than twins
                twins = [_twin(layer) for layer in self.layers]
            y = np.array(pass_on(twins, x[part], False), order="C")
            free.append(twins)
            return y

        y = np.concatenate(share_out([partial(look, part) for part in cuts]))
        self._cache = x, y.shape
        return y

    def backward(self, dy: np.ndarray, *, need_dx: bool = True) -> np.ndarray:
        """Pass dy back through all layers and sum up the pieces' gradients."""
        if self._cache is None:
            return pass_back(self.layers, dy, need_dx, self.first)
        pieces, _ = self._recall(dy, self._cache[1])
        if isinstance(pieces, np.ndarray):  # only looked at so far
            self.forward(pieces, training=True)
            pieces, _ = self._recall(dy, dy.shape)
        dx = _side_by_side(
            lambda part, twins: pass_back(twins, dy[part], need_dx, self.first), pieces
        )
        for layer, *twins in zip(self.layers, *(twins for _, twins in pieces), strict=True):
            for name, grad in layer.grads.items():
                np.add(twins[0].grads[name], twins[1].grads[name], out=grad)
                for twin in twins[2:]:
                    grad += twin.grads[name]
        return dx if need_dx else NO_DX

    def forget(self) -> None:
        """Give back the memory of the last batches, and that of the twins."""
        super().forget()
        self.kind, self.twins = None, []

    def _cuts(self, x: np.ndarray) -> list[slice]:
        """Return where to cut the batch: into an even number of pieces, as equal as can be."""
        fits = x.ndim == 4 and x.shape[1] == self.channels  # else a layer says what is wrong
        if not fits or len(x) < 2 or self.weights * x.size < WORTH_IT * self.channels:
            return [slice(None)]
        images = len(x)
        count = min(images, 2 * math.ceil(images / (2 * PIECE)))
        ends = [images * place // count for place in range(count + 1)]
        return [slice(start, stop) for start, stop in zip(ends, ends[1:], strict=False)]

    def _hire(self, count: int) -> list[list[Layer]]:
        """Return twins of all layers for each piece: those of the last time, and new ones."""
        new = [[_twin(layer) for layer in self.layers] for _ in range(count - len(self.twins))]
        hired = self.twins[:count] + new
        self.twins = (self.twins + new)[:KEPT]
        for twins in hired:
            for layer, twin in zip(self.layers, twins, strict=True):
                twin.params = layer.params
        return hired


def _twin(layer: Layer) -> Layer:
    """Return a layer that has the same parameters, but its own gradients and memory."""
    twin = object.__new__(type(layer))
    twin.__dict__.update(layer.__dict__)
    twin.grads = {name: np.empty_like(grad) for name, grad in layer.grads.items()}
    twin._workspace, twin._cache = {}, None
    return twin


def _side_by_side(
    compute: Callable[[slice, list[Layer]], np.ndarray], pieces: list[tuple[slice, list[Layer]]]
) -> np.ndarray:
    """Compute all pieces and return the results end to end, image after image in memory."""

    def job(part: slice, twins: list[Layer]) -> np.ndarray:
        return np.ascontiguousarray(compute(part, twins))

    return np.concatenate(share_out([partial(job, *piece) for piece in pieces]))
