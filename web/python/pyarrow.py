"""Stands in for pyarrow, which Pyodide does not have, as stlite's own stub does."""

from stlite_lib._pyarrow_shim import Array, ChunkedArray, Table, __version__  # noqa: F401
