"""Events as lines: an event may hold several, and may name the stream that it came from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from core.logs import EventPage, LogEvent

__all__ = ["lines_and_times", "short_stream"]

_LAMBDA = re.compile(r"^\[[^\]]*\]")  # a function's version before its instance
_UUID = re.compile(r"[0-9a-f]{8}-")
_ID, _WIDEST = 8, 24


def lines_and_times(events: Iterable[LogEvent], *, named: bool = False) -> tuple[Sequence[str], Sequence[int]]:
    """Return all lines of events, and as many times (epoch milliseconds).

    Where events of several streams are mixed, each line begins with the name of its own, made short unless the streams
    are `named` as they should be shown.
    """
    page = EventPage.of(events)
    if page.streams:
        return _named(page, named=named)
    text = "\n".join(page.texts)
    lines = text.split("\n") if page.texts else []
    if len(lines) == len(page.texts):
        return lines, page.times
    times: list[int] = []
    for at_ms, message in zip(page.times, page.texts, strict=True):
        times += [at_ms] * (message.count("\n") + 1)
    return lines, times


def short_stream(name: str) -> str:
    """The part of a stream's name by which people know it: ``web/web/4f1c…`` → ``web/4f1c2d3e``.

    Streams of containers are named prefix/container/task, those of builds may have a prefix, those of Lambda begin with
    a date and a version.
    """
    parts = name.split("/")
    last = _LAMBDA.sub("", parts[-1])[:_ID]
    owner = parts[-2] if len(parts) > 1 and not parts[-2].isdigit() else ""
    if len(parts) == 1:
        return last if _UUID.match(name) else name[:_WIDEST]
    return f"{owner}/{last}"[-_WIDEST:] if owner else last


def _named(page: EventPage, *, named: bool) -> tuple[list[str], list[int]]:
    known = {name: f"{name if named else short_stream(name)} │ " for name in set(page.streams)}
    lines: list[str] = []
    times: list[int] = []
    for at_ms, message, stream in zip(page.times, page.texts, page.streams, strict=True):
        for line in message.split("\n"):
            lines.append(known[stream] + line)
            times.append(at_ms)
    return lines, times
