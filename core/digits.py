"""Handwritten digits: grey images of 28 by 28 pixels with their labels, and MNIST's own files.

MNIST lies in two files per set, in a form called IDX.  A file begins with whole numbers of four
bytes each, the most significant first: a magic number that says what follows (2051 images, 2049
labels), how many there are, and for images their height and width.  Then come the bytes, one per
pixel or label, and nothing else.  Source: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST
database of handwritten digits" (1998), section "File formats".
"""

from __future__ import annotations

import gzip
import hashlib
import io
import math
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from core.digits_error import DIGIT_SIDE, MAX_DIGITS, DigitsError, errors_in

DigitsFile = bytes | IO[bytes]  # the content itself, or a file opened for reading bytes

GZIP_START = b"\x1f\x8b"

_IDX_MAGIC = {"images": 2051, "labels": 2049}
_PIECE = 1 << 20  # bytes that are read at a time

# Published with the data; of the files before they were compressed.
_MNIST_MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}


class Digits(NamedTuple):
    """Images and what they show; ``len`` counts the images, not the fields.

    Attributes
    ----------
    images : ndarray of uint8, (N, 28, 28)
        0 is paper, 255 is ink.
    labels : ndarray of int64, (N,)
        0 to 9, ready to be a loss's targets.
    """

    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.images)


def load_mnist(folder: str | os.PathLike[str]) -> tuple[Digits, Digits]:
    """Read MNIST, 60,000 digits to learn from and 10,000 to be tested with.

    Parameters
    ----------
    folder : path
        Where the four published files lie: ``train-images-idx3-ubyte.gz`` and so on.

    Returns
    -------
    train, test : Digits

    Raises
    ------
    DigitsError
        If a file is missing, damaged, or not the published one; ``file`` says which.
    """
    return load_mnist_set(folder, "train"), load_mnist_set(folder, "t10k")


def load_mnist_set(folder: str | os.PathLike[str], name: str) -> Digits:
    """Read one of the two, "train" or "t10k", as ``load_mnist`` does."""
    images = _load_mnist_file(Path(folder), f"{name}-images-idx3-ubyte", "images")
    labels = _load_mnist_file(Path(folder), f"{name}-labels-idx1-ubyte", "labels")
    return Digits(images, labels.astype(np.int64))


def read_idx(images: DigitsFile, labels: DigitsFile) -> Digits:
    """Pair a file of images with its file of labels; see ``read_idx_images`` for both.

    Raises
    ------
    DigitsError
        If one of them cannot be read, or their counts differ.
    """
    return pair_idx(read_idx_images(images), read_idx_labels(labels))


def pair_idx(images: np.ndarray, labels: np.ndarray) -> Digits:
    """Put images and labels together; raise DigitsError unless there are as many of both."""
    if len(images) != len(labels):
        raise DigitsError("counts", got=f"{len(labels):,}", expected=f"{len(images):,}")
    return Digits(images, labels)


def read_idx_images(file: DigitsFile) -> np.ndarray:
    """Read images, (N, 28, 28) uint8, from an IDX file, plain or compressed with gzip.

    Whether it is compressed is seen from its content.  Never more is unpacked than the header
    promises, and the header may promise at most 70,000 images (55 MB).

    Parameters
    ----------
    file : bytes or binary file
        A file must be able to ``seek``.

    Raises
    ------
    DigitsError
        If the file is something else, damaged, too long or too short.
    """
    return _read_idx_array(file, "images")


def read_idx_labels(file: DigitsFile) -> np.ndarray:
    """Read labels, (N,) int64 from 0 to 9, from an IDX file, plain or compressed with gzip.

    Raises
    ------
    DigitsError
        As ``read_idx_images``, or if a label is above 9.
    """
    labels = _read_idx_array(file, "labels")
    if len(wrong := np.flatnonzero(labels > 9)):
        raise DigitsError("idx_label", int(wrong[0]) + 1, got=str(labels[wrong[0]]))
    return labels.astype(np.int64)


def write_idx(digits: Digits, *, compress: bool = False) -> tuple[bytes, bytes]:
    """Return the contents of the two IDX files, (images, labels).

    ``compress`` packs them with gzip, without a time stamp: the same digits, the same bytes.
    """
    check_digits(digits)
    images, labels = digits.images, digits.labels.astype(np.uint8)
    files = _idx_header(images) + images.tobytes(), _idx_header(labels) + labels.tobytes()
    if compress:  # level 9 would take ten times as long and save 2 percent
        return gzip.compress(files[0], 6, mtime=0), gzip.compress(files[1], 6, mtime=0)
    return files


