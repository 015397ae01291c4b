"""Settings that travel with a network: written as JSON can hold them, and read without trust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self


@dataclass(frozen=True)
class Config:
    """What a frozen dataclass of settings derives from."""

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as JSON can hold them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any]) -> Self:
        """Read what ``to_dict`` returned.

        Raises
        ------
        ValueError
            If a setting is missing, unknown or out of range.
        """
        names = [field.name for field in fields(cls)]
        if not isinstance(settings, Mapping) or set(settings) != set(names):
            came = list(settings) if isinstance(settings, Mapping) else type(settings).__name__
            raise ValueError(f"{cls.__name__} expected the settings {names}, but got {came}")
        return cls(**settings)
