"""Stands in for the package toml, of which Streamlit's search for components needs this much."""

from tomllib import TOMLDecodeError as TomlDecodeError  # noqa: F401
from tomllib import loads


def load(file):
    from pathlib import Path

    if hasattr(file, "read"):
        return loads(file.read())
    return loads(Path(file).read_text("utf-8"))
