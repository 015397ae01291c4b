"""Plotly's graph objects, ``import ui.graph_objects as go``, imported when a first one is needed.

Plotly takes half a second to import, and a learner who has everything computed in the browser has
to fetch it.  Many pages draw their first figure only after something has run.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """Return one of Plotly's graph objects."""
    if name.startswith("__"):  # whoever inspects this module asks for no figure
        raise AttributeError(name)
    from plotly import graph_objects

    return getattr(graph_objects, name)
