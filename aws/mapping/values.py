"""Single values out of AWS's JSON: absent, null and odd ones become what the models expect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

__all__ = ["count", "maps", "moment", "names", "text", "texts"]


def text(value: Any) -> str:
    """Return a string member; empty for absent."""
    return "" if value is None else str(value)


def moment(value: Any) -> float | None:
    """Return a time member as epoch seconds, whether it comes as a number or as a datetime; None for absent."""
    if isinstance(value, datetime):
        return value.timestamp()
    return float(value) if isinstance(value, int | float) else None


def count(value: Any) -> int | None:
    """Return a number member; None for absent."""
    return int(value) if isinstance(value, int | float) else None


def maps(value: Any) -> Iterable[Mapping[str, Any]]:
    """Return a list-of-structures member; empty for absent, and without what is no structure."""
    return [item for item in value or () if isinstance(item, Mapping)]


def texts(value: Any) -> dict[str, str]:
    """Return a member that maps strings to strings; empty for absent."""
    return {str(name): text(each) for name, each in value.items()} if isinstance(value, Mapping) else {}


def names(value: Any, member: str = "name") -> tuple[str, ...]:
    """Return one string member of each structure in a list."""
    return tuple(text(item.get(member)) for item in maps(value))
