"""Make tests/golden/rotate.npz: how SciPy rotates images, so that the tests need no SciPy.

`python -m scripts.golden_images`.  Every case is stored as CASE/KEY: the images, one after the
other, the angles, the value outside, and what came out: (angles, images, H, W).
"""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
from scipy import ndimage

ROOT = Path(__file__).parent.parent
FILE = ROOT / "tests" / "golden" / "rotate.npz"
DIGITS = ROOT / "assets" / "mnist" / "t10k-images-idx3-ubyte.gz"

Case = tuple[np.ndarray, list[float], float]


def main() -> None:
    rng = np.random.default_rng(1)
    digits = np.frombuffer(gzip.decompress(DIGITS.read_bytes()), np.uint8, offset=16)
    digits = digits.reshape(-1, 28, 28)[:2]
    # Ink up to the edge, and neither square nor even: this shows what happens outside.
    noise = rng.random((2, 9, 12), dtype=np.float32)
    turns = [-170.0, -90.0, -10.0, 0.0, 33.3, 45.0, 90.0, 180.0, 725.0]
    cases: list[Case] = [
        (digits, [-10.0, 10.0, 77.0], 0.0),
        ((digits[:1] * np.float32(0.99 / 255) + np.float32(0.01)), [-10.0, 10.0], 0.01),
        (noise, turns, 0.0),
        (noise, turns, 0.01),
    ]
    arrays = {}
    for number, (images, degrees, cval) in enumerate(cases):
        values = {"images": images, "degrees": degrees, "cval": cval}
        values["rotated"] = np.array([rotated(images, angle, cval) for angle in degrees])
        arrays |= {f"{number}/{key}": value for key, value in values.items()}
    np.savez_compressed(FILE, **arrays)
    print(f"{FILE.name}: {len(cases)} cases")


def rotated(images: np.ndarray, degrees: float, cval: float) -> np.ndarray:
    """Rotate image by image, as in the loop that this package replaces."""
    images = images.astype(np.float32)
    return np.array(
        [ndimage.rotate(image, degrees, order=1, reshape=False, cval=cval) for image in images]
    )


if __name__ == "__main__":
    main()
