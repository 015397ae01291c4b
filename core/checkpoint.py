"""Learned numbers in a file, and back: NumPy's npz, never pickle.

An npz file is a zip archive with one array per parameter, under the names of ``state_dict``; it
can be read by NumPy alone, and nothing in it can run.  Notes about the numbers, such as how they
were made and how good they are, travel with them as JSON text.
"""

from __future__ import annotations

import json
import math
import os
import zipfile
import zlib
from collections.abc import Mapping
from typing import IO, Any

import numpy as np

File = str | os.PathLike[str] | IO[bytes]

NOTES = "notes"  # the name under which the notes lie among the arrays
MAX_BYTES = 1 << 28  # 256 MB: far more than any network here, far less than a computer's memory

CHECKPOINT_SENTENCES = {
    "file": "this is no npz file, or a damaged one: {got}",
    "large": "the arrays in this file take more than the {expected} bytes allowed",
    "damaged": "{name} is damaged: its length is not the one in its header",
    "array": "{name} is no NumPy array: {got}",
    "numbers": "{name} must be an array of numbers, but holds {got}",
    "no_notes": f"{NOTES!r} is missing in this file: it was not written by save",
    "notes": "the notes in this file must be a JSON object: {got}",
}


class CheckpointError(ValueError):
    """A file of weights that cannot be read: what, what was expected and what came.

    Attributes
    ----------
    code : str
        What is wrong: a key of ``CHECKPOINT_SENTENCES``, for sentences in other languages.
    name : str
        Which array it is about, if it is about one; shortened to 60 characters.
    got, expected : str
        What stood there, in at most 80 characters, and what could have been there.
    """

    def __init__(self, code: str, name: str = "", got: object = "", expected: str = "") -> None:
        super().__init__(code, name, got, expected)
        first_line = next(iter(str(got).splitlines()), "")
        self.code, self.name = code, name[:60]
        self.got, self.expected = first_line[:80], expected

    def __str__(self) -> str:
        return CHECKPOINT_SENTENCES[self.code].format_map(vars(self))


def save(file: File, state_dict: Mapping[str, Any], **notes: Any) -> None:
    """Write parameters and notes.

    Parameters
    ----------
    file : path or writable binary file
        A path is taken as it is; ".npz" is the usual ending.
    state_dict : mapping of str to ndarray
        What ``Layer.state_dict`` returns; other arrays of numbers will do.
    **notes
        Whatever JSON can hold: ``accuracy=0.98, seed=1``.

    Raises
    ------
    CheckpointError
        If something is no array of numbers; nothing is written then, nor in the other two cases.
    ValueError, TypeError
        If the notes are no JSON, or a parameter has their name.
    """
    if NOTES in state_dict:
        raise ValueError(f"no parameter may be called {NOTES!r}: the notes have that name")
    arrays = {name: np.asarray(array) for name, array in state_dict.items()}
    for name, array in arrays.items():
        _check_numbers(name, array.dtype)
    arrays[NOTES] = np.array(json.dumps(notes, ensure_ascii=False, allow_nan=False))
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def load(file: File, *, limit: int = MAX_BYTES) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Read what ``save`` wrote: (state_dict, notes).

    Parameters
    ----------
    file : path or readable binary file
    limit : int
        How many bytes all arrays together may take; more is refused before it is read.

    Raises
    ------
    CheckpointError
        If the file is broken, too large, or something else.
    OSError
        If there is no such file.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            _check_sizes(archive, members, limit)
            arrays = {name: _read(archive, info) for name, info in members.items()}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise CheckpointError("file", got=error) from error
    except OverflowError as error:  # an offset that no file of a 32-bit system reaches
        raise CheckpointError("file", got=error) from error
    return arrays, _take_notes(arrays)


def _check_sizes(
    archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], limit: int
) -> None:
    """Raise if the headers promise too much, objects, or something else than follows them."""
    # Before anything is opened: an array's own header can be a bomb, too.
    if sum(info.file_size for info in members.values()) > limit:
        raise CheckpointError("large", expected=f"{limit:,}")
    total = 0
    for name, info in members.items():
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise CheckpointError("file", got="packed in a way that NumPy never does")
        with archive.open(info) as member:
            shape, dtype = _read_header(name, member)
            start = member.tell()
        if name != NOTES:
            _check_numbers(name, dtype)
        elif dtype.kind != "U":
            raise CheckpointError("no_notes")
        size = math.prod(shape) * dtype.itemsize  # in Python's whole numbers, which never overflow
        total += max(size, info.file_size)
        if total > limit:
            raise CheckpointError("large", expected=f"{limit:,}")
        if info.file_size != start + size:
            raise CheckpointError("damaged", name)


def _read_header(name: str, member: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    try:
        version = np.lib.format.read_magic(member)
        if version == (1, 0):
            shape, _, dtype = np.lib.format.read_array_header_1_0(member)
        elif version == (2, 0):
            shape, _, dtype = np.lib.format.read_array_header_2_0(member)
        else:
            raise ValueError(f"unknown version {version}")
    except OSError:
        raise
    except Exception as error:  # a header made in bad faith finds half a dozen kinds of error
        raise CheckpointError("array", name, got=error) from error
    return shape, dtype


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> np.ndarray:
    with archive.open(info) as member:
        return np.lib.format.read_array(member, allow_pickle=False)


def _take_notes(arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """Take the notes out of the arrays and return them as a dictionary."""
    text = arrays.pop(NOTES, None)
    if text is None or text.shape != ():
        raise CheckpointError("no_notes")
    try:
        notes = json.loads(str(text))
    except (ValueError, RecursionError) as error:
        raise CheckpointError("notes", got=f"they are no JSON, {error}") from error
    if not isinstance(notes, dict):
        raise CheckpointError("notes", got=f"they are {notes!r:.40}")
    return notes


def _check_numbers(name: str, dtype: np.dtype[Any]) -> None:
    if dtype.kind not in "fiub":
        raise CheckpointError("numbers", name, got=dtype)
