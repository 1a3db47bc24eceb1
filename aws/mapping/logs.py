"""CloudWatch Logs responses to models (API 2014-03-28): GetLogEvents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.logs import LogEvent

__all__ = ["events"]


def events(answer: Mapping[str, Any]) -> tuple[LogEvent, ...]:
    """Map the events of a page; the final newline that CodeBuild's agent leaves on each message goes."""
    return tuple(
        [
            LogEvent(event.get("timestamp") or 0, (event.get("message") or "").removesuffix("\n"))
            for event in answer.get("events") or ()
        ]
    )
