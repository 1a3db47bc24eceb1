"""CloudWatch Logs responses to models (API 2014-03-28): GetLogEvents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.logs import EventPage

__all__ = ["events"]


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
