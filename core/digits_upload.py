"""Digits in whatever form they are brought, which shows in a file's content, not in its name."""

from __future__ import annotations

from collections.abc import Sequence

from core.digits import (
    GZIP_START,
    Digits,
    idx_kind,
    pair_idx,
    read_idx_images,
    read_idx_labels,
    unzipped,
)
from core.digits_error import DigitsError, errors_in
from core.digits_text import read_digits_csv, read_digits_text, shows_shape


def read_digits(files: Sequence[tuple[str, bytes]]) -> Digits:
    """Read digits from one file of text, or from two IDX files in any order.

    Parameters
    ----------
    files : sequence of (name, content)
        One table (CSV) or one file in the text form; or images and labels as IDX, plain or
        compressed with gzip.  The names only serve to say in which file something is wrong.

    Raises
    ------
    DigitsError
        At the first thing that does not fit; ``file`` says where.
    """
    if len(files) not in (1, 2):
        raise DigitsError("files", got=str(len(files)))
    found: dict[str, tuple[str, bytes]] = {}
    for name, content in files:
        with errors_in(name):
            kind = _kind_of(content)
            if kind == "text" and len(files) == 2:
                raise DigitsError("mixed")
            if kind in found:
                raise DigitsError("not_images" if kind == "labels" else "not_labels")
        found[kind] = name, content
    if len(found) == 2:
        return _read_two(*found["images"], *found["labels"])
    kind, (name, content) = found.popitem()
    with errors_in(name):
        if kind != "text":
            raise DigitsError("labels_missing" if kind == "images" else "images_missing")
        return read_digits_text(content) if shows_shape(content) else read_digits_csv(content)


def _kind_of(content: bytes) -> str:
    """Return "images", "labels" or "text"."""
    if not content.startswith((GZIP_START, b"\0\0")):
        return "text"
    with unzipped(content) as stream:
        return idx_kind(stream.read(4))


def _read_two(images_name: str, images: bytes, labels_name: str, labels: bytes) -> Digits:
    with errors_in(images_name):
        read_images = read_idx_images(images)
    with errors_in(labels_name):
        return pair_idx(read_images, read_idx_labels(labels))
