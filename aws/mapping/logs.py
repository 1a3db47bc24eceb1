"""CloudWatch Logs responses to models (API 2014-03-28): GetLogEvents, FilterLogEvents, StartLiveTail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.logs import EventPage

__all__ = ["events", "group_events", "live_events"]


def events(answer: Mapping[str, Any]) -> EventPage:
    """Map the events of a page; the final newline that CodeBuild's agent leaves on each message goes."""
    found = answer.get("events") or ()
    try:
        times = [event["timestamp"] for event in found]
        texts = [event["message"].removesuffix("\n") for event in found]
    except (KeyError, AttributeError):  # members that AWS may leave out, and for once did
        times = [event.get("timestamp") or 0 for event in found]
        texts = [(event.get("message") or "").removesuffix("\n") for event in found]
    return EventPage(times, texts)


def group_events(answer: Mapping[str, Any]) -> tuple[EventPage, Sequence[str]]:
    """Map a page of FilterLogEvents: its events with the streams they came from, and the id of each."""
    found = answer.get("events") or ()
    return _mixed(found), [str(event.get("eventId") or "") for event in found]


def live_events(update: Mapping[str, Any]) -> EventPage:
    """Map the events of a live tail's update (LiveTailSessionUpdate)."""
    return _mixed(update.get("sessionResults") or ())


def _mixed(found: Sequence[Mapping[str, Any]]) -> EventPage:
    return EventPage(
        [event.get("timestamp") or 0 for event in found],
        [(event.get("message") or "").removesuffix("\n") for event in found],
        [str(event.get("logStreamName") or "") for event in found],
    )
