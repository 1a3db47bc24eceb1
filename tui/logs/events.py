"""Events as lines: an event may hold several."""

from __future__ import annotations

from collections.abc import Iterable

from core.logs import LogEvent

__all__ = ["lines_and_times"]


def lines_and_times(events: Iterable[LogEvent]) -> tuple[list[str], list[int]]:
    """Return all lines of events, and as many times (epoch milliseconds)."""
    lines: list[str] = []
    times: list[int] = []
    for event in events:
        text = event.text
        if "\n" in text:
            several = text.split("\n")
            lines += several
            times += [event.at_ms] * len(several)
        else:
            lines.append(text)
            times.append(event.at_ms)
    return lines, times
