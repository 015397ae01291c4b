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
    ValueError, TypeError
        If something is no array of numbers, or no JSON; nothing is written then.
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
    ValueError
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
        raise ValueError(f"this is no npz file, or a damaged one: {error}") from error
    return arrays, _take_notes(arrays)


def _check_sizes(
    archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], limit: int
) -> None:
    """Raise if the headers promise too much, objects, or something else than follows them."""
    total = 0
    for name, info in members.items():
        with archive.open(info) as member:
            shape, dtype = _read_header(name, member)
            start = member.tell()
        if name != NOTES:
            _check_numbers(name, dtype)
        size = math.prod(shape) * dtype.itemsize  # in Python's whole numbers, which never overflow
        total += max(size, info.file_size)
        if total > limit:
            raise ValueError(f"the arrays in this file take more than the {limit:,} bytes allowed")
        if info.file_size != start + size:
            raise ValueError(f"{name} is damaged: its length is not the one in its header")


def _read_header(name: str, member: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    try:
        version = np.lib.format.read_magic(member)
        if version == (1, 0):
            shape, _, dtype = np.lib.format.read_array_header_1_0(member)
        elif version == (2, 0):
            shape, _, dtype = np.lib.format.read_array_header_2_0(member)
        else:
            raise ValueError(f"unknown version {version}")
    except ValueError as error:
        raise ValueError(f"{name} is no NumPy array: {str(error).splitlines()[0]}") from error
    return shape, dtype


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> np.ndarray:
    with archive.open(info) as member:
        return np.lib.format.read_array(member, allow_pickle=False)


def _take_notes(arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """Take the notes out of the arrays and return them as a dictionary."""
    text = arrays.pop(NOTES, None)
    if text is None or text.shape != () or text.dtype.kind != "U":
        raise ValueError(f"{NOTES!r} is missing in this file: it was not written by save")
    try:
        notes = json.loads(str(text))
    except ValueError as error:
        raise ValueError(f"the notes in this file are no JSON: {error}") from error
    if not isinstance(notes, dict):
        raise ValueError(f"the notes in this file must be a JSON object, not {notes!r:.40}")
    return notes


def _check_numbers(name: str, dtype: np.dtype[Any]) -> None:
    if dtype.kind not in "fiub":
        raise ValueError(f"{name} must be an array of numbers, but holds {dtype}")
