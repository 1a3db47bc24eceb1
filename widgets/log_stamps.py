"""Times of log lines as text: none, local, UTC, since the start, since the line before. Standard library only."""

from datetime import UTC, datetime, tzinfo
from enum import StrEnum


class Stamps(StrEnum):
    """How the time of a line is shown."""

    NONE = "none"
    LOCAL = "local"
    UTC = "utc"
    START = "start"
    DELTA = "delta"

    @property
    def following(self) -> "Stamps":
        """The next in turn."""
        every = list(Stamps)
        return every[(every.index(self) + 1) % len(every)]


WIDTHS = {Stamps.NONE: 0, Stamps.LOCAL: 12, Stamps.UTC: 13, Stamps.START: 12, Stamps.DELTA: 9}
"""Cells a time takes."""

WORDS = {
    Stamps.NONE: "no times",
    Stamps.LOCAL: "local time",
    Stamps.UTC: "UTC",
    Stamps.START: "since the start",
    Stamps.DELTA: "since the line before",
}
"""What each is called."""


def stamp(stamps: Stamps, at_ms: int | None, first_ms: int | None, before_ms: int | None) -> str:
    """Give a line's time in `WIDTHS` cells.

    Args:
        stamps: How.
        at_ms: Epoch milliseconds of the line; None where unknown, which is shown as blanks.
        first_ms: Of the first line.
        before_ms: Of the line before.
    """
    width = WIDTHS[stamps]
    if not width or at_ms is None:
        return " " * width
    if stamps is Stamps.LOCAL:
        return clock_time(at_ms)
    if stamps is Stamps.UTC:
        return clock_time(at_ms, UTC) + "Z"
    if stamps is Stamps.START:
        span_ms = at_ms - (at_ms if first_ms is None else first_ms)
        return (since(span_ms) if abs(span_ms) < 36_000_000 else _long(span_ms)).rjust(width)
    gap_ms = 0 if before_ms is None else at_ms - before_ms
    return (f"{gap_ms / 1000:+.3f}" if abs(gap_ms) < 1_000_000 else _long(gap_ms)).rjust(width)


def _long(ms: int) -> str:
    """A span too long for milliseconds to matter, in at most 9 cells for a century."""
    hours = ms / 3_600_000
    return f"{hours:+.1f} h" if abs(hours) < 48 else f"{hours / 24:+,.0f} d"


def clock_time(at_ms: int, zone: tzinfo | None = None) -> str:
    """Give the time of day with milliseconds (12 characters), in the machine's own zone unless told."""
    moment = datetime.fromtimestamp(at_ms // 1000, zone)
    return f"{moment:%H:%M:%S}.{at_ms % 1000:03}"


def since(ms: int) -> str:
    """Give a span as ``+1:02:03.004``; the hours only where there are any."""
    sign, ms = ("-" if ms < 0 else "+"), abs(ms)
    minutes, rest = divmod(ms, 60_000)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{rest // 1000:02}.{rest % 1000:03}"
    return f"{sign}{hours}:{minutes:02}:{seconds}" if hours else f"{sign}{minutes:02}:{seconds}"
