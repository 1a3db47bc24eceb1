"""Log events as they travel from CloudWatch Logs to a pane."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["LogBatch", "LogEvent", "TailState"]


class TailState(StrEnum):
    """What a tail is doing."""

    WAITING = "waiting"  # the stream does not exist yet
    LOADING = "loading"  # reading what is already there
    LIVE = "live"  # caught up; new lines come as they are written
    RECONNECTING = "reconnecting"  # a call failed; it is tried again
    ENDED = "ended"  # the source has ended and all of it has been read


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One event; `at_ms` is its timestamp in epoch milliseconds, `text` its message without the final newline."""

    at_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class LogBatch:
    """What one poll brought; `error` names what failed when the state is `reconnecting`."""

    state: TailState
    events: tuple[LogEvent, ...] = ()
    error: str = ""
    retry_in_s: float | None = None
