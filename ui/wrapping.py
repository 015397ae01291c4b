"""Our own functions around methods of a library that offers no better place for them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any


def wrap(*around: tuple[type, str, Callable[..., Any]]) -> bool:
    """Put functions around methods, all of them, or none where one is missing; once is enough.

    They may be no public parts of the library: where a version has one of them no more, the library
    stays as it is.

    Parameters
    ----------
    *around : tuple of (type, str, callable)
        A class, the name of its method, and what to call instead: ``instead(method, self, ...)``.

    Returns
    -------
    bool
        Whether this call has put them there.
    """
    methods = [getattr(owner, name, None) for owner, name, _ in around]
    if any(method is None or hasattr(method, "is_wrapped_once") for method in methods):
        return False
    for (owner, name, instead), method in zip(around, methods, strict=True):
        setattr(owner, name, _around(method, instead))
    return True


def _around(method: Any, instead: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def call(self: object, *args: Any, **more: Any) -> Any:
        return instead(method, self, *args, **more)

    call.is_wrapped_once = True  # type: ignore[attr-defined]
    return call
