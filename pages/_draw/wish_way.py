"""The way from a drawing to a wished digit: every step's image, and what comes of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.wishes import wish
from pages._draw.networks import Network

STEPS = 100  # at most
LENGTH = 0.02  # of a step, for the pixel that matters most: of the range from paper to ink
STROKE = 1.5  # pixels: the width of the bell curve that smooths the steps
ENOUGH = 0.9  # sure of the wished digit


class Way(NamedTuple):
    """All steps, the drawing itself being step 0."""

    images: np.ndarray  # (steps, H, W), in grey levels: 0 paper to 255 ink
    sure: np.ndarray  # (steps, 10)
    wished: int

    @property
    def last(self) -> int:
        """How many steps were taken."""
        return len(self.sure) - 1

    @property
    def turned(self) -> int | None:
        """After how many steps the wished digit was the answer for the first time."""
        says = self.sure.argmax(axis=1) == self.wished
        return int(says.argmax()) if says.any() else None

    def change(self, step: int) -> np.ndarray:
        """Return what was added to each pixel by then, (H, W), in grey levels."""
        moved: np.ndarray = self.images[step] - self.images[0]
        return moved


def way_to(network: Network, image: np.ndarray, wished: int, smooth: bool) -> Way | None:
    """Change a drawing, (28, 28), until the network says the wished digit.

    None if the network's outputs are no numbers.  Where they become none on the way, the way ends.
    """
    learner = network.learner
    prepare = learner.prepare
    paper, ink = prepare.offset, 255 * prepare.scale + prepare.offset
    x = prepare(image[None])[0]
    images, sure = [], []
    for at in wish(
        learner.model,
        x,
        wished,
        paper=paper,
        ink=ink,
        steps=STEPS,
        lr=LENGTH,
        sigma=STROKE * len(x[0]) / 28 if smooth else 0.0,
        enough=1.0,
        confidences=learner.confidences,
    ):
        if not (np.isfinite(at.sure).all() and np.isfinite(at.image).all()):
            break
        images.append((at.image[0] - paper) / prepare.scale)
        sure.append(at.sure)
        # Sigmoids can be sure of several digits at once: the wished one has to be the answer, too.
        if at.sure.argmax() == wished and at.sure[wished] >= ENOUGH:
            break
    return Way(np.array(images), np.array(sure), wished) if len(sure) > 1 else None


def on_drawing(image: np.ndarray, way: Way, step: int) -> np.ndarray:
    """Return a drawing, (28, 28), with the change of a step laid over it, in grey levels.

    A network that shrinks its images moves fewer, larger pixels: each lies over those of the
    drawing whose middles it covers.
    """
    change = way.change(step)
    under = [
        ((np.arange(pixels) + 0.5) * inputs / pixels).astype(int)
        for pixels, inputs in zip(image.shape, change.shape, strict=True)
    ]
    laid: np.ndarray = np.clip(image + change[np.ix_(*under)], 0, 255).astype(np.float32)
    return laid
