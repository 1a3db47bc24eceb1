"""Durations and ages as people say them at night: short, with a unit, two parts at most."""

from __future__ import annotations

__all__ = ["age", "duration"]

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def duration(seconds: float) -> str:
    """Return a duration with at most two units: ``0.4s``, ``12s``, ``3m 20s``, ``2h 5m``, ``3d 4h``."""
    if seconds < 0:
        return "0s"
    if seconds < 1:
        return f"{seconds:.1f}s"
    total = int(seconds)
    for unit, sign, lesser, lesser_sign in (
        (_DAY, "d", _HOUR, "h"),
        (_HOUR, "h", _MINUTE, "m"),
        (_MINUTE, "m", 1, "s"),
    ):
        if total >= unit:
            rest = total % unit // lesser
            return f"{total // unit}{sign} {rest}{lesser_sign}" if rest else f"{total // unit}{sign}"
    return f"{total}s"


def age(then: float | None, now: float) -> str:
    """Return how long ago `then` was (both epoch seconds), one unit: ``4s``, ``9h``, ``2d``; empty for None."""
    if then is None:
        return ""
    seconds = max(0, int(now - then))
    for unit, sign in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "m")):
        if seconds >= unit:
            return f"{seconds // unit}{sign}"
    return f"{seconds}s"
