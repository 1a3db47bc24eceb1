"""Times as a report writes them: in UTC, the day only where it is another than the line before."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["clock", "day", "stamp"]


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def stamp(seconds: float | None) -> str:
    """Return ``2026-11-23 03:12:09 UTC``; empty for None."""
    return "" if seconds is None else f"{_at(seconds):%Y-%m-%d %H:%M:%S} UTC"


def clock(seconds: float | None) -> str:
    """Return ``03:12:09``; empty for None."""
    return "" if seconds is None else f"{_at(seconds):%H:%M:%S}"


def day(seconds: float | None) -> str:
    """Return ``2026-11-23``; empty for None."""
    return "" if seconds is None else f"{_at(seconds):%Y-%m-%d}"
