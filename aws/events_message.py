"""From a queue's message to a state change of CodePipeline, as EventBridge sends it. No message is trusted.

Form: "Monitoring CodePipeline events" in CodePipeline's user guide, and EventBridge's event structure. Delivery is best
effort: an event may come late, twice, out of order, or never.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

__all__ = ["DETAIL_TYPES", "NotAnEvent", "StateChange", "parse"]

_MOST_BYTES = 256 * 1024  # EventBridge's own limit of an event
_MOST_TEXT = 2_000
_AHEAD_S = 900.0  # a clock further off than this could not even sign a request

# detail-type → what it speaks of, with the states it may name and the words of the API for them.
_RUN = {
    "STARTED": "InProgress",
    "RESUMED": "InProgress",
    "STOPPING": "Stopping",
    "SUCCEEDED": "Succeeded",
    "FAILED": "Failed",
    "STOPPED": "Stopped",
    "CANCELED": "Cancelled",
}
_KINDS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "CodePipeline Pipeline Execution State Change": ("pipeline", _RUN | {"SUPERSEDED": "Superseded"}),
    "CodePipeline Stage Execution State Change": ("stage", _RUN),
    "CodePipeline Action Execution State Change": (
        "action",
        {
            "STARTED": "InProgress",
            "SUCCEEDED": "Succeeded",
            "FAILED": "Failed",
            "ABANDONED": "Abandoned",
            "CANCELED": "Abandoned",
        },
    ),
}
DETAIL_TYPES = tuple(_KINDS)

_NAME = re.compile(r"[A-Za-z0-9.@_-]{1,100}")
_ID = re.compile(r"[A-Za-z0-9-]{1,100}")
_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-[0-9]{1,2}")


class NotAnEvent(ValueError):
    """A message that cannot be used; the text says why, without quoting it."""


@dataclass(frozen=True, slots=True)
class StateChange:
    """One state change of a pipeline execution, a stage or an action.

    Attributes:
        id: EventBridge's id; two deliveries of one event bear the same.
        kind: ``pipeline``, ``stage`` or ``action``.
        status: in the API's words, e.g. ``InProgress``.
        at: when it happened, whole epoch seconds.
        attempt: which try of the execution, from 1 (0 where the event does not say).
        started_at: when the execution (for an action perhaps the action) began, epoch seconds.
        resumed: a retry or an override set it going again.
    """

    id: str
    account: str
    region: str
    pipeline: str
    kind: str
    status: str
    execution_id: str
    at: float
    attempt: int = 0
    started_at: float | None = None
    resumed: bool = False
    stage: str = ""
    action: str = ""
    action_execution_id: str = ""
    category: str = ""
    summary: str = ""
    error_code: str = ""
    external_id: str = ""
    external_url: str = ""
    trigger: str = ""
    trigger_detail: str = ""
    commit_message: str = ""

    @property
    def ends(self) -> bool:
        """Whether what it speaks of goes no further by itself."""
        return self.status not in {"InProgress", "Stopping"}


def parse(body: str, now: float) -> StateChange:
    """Read a message's body.

    Raises:
        NotAnEvent: it is none of CodePipeline's state changes, or not formed like one.
    """
    if len(body) > _MOST_BYTES:
        raise NotAnEvent("it is too large for an event")
    try:
        event = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise NotAnEvent("it is no JSON") from None
    detail = event.get("detail") if isinstance(event, dict) else None
    if not isinstance(detail, dict) or event.get("source") != "aws.codepipeline":
        raise NotAnEvent("it is no event of CodePipeline (the rule should pass on the event as it is)")
    known = _KINDS.get(_text(event.get("detail-type")))
    if known is None:
        raise NotAnEvent("it is an event of another type")
    kind, states = known
    state = _text(detail.get("state"))
    if state not in states:
        raise NotAnEvent("it names an unknown state")
    at = _moment(event.get("time"))
    if at is None:
        raise NotAnEvent("it has no time")
    if at > now + _AHEAD_S:
        raise NotAnEvent("its time lies in the future")
    result, trigger = _map(detail.get("execution-result")), _map(detail.get("execution-trigger"))
    return StateChange(
        id=_matched(_ID, event.get("id"), "id"),
        account=_matched(_ACCOUNT, event.get("account"), "account"),
        region=_matched(_REGION, event.get("region"), "region"),
        pipeline=_matched(_NAME, detail.get("pipeline"), "pipeline"),
        kind=kind,
        status=states[state],
        execution_id=_matched(_ID, detail.get("execution-id"), "execution-id"),
        at=float(int(at)),
        attempt=_number(detail.get("pipeline-execution-attempt")),
        started_at=_moment(detail.get("start-time")),
        resumed=state == "RESUMED",
        stage=_matched(_NAME, detail.get("stage"), "stage") if kind != "pipeline" else "",
        action=_matched(_NAME, detail.get("action"), "action") if kind == "action" else "",
        action_execution_id=_text(detail.get("action-execution-id")) if kind == "action" else "",
        category=_text(_map(detail.get("type")).get("category")),
        summary=_text(result.get("external-execution-summary")),
        error_code=_text(result.get("error-code")),
        external_id=_text(result.get("external-execution-id")),
        external_url=_text(result.get("external-execution-url")),
        trigger=_text(trigger.get("trigger-type")),
        trigger_detail=_text(trigger.get("trigger-detail")),
        commit_message=_text(trigger.get("commit-message")),
    )


def _matched(form: re.Pattern[str], value: Any, what: str) -> str:
    found = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not form.fullmatch(found):
        raise NotAnEvent(f"its {what} is missing or malformed")
    return found


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value[:_MOST_TEXT] if isinstance(value, str) else ""


def _number(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and 0 <= value < 1_000_000 else 0


def _moment(value: Any) -> float | None:
    """Return epoch seconds of an ISO 8601 text; None for anything else, or outside the years 2000 to 2200."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    if not 2000 <= found.year <= 2200:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
