"""Events as lines: an event may hold several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.logs import EventPage, LogEvent

__all__ = ["lines_and_times"]


def lines_and_times(events: Iterable[LogEvent]) -> tuple[Sequence[str], Sequence[int]]:
    """Return all lines of events, and as many times (epoch milliseconds)."""
    page = EventPage.of(events)
    text = "\n".join(page.texts)
    lines = text.split("\n") if page.texts else []
    if len(lines) == len(page.texts):
        return lines, page.times
    times: list[int] = []
    for at_ms, message in zip(page.times, page.texts, strict=True):
        times += [at_ms] * (message.count("\n") + 1)
    return lines, times
