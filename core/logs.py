"""Log events as they travel from CloudWatch Logs to a pane."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import overload

__all__ = ["EventPage", "LogBatch", "LogEvent", "LogGroup", "TailState"]


class TailState(StrEnum):
    """What a tail is doing."""

    WAITING = "waiting"  # the stream does not exist yet
    LOADING = "loading"  # reading what is already there
    LIVE = "live"  # caught up; new lines come as they are written
    RECONNECTING = "reconnecting"  # a call failed; it is tried again
    ENDED = "ended"  # the source has ended and all of it has been read


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One event.

    Attributes:
        at_ms: its timestamp in epoch milliseconds.
        text: its message without the final newline.
        stream: the stream that it came from, where events of several are mixed.
    """

    at_ms: int
    text: str
    stream: str = ""


class EventPage(Sequence[LogEvent]):
    """Events as two columns: a page of thousands costs two lists, not thousands of objects.

    Attributes:
        times: Epoch milliseconds.
        texts: As many messages, without the final newline.
        streams: As many names of streams, where events of several are mixed; else empty.
    """

    __slots__ = ("streams", "texts", "times")

    def __init__(self, times: Sequence[int] = (), texts: Sequence[str] = (), streams: Sequence[str] = ()) -> None:
        self.times = times
        self.texts = texts
        self.streams = streams

    @classmethod
    def of(cls, events: Iterable[LogEvent]) -> EventPage:
        """Make a page of events; one that is a page already is given back."""
        if isinstance(events, EventPage):
            return events
        each = tuple(events)
        streams = [event.stream for event in each] if any(event.stream for event in each) else ()
        return cls([event.at_ms for event in each], [event.text for event in each], streams)

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, at: int) -> LogEvent: ...
    @overload
    def __getitem__(self, at: slice) -> EventPage: ...
    def __getitem__(self, at: int | slice) -> LogEvent | EventPage:
        if isinstance(at, slice):
            return EventPage(self.times[at], self.texts[at], self.streams[at] if self.streams else ())
        return LogEvent(self.times[at], self.texts[at], self.streams[at] if self.streams else "")

    def __iter__(self) -> Iterator[LogEvent]:
        if self.streams:
            return map(LogEvent, self.times, self.texts, self.streams)
        return map(LogEvent, self.times, self.texts)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EventPage | tuple | list):
            return NotImplemented
        return tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class LogGroup:
    """A whole log group, or some of its streams.

    Attributes:
        name: of the group.
        region: where it lies; empty: the place's own.
        streams: these alone, 100 at most; empty for all.
        prefix: only streams whose names begin so; not together with `streams`.
        pattern: CloudWatch's own filter pattern, applied by the service; empty for all events.
    """

    name: str
    region: str = ""
    streams: tuple[str, ...] = ()
    prefix: str = ""
    pattern: str = ""

    @property
    def label(self) -> str:
        """It in a few words."""
        part = f":{self.prefix}*" if self.prefix else f" ({len(self.streams)} streams)" if self.streams else ""
        return f"{self.name}{part}" + (f" matching {self.pattern}" if self.pattern else "")


@dataclass(frozen=True, slots=True)
class LogBatch:
    """What one poll brought.

    Attributes:
        state: what the tail is doing.
        events: oldest first.
        error: what failed, when the state is `reconnecting` or the log is not there.
        retry_in_s: when it is tried again.
        note: a few words about the source that hold from now on: what it costs, that it is sampled.
    """

    state: TailState
    events: Sequence[LogEvent] = ()
    error: str = ""
    retry_in_s: float | None = None
    note: str = ""