def check_digits(digits: Digits) -> None:
    """Raise ValueError unless these are digits that can be written and read back."""
    images, labels = np.asarray(digits.images), np.asarray(digits.labels)
    count = labels.size
    shapes_fit = labels.shape == (count,) and images.shape == (count, DIGIT_SIDE, DIGIT_SIDE)
    types_fit = images.dtype == np.uint8 and labels.dtype.kind in "iu"
    counts_fit = 0 < count <= MAX_DIGITS
    if not (shapes_fit and types_fit and counts_fit) or labels.min() < 0 or labels.max() > 9:
        raise ValueError(
            "expected images (N, 28, 28) of uint8 and labels (N,), whole numbers from 0 to 9, with "
            f"N from 1 to {MAX_DIGITS:,}, but got images {images.shape} of {images.dtype} and "
            f"labels {labels.shape} of {labels.dtype}"
            + (f" from {labels.min()} to {labels.max()}" if types_fit and count else "")
        )


def as_stream(file: DigitsFile) -> IO[bytes]:
    """Return something that can be read from."""
    return io.BytesIO(file) if isinstance(file, bytes) else file


@contextmanager
def unzipped(file: DigitsFile) -> Iterator[IO[bytes] | gzip.GzipFile]:
    """Open bytes or a file as they are, or as what gzip has packed in them."""
    stream = as_stream(file)
    start = stream.read(len(GZIP_START))
    stream.seek(-len(start), io.SEEK_CUR)
    if start != GZIP_START:
        yield stream
        return
    try:
        with gzip.GzipFile(fileobj=stream, mode="rb") as unpacked:
            yield unpacked
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise DigitsError("gzip") from error


def idx_kind(start: bytes) -> str:
    """Return "images" or "labels" by the first four bytes of an IDX file."""
    if not start:
        raise DigitsError("empty")
    for kind, magic in _IDX_MAGIC.items():
        if start == magic.to_bytes(4, "big"):
            return kind
    raise DigitsError("magic", got=start.hex(" "))


def _read_idx_array(file: DigitsFile, expected: str) -> np.ndarray:
    with unzipped(file) as stream:
        kind = idx_kind(stream.read(4))
        if kind != expected:
            raise DigitsError(f"not_{expected}")
        shape = _read_idx_shape(stream, kind)
        header, size = 4 + 4 * len(shape), math.prod(shape)
        body = np.empty(size, np.uint8)
        filled = 0
        while filled < size and (piece := stream.read(min(_PIECE, size - filled))):
            body[filled : filled + len(piece)] = np.frombuffer(piece, np.uint8)
            filled += len(piece)
        if filled < size:
            raise DigitsError("short", got=f"{header + filled:,}", expected=f"{header + size:,}")
        if stream.read(1):  # gzip, too, compares its checksum only when it comes to the end
            raise DigitsError("long", expected=f"{header + size:,}")
    return body.reshape(shape)


def _read_idx_shape(stream: IO[bytes] | gzip.GzipFile, kind: str) -> tuple[int, ...]:
    size = 12 if kind == "images" else 4
    sizes = stream.read(size)
    if len(sizes) < size:
        raise DigitsError("short", got=str(4 + len(sizes)), expected=str(4 + size))
    count, *sides = np.frombuffer(sizes, ">u4").tolist()
    if kind == "images" and sides != [DIGIT_SIDE, DIGIT_SIDE]:
        raise DigitsError("size", got="x".join(map(str, sides)))
    if not count:
        raise DigitsError("empty")
    if count > MAX_DIGITS:
        raise DigitsError("too_many", got=f"{count:,}")
    return count, *sides


def _idx_header(array: np.ndarray) -> bytes:
    magic = _IDX_MAGIC["images" if array.ndim == 3 else "labels"]
    return np.array([magic, *array.shape], ">u4").tobytes()


def _load_mnist_file(folder: Path, name: str, kind: str) -> np.ndarray:
    path = folder / f"{name}.gz"
    if not path.is_file():
        raise DigitsError("missing", expected=str(folder), file=path.name)
    with errors_in(path.name), path.open("rb") as file:
        array = _read_idx_array(file, kind)
        # The sum guards against accidents, not against attackers: for them, MD5 is too weak.
        md5 = hashlib.md5(_idx_header(array), usedforsecurity=False)
        md5.update(array.data)
        if md5.hexdigest() != _MNIST_MD5[name]:
            raise DigitsError("checksum", got=md5.hexdigest(), expected=_MNIST_MD5[name])
    return array
